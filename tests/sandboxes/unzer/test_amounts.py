"""The worked cases of the amount rules, step by step through the API."""

import pytest

from tests.sandboxes.unzer.conftest import Shop, code

AUT, CHG = "authorize/cancels", "charges/{}/cancels"
Case = tuple[str, int, str, list[tuple[str, str | None]], str, str]
CASES: list[Case] = [
    ("card", 10000, "authorized", [("charges", "25"), (AUT, "20")], "80 / 25 / 0 / 55", "partly"),
    ("card", 10000, "authorized", [("charges", "50"), (AUT, "50"), (CHG.format("s-chg-1"), "50")],
     "50 / 0 / 50 / 0", "canceled"),
    ("card", 10000, "authorized", [("charges", "50"), (CHG.format("s-chg-1"), "50"), (AUT, "50")],
     "50 / 0 / 50 / 0", "canceled"),
    ("card", 10000, "authorized", [("charges", "40"), (AUT, "60"), (CHG.format("s-chg-1"), "20")],
     "40 / 20 / 20 / 0", "completed"),
    ("card", 12344, "authorized",
     [("charges", "100.44"), ("charges", "23"), (CHG.format("s-chg-1"), None), (CHG.format("s-chg-2"), None)],
     "123.44 / 0 / 123.44 / 0", "canceled"),
    ("card", 22233, "charged", [(CHG.format("s-chg-1"), "123.12")], "222.33 / 99.21 / 123.12 / 0", "completed"),
    ("card", 10000, "authorized", [(AUT, None)], "0 / 0 / 0 / 0", "canceled"),
    ("invoice", 10000, "waiting", [(CHG.format("s-chg-1"), "50")], "50 / 0 / 0 / 50", "pending"),
    ("paylater-invoice", 9999, "authorized", [(AUT, "33.33")], "66.66 / 0 / 0 / 66.66", "pending"),
    ("paylater-invoice", 10000, "authorized",
     [("charges", "40"), ("charges", None), ("charges/cancels", "30"), ("charges/cancels", None)],
     "100 / 0 / 100 / 0", "canceled"),
    ("card", 10000, "authorized", [("charges", "50"), (CHG.format("s-chg-1"), None)], "100 / 0 / 50 / 50", "partly"),
    ("card", 10000, "authorized", [], "100 / 0 / 0 / 100", "pending"),
    ("card", 10000, "charged", [], "100 / 100 / 0 / 0", "completed"),
    ("paypal", 10000, "authorized", [("charges", None)], "100 / 100 / 0 / 0", "completed"),
    ("applepay", 10000, "authorized", [("charges", "10"), ("charges", "10"), (AUT, "5"), (AUT, "5")],
     "90 / 20 / 0 / 70", "partly"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]} {case[4]}")
def test_steps_lead_to_the_known_amounts(shop: Shop, case: Case) -> None:
    """Every step is accepted and the payment ends with the amounts and state of the table."""
    kind, amount, state, steps, numbers, name = case
    payment = shop.seed(kind, amount, state=state)
    for path, value in steps:
        answer = shop.post(f"payments/{payment}/{path}", **({} if value is None else {"amount": value}))
        assert answer.status_code == 201, answer.text
    assert shop.amounts(payment) == (numbers, name)


def test_both_halves_charged_back(shop: Shop) -> None:
    """Chargebacks below two charges are counted per charge and end in the state chargeback."""
    payment = shop.seed("card", 100)
    for number in (1, 2):
        shop.capture(payment, amount="0.50")
        assert shop.hook(payment, "chargeback", charge=f"s-chg-{number}", amount_minor=50).is_success
    assert shop.amounts(payment) == ("1 / 0 / 1 / 0", "chargeback")
    assert [one[2] for one in shop.listed(payment)[2::2]] == [
        "charges/s-chg-1/chargebacks/s-cbk-1",
        "charges/s-chg-2/chargebacks/s-cbk-1",
    ]


def test_a_chargeback_without_a_known_charge(shop: Shop) -> None:
    """It lies directly below the charges and counts up per payment."""
    payment = shop.seed("card", 100, state="charged")
    shop.hook(payment, "chargeback", amount_minor=60)
    shop.hook(payment, "chargeback")
    paths = [f"charges/chargebacks/s-cbk-{number}" for number in (1, 2)]
    assert [one[2:] for one in shop.listed(payment)[1:]] == list(zip(paths, ("0.6000", "0.4000"), strict=True))
    assert shop.hook(payment, "chargeback", amount_minor=1).status_code == 409
    assert shop.get(f"payments/{payment}/{paths[0]}")["amount"] == "0.6000"


