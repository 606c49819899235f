"""Terms of authorizations through the API: read, agreed on anew, refused with every reason, and their history."""

from typing import Any

import pytest

from tests.web.setting_up import MAIL
from tests.web.world import World

PATH = "/setup/authorization-terms/cards"


@pytest.fixture
def acme(world: World) -> World:
    """The tenant acme has an account at Stripe and hears of changes."""
    world.add_hold_account()
    return world


async def test_terms_are_read_changed_and_told(acme: World) -> None:
    """From the defaults on; what was read can be sent back."""
    async with acme.shop() as admin:
        await admin.put("/setup/mail", json=MAIL)
        read = await admin.get(PATH)
        assert (read.status_code, read.headers["etag"], read.json()["version"]) == (200, '"0"', 0)
        terms = read.json()["terms"]
        assert (terms["renew_after_days"], terms["nightly_from"], terms["split_after"]) == (7, "01:30:00", "PT3M")
        same = await admin.put(PATH, json=terms)
        assert (same.status_code, same.json()["changed"], acme.holds.new_terms) == (200, False, [])
        changed = await admin.put(PATH, json=terms | {"renew_after_days": None, "warn_before": "PT36H"})
        assert (changed.status_code, changed.headers["etag"], changed.json()["changed"]) == (200, '"1"', True)
        assert acme.holds.new_terms == [("acme", "cards")]
        assert (await admin.get(PATH)).json()["terms"] == terms | {"renew_after_days": None, "warn_before": "P1DT12H"}
        (version,) = (await admin.get(f"{PATH}/history")).json()["versions"]
    assert (version["version"], version["created_by"], version["confirmation"]) == (1, "shop", "open")
    assert version["terms"]["renew_after_days"] is None


async def test_a_change_names_the_version_it_was_made_from(acme: World) -> None:
    """Without one 428, with an old one 412."""
    async with acme.shop() as admin:
        await admin.put("/setup/mail", json=MAIL)
        assert (await admin.put(PATH, json={"split": False})).status_code == 200
        answers = {
            None: (428, "version_missing"),
            '"0"': (412, "changed_meanwhile"),
            "x": (422, "bad_version"),
        }
        for version, expected in answers.items():
            headers = {"If-Match": version} if version else {}
            answer = await admin.put(PATH, json={"split": True}, headers=headers)
            assert (answer.status_code, answer.json()["error"]["code"]) == expected
        for version in ('"1"', "*"):
            answer = await admin.put(PATH, json={"renew_after_days": 9 + len(version)}, headers={"If-Match": version})
            assert answer.status_code == 200
    assert len(acme.holds.new_terms) == 3


async def test_a_change_is_saved_though_nobody_can_be_told_now(acme: World) -> None:
    """A worker sees to it later."""
    acme.holds.down = True
    async with acme.shop() as admin:
        await admin.put("/setup/mail", json=MAIL)
        assert (await admin.put(PATH, json={"split": False})).status_code == 200
    assert acme.services.terms.unfinished() == (("acme", "cards"),)


BAD: list[tuple[dict[str, Any], str]] = [
    ({"renew_after_days": 0}, "invalid_renew_after_days"),
    ({"renew_after_days": 14}, "invalid_renew_after_days"),
    ({"renew_after_days": "seven"}, "invalid_request"),
    ({"renew_after_days": 7.5}, "invalid_request"),
    ({"renew_after_days": True}, "invalid_request"),
    ({"max_age_days": 181}, "invalid_max_age_days"),
    ({"max_age_days": None}, "invalid_request"),
    ({"realtime": True, "channel": "file"}, "invalid_channel"),
    ({"channel": "pigeon"}, "invalid_request"),
    ({"nightly_from": "04:15"}, "invalid_nightly_from"),
    ({"nightly_from": "01:30Z"}, "invalid_nightly_from"),
    ({"warn_before": "P999999999D"}, "invalid_warn_before"),
    ({"warn_before": "-PT1H"}, "invalid_warn_before"),
    ({"capture_after": "PT1M"}, "invalid_capture_after"),
    ({"capture_after": "P2D"}, "invalid_capture_after"),
    ({"wider_hope_reasons": ["stolen"]}, "invalid_wider_hope_reasons"),
    ({"version": 3}, "invalid_request"),
    ({"colour": "red"}, "invalid_request"),
]


@pytest.mark.parametrize(("body", "code"), BAD)
async def test_bad_input_is_refused_at_its_field(acme: World, body: dict[str, Any], code: str) -> None:
    """With what to do about it; nothing is saved and nobody is told."""
    async with acme.shop() as admin:
        await admin.put("/setup/mail", json=MAIL)
        answer = await admin.put(PATH, json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, code)
    assert answer.json()["error"]["what_to_do"]
    assert (acme.services.terms.history("acme", "cards"), acme.holds.new_terms) == ((), [])


async def test_every_reason_is_told_at_once(acme: World) -> None:
    """Each at its field."""
    async with acme.shop() as admin:
        await admin.put("/setup/mail", json=MAIL)
        wrong = {"renew_after_days": 14, "max_age_days": 181, "realtime": True, "channel": "file"}
        error = (await admin.put(PATH, json=wrong)).json()["error"]
    assert [one["field"] for one in error["fields"]] == ["renew_after_days", "max_age_days", "channel"]
    assert error["fields"][0]["message"] == error["message"]


async def test_whose_terms(acme: World) -> None:
    """Another tenant's account does not exist; an account without renewals has no terms; somebody has to hear."""
    async with acme.shop(tenant="rival") as rival, acme.shop() as admin:
        for method, path in (("GET", PATH), ("PUT", PATH), ("GET", f"{PATH}/history")):
            answer = await rival.request(method, path, json={"split": False})
            assert (answer.status_code, answer.json()["error"]["code"]) == (404, "unknown_account")
        assert (await rival.get(f"{PATH}?tenant=acme")).status_code == 403
        unrenewed = await admin.get("/setup/authorization-terms/unzer-acme")
        assert (unrenewed.status_code, unrenewed.json()["error"]["code"]) == (409, "no_renewals")
        first = await admin.put(PATH, json={"split": False})
        assert (first.status_code, first.json()["error"]["code"]) == (409, "mail_first")
