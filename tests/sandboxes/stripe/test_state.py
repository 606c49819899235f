"""What outlives the process, what hooks do and refuse, what the page shows, and what nobody gets to see."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import stripe

from sandboxes.stripe.seeding import Seed, seed
from sandboxes.stripe.server import Server
from sandboxes.stripe.settings import AccountSettings
from tests.sandboxes.stripe.conftest import DAY, START, Merchant
from tests.support.sandbox_process import SandboxProcess, start_sandbox


@pytest.fixture
def started() -> Iterator[list[SandboxProcess]]:
    """The processes of a test, stopped at its end."""
    found: list[SandboxProcess] = []
    yield found
    for process in found:
        process.stop()


@pytest.fixture
def start(started: list[SandboxProcess]) -> Callable[[Path], SandboxProcess]:
    def begin(state: Path) -> SandboxProcess:
        started.append(start_sandbox("sandboxes.stripe", state=state))
        return started[-1]

    return begin


@pytest.mark.rule("SX11")
def test_everything_survives_a_killed_process(
    start: Callable[[Path], SandboxProcess], started: list[SandboxProcess], tmp_path: Path
) -> None:
    """Payments, keys, outcomes, own events, clock and effects are there after a restart, and ids go on."""
    merchant = Merchant(start(tmp_path / "stripe.db").url, "kept")
    merchant.configure(display_name="Kept GmbH", country="AT")
    merchant.clock(instant=START, frozen=True, hold=True)
    held = merchant.seed(metadata={"order": "1"})
    taken = merchant.seed(card="pm_card_refundFail", state="captured")["payment_intent"]
    refund = merchant.v1.refunds.create({"payment_intent": taken, "amount": 100}, {"idempotency_key": "rf:1"})
    merchant.lay_down("lost_card", "approve", customer=held["customer"])
    with pytest.raises(stripe.CardError):
        merchant.renew(held["customer"], held["payment_method"])
    intent = held["payment_intent"]
    before = (merchant.view(intent), merchant.effects(), merchant.events(), merchant.control.get("/events").json())
    merchant.close()
    started[0].kill()

    merchant = Merchant(start(tmp_path / "stripe.db").url, "kept")
    after = (merchant.view(intent), merchant.effects(), merchant.events(), merchant.control.get("/events").json())
    assert after == before
    assert merchant.v1.accounts.retrieve_current().country == "AT"
    again = merchant.v1.refunds.create({"payment_intent": taken, "amount": 100}, {"idempotency_key": "rf:1"})
    assert (again.id, again.last_response.headers["Idempotent-Replayed"]) == (refund.id, "true")
    merchant.keys_used = 10
    assert merchant.renew(held["customer"], held["payment_method"]).id not in (intent, taken)
    merchant.clock(instant="2027-03-08T10:00:00+00:00", frozen=True)
    assert merchant.control.post("/events/release").json()["done"] == 3
    assert merchant.view(intent)["status"] == "canceled"
    assert merchant.v1.refunds.retrieve(refund.id).status == "failed"
    merchant.close()


async def test_writes_that_were_put_off_are_made_up_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A large account is written less often, but what is still open is written when the server stops."""
    first = Server(tmp_path / "stripe.db")
    first.start()
    account = first.put("large", AccountSettings())
    monkeypatch.setattr(first, "_save_took", {"large": 100.0})
    _, intent = seed(account, Seed(amount_minor=100))
    await first.stop()
    second = Server(tmp_path / "stripe.db")
    found = second.find("large")
    assert found is not None
    assert list(found.test.intents) == [intent.id]
    await second.stop()


@pytest.mark.rule("SX11")
def test_equal_seeds_give_equal_ids(merchant: Merchant) -> None:
    """Ids follow from the seed and the order of what happens, not from chance or from reading."""
    merchant.configure(seed="s", reset=True)
    first = merchant.seed()
    merchant.v1.payment_intents.retrieve(first["payment_intent"])
    second = merchant.seed()
    merchant.configure(seed="s", reset=True)
    assert merchant.effects() == []
    assert [merchant.seed()["payment_intent"] for _ in range(2)] == [first["payment_intent"], second["payment_intent"]]


def test_what_the_dashboard_does(merchant: Merchant) -> None:
    """Captured, refunded, cancelled and expired by hooks: the API sees it, the effects name who did it."""
    taken = merchant.seed()["payment_intent"]
    view = merchant.hook(taken, "capture", amount_minor=4000).json()
    assert (view["status"], view["amount_received_minor"]) == ("succeeded", 4000)
    view = merchant.hook(taken, "refund", amount_minor=1000, metadata={"refund_id": "R-1"}).json()
    assert (view["amount_refunded_minor"], view["refunds"][0]["metadata"]) == (1000, {"refund_id": "R-1"})
    assert merchant.v1.refunds.list({"payment_intent": taken}).data[0].metadata["refund_id"] == "R-1"
    gone = merchant.seed()["payment_intent"]
    assert merchant.hook(gone, "cancel", reason="fraudulent").json()["cancellation_reason"] == "fraudulent"
    lapsed = merchant.seed()["payment_intent"]
    assert merchant.hook(lapsed, "expire").json()["cancellation_reason"] == "expired"
    failed = merchant.control.post(f"/refunds/{view['refunds'][0]['refund']}/fail").json()
    assert failed["status"] == "failed"
    assert [(kind, by) for kind, _, by in merchant.effects("by")] == [
        ("authorized", "seed"),
        ("captured", "dashboard"),
        ("released", "dashboard"),
        ("refunded", "dashboard"),
        ("authorized", "seed"),
        ("released", "dashboard"),
        ("authorized", "seed"),
        ("expired", "dashboard"),
        ("refund_failed", "dashboard"),
    ]
    own = merchant.v1.events.list({"type": "payment_intent.canceled"}).data[0]
    assert (own.request.id, own.request.idempotency_key) == (None, None)


