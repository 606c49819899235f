"""Requests as other client libraries make them: older paths, other spellings of amounts, empty bodies."""

import json
import os
from pathlib import Path

import pytest

from tests.sandboxes.unzer.conftest import Shop


@pytest.mark.parametrize(
    ("path", "reads"),
    [
        ("authorize/cancels", ["authorize/cancels/s-cnl-1", "authorize/s-aut-1/cancels/s-cnl-1"]),
        ("authorize/s-aut-1/cancels", ["authorize/cancels/s-cnl-1", "authorize/s-aut-1/cancels/s-cnl-1"]),
    ],
)
@pytest.mark.parametrize("kind", ["card", "paylater-invoice"])
def test_both_paths_of_a_reversal(shop: Shop, kind: str, path: str, reads: list[str]) -> None:
    """The older path with the id and the newer one without it make and find the same reversal."""
    payment = shop.seed(kind, order_id="SO-1", invoice_id="RE-1")
    made = shop.post(f"payments/{payment}/{path}", amount=10).json()
    assert (made["id"], made["orderId"], made["invoiceId"]) == ("s-cnl-1", "SO-1", "RE-1")
    for read in reads:
        assert shop.get(f"payments/{payment}/{read}")["amount"] == "10.0000"


@pytest.mark.parametrize("amount", [25, 25.0, "25", "25.00", "25.0000"])
def test_amounts_as_numbers_and_strings(shop: Shop, amount: object) -> None:
    """All spellings mean the same amount."""
    payment = shop.seed("card")
    assert shop.capture(payment, amount=amount).json()["amount"] == "25.0000"


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"null", b'{"amount": null}', b'{"amount": ""}'])
def test_empty_bodies_mean_everything(shop: Shop, content: bytes) -> None:
    """A capture without an amount takes all that is left, however the emptiness is written."""
    payment = shop.seed("card")
    answer = shop.api.post(f"/v1/payments/{payment}/charges", content=content)
    assert answer.json()["amount"] == "100.0000"


def test_transactions_without_an_id(shop: Shop) -> None:
    """Clients that do not know the id yet read the first authorization or charge."""
    payment = shop.seed("card")
    shop.capture(payment, amount=1)
    assert shop.get(f"payments/{payment}/authorize")["id"] == "s-aut-1"
    assert shop.get(f"payments/{payment}/charges/")["id"] == "s-chg-1"


def test_a_payment_level_cancel_of_a_direct_debit(shop: Shop) -> None:
    """Newer clients cancel every charge on payment level; the cancel is found below the only charge."""
    payment = shop.seed("sepa-direct-debit", state="charged")
    assert shop.post(f"payments/{payment}/charges/cancels").status_code == 201
    assert shop.get(f"payments/{payment}/charges/s-chg-1/cancels/s-cnl-1")["isSuccess"]


def test_a_three_d_secure_card_waits_for_the_customer(shop: Shop) -> None:
    """With card3ds the authorization is pending with a redirect, and the customer may refuse."""
    body = {"amount": "10", "currency": "EUR", "card3ds": True, "returnUrl": "https://shop.example/"}
    made = shop.post("payments/authorize", **body, resources={"typeId": shop.type_id("card")}).json()
    assert (made["isPending"], made["card3ds"]) == (True, True)
    payment = made["resources"]["paymentId"]
    shop.api.post(made["redirectUrl"], content=b"outcome=refuse")
    assert shop.amounts(payment) == ("0 / 0 / 0 / 0", "canceled")
    assert shop.listed(payment)[0][:2] == ("authorize", "error")


