"""What cannot be read or is not signed, and whose MerchantID it is."""

from collections.abc import AsyncIterator
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
import structlog
from sqlalchemy import select

from adapters.computop.account import PaygateAccount
from adapters.computop.calls import Calls
from adapters.computop.client import PaygateClient
from adapters.computop.messages import Page, following
from cli.wiring import mac_secret
from domain.authorization.ports import Case
from domain.authorization.terms import Preset
from domain.parties import ProviderAccount
from domain.tenant_config import InvalidConfiguration
from paygate import mac
from paygate.envelope import Key, Scheme, seal
from paygate.fields import Fields, read
from storage.database import Database, DatabaseUnusable
from storage.form_access import FormAccess
from storage.secrets import SecretBox
from storage.tables import audit_trail
from tests.paygate import vectors
from tests.web.paygate.living import PAY_ID, Living
from tests.web.paygate.shop import AES, BLOWFISH, MERCHANT, Integration, told
from tests.web.serving import served
from tests.web.world import World

EARLY = f"PayID={'0' * 32}&TransID=na&Status=FAILED&Description=UnexpectedError&Code=40010001"
CAPTURE = {"Amount": "4000", "Currency": "EUR"}


def given(world: World, merchant: str, account: str, key: Key = AES) -> None:
    """Give an account a MerchantID."""
    box, ref = SecretBox(world.database, [b"k" * 32]), f"form/{merchant}"
    access = FormAccess(merchant, "acme", account, key.scheme.value, ref)
    mac = box.seal(mac_secret(ref), vectors.MAC_PASSWORD)
    world.services.forms.put(access, box.seal(ref, key.secret.decode()), mac)


@pytest.mark.rule("R33")
@pytest.mark.parametrize(
    "broken",
    [
        {"Len": "9999"},
        {"Len": "-1"},
        {"Len": ""},
        {"Len": "1" * 40},
        {"Data": ""},
        {"Data": "no hexadecimal"},
        {"Data": "abc"},
        {"Data": "00" * 8},
        {"MerchantID": "nobody"},
        {"MerchantID": ""},
        {"MerchantID": "x" * 5_000},
    ],
)
async def test_what_cannot_be_read(living: Living, shop: Integration, broken: dict[str, str]) -> None:
    """The answer says nothing about why, is the same for strangers, and nothing happened, strict terms or not."""
    life = living.hold(preset=Preset.STRICT)
    answer = await shop.post("capture.aspx", shop.sealed(**CAPTURE).form(MERCHANT) | broken)
    assert (answer.status_code, answer.text) == (200, EARLY)
    assert answer.headers["content-type"].startswith("text/plain")
    assert (life.state.stopped, living.asked) == (None, [])


@pytest.mark.rule("R33")
@pytest.mark.parametrize("mac", ["0" * 64, "short", "é" * 64])
async def test_a_wrong_mac(living: Living, shop: Integration, mac: str) -> None:
    """Belongs to no payment."""
    life = living.hold(preset=Preset.STRICT)
    answer = await shop.post("capture.aspx", shop.sealed(**CAPTURE, MAC=mac).form(MERCHANT))
    assert answer.text == EARLY
    assert (life.state.stopped, living.asked) == (None, [])


async def test_a_missing_mac_or_another_merchant_inside(living: Living, shop: Integration) -> None:
    """The same; what counts is what was signed."""
    living.hold()
    unsigned = seal(f"MerchantID={MERCHANT}&PayID={PAY_ID}&TransID=order-1&Amount=4000&Currency=EUR", shop.key)
    assert (await shop.post("capture.aspx", unsigned.form(MERCHANT))).text == EARLY
    other = replace(shop, merchant="another").sealed(**CAPTURE)
    assert (await shop.post("capture.aspx", other.form(MERCHANT))).text == EARLY
    assert living.asked == []


