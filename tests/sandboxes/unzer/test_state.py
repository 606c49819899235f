"""What outlives the process, what the page shows, and what nobody gets to see."""

import base64
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sandboxes.unzer.seeding import Seed, seed
from sandboxes.unzer.server import Server
from sandboxes.unzer.settings import AccountSettings
from tests.sandboxes.unzer.conftest import Receiver, Shop, code, until
from tests.support.sandbox_process import SandboxProcess, start_sandbox


@pytest.fixture
def start() -> Iterator[Callable[[Path], SandboxProcess]]:
    started: list[SandboxProcess] = []

    def begin(state: Path) -> SandboxProcess:
        started.append(start_sandbox("sandboxes.unzer", state=state))
        return started[-1]

    yield begin
    for process in started:
        process.stop()


async def test_everything_survives_a_killed_process(
    start: Callable[[Path], SandboxProcess], tmp_path: Path, receiver: Receiver
) -> None:
    """Payments, errors, webhooks, open deliveries, late requests, clock and effects are there after a restart."""
    process = start(tmp_path / "unzer.db")
    shop = Shop(process.url, "kept")
    shop.configure(merchant_name="Kept GmbH")
    shop.clock(instant="2027-01-01T10:00:00+00:00", frozen=True, hold=True)
    shop.webhook(receiver.url, "charge")
    payment = shop.seed("card", order_id="SO-1")
    shop.capture(payment, amount=30, paymentReference="R-1")
    error = shop.capture(payment, amount=999).json()
    shop.special("refund", "late_commit", seconds=60, status=504)
    shop.post(f"payments/{payment}/charges/s-chg-1/cancels", amount=10)
    before = (shop.get(f"payments/{payment}"), shop.control.get("/effects").json(), shop.get("webhooks"))
    shop.close()
    process.kill()

    process = start(tmp_path / "unzer.db")
    shop = Shop(process.url, "kept")
    assert (shop.get(f"payments/{payment}"), shop.control.get("/effects").json(), shop.get("webhooks")) == before
    assert shop.get(f"payments/{payment}/charges/s-chg-1")["paymentReference"] == "R-1"
    assert shop.get(f"errors/{error['id']}") == error
    assert shop.get("keypair")["merchantName"] == "Kept GmbH"
    assert shop.control.get("/clock").json()["now"].startswith("2027-01-01T10:00:00")
    assert receiver.got == []
    shop.control.post("/events/release")
    assert receiver.events() == ["charge.succeeded"]
    shop.clock(instant="2027-01-01T10:01:00+00:00", frozen=True, hold=False)
    await until(lambda: shop.effects() == [("capture", 3000), ("refund", 1000)])
    assert shop.seed("card") != payment
    shop.close()


async def test_writes_that_were_put_off_are_made_up_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A large account is written less often, but what is still open is written when the server stops."""
    first = Server(tmp_path / "unzer.db")
    first.start()
    account = first.put("large", AccountSettings())
    monkeypatch.setattr(first, "_save_took", {"large": 100.0})
    payment = seed(account, Seed(type="card", amount_minor=100))
    await first.stop()
    second = Server(tmp_path / "unzer.db")
    found = second.find("large")
    assert found is not None
    assert list(found.payments) == [payment.id]
    await second.stop()


def test_an_account_can_be_emptied(shop: Shop) -> None:
    """With reset the account forgets its payments and effects and keeps its keys."""
    payment = shop.seed("card")
    shop.capture(payment, amount=1)
    shop.configure(reset=True)
    assert shop.effects() == []
    assert code(shop.api.get(f"/v1/payments/{payment}")) == "API.310.100.003"


def test_the_page_escapes_and_hides_keys(shop: Shop) -> None:
    """What clients wrote is shown as text, and a private key is shown neither there nor in the log."""
    nasty = "<script>alert('x')</script>"
    payment = shop.seed("card", order_id=nasty)
    shop.capture(payment, amount=1, paymentReference=nasty, invoiceId=shop.key)
    shop.special("capture", nasty)
    shop.webhook("https://merchant.example/<b>", "charge")
    page = shop.api.get(f"/accounts/{shop.name}")
    assert page.status_code == 200
    assert "<script>" not in page.text
    assert "<b>" not in page.text
    assert page.text.count("&lt;script&gt;") >= 3
    assert payment in page.text
    assert "100.00 EUR" in page.text
    log = shop.control.get("/log").text
    basic = base64.b64encode(f"{shop.key}:".encode()).decode()
    for secret in (shop.key + '"', shop.key + "<", basic):
        assert secret not in log
        assert secret not in page.text
    assert shop.name in shop.api.get("/").text
    assert shop.api.get("/accounts/unknown").status_code == 404


def test_hook_mistakes_are_refused(shop: Shop) -> None:
    """Unknown types, states, keys and payments are answered with a reason instead of being ignored."""
    for body in (
        {"type": "gold", "amount_minor": 1},
        {"type": "card", "amount_minor": 0},
        {"type": "card", "amount_minor": 1, "state": "rich"},
        {"type": "prepayment", "amount_minor": 1, "state": "authorized"},
        {"type": "card", "amount_minor": 1, "state": "waiting"},
        {"type": "card", "amount_minor": 1, "colour": "red"},
        {"type": "card", "amount_minor": 1, "public_key": "s-pub-other"},
        {"type": "przelewy24", "amount_minor": 1, "state": "pending"},
    ):
        assert shop.control.post("/payments", json=body).status_code == 422, body
    assert shop.hook("s-pay-0", "complete").status_code == 404
    card = shop.seed("card")
    assert shop.hook(card, "complete").status_code == 409
    assert shop.hook(card, "receipt", amount_minor=1).status_code == 422
    assert shop.hook(shop.seed("prepayment", state="waiting"), "complete").status_code == 409
    assert shop.hook(shop.seed("prepayment", state="waiting"), "expire").status_code == 409
    assert shop.api.get("/control/accounts/nobody/payments").status_code == 404


def test_dates_follow_clock_and_zone(shop: Shop) -> None:
    """Transactions are dated by the account's clock in the zone of the account."""
    shop.configure(date_zone="Europe/Berlin")
    shop.clock(instant="2027-07-01T22:30:00+00:00", frozen=True)
    payment = shop.seed("card")
    assert shop.get(f"payments/{payment}")["transactions"][0]["date"] == "2027-07-02 00:30:00"


def test_seeded_resources_can_be_read(shop: Shop) -> None:
    """Customer, basket, metadata and type data given to the hook are what the API returns."""
    payment = shop.seed(
        "paylater-invoice",
        customer={"lastname": "Muster", "billingAddress": {"city": "Köln"}},
        basket={"totalValueGross": "100.0000", "basketItems": []},
        metadata={"shopType": "seeded"},
    )
    ids = shop.get(f"payments/{payment}")["resources"]
    assert shop.get(f"customers/{ids['customerId']}")["billingAddress"]["city"] == "Köln"
    assert shop.api.get(f"/v2/baskets/{ids['basketId']}").json()["totalValueGross"] == "100.0000"
    assert code(shop.api.get(f"/v1/baskets/{ids['basketId']}")) == "API.600.410.024"
    assert shop.get(f"metadata/{ids['metadataId']}")["shopType"] == "seeded"
    card = shop.seed("card", type_data={"number": "4711100000000000"})
    kind = shop.get(f"payments/{card}")["resources"]["typeId"]
    assert (shop.get(f"types/{kind}")["method"], shop.get(f"types/{kind}")["brand"]) == ("card", "VISA")
    assert shop.effects() == []
