"""The awkward moments: cut connections, failures inside a success, late effects, pending captures."""

import httpx
import pytest

from tests.sandboxes.unzer.conftest import Shop, code, until


def test_a_cut_connection_after_the_effect(shop: Shop) -> None:
    """The client gets no byte of an answer, the capture stands, and the log says that it was cut."""
    payment = shop.seed("card")
    shop.arm("capture", "drop_after", match={"payment_reference": "R-1"})
    assert shop.capture(payment, amount=1, paymentReference="R-0").status_code == 201
    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        shop.capture(payment, amount=2, paymentReference="R-1")
    assert shop.effects() == [("capture", 100), ("capture", 200)]
    last = shop.control.get("/log").json()[-1]
    assert (last["call"], last["fault"], last["status"]) == ("capture", "drop_after", 0)


@pytest.mark.parametrize(
    ("kind", "more", "effects"),
    [("refuse", {}, 0), ("status", {"status": 503}, 0), ("status_after", {"status": 500}, 1), ("malformed", {}, 1)],
)
def test_general_faults_with_and_without_effect(shop: Shop, kind: str, more: dict[str, int], effects: int) -> None:
    """Each kind takes effect or not as its name says, whatever the client sees."""
    payment = shop.seed("card")
    shop.arm("capture", kind, **more)
    try:
        answer = shop.capture(payment, amount=1)
        assert answer.status_code == more.get("status", 201)
    except httpx.RemoteProtocolError:
        assert kind == "refuse"
    assert len(shop.effects()) == effects
    assert shop.capture(payment, amount=1).status_code == 201


@pytest.mark.parametrize(
    ("call", "path"),
    [
        ("read_payment", "payments/{}"),
        ("read_transaction", "payments/{}/authorize/s-aut-1"),
        ("keypair", "keypair"),
        ("type", "types/s-crd-x"),
    ],
)
def test_reads_meet_their_own_faults(shop: Shop, call: str, path: str) -> None:
    """A fault armed for one call does not meet another one."""
    payment = shop.seed("card")
    shop.arm(call, "status", status=502)
    assert shop.api.get("/v1/webhooks").status_code == 200
    assert shop.api.get("/v1/" + path.format(payment)).status_code == 502


def test_an_error_inside_a_success(shop: Shop) -> None:
    """HTTP 200 with an error body: nothing has taken effect, and the error can be read later."""
    payment = shop.seed("card")
    shop.special("capture", "error_in_200", code="API.330.100.007")
    answer = shop.capture(payment, amount=1)
    assert (answer.status_code, code(answer), shop.effects()) == (200, "API.330.100.007", [])
    assert shop.get(f"errors/{answer.json()['id']}")["isError"]
    shop.special("read_payment", "error_in_200")
    assert code(shop.api.get(f"/v1/payments/{payment}")) == "API.000.000.999"


def test_a_decline(shop: Shop) -> None:
    """HTTP 400 with the wanted code."""
    payment = shop.seed("card", state="charged")
    shop.special("refund", "decline", code="COR.700.400.200")
    answer = shop.post(f"payments/{payment}/charges/s-chg-1/cancels")
    assert (answer.status_code, code(answer), shop.effects()) == (400, "COR.700.400.200", [])


def test_a_failed_transaction(shop: Shop) -> None:
    """The answer is a transaction with isError; it is listed but counts in no sum and takes the next id."""
    payment = shop.seed("card")
    shop.special("capture", "transaction_error", code="COR.700.300.400")
    body = shop.capture(payment, amount=30).json()
    flags = [body[key] for key in ("isSuccess", "isPending", "isResumed", "isError")]
    assert flags == [False, False, False, True]
    assert body["message"]["code"] == "COR.700.300.400"
    assert shop.listed(payment)[1] == ("charge", "error", "charges/s-chg-1", "30.0000")
    assert shop.amounts(payment) == ("100 / 0 / 0 / 100", "pending")
    assert shop.capture(payment).json()["id"] == "s-chg-2"
    assert shop.effects() == [("capture", 10000)]


@pytest.mark.parametrize("call", ["reversal", "refund"])
def test_a_failed_cancel(shop: Shop, call: str) -> None:
    """A cancel that fails moves no amount."""
    payment = shop.seed("card", state="authorized" if call == "reversal" else "charged")
    before = shop.amounts(payment)
    shop.special(call, "transaction_error")
    path = "authorize/cancels" if call == "reversal" else "charges/s-chg-1/cancels"
    assert shop.post(f"payments/{payment}/{path}").json()["isError"]
    assert (shop.amounts(payment), shop.effects()) == (before, [])


