"""What each payment type may do, and the code of every refusal."""

import httpx
import pytest

from sandboxes.unzer.rules import RULES
from tests.sandboxes.unzer.conftest import Shop, code

CANNOT_AUTHORIZE = sorted(rule.name for rule in RULES.values() if not rule.authorize)
PAYLATER = sorted(rule.name for rule in RULES.values() if rule.paylater)


def start(shop: Shop, call: str, kind: str, **more: object) -> httpx.Response:
    type_id = shop.type_id(kind)
    body = {"amount": 10, "currency": "EUR", "returnUrl": "https://shop.example/", "resources": {"typeId": type_id}}
    return shop.post(f"payments/{call}", **{**body, **more})


@pytest.mark.parametrize("kind", CANNOT_AUTHORIZE)
def test_types_that_cannot_be_authorized(shop: Shop, kind: str) -> None:
    """They answer 405 with the code of the authorize block."""
    answer = start(shop, "authorize", kind)
    assert (answer.status_code, code(answer)) == (405, "API.320.000.004")


@pytest.mark.parametrize("kind", PAYLATER)
def test_paylater_types_cannot_be_charged_directly(shop: Shop, kind: str) -> None:
    """They answer 405 with the code of the charge block."""
    answer = start(shop, "charges", kind)
    assert (answer.status_code, code(answer)) == (405, "API.330.000.004")


@pytest.mark.parametrize("kind", PAYLATER)
def test_paylater_after_the_first_capture(shop: Shop, kind: str) -> None:
    """The rest cannot be released any more, and refunds work on payment level only."""
    payment = shop.seed(kind)
    shop.capture(payment, amount=40)
    assert code(shop.post(f"payments/{payment}/authorize/cancels", amount=10)) == "API.340.100.018"
    refused = shop.post(f"payments/{payment}/charges/s-chg-1/cancels", amount=10)
    assert (refused.status_code, code(refused)) == (405, "API.340.000.004")
    for number in (1, 2):
        assert shop.post(f"payments/{payment}/charges/cancels", amount=10).json()["id"] == f"s-cnl-{number}"
    assert shop.listed(payment)[-1] == ("cancel-charge", "success", "charges/cancels/s-cnl-2", "10.0000")
    assert shop.amounts(payment) == ("100 / 20 / 20 / 60", "partly")


@pytest.mark.parametrize("kind", ["prepayment", "invoice"])
def test_an_unpaid_charge_is_cancelled_and_listed_like_an_authorization(shop: Shop, kind: str) -> None:
    """The cancel lies below the charge although its type says authorize; afterwards nothing is left to cancel."""
    payment = shop.seed(kind, state="waiting")
    assert shop.post(f"payments/{payment}/charges/s-chg-1/cancels").status_code == 201
    assert shop.listed(payment)[1][:3] == ("cancel-authorize", "success", "charges/s-chg-1/cancels/s-cnl-1")
    assert shop.amounts(payment) == ("0 / 0 / 0 / 0", "canceled")
    assert code(shop.post(f"payments/{payment}/charges/s-chg-1/cancels")) == "API.340.100.014"
    assert shop.effects() == [("reversal", 10000)]


@pytest.mark.parametrize(
    ("kind", "status", "expected"),
    [
        ("card", "charged", "API.360.000.004"),
        ("prepayment", "waiting", "API.360.000.004"),
        ("paylater-invoice", "authorized", "API.360.000.004"),
        ("sepa-direct-debit-secured", "charged", "COR.700.400.800"),
    ],
)
def test_shipments_that_are_refused(shop: Shop, kind: str, status: str, expected: str) -> None:
    """Only the insured invoice is shipped."""
    payment = shop.seed(kind, state=status, customer={"lastname": "Muster"}, basket={"orderId": "b"})
    assert code(shop.post(f"payments/{payment}/shipments", invoiceId="R1")) == expected


def test_an_insured_invoice_needs_reason_and_invoice(shop: Shop) -> None:
    """Cancels need a known reason code, a shipment needs an invoice id."""
    payment = shop.seed("invoice-secured", state="waiting")
    assert code(shop.post(f"payments/{payment}/charges/s-chg-1/cancels", amount=1)) == "API.340.100.024"
    wrong = shop.post(f"payments/{payment}/charges/s-chg-1/cancels", amount=1, reasonCode="WHIM")
    assert code(wrong) == "API.500.300.999"
    assert code(shop.post(f"payments/{payment}/shipments")) == "API.360.100.025"
    assert shop.effects() == []


