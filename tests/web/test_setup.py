"""Setting up a merchant through the API, from an empty tenant to a configuration that is edited."""

import logging
from typing import Any

import pytest
from httpx import AsyncClient

from domain.setup import MailVerdict
from domain.windows import erp_is_quiet
from tests.administration.fakes import PASSWORD, PRIVATE
from tests.web.setting_up import CARD, CONNECTION, ID, MAIL, PLACE, set_up
from tests.web.world import World

ROUTES = [
    ("GET", "/setup/tenants"),
    ("PUT", "/setup/tenants/acme"),
    ("GET", "/setup/connections"),
    ("GET", "/setup/connections/pixi"),
    ("PUT", "/setup/connections/pixi"),
    ("POST", "/setup/connections/pixi/verify"),
    ("POST", "/setup/connections/pixi/activate"),
    ("POST", "/setup/connections/pixi/deactivate"),
    ("GET", "/setup/connections/pixi/offer"),
    ("GET", "/setup/configurations"),
    ("POST", "/setup/configurations"),
    ("GET", f"/setup/configurations/{ID}"),
    ("PATCH", f"/setup/configurations/{ID}"),
    ("GET", f"/setup/configurations/{ID}/copy?connection=pixi&shop_id=TWO&payment_code=K"),
    ("GET", f"/setup/configurations/{ID}/history"),
    ("POST", f"/setup/configurations/{ID}/activate"),
    ("POST", f"/setup/configurations/{ID}/deactivate"),
    ("GET", "/setup/mail"),
    ("PUT", "/setup/mail"),
    ("POST", "/setup/mail/test"),
    ("GET", "/setup/file-drop"),
    ("PUT", "/setup/file-drop"),
    ("POST", "/setup/file-drop/test"),
    ("GET", "/setup/provider-accounts"),
    ("GET", "/setup/provider-accounts/acme-stripe"),
    ("PUT", "/setup/provider-accounts/acme-stripe"),
    ("POST", "/setup/provider-accounts/acme-stripe/verify"),
    ("GET", "/setup/authorization-terms/acme-stripe"),
    ("PUT", "/setup/authorization-terms/acme-stripe"),
    ("GET", "/setup/authorization-terms/acme-stripe/history"),
    ("POST", "/setup/check"),
]