def test_receipts_of_a_prepayment(shop: Shop) -> None:
    """Each transfer is a further charge while the first stays pending; too much means review until it is refunded."""
    payment = shop.seed("prepayment", state="waiting")
    assert shop.amounts(payment) == ("100 / 0 / 0 / 100", "pending")
    shop.hook(payment, "receipt", amount_minor=4000)
    assert shop.amounts(payment) == ("100 / 40 / 0 / 60", "partly")
    assert shop.hook(payment, "receipt", amount_minor=8000).json()["charge_id"] == "s-chg-3"
    assert shop.amounts(payment) == ("100 / 120 / 0 / -20", "payment review")
    assert [one[:2] for one in shop.listed(payment)] == [("charge", "pending")] + [("charge", "success")] * 2
    assert shop.post(f"payments/{payment}/charges/s-chg-3/cancels", amount=20).status_code == 201
    assert shop.amounts(payment) == ("100 / 100 / 20 / -20", "completed")


def test_an_insured_invoice_stays_completed(shop: Shop) -> None:
    """Shipped, paid and fully refunded it is completed, not canceled."""
    payment = shop.seed("invoice-secured", state="waiting")
    assert shop.post(f"payments/{payment}/shipments", invoiceId="R1").status_code == 201
    assert shop.amounts(payment) == ("100 / 0 / 0 / 100", "completed")
    shop.hook(payment, "receipt", amount_minor=10000)
    shop.post(f"payments/{payment}/charges/s-chg-2/cancels", reasonCode="RETURN")
    assert shop.amounts(payment) == ("100 / 0 / 100 / 0", "completed")


def test_a_partial_shipment_cancels_the_rest(shop: Shop) -> None:
    """What is not shipped of an insured invoice is cancelled, and no second shipment is possible."""
    payment = shop.seed("invoice-secured", 5500, state="waiting")
    shop.post(f"payments/{payment}/shipments", invoiceId="R1", amount=50)
    assert shop.amounts(payment) == ("50 / 0 / 0 / 50", "completed")
    assert shop.listed(payment)[1:] == [
        ("shipment", "success", "shipments/s-shp-1", "50.0000"),
        ("cancel-authorize", "success", "charges/s-chg-1/cancels/s-cnl-1", "5.0000"),
    ]
    assert code(shop.post(f"payments/{payment}/shipments", invoiceId="R1")) == "API.360.000.004"


def test_ids_count_up_per_parent(shop: Shop) -> None:
    """The same short id can exist once under every parent, and every listed path can be read."""
    payment = shop.seed("card")
    shop.capture(payment, amount=10)
    shop.capture(payment, amount=10)
    for path in ("authorize/cancels", "charges/s-chg-1/cancels", "charges/s-chg-2/cancels", "charges/s-chg-2/cancels"):
        shop.post(f"payments/{payment}/{path}", amount=1)
    paths = [one[2] for one in shop.listed(payment)]
    assert paths[3:] == [
        "authorize/s-aut-1/cancels/s-cnl-1",
        "charges/s-chg-1/cancels/s-cnl-1",
        "charges/s-chg-2/cancels/s-cnl-1",
        "charges/s-chg-2/cancels/s-cnl-2",
    ]
    assert [shop.get(f"payments/{payment}/{path}")["id"] for path in paths] == [path[-7:] for path in paths]


@pytest.mark.parametrize(("currency", "sent", "stored"), [("EUR", 10.005, 1001), ("JPY", "12.5", 13), ("EUR", 7, 700)])
def test_amounts_are_rounded_to_the_currency(shop: Shop, currency: str, sent: object, stored: int) -> None:
    """Numbers and numeric strings are taken and rounded to the decimals of the currency."""
    shop.configure(currencies=["EUR", "JPY"])
    payment = shop.seed("card", 100000, currency=currency)
    shop.capture(payment, amount=sent)
    assert shop.effects() == [("capture", stored)]


def test_the_same_request_twice_is_two_transactions(shop: Shop) -> None:
    """There is no idempotency: equal captures and equal refunds are all carried out."""
    payment = shop.seed("card")
    for _ in range(2):
        shop.capture(payment, amount="30", paymentReference="same")
        shop.post(f"payments/{payment}/charges/s-chg-1/cancels", amount="5", paymentReference="same")
    assert shop.amounts(payment) == ("100 / 50 / 10 / 40", "partly")
    assert shop.effects() == [("capture", 3000), ("refund", 500)] * 2