async def test_a_late_commit(shop: Shop) -> None:
    """No answer and no effect at first; the effect appears when the account's clock has come that far."""
    shop.clock(instant="2027-01-01T10:00:00+00:00", frozen=True)
    payment = shop.seed("card")
    shop.special("capture", "late_commit", seconds=30)
    with pytest.raises(httpx.RemoteProtocolError):
        shop.capture(payment, amount="12.34", paymentReference="R-9")
    assert shop.effects() == []
    assert shop.control.get("/events").json() == {"next": "2027-01-01T10:00:30+00:00", "pending": 0}
    shop.clock(instant="2027-01-01T10:00:30+00:00", frozen=True)
    await until(lambda: shop.effects() == [("capture", 1234)])
    assert shop.get(f"payments/{payment}/charges/s-chg-1")["paymentReference"] == "R-9"
    assert shop.get(f"payments/{payment}/charges/s-chg-1")["date"] == "2027-01-01 10:00:30"


def test_a_late_commit_that_no_longer_fits(shop: Shop) -> None:
    """When the payment has changed meanwhile the late request is refused and nothing happens."""
    shop.control.put("/webhook-mode", json={"hold": True})
    payment = shop.seed("card")
    shop.special("capture", "late_commit", seconds=0, status=504)
    assert shop.capture(payment).status_code == 504
    shop.capture(payment, amount=60)
    assert shop.control.post("/events/release").json() == {"done": 1}
    assert shop.effects() == [("capture", 6000), ("capture", 4000)]
    shop.special("capture", "late_commit", seconds=0)
    with pytest.raises(httpx.RemoteProtocolError):
        shop.capture(payment, amount=60)
    shop.control.post("/events/release")
    assert len(shop.effects()) == 2


@pytest.mark.parametrize(("ending", "effects"), [("complete", [("capture", 6000)]), ("fail", [])])
def test_a_pending_capture_ends_by_a_hook(shop: Shop, ending: str, effects: list[tuple[str, int]]) -> None:
    """While it is pending its amount is held back but not counted; the hook decides."""
    payment = shop.seed("card")
    shop.special("capture", "pending_capture")
    body = shop.capture(payment, amount=60).json()
    assert (body["isPending"], body["message"]["code"]) == (True, "COR.000.200.000")
    assert shop.amounts(payment) == ("100 / 0 / 0 / 100", "pending")
    assert code(shop.capture(payment, amount=41)) == "API.330.100.007"
    assert code(shop.post(f"payments/{payment}/authorize/cancels", amount=41)) == "API.340.100.017"
    assert shop.hook(payment, ending).is_success
    assert shop.effects() == effects
    numbers = "100 / 60 / 0 / 40" if effects else "100 / 0 / 0 / 100"
    assert shop.amounts(payment)[0] == numbers
    assert shop.hook(payment, ending).status_code == 409


def test_a_pending_capture_ends_by_time(shop: Shop) -> None:
    """With seconds it completes by itself when it is due, here by a release."""
    shop.control.put("/webhook-mode", json={"hold": True})
    payment = shop.seed("paypal")
    shop.special("capture", "pending_capture", seconds=0)
    shop.capture(payment)
    assert shop.control.get("/events").json()["pending"] == 1
    shop.control.post("/events/release")
    assert shop.amounts(payment) == ("100 / 100 / 0 / 0", "completed")
    assert shop.effects() == [("capture", 10000)]


def test_faults_are_counted_and_matched(shop: Shop) -> None:
    """`skip` lets requests pass, `times` ends the fault, and an amount can be matched."""
    payment = shop.seed("card")
    shop.arm("capture", "status", times=2, skip=1, match={"amount": "5.0000"})
    amounts = ["5", "6", 5, "5.00", 5.0]
    assert [shop.capture(payment, amount=one).status_code for one in amounts] == [201, 201, 503, 503, 201]


def test_effects_carry_the_references(shop: Shop) -> None:
    """A capture's effect names payment, charge, amount, reference and invoice."""
    payment = shop.seed("card", order_id="SO-5")
    shop.capture(payment, amount=1, paymentReference="R-5", invoiceId="RE-5")
    (effect,) = shop.control.get("/effects").json()
    wanted = {"kind": "capture", "payment_id": payment, "charge_id": "s-chg-1", "amount_minor": 100, "currency": "EUR"}
    wanted |= {"payment_reference": "R-5", "invoice_id": "RE-5", "order_id": "SO-5"}
    assert {key: effect[key] for key in wanted} == wanted