def test_captures_that_are_refused(shop: Shop) -> None:
    """Too much, nothing left, wrong currency, not authorized, still pending, failed: nothing takes effect."""
    payment = shop.seed("card")
    assert code(shop.capture(payment, amount="100.01")) == "API.330.100.007"
    assert code(shop.capture(payment, amount="1", currency="CHF")) == "API.330.100.202"
    for amount in (0, "-1", "ten", True, "NaN", "1e30", [1]):
        assert code(shop.capture(payment, amount=amount)) == "API.500.300.999"
    shop.capture(payment)
    assert code(shop.capture(payment)) == "API.330.000.004"
    assert code(shop.capture(payment, amount=1)) == "API.330.100.007"
    assert code(shop.capture(shop.seed("card", state="charged"))) == "API.330.000.004"
    assert code(shop.capture(shop.seed("paypal", state="pending"))) == "API.330.000.004"
    assert code(shop.capture(shop.seed("paypal", state="declined"))) == "API.330.000.004"
    assert code(shop.capture(shop.seed("card", state="created"))) == "API.330.000.004"
    assert shop.effects() == [("capture", 10000)]


def test_reversals_that_are_refused(shop: Shop) -> None:
    """More than is left, twice, after a full capture, without an authorization."""
    payment = shop.seed("card")
    assert code(shop.post(f"payments/{payment}/authorize/cancels", amount=101)) == "API.340.100.017"
    shop.post(f"payments/{payment}/authorize/cancels")
    assert code(shop.post(f"payments/{payment}/authorize/cancels")) == "API.340.100.014"
    captured = shop.seed("card")
    shop.capture(captured)
    assert code(shop.post(f"payments/{captured}/authorize/cancels")) == "API.340.100.018"
    waiting = shop.seed("prepayment", state="waiting")
    assert code(shop.post(f"payments/{waiting}/authorize/cancels")) == "API.340.000.004"


def test_refunds_that_are_refused(shop: Shop) -> None:
    """More than the charge holds, twice, charged back, unknown charge, and types without refunds."""
    payment = shop.seed("card", state="charged")
    path = f"payments/{payment}/charges/s-chg-1/cancels"
    assert code(shop.post(path, amount="100.01")) == "API.340.100.017"
    shop.post(path)
    assert code(shop.post(path)) == "API.340.100.014"
    assert code(shop.post(f"payments/{payment}/charges/s-chg-9/cancels")) == "API.310.100.003"
    back = shop.seed("card", state="charged")
    shop.hook(back, "chargeback", charge="s-chg-1")
    assert code(shop.post(f"payments/{back}/charges/s-chg-1/cancels")) == "API.340.100.015"
    closed = shop.seed("giropay", state="charged")
    assert code(shop.post(f"payments/{closed}/charges/s-chg-1/cancels")) == "API.340.000.004"


def test_an_expired_authorization(shop: Shop) -> None:
    """Captures are refused with the chosen code although enough is left, and so is a reversal."""
    payment = shop.seed("card")
    shop.hook(payment, "expire")
    assert code(shop.capture(payment, amount=1)) == "COR.700.300.400"
    assert code(shop.post(f"payments/{payment}/authorize/cancels")) == "COR.700.300.700"
    assert shop.amounts(payment) == ("100 / 0 / 0 / 100", "pending")
    other = shop.seed("card")
    shop.hook(other, "expire", code="API.330.000.004", state="canceled")
    assert code(shop.capture(other, amount=1)) == "API.330.000.004"
    assert shop.amounts(other) == ("0 / 0 / 0 / 0", "canceled")


def test_an_authorization_that_expires_by_itself(shop: Shop) -> None:
    """With a lifetime the account expires what is still open then, and leaves what is fully captured alone."""
    shop.configure(authorization_days=7)
    shop.clock(instant="2027-01-01T10:00:00+00:00", frozen=True, hold=True)
    payment, captured = shop.seed("card"), shop.seed("card")
    shop.capture(captured)
    assert shop.control.get("/events").json()["next"] == "2027-01-08T10:00:00+00:00"
    shop.clock(instant="2027-01-08T10:00:00+00:00", frozen=True)
    shop.control.post("/events/release")
    assert code(shop.capture(payment)) == "COR.700.300.400"
    views = {one["payment_id"]: one["expired"] for one in shop.control.get("/payments").json()}
    assert views == {payment: True, captured: False}