def _error(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


async def test_setting_up_needs_its_own_scope(world: World, anyone: AsyncClient) -> None:
    """Neither strangers nor a shop's token may, whatever they send."""
    set_up(world)
    async with world.shop("orders:read", "orders:write") as shop:
        for method, path in ROUTES:
            assert _error(await anyone.request(method, path, content=b"{")) == (401, "token_missing")
            assert _error(await shop.request(method, path, content=b"{")) == (403, "scope_missing")


async def test_a_merchant_is_set_up_step_by_step(world: World) -> None:
    """Tenant, connection, offer, mail, configuration; each step tells what the next one needs."""
    async with world.shop("setup", tenant=None) as operator:
        created = await operator.put("/setup/tenants/newcomer", json={"name": "Newcomer GmbH", "language": "en"})
        assert created.json() == {"id": "newcomer", "name": "Newcomer GmbH", "language": "en", "simulated": False}
    async with world.shop("setup", tenant="newcomer") as admin:
        tenants = (await admin.get("/setup/tenants")).json()["tenants"]
        assert [one["id"] for one in tenants] == ["newcomer"]
        assert _error(await admin.post("/setup/configurations", json=PLACE | CARD)) == (404, "unknown_connection")
        connection = await admin.put("/setup/connections/pixi", json=CONNECTION)
        assert (connection.status_code, connection.headers["etag"]) == (200, '"1"')
        assert (connection.json()["state"], connection.json()["missing_calls"]) == ("proven", [])
        assert _error(await admin.post("/setup/configurations", json=PLACE | CARD)) == (409, "mail_first")
        assert (await admin.put("/setup/mail", json=MAIL)).status_code == 200
        offer = (await admin.get("/setup/connections/pixi/offer")).json()
        assert [one["id"] for one in offer["shops"]] == ["DEM", "TWO"]
        assert [one["code"] for one in offer["payment_types"]] == ["K", "V"]
        made = await admin.post("/setup/configurations", json=PLACE | CARD)
        assert (made.status_code, made.headers["etag"]) == (201, '"1"')
        assert made.json()["in_force"] is True
        read = await admin.get(made.json()["links"]["self"])
        assert read.json()["xml_tag"] == "UZCARD"
    assert world.services.directory.order_config("newcomer", "pixi", "DEM", "K") is not None


async def test_repeating_a_request_changes_nothing(world: World) -> None:
    """PUT and POST with the same content answer with what stands there."""
    async with world.shop() as admin:
        for _ in range(2):
            answers = [
                await admin.put("/setup/connections/pixi", json=CONNECTION),
                await admin.put("/setup/mail", json=MAIL),
                await admin.post("/setup/configurations", json=PLACE | CARD),
            ]
        assert [one.headers["etag"] for one in answers] == ['"1"'] * 3
        assert (answers[2].status_code, answers[2].json()["changed"]) == (200, False)
        other = await admin.post("/setup/configurations", json=PLACE | CARD | {"tolerance_minor": 3})
        assert _error(other) == (409, "configuration_exists")


async def test_edits_name_the_version_they_were_made_from(world: World) -> None:
    """Without a version 428, with an old one 412, with the right one a new version."""
    set_up(world)
    changes = [
        ("PATCH", f"/setup/configurations/{ID}", {"tolerance_minor": 7}),
        ("PUT", "/setup/connections/pixi", {"username": "other"}),
        ("PUT", "/setup/mail", MAIL | {"port": 465}),
    ]
    async with world.shop() as admin:
        for method, path, body in changes:
            assert _error(await admin.request(method, path, json=body)) == (428, "version_missing")
            wrong = await admin.request(method, path, json=body, headers={"If-Match": '"9"'})
            assert _error(wrong) == (412, "changed_meanwhile")
            assert _error(await admin.request(method, path, json=body, headers={"If-Match": "x"})) == (
                422,
                "bad_version",
            )
            right = await admin.request(method, path, json=body, headers={"If-Match": '"1"'})
            assert (right.status_code, right.headers["etag"]) == (200, '"2"')
        anyway = await admin.patch(
            f"/setup/configurations/{ID}", json={"tolerance_minor": 8}, headers={"If-Match": "*"}
        )
        assert anyway.json()["version"] == 3
        history = (await admin.get(f"/setup/configurations/{ID}/history")).json()["versions"]
    assert [(one["version"], one["tolerance_minor"], one["created_by"]) for one in history] == [
        (1, 1, "kim"),
        (2, 7, "shop"),
        (3, 8, "shop"),
    ]


async def test_a_copy_is_a_draft_until_it_is_posted(world: World) -> None:
    """The draft can be sent back as it is, with what is to be different."""
    set_up(world)
    async with world.shop() as admin:
        target = {"connection": "pixi", "shop_id": "TWO", "payment_code": "V"}
        draft = (await admin.get(f"/setup/configurations/{ID}/copy", params=target)).json()
        assert (draft["xml_tag"], draft["copied_from"], "private_key" in draft) == ("UZCARD", ID, False)
        assert len((await admin.get("/setup/configurations")).json()["configurations"]) == 1
        draft.pop("hints")
        made = await admin.post("/setup/configurations", json=draft | {"xml_tag": "UZPRE"})
        assert (made.status_code, made.json()["xml_tag"], made.json()["public_key"]) == (201, "UZPRE", "s-pub-1")
        world.erp.types = world.erp.types[1:]
        gone = await admin.post("/setup/configurations", json={"copied_from": ID} | target | {"payment_code": "K"})
    assert _error(gone) == (422, "invalid_payment_code")
    assert "not any more" in gone.json()["error"]["message"]


async def test_switches_work_at_once(world: World) -> None:
    """A connection takes its configurations with it; switching twice is fine."""
    set_up(world)
    async with world.shop() as admin:
        for _ in range(2):
            assert (await admin.post("/setup/connections/pixi/deactivate")).json()["active"] is False
        found = (await admin.get(f"/setup/configurations/{ID}")).json()
        assert (found["active"], found["in_force"]) == (True, False)
        await admin.post("/setup/connections/pixi/activate")
        for _ in range(2):
            off = await admin.post(f"/setup/configurations/{ID}/deactivate")
            assert off.json()["active"] is False
        assert (await admin.post(f"/setup/configurations/{ID}/activate")).json()["in_force"] is True


async def test_at_night_a_connection_waits_to_be_proved(world: World) -> None:
    """The answer says so and when; verifying after 04:00 proves it."""
    world.clock.forward(hours=16)
    assert erp_is_quiet(world.clock())
    async with world.shop() as admin:
        saved = (await admin.put("/setup/connections/pixi", json=CONNECTION)).json()
        assert (saved["state"], saved["reason"], saved["missing_calls"]) == ("unverified", "quiet_window", None)
        assert saved["next_check_at"] is not None
        assert _error(await admin.get("/setup/connections/pixi/offer")) == (503, "erp_not_asked")
        world.clock.forward(hours=5)
        assert (await admin.post("/setup/connections/pixi/verify")).json()["state"] == "proven"


async def test_a_test_mail_says_in_both_languages_what_became_of_it(world: World) -> None:
    """A failure is an answer, not an error of ours."""
    async with world.shop() as admin:
        assert _error(await admin.post("/setup/mail/test")) == (404, "no_mail_account")
        await admin.put("/setup/mail", json=MAIL)
        world.smtp.verdict = MailVerdict.LOGIN_REFUSED
        answer = await admin.post("/setup/mail/test")
    assert (answer.status_code, answer.json()["taken"], answer.json()["verdict"]) == (200, False, "login_refused")
    assert "Passwort" in answer.json()["de"]
    assert "password" in answer.json()["en"]


BAD_INPUT: list[tuple[str, str, dict[str, Any], tuple[int, str]]] = [
    ("PUT", "/setup/connections/pixi", CONNECTION | {"password": "wrong"}, (422, "credentials_refused")),
    ("PUT", "/setup/connections/pixi", CONNECTION | {"colour": "red"}, (422, "invalid_request")),
    ("PUT", "/setup/mail", MAIL | {"port": 70_000}, (422, "invalid_setting")),
    ("PUT", "/setup/mail", MAIL | {"port": "587"}, (422, "invalid_request")),
    ("POST", "/setup/configurations", PLACE | CARD | {"xml_tag": "Über<>"}, (422, "invalid_xml_tag")),
    ("POST", "/setup/configurations", PLACE | CARD | {"invoice_event": "UZEX"}, (422, "invalid_invoice_event")),
    ("POST", "/setup/configurations", PLACE | CARD | {"tolerance_minor": -1}, (422, "invalid_tolerance_minor")),
    ("POST", "/setup/configurations", PLACE | CARD | {"tolerance_minor": "2.5"}, (422, "invalid_request")),
    ("POST", "/setup/configurations", PLACE | CARD | {"mode": "fast"}, (422, "invalid_request")),
    ("PUT", "/setup/tenants/Ä", {"name": "x"}, (403, "other_tenant")),
]


async def test_bad_input_is_refused_in_our_shape(world: World) -> None:
    """The code names the field, and the answer says what to do."""
    async with world.shop() as admin:
        for method, path, body, expected in BAD_INPUT:
            if "configurations" in path:
                await admin.put("/setup/connections/pixi", json=CONNECTION)
                await admin.put("/setup/mail", json=MAIL)
            answer = await admin.request(method, path, json=body)
            assert _error(answer) == expected, body
            assert answer.json()["error"]["what_to_do"]


async def test_a_tenant_never_sees_or_changes_another(world: World) -> None:
    """Connections and configurations of another tenant do not exist."""
    set_up(world)
    async with world.shop(tenant="rival") as rival:
        assert (await rival.get("/setup/configurations")).json() == {"configurations": []}
        assert (await rival.get("/setup/connections")).json() == {"connections": []}
        for method, path in ROUTES:
            if ID in path or path.startswith("/setup/connections/pixi"):
                if method == "PUT":
                    continue
                answer = await rival.request(method, path, json={"tolerance_minor": 9}, headers={"If-Match": "*"})
                assert answer.status_code == 404, path
        assert (await rival.get("/setup/connections?tenant=acme")).status_code == 403


async def test_no_secret_ever_comes_back(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """Neither in an answer nor in a log, also not when it is refused."""
    caplog.set_level(logging.DEBUG)
    texts = []
    async with world.shop() as admin:
        for method, path, body in (
            ("PUT", "/setup/connections/pixi", CONNECTION),
            ("PUT", "/setup/connections/pixi", CONNECTION | {"password": "secret-that-is-wrong"}),
            ("PUT", "/setup/mail", MAIL | {"username": "u", "password": "secret-of-mail"}),
            ("POST", "/setup/configurations", PLACE | CARD),
            ("POST", "/setup/configurations", PLACE | CARD | {"payment_code": "V", "private_key": "s-priv-wrong"}),
            ("POST", "/setup/configurations", PLACE | CARD | {"payment_code": "V", "private_key": "s-priv-x" * 40}),
            ("POST", "/setup/mail/test", {}),
            ("PUT", "/setup/provider-accounts/a", {"provider": "stripe", "secret": "secret-key-of-stripe"}),
            ("PUT", "/setup/provider-accounts/b", {"provider": "stripe", "secret": "secret-key-of-stripe" * 40}),
            ("GET", "/setup/provider-accounts", {}),
        ):
            texts.append((await admin.request(method, path, json=body)).text)
        for method, path in ROUTES:
            if method == "GET":
                texts.append((await admin.get(path)).text)
    everything = "\n".join((*texts, caplog.text))
    for secret in (PASSWORD, PRIVATE, "secret-that-is-wrong", "secret-of-mail", "secret-key", "s-priv-"):
        assert secret not in everything


async def test_the_setup_is_checked(world: World) -> None:
    """Each point says in both languages what was found and what to do; the callback is registered on demand only."""
    set_up(world)
    async with world.shop("setup") as admin:
        await admin.post("/setup/configurations", json=PLACE | CARD)
        found = (await admin.post("/setup/check")).json()
        points = {one["code"]: one for one in found["points"]}
        assert points["access"]["verdict"] == "pass"
        assert points["invoice_template"]["verdict"] == "ask"
        assert points["callback"]["verdict"] == found["verdict"] == "warn"
        assert all(one["de"] and one["en"] and one["de"] != one["en"] for one in found["points"])
        again = (await admin.post("/setup/check?register=true")).json()
        assert {one["code"]: one["verdict"] for one in again["points"]}["callback"] == "pass"