def test_a_payment_of_a_shop_with_everything(shop: Shop) -> None:
    """A paylater invoice with customer, basket and metadata, captured with shipping data."""
    customer = shop.api.post("/v2/customers", json={"lastname": "M", "firstname": "E"}).json()["id"]
    basket = shop.api.post("/v2/baskets", json={"totalValueGross": 99.99, "currencyCode": "EUR"}).json()["id"]
    metadata = shop.post("metadata", shopType="any").json()["id"]
    resources = {"customerId": customer, "basketId": basket, "metadataId": metadata}
    resources["typeId"] = shop.type_id("paylater-invoice")
    risk = {"riskData": {"threatMetrixId": "x", "customerGroup": "TOP"}}
    made = shop.post(
        "payments/authorize", amount=99.99, currency="EUR", resources=resources, additionalTransactionData=risk
    ).json()
    assert made["isSuccess"]
    assert made["processing"]["iban"]
    payment = made["resources"]["paymentId"]
    shipping = {"shipping": {"deliveryTrackingId": "T-1", "deliveryService": "post"}}
    captured = shop.capture(payment, invoiceId="RE-1", additionalTransactionData=shipping).json()
    assert (captured["invoiceId"], captured["additionalTransactionData"]) == ("RE-1", shipping)
    body = shop.get(f"payments/{payment}")
    assert {key: body["resources"][key] for key in resources} == resources
    assert body["invoiceId"] == "RE-1"
    assert [(kind, amount) for kind, amount in shop.effects()] == [("authorize", 9999), ("capture", 9999)]


def test_the_client_address_is_kept_with_the_type(shop: Shop) -> None:
    """CLIENTIP wins over the address of the connection; card numbers are masked."""
    answer = shop.api.post(
        "/v1/types/card", json={"number": "4711100000000000", "cvc": "123"}, headers={"CLIENTIP": "203.0.113.7"}
    ).json()
    assert answer["geoLocation"]["clientIp"] == "203.0.113.7"
    assert (answer["number"], "cvc" in answer) == ("471110******0000", False)
    assert shop.get(f"types/{answer['id']}") == answer == shop.get(f"types/card/{answer['id']}")


def samples() -> Path:
    """The folder with recorded answers, or a skip with its reason."""
    root = os.environ.get("HOLDFAST_SPECS")
    if not root or not (Path(root) / "unzer").is_dir():
        pytest.skip("HOLDFAST_SPECS does not name a folder with unzer samples")
    return Path(root) / "unzer"


@pytest.mark.parametrize("sample", ["paymentWithDirectChargeback.json", "paymentWithMultipleChargebacks.json"])
def test_the_shape_of_recorded_payments(shop: Shop, sample: str) -> None:
    """The same story told to the sandbox reads like the recorded payment: state, amounts, types and paths."""
    recorded = json.loads((samples() / sample).read_text())
    payment = shop.seed("card", 100)
    for _ in range(2):
        shop.capture(payment, amount="0.5")
    for one in (one for one in recorded["transactions"] if one["type"] == "chargeback"):
        charge = one["url"].rpartition("/charges/")[2].partition("/")[0]
        named = {"charge": charge} if charge != "chargebacks" else {}
        assert shop.hook(payment, "chargeback", amount_minor=50, **named).is_success
    body = shop.get(f"payments/{payment}")
    assert (body["state"], body["amount"]) == (recorded["state"], recorded["amount"])
    told = [(one[0], one[1], one[2]) for one in shop.listed(payment)]
    expected = [
        (one["type"], one["status"], one["url"].rpartition(f"{recorded['id']}/")[2]) for one in recorded["transactions"]
    ]
    assert told == expected
    assert set(recorded["transactions"][0]) <= set(body["transactions"][0])


def test_the_shape_of_a_recorded_chargeback(shop: Shop) -> None:
    """A chargeback that is read has every key of the recorded one."""
    recorded = json.loads((samples() / "chargeback.json").read_text())
    payment = shop.seed("card", state="charged")
    shop.hook(payment, "chargeback", charge="s-chg-1")
    body = shop.get(f"payments/{payment}/charges/s-chg-1/chargebacks/s-cbk-1")
    assert set(recorded) <= set(body)
    assert set(recorded["resources"]) == set(body["resources"])