async def test_aes_for_a_blowfish_merchant_and_back(living: Living, world: World, shop: Integration) -> None:
    """Cannot be read, whichever way round; with the cipher that was agreed on it can."""
    living.hold()
    wrong = replace(shop, key=AES)
    assert (await wrong.post("capture.aspx", wrong.sealed(**CAPTURE).form(MERCHANT))).text == EARLY
    account = world.services.directory.provider_account("paygate-acme")
    assert account is not None
    world.services.directory.put_provider_account(replace(account, options={"cipher": "aes"}))
    assert (await shop.post("capture.aspx", shop.sealed(**CAPTURE).form(MERCHANT))).text == EARLY
    SecretBox(world.database, [b"k" * 32]).put("paygate-acme/key", vectors.AES_PASSWORD)
    assert told(await wrong.ask("capture")) == ("OK", "00000000")


async def test_capitals_do_not_matter(living: Living, shop: Integration) -> None:
    """Digits of data and MAC, names outside and inside."""
    living.hold()
    sealed = shop.sealed(**CAPTURE)
    upper = {"merchantid": MERCHANT, "LEN": str(sealed.length), "data": sealed.data.upper()}
    assert told(shop.opened(await shop.post("capture.aspx", upper))) == ("OK", "00000000")
    pairs = {"merchantid": MERCHANT, "PAYID": PAY_ID, "TransId": "order-1"}
    pairs["mac"] = mac.sign_request(Fields(tuple(pairs.items())), vectors.MAC_PASSWORD).lower()
    small = seal("&".join(f"{name}={value}" for name, value in pairs.items()), shop.key)
    assert told(shop.opened(await shop.post("INQUIRE.aspx", small.form(MERCHANT)))) == ("OK", "00000000")


async def test_a_parameter_that_comes_twice(living: Living, shop: Integration) -> None:
    """Outside it cannot be read; inside the request has no form, and nothing is taken."""
    living.hold()
    form = shop.sealed(**CAPTURE).form(MERCHANT)
    twice = "&".join(f"{name}={value}" for name, value in form.items()) + "&Len=1"
    answer = await shop.client.post(
        "/paygate/capture.aspx", content=twice, headers={"Content-Type": "application/x-www-form-urlencoded"}
    )
    assert answer.text == EARLY
    signed = mac.sign(mac.request_string(PAY_ID, "order-1", MERCHANT, "4000", "EUR"), vectors.MAC_PASSWORD)
    plain = f"MerchantID={MERCHANT}&PayID={PAY_ID}&TransID=order-1&Amount=4000&amount=9000&Currency=EUR&MAC={signed}"
    doubled = await shop.post("capture.aspx", seal(plain, shop.key).form(MERCHANT))
    assert told(shop.opened(doubled)) == ("FAILED", "40110005")
    assert living.asked == []


async def test_an_account_elsewhere_under_a_merchant_id(living: Living, world: World, shop: Integration) -> None:
    """A merchant at another provider uses the same pages; his PayID is made of the id of the first hold."""
    given(world, "acme_cards", "stripe-acme")
    life = living.hold("pi_3PqkQb2eZvKYlo2C1abcdefg", "order-7", account="stripe-acme", provider="stripe")
    cards = replace(shop, merchant="acme_cards", key=AES)
    found = await cards.ask("inquire24", PayID="", TransID="order-7")
    pay = found.get("PayID")
    assert pay == sha256(b"pi_3PqkQb2eZvKYlo2C1abcdefg").hexdigest()[:32]
    assert told(await cards.ask("capture", PayID=pay, TransID="order-7")) == ("OK", "00000000")
    assert life.state.captured_minor == 4_000
    assert told(await cards.ask("capture", PayID=pay, TransID="order-1"))[1] == "20160001"


async def test_a_merchant_id_is_given_once(living: Living, world: World) -> None:
    """Not one that another account has, given or by itself; the same account may change its passwords."""
    given(world, "acme_cards", "stripe-acme")
    given(world, "acme_cards", "stripe-acme", BLOWFISH)
    assert [one.cipher for one in world.services.forms.given("stripe-acme")] == ["blowfish"]
    for merchant, account in (("acme_cards", "paygate-acme"), (MERCHANT, "stripe-acme"), ("new", "nothing")):
        with pytest.raises(InvalidConfiguration):
            given(world, merchant, account)
    trail = world.services.database
    assert vectors.AES_PASSWORD not in str(_everything(trail))


