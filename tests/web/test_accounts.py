"""Provider accounts through the API: added, changed, verified, refused in our shape."""

from typing import Any

import pytest

from domain.setup import AccessVerdict
from tests.web.world import World

PATH = "/setup/provider-accounts/cards"
PAYGATE: dict[str, Any] = {
    "provider": "computop", "merchant_id": "Acme", "cipher": "aes", "secret": "sixteen-letters!", "signing_secret": "s",
}  # fmt: skip


async def test_an_account_is_added_changed_and_verified(world: World) -> None:
    """Secrets only go in; a change names the version it was made from."""
    async with world.shop() as admin:
        made = await admin.put(PATH, json=PAYGATE)
        assert (made.status_code, made.headers["etag"], made.json()["changed"]) == (200, '"1"', True)
        assert made.json() == {
            "id": "cards", "provider": "computop", "base_url": "https://computop.example", "merchant_id": "Acme",
            "cipher": "aes", "version": 1, "changed": True, "hints": [],
        }  # fmt: skip
        changes = {"provider": "computop", "secret": "another-sixteen!"}
        assert (await admin.put(PATH, json=changes)).status_code == 428
        assert (await admin.put(PATH, json=changes, headers={"If-Match": '"4"'})).status_code == 412
        changed = await admin.put(PATH, json=changes, headers={"If-Match": '"1"'})
        assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
        assert world.access.asked[-1].signing == "s"
        ids = [one["id"] for one in (await admin.get("/setup/provider-accounts")).json()["accounts"]]
        assert ids == ["cards", "unzer-acme"]
        assert (await admin.post(f"{PATH}/verify")).json()["id"] == "cards"
        world.access.verdict = AccessVerdict.REFUSED
        gone = await admin.post(f"{PATH}/verify")
        assert (gone.status_code, gone.json()["error"]["code"]) == (422, "invalid_secret")
        unproven = await admin.post("/setup/provider-accounts/unzer-acme/verify")
        assert (unproven.status_code, unproven.json()["error"]["code"]) == (409, "not_entered_here")
    async with world.shop(tenant="rival") as rival:
        assert (await rival.get("/setup/provider-accounts")).json() == {"accounts": []}
        for method, path in (("GET", PATH), ("POST", f"{PATH}/verify")):
            assert (await rival.request(method, path)).status_code == 404
        assert (await rival.put(PATH, json=PAYGATE, headers={"If-Match": "*"})).status_code == 422


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"provider": "unzer"}, (422, "invalid_request")),
        ({"secret": None}, (422, "invalid_secret")),
        ({"cipher": "rot13"}, (422, "invalid_request")),
        ({"password": "x"}, (422, "invalid_request")),
        ({"secret": "x" * 301}, (422, "invalid_request")),
    ],
)
async def test_bad_input_is_refused(world: World, changes: dict[str, Any], expected: tuple[int, str]) -> None:
    """The code names the field; nobody outside is asked."""
    async with world.shop() as admin:
        answer = await admin.put(PATH, json=PAYGATE | changes)
    assert (answer.status_code, answer.json()["error"]["code"]) == expected
    assert world.access.asked == []


async def test_a_provider_that_is_away(world: World) -> None:
    """Later; nothing is saved."""
    world.access.down = True
    async with world.shop() as admin:
        answer = await admin.put(PATH, json=PAYGATE)
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "provider_unreachable")
        assert (await admin.get(PATH)).status_code == 404