def test_what_a_first_transaction_needs(shop: Shop) -> None:
    """Type, amount, currency, return url, customer and basket are asked for with their codes."""
    assert code(start(shop, "authorize", "card", resources={})) == "API.320.200.143"
    assert code(start(shop, "authorize", "card", resources={"typeId": "s-crd-unknown"})) == "API.500.100.001"
    assert code(start(shop, "authorize", "card", amount=None)) == "API.500.300.999"
    assert code(start(shop, "authorize", "card", currency="XXX")) == "API.330.100.202"
    assert code(start(shop, "authorize", "paypal", returnUrl="")) == "API.320.100.203"
    assert code(start(shop, "authorize", "paylater-invoice")) == "API.320.100.008"
    assert code(start(shop, "charges", "invoice-secured")) == "API.330.100.008"
    assert code(start(shop, "charges", "przelewy24")) == "API.330.100.202"
    customer = shop.post("customers", lastname="M", firstname="E").json()["id"]
    with_customer = {"typeId": shop.type_id("invoice-secured"), "customerId": customer}
    assert code(start(shop, "charges", "card", resources=with_customer)) == "API.330.100.023"
    assert shop.effects() == []


def test_secured_direct_debit_wants_equal_addresses(shop: Shop) -> None:
    """Different addresses are refused, equal ones pass and succeed at once."""
    home = {"name": "E M", "street": "Weg 1", "zip": "1", "city": "B", "country": "DE"}
    basket = shop.api.post("/v2/baskets", json={"totalValueGross": 10, "basketItems": []}).json()["id"]
    outcomes = []
    for shipping in ({**home, "street": "Weg 2"}, home):
        customer = shop.post("customers", lastname="M", billingAddress=home, shippingAddress=shipping).json()["id"]
        type_id = shop.type_id("sepa-direct-debit-secured", iban="DE89370400440532013000")
        resources = {"typeId": type_id, "customerId": customer, "basketId": basket}
        outcomes.append(start(shop, "charges", "card", resources=resources))
    assert code(outcomes[0]) == "API.330.100.106"
    assert outcomes[1].json()["isSuccess"]
    assert outcomes[1].json()["processing"]["iban"] == "DE89370400440532013000"


@pytest.mark.parametrize(
    ("kind", "path"),
    [("prepayment", "charges/s-chg-1"), ("invoice", "charges/s-chg-1"), ("paylater-invoice", "authorize/s-aut-1")],
)
def test_where_the_bank_details_are(shop: Shop, kind: str, path: str) -> None:
    """The account to pay to and the reference to use are in `processing` of the first transaction."""
    payment = shop.seed(kind, state="authorized" if kind.startswith("paylater") else "waiting")
    processing = shop.get(f"payments/{payment}/{path}")["processing"]
    assert processing["descriptor"] == processing["shortId"]
    assert all(processing[key] for key in ("iban", "bic", "holder", "identification", "uniqueId", "traceId"))


def test_a_payment_level_refund_of_a_card_needs_a_single_charge(shop: Shop) -> None:
    """One open charge is refunded below itself; with two the request is refused."""
    payment = shop.seed("card")
    shop.capture(payment, amount=10)
    assert shop.post(f"payments/{payment}/charges/cancels", amount=4).status_code == 201
    assert shop.listed(payment)[-1][2] == "charges/s-chg-1/cancels/s-cnl-1"
    shop.capture(payment, amount=10)
    assert code(shop.post(f"payments/{payment}/charges/cancels", amount=4)) == "API.340.000.004"


def test_a_changed_authorization(shop: Shop) -> None:
    """A paylater authorization takes a new amount until something is captured; a card does not."""
    payment = shop.seed("paylater-invoice")
    answer = shop.api.patch(f"/v1/payments/{payment}/authorize", json={"amount": "80", "currency": "EUR"})
    assert (answer.status_code, shop.amounts(payment)) == (200, ("80 / 0 / 0 / 80", "pending"))
    shop.capture(payment, amount=1)
    assert code(shop.api.patch(f"/v1/payments/{payment}/authorize", json={"amount": 90})) == "API.320.000.004"
    card = shop.seed("card")
    assert code(shop.api.patch(f"/v1/payments/{card}/authorize", json={"amount": 90})) == "API.320.000.004"