def _everything(database: Database) -> list[Any]:
    with database.read() as sql:
        return list(sql.execute(select(audit_trail)).all())


async def test_two_accounts_of_one_merchant_id(living: Living, world: World, shop: Integration) -> None:
    """A message belongs to the one whose passwords prove it."""
    box = SecretBox(world.database, [b"k" * 32])
    box.put("a-key", "another-password")
    box.put(mac_secret("a-key"), "another-mac-password")
    world.services.directory.put_provider_account(
        ProviderAccount("a-rival", "rival", "computop", "https://paygate.example", MERCHANT, "a-key", {})
    )
    living.hold()
    assert told(await shop.ask("inquire")) == ("OK", "00000000")
    rival = replace(shop, key=Key.of(Scheme.BLOWFISH, "another-password"), mac_password="another-mac-password")
    assert told(await rival.ask("inquire")) == ("FAILED", "20160001")


async def test_a_database_that_is_away(living: Living, world: World, shop: Integration, monkeypatch: Any) -> None:
    """Before the message is read: unavailable, in Paygate's words. Afterwards: pending, for only the books can tell."""
    living.hold()

    def away(*_: object) -> None:
        raise DatabaseUnusable("away")

    monkeypatch.setattr(type(world.services.authorization_list), "of_case", away)
    assert told(await shop.ask("capture")) == ("PENDING", "60200309")
    monkeypatch.setattr(type(world.services.forms), "accounts", away)
    answer = await shop.post("capture.aspx", shop.sealed(**CAPTURE).form(MERCHANT))
    assert (answer.status_code, answer.text) == (503, EARLY)


async def test_logs_name_no_secret_and_no_message(living: Living, shop: Integration) -> None:
    """Neither passwords, MAC, data nor fields."""
    living.hold()
    with structlog.testing.capture_logs() as events:
        sealed = shop.sealed(**CAPTURE)
        await shop.post("capture.aspx", sealed.form(MERCHANT))
        await shop.post("capture.aspx", sealed.form(MERCHANT) | {"Len": "9999"})
        await shop.client.get("/paygate/capture.aspx", params=sealed.form(MERCHANT))
    written = str(events)
    assert "form.unreadable" in written
    for secret in (vectors.BLOWFISH_PASSWORD, vectors.MAC_PASSWORD, sealed.data, "order-1", "MAC="):
        assert secret not in written


@pytest.fixture
async def adapter_shop(world: World, living: Living) -> AsyncIterator[Any]:
    """Our own adapter for Paygate as an integration that points here."""
    living.hold()
    with served(world.app) as (host, port):
        client = PaygateClient()
        account = PaygateAccount.of(
            "here",
            MERCHANT,
            "blowfish",
            vectors.BLOWFISH_PASSWORD,
            vectors.MAC_PASSWORD,
            f"http://{host}:{port}/paygate/",
        )
        yield Calls(client, account, Case(PAY_ID, "EUR", "order-1", "INV-1"))
        await client.close()


async def test_an_existing_integration_points_here(living: Living, adapter_shop: Any) -> None:
    """The adapter for Paygate understands every answer: inquiries, a capture, its repetition, a refusal."""
    case = adapter_shop.case
    picture = await adapter_shop.hold(PAY_ID)
    assert (picture.authorized, picture.captured) == (10_000, 0)
    message = following(Page.CAPTURE, case, PAY_ID, 4_000, "KEY1")
    for _ in range(2):
        assert (await adapter_shop.send(message, lambda: None)).code.text == "00000000"
    refused = await adapter_shop.send(following(Page.CREDIT, case, PAY_ID, 5_000, "KEY2"), lambda: None)
    assert refused.refused
    newest = await adapter_shop.newest()
    assert (newest.captured, newest.pay_id) == (4_000, PAY_ID)
    assert await adapter_shop.hold("f" * 32) is None


def test_the_early_failure_reads_like_an_answer() -> None:
    """Plain pairs."""
    assert told(read(EARLY)) == ("FAILED", "40010001")
