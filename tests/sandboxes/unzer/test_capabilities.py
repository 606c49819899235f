"""The capability table of the payment types, column by column, as the reference has it."""

from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.sandboxes.unzer.conftest import Shop, code

NO_AUTHORIZE, NO_CHARGE, NO_CANCEL, NO_SHIPMENT = (
    "API.320.000.004",
    "API.330.000.004",
    "API.340.000.004",
    "API.360.000.004",
)
HOME = {"name": "E M", "street": "Weg 1", "zip": "1", "city": "B", "country": "DE"}
CUSTOMERS_IBAN = "DE89370400440532013000"


@dataclass(frozen=True)
class Row:
    """One row. `charge`: how a direct charge answers, '' when it is refused. `void`: what of a hold or an unpaid
    charge can be given up: `never`, `before` money is taken, `after` too. `refund`: on which level, '' for none."""

    kind: str
    authorize: bool
    charge: str
    void: str
    refund: str
    shipment: str = NO_SHIPMENT
    bank: str = ""
    currency: str = "EUR"


TABLE = [
    Row("card", True, "isSuccess", "after", "charge"),
    Row("applepay", True, "isSuccess", "after", "charge"),
    Row("paypal", True, "isPending", "after", "charge"),
    Row("prepayment", False, "isPending", "before", "charge", bank="charge"),
    Row("invoice", False, "isPending", "before", "charge", bank="charge"),
    Row("invoice-secured", False, "isPending", "before", "charge", shipment="", bank="charge"),
    Row("paylater-invoice", True, "", "before", "payment", bank="authorize"),
    Row("paylater-direct-debit", True, "", "before", "payment"),
    Row("paylater-installment", True, "", "before", "payment", bank="authorize"),
    Row("sepa-direct-debit", False, "isSuccess", "never", "charge", bank="customer"),
    Row(
        "sepa-direct-debit-secured", False, "isSuccess", "never", "charge", shipment="COR.700.400.800", bank="customer"
    ),
    Row("sofort", False, "isPending", "never", "charge"),
    Row("eps", False, "isPending", "never", "charge"),
    Row("ideal", False, "isPending", "never", "charge"),
    Row("alipay", False, "isPending", "never", "charge"),
    Row("przelewy24", False, "isPending", "never", "charge", currency="PLN"),
    Row("giropay", False, "isPending", "never", ""),
]
WAITING = ("prepayment", "invoice", "invoice-secured")
rows = pytest.mark.parametrize("row", TABLE, ids=lambda row: row.kind)


def _start(shop: Shop, call: str, row: Row) -> httpx.Response:
    resources = {
        "typeId": shop.type_id(row.kind, iban=CUSTOMERS_IBAN, holder="E M"),
        "customerId": shop.post("customers", lastname="M", billingAddress=HOME).json()["id"],
        "basketId": shop.api.post("/v2/baskets", json={"totalValueGross": 10, "basketItems": []}).json()["id"],
    }
    body = {"amount": 100, "currency": row.currency, "returnUrl": "https://shop.example/", "resources": resources}
    return shop.post(f"payments/{call}", **body)


def _seed(shop: Shop, row: Row, state: str) -> str:
    return shop.seed(row.kind, state=state, currency=row.currency, type_data={"iban": CUSTOMERS_IBAN})


def _fresh(shop: Shop, row: Row) -> str:
    """As it is before any money is taken, where the type knows that."""
    return _seed(shop, row, "authorized" if row.authorize else "waiting" if row.kind in WAITING else "charged")


@rows
def test_how_it_begins(shop: Shop, row: Row) -> None:
    """Whether it can be authorized, and how a direct charge answers."""
    authorized, charged = _start(shop, "authorize", row), _start(shop, "charges", row)
    if row.authorize:
        assert authorized.json()["isError"] is False
    else:
        assert (authorized.status_code, code(authorized)) == (405, NO_AUTHORIZE)
    if row.charge:
        assert charged.json()[row.charge] is True
        assert bool(charged.json()["redirectUrl"]) is (row.charge == "isPending" and row.kind not in WAITING)
    else:
        assert (charged.status_code, code(charged)) == (405, NO_CHARGE)


@rows
def test_how_it_is_captured(shop: Shop, row: Row) -> None:
    """What can be authorized is captured in many parts; what cannot refuses a capture."""
    payment = _fresh(shop, row)
    answers = [shop.capture(payment, amount=20) for _ in range(3)]
    if row.authorize:
        assert all(one.json()["isSuccess"] for one in answers)
        assert shop.amounts(payment) == ("100 / 60 / 0 / 40", "partly")
    else:
        assert {(one.status_code, code(one)) for one in answers} == {(405, NO_CHARGE)}