def test_effects_carry_everything_a_comparison_needs(merchant: Merchant) -> None:
    """Payment, charge, customer, metadata, initiator and the key of the request."""
    customer, method = merchant.customer()
    held = merchant.renew(customer, method, 4200, metadata={"order": "SO-1"})
    (effect,) = merchant.control.get("/effects").json()
    wanted = {"kind": "authorized", "payment_intent": held.id, "charge": held.latest_charge, "customer": customer}
    wanted |= {"amount_minor": 4200, "currency": "eur", "by": "api", "mode": "test", "off_session": True}
    wanted |= {"metadata": {"order": "SO-1"}, "idempotency_key": f"test:{merchant.name}:{merchant.keys_used}"}
    assert {key: effect[key] for key in wanted} == wanted
    events = merchant.v1.events.list({"types": ["payment_intent.created"]}).data
    assert events[0].request.idempotency_key == wanted["idempotency_key"]


def test_events_are_snapshots_of_thirty_days(merchant: Merchant) -> None:
    """The object is as it was when the event happened; a month later the event is gone."""
    merchant.clock(instant=START, frozen=True)
    held = merchant.seed()["payment_intent"]
    merchant.v1.payment_intents.capture(held, {}, merchant.once())
    created, *_ = reversed(merchant.v1.events.list({"type": "payment_intent.*"}).data)
    assert (created.type, created.data.object.status) == ("payment_intent.created", "requires_payment_method")
    assert created.api_version == "2026-10-28.endive"
    assert merchant.v1.events.retrieve(created.id).id == created.id
    merchant.stand_at(31 * DAY)
    merchant.seed()
    assert created.id not in [one.id for one in merchant.v1.events.list({"limit": 100}).data]


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("authorized", "requires_capture"),
        ("captured", "succeeded"),
        ("created", "requires_payment_method"),
        ("declined", "requires_payment_method"),
        ("requires_action", "requires_action"),
    ],
)
def test_seeds(merchant: Merchant, state: str, status: str) -> None:
    """Each state of a seed, for a customer that exists, too."""
    first = merchant.seed(state=state, features=["multicapture"], decline="lost_card")
    assert first["status"] == status
    if state == "authorized":
        more = {"customer": first["customer"], "payment_method": first["payment_method"], "off_session": True}
        second = merchant.seed(500, **more)
        assert (second["fingerprint"], second["off_session"]) == (first["fingerprint"], True)


def test_hook_mistakes_are_refused(merchant: Merchant) -> None:
    """Unknown cards, customers, fields and payments are answered with a reason instead of being ignored."""
    for body in (
        {"amount_minor": 0},
        {"amount_minor": 1, "card": "pm_card_gold"},
        {"amount_minor": 1, "customer": "cus_0"},
        {"amount_minor": 1, "colour": "red"},
        {"amount_minor": 1, "currency": "xyz"},
        {"amount_minor": 1, "state": "requires_action", "off_session": True},
    ):
        assert merchant.control.post("/payments", json=body).status_code == 422, body
    assert merchant.control.post("/customers", json={"card": "gold"}).status_code == 422
    assert merchant.hook("pi_0", "expire").status_code == 404
    taken = merchant.seed(state="captured")["payment_intent"]
    for what in ("expire", "cancel", "capture", "authenticate"):
        assert merchant.hook(taken, what).status_code == 409
    created = merchant.seed(state="created")["payment_intent"]
    assert merchant.hook(created, "refund").status_code == 409
    assert merchant.http.get("/control/accounts/nobody/payments").status_code == 404


@pytest.mark.rule("SX11")
def test_the_page_escapes_and_hides_keys(merchant: Merchant) -> None:
    """What clients wrote is shown as text, and a secret key is shown neither there nor in the log."""
    nasty = "<script>alert('x')</script>"
    held = merchant.create(payment_method="pm_card_visa", metadata={"note": nasty})
    merchant.http.post("/v1/customers", data={"metadata[key]": merchant.key})
    merchant.lay_down("lost_card", metadata={"a": nasty})
    merchant.special("refunds.create", nasty)
    merchant.http.get("/v1/charges", params={"customer": merchant.key})
    page = merchant.http.get(f"/accounts/{merchant.name}")
    assert page.status_code == 200
    assert "<script>" not in page.text
    assert page.text.count("&lt;script&gt;") >= 2
    assert held.id in page.text
    assert "100.00 EUR" in page.text
    assert merchant.key not in merchant.control.get("/log").text
    assert merchant.name in merchant.http.get("/").text
    assert merchant.http.get("/accounts/unknown").status_code == 404
    assert merchant.http.get("/authenticate/unknown").status_code == 404