@rows
def test_how_it_is_given_up(shop: Shop, row: Row) -> None:
    """A hold or an unpaid charge in parts and in full; after a capture only where the table says so."""
    payment = _fresh(shop, row)
    place = "authorize/cancels" if row.authorize else "charges/s-chg-1/cancels"
    reason = {"reasonCode": "CANCEL"}
    if row.void == "never":
        assert code(shop.post(f"payments/{payment}/authorize/cancels")) == NO_CANCEL
        return
    assert shop.post(f"payments/{payment}/{place}", amount=30, **reason).json()["isSuccess"]
    assert shop.amounts(payment) == ("70 / 0 / 0 / 70", "pending")
    assert shop.post(f"payments/{payment}/{place}", **reason).json()["isSuccess"]
    assert shop.amounts(payment) == ("0 / 0 / 0 / 0", "canceled")
    assert {one[0] for one in shop.listed(payment)[1:]} == {"cancel-authorize"}
    if row.authorize:
        taken = _fresh(shop, row)
        shop.capture(taken, amount=40)
        answer = shop.post(f"payments/{taken}/{place}", amount=10)
        assert answer.is_success is (row.void == "after")
        assert shop.amounts(taken)[0] == ("90 / 40 / 0 / 50" if row.void == "after" else "100 / 40 / 0 / 60")


@rows
def test_how_it_is_refunded(shop: Shop, row: Row) -> None:
    """In parts and in full, on the charge or on the payment as a whole, never on both, or not at all."""
    payment = _seed(shop, row, "charged")
    charge = "s-chg-2" if row.kind in WAITING else "s-chg-1"
    by_charge, as_a_whole = f"payments/{payment}/charges/{charge}/cancels", f"payments/{payment}/charges/cancels"
    if not row.refund:
        for path in (by_charge, as_a_whole):
            assert (shop.post(path).status_code, code(shop.post(path))) == (405, NO_CANCEL)
        return
    path = by_charge if row.refund == "charge" else as_a_whole
    assert shop.post(path, amount=30, reasonCode="RETURN").json()["isSuccess"]
    assert shop.amounts(payment)[0] == "100 / 70 / 30 / 0"
    assert shop.post(path, reasonCode="RETURN").json()["isSuccess"]
    assert shop.amounts(payment) == ("100 / 0 / 100 / 0", "canceled")
    assert code(shop.post(path, reasonCode="RETURN")) == "API.340.100.014"
    if row.refund == "payment":
        assert code(shop.post(by_charge)) == NO_CANCEL


@rows
def test_how_it_is_shipped(shop: Shop, row: Row) -> None:
    """Reported once, active by itself, or not needed."""
    payment = _fresh(shop, row)
    answer = shop.post(f"payments/{payment}/shipments", invoiceId="R1")
    assert (code(answer) if "errors" in answer.json() else "") == row.shipment
    assert (shop.listed(payment)[-1][0] == "shipment") is not row.shipment


@rows
def test_whose_account_it_names(shop: Shop, row: Row) -> None:
    """The account to transfer to, with what the transfer must carry; the customer's own for direct debits; or none."""
    payment = _fresh(shop, row)
    first: dict[str, Any] = shop.get(f"payments/{payment}/{shop.listed(payment)[0][2]}")["processing"]
    assert first.get("iban", "") == {"": "", "customer": CUSTOMERS_IBAN}.get(row.bank, "DE02120300000000202051")
    assert bool(first.get("descriptor")) is (row.bank in ("charge", "authorize"))


@pytest.mark.parametrize("call", ["reversal", "refund"])
@pytest.mark.parametrize("good", [True, False])
def test_a_pending_cancel_is_decided_later(shop: Shop, call: str, *, good: bool) -> None:
    """Its amount is held back until then; only success moves money and counts as an effect."""
    payment = shop.seed("card", state="authorized" if call == "reversal" else "charged")
    path = f"payments/{payment}/" + ("authorize/cancels" if call == "reversal" else "charges/s-chg-1/cancels")
    before = shop.amounts(payment)
    shop.special(call, "pending_capture")
    assert shop.post(path, amount=60).json()["isPending"]
    assert (shop.amounts(payment), shop.effects()) == (before, [])
    assert code(shop.post(path, amount=50)) == "API.340.100.017"
    shop.hook(payment, "complete" if good else "fail")
    assert shop.effects() == ([(call, 6000)] if good else [])
    after = {"reversal": "40 / 0 / 0 / 40", "refund": "100 / 40 / 60 / 0"}[call]
    assert shop.amounts(payment)[0] == (after if good else before[0])


def test_a_pending_shipment_is_decided_later(shop: Shop) -> None:
    """The insured invoice is completed once the shipment is, though the customer has not paid."""
    payment = shop.seed("invoice-secured", state="waiting")
    shop.special("shipment", "pending_capture")
    assert shop.post(f"payments/{payment}/shipments", invoiceId="R1").json()["isPending"]
    assert shop.amounts(payment)[1] == "pending"
    shop.hook(payment, "complete")
    assert shop.amounts(payment) == ("100 / 0 / 0 / 100", "completed")
    assert shop.effects() == [("shipment", 10000)]


@pytest.mark.parametrize("kind", ["prepayment", "invoice-secured"])
def test_a_pending_cancel_of_what_is_owed(shop: Shop, kind: str) -> None:
    """The claim shrinks once the cancel is decided; the claim itself still waits for its transfer."""
    payment = shop.seed(kind, state="waiting")
    path = f"payments/{payment}/charges/s-chg-1/cancels"
    shop.special("refund", "pending_capture")
    assert shop.post(path, amount=60, reasonCode="CANCEL").json()["isPending"]
    assert code(shop.post(path, amount=50, reasonCode="CANCEL")) == "API.340.100.017"
    assert shop.hook(payment, "complete").is_success
    assert shop.amounts(payment) == ("40 / 0 / 0 / 40", "pending")
    assert shop.hook(payment, "complete").status_code == 409
