"""A client library of the provider takes a payment with the sandbox; nothing but its address is changed."""

import pytest
from unzer import UnzerClient
from unzer.model import Address, Basket, BasketItem, Card, Customer, PaymentRequest, PayPal, Prepayment, Webhook
from unzer.model.error import ErrorResponse
from unzer.model.payment import PaymentState

from tests.sandboxes.unzer.conftest import Shop


@pytest.fixture
def client(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> UnzerClient:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    made = UnzerClient(shop.key, f"s-pub-{shop.name}", sandbox=True, language="de")
    made.endpoint = shop.url
    return made


def make_customer(client: UnzerClient) -> Customer:
    home = Address(firstname="Erika", lastname="Muster", street="Weg 1", zipCode="50667", city="Köln", country="DE")
    return client.createCustomer(
        Customer("Erika", "Muster", customerId="C-1", billingAddress=home, email="e@m.example")
    )


def test_authorize_capture_and_cancel(client: UnzerClient, shop: Shop) -> None:
    """A card payment from the type to the refund, read back after each step."""
    made = client.authorize(PaymentRequest(Card(), amount=100.0, orderId="SO-1", returnUrl="https://shop.example/"))
    assert made.isSuccess
    capture = made.charge(40.0)
    assert (capture.transactionId, capture.amount) == ("s-chg-1", 40.0)
    payment = client.getPayment("SO-1")
    assert (payment.state, payment.amountRemaining, payment.paymentType) == (PaymentState.PARTLY, 60.0, "crd")
    assert payment.charge(10.0).transactionId == "s-chg-2"
    assert [one.amount for one in client.getPayment("SO-1").getChargedTransactions()] == [40.0, 10.0]
    assert client.getChargedTransaction("SO-1", None).transactionId == "s-chg-1"
    client.request(f"payments/{payment.paymentId}/authorize/cancels", "POST", {})
    client.request(f"payments/{payment.paymentId}/charges/s-chg-1/cancels", "POST", {"amount": 40.0})
    payment = client.getPayment(str(payment.paymentId))
    assert [one.action for one in payment.transactions][-2:] == ["cancel-authorize", "cancel-charge"]
    assert (payment.amountTotal, payment.amountCharged, payment.amountCanceled) == (50.0, 10.0, 40.0)


def test_a_redirect_payment(client: UnzerClient, shop: Shop) -> None:
    """PayPal is pending with an address that can be opened; confirming there completes it."""
    made = client.charge(PaymentRequest(PayPal(), amount=12.5, orderId="SO-2", returnUrl="https://shop.example/done"))
    assert made.isPending
    page = shop.api.get(str(made.redirectUrl))
    assert "12.50 EUR" in page.text
    back = shop.api.post(str(made.redirectUrl), content=b"outcome=pay", headers={"content-type": "text/plain"})
    assert (back.status_code, back.headers["location"]) == (303, "https://shop.example/done")
    assert client.getPayment("SO-2").state == PaymentState.COMPLETED
    assert client.getChargedTransaction("SO-2", "s-chg-1").redirectUrl == ""


def test_a_prepayment_carries_its_bank_details(client: UnzerClient) -> None:
    """The pending charge says where the customer has to pay to."""
    made = client.charge(PaymentRequest(Prepayment(), amount=9.99))
    assert made.isPending
    assert made.processing is not None
    assert made.processing.iban
    assert made.processing.descriptor


def test_customer_basket_and_metadata(client: UnzerClient) -> None:
    """All three resources can be created, changed, read, and used by a payment."""
    customer = make_customer(client)
    assert customer.billingAddress is not None
    assert (customer.customerId, customer.billingAddress.city) == ("C-1", "Köln")
    customer.company = "Muster KG"
    assert client.createOrUpdateCustomer(Customer("Erika", "Neu", customerId="C-1")).lastname == "Neu"
    assert client.getCustomer("C-1").key == customer.key
    item = BasketItem(basketItemReferenceId="1", title="Hose", quantity=1, vat=19, amountPerUnitGross=20.0)
    basket = client.createBasket(Basket(totalValueGross=20.0, currencyCode="EUR", basketItems=[item]))
    assert (basket.totalValueGross, basket.basketItems[0].amountPerUnitGross) == (20.0, 20.0)
    basket.note = "changed"
    assert client.updateBasket(basket).note == "changed"
    old = client.createBasket(Basket(amountTotalGross=20.0, currencyCode="EUR"))
    assert old.amountTotalGross == 20.0
    with pytest.raises(ErrorResponse) as refused:
        client.getBasket(str(old.key), api_version="v3")
    assert refused.value.errors[0].code == "API.600.410.024"
    metadata = client.request("metadata", "POST", {"shopType": "test"})["id"]
    assert client.request(f"metadata/{metadata}", "GET")["shopType"] == "test"
    request = PaymentRequest(Card(), amount=20, customerId=customer.key, basketId=basket.key, metadataId=metadata)
    payment = client.getPayment(str(client.authorize(request).paymentId))
    assert (payment.customerId, payment.basketId, payment.metadataId) == (customer.key, basket.key, metadata)
    assert client.deleteCustomer("C-1") == customer.key


def test_keypair_and_webhooks(client: UnzerClient, shop: Shop) -> None:
    """The key configuration is read, webhooks are registered, changed and removed."""
    assert client.getKeyPair()["publicKey"] == f"s-pub-{shop.name}"
    assert Card(client=client).get_brands() == ["VISA", "MASTER"]
    made = client.createWebhook(Webhook("https://merchant.example/hook", ["payment", "charge"]))
    assert [one.event for one in client.listWebhooks()] == [["payment"], ["charge"]]
    made[0].url = "https://merchant.example/other"
    assert client.updateWebhook(made[0]).url == "https://merchant.example/other"
    assert client.getWebhook(str(made[0].webhookId)).url == "https://merchant.example/other"
    assert client.deleteWebhook(made[0]) == made[0].webhookId
    assert len(client.deleteAllWebhooks()) == 1


def test_refusals_reach_the_library_as_its_own_error(client: UnzerClient) -> None:
    """A refusal with its code, an unknown payment, and an error inside a success."""
    with pytest.raises(ErrorResponse) as unknown:
        client.getPayment("s-pay-0")
    assert (unknown.value.statusCode, unknown.value.errors[0].code) == (404, "API.310.100.003")
    assert client.getError(str(unknown.value.errorId))["id"] == unknown.value.errorId
    with pytest.raises(ErrorResponse) as refused:
        client.authorize(PaymentRequest(Prepayment(), amount=1))
    assert refused.value.errors[0].code == "API.320.000.004"


def test_every_state_can_be_read(client: UnzerClient, shop: Shop) -> None:
    """Whatever a hook seeds, the library can parse it."""
    kinds = [("card", "authorized"), ("card", "charged"), ("card", "declined"), ("card", "created"), ("eps", "pending")]
    kinds += [("prepayment", "waiting"), ("paylater-invoice", "charged"), ("invoice", "charged")]
    states = [client.getPayment(shop.seed(kind, state=state)).state.name for kind, state in kinds]
    assert states == ["PENDING", "COMPLETED", "CANCELED", "CREATE", "PENDING", "PENDING", "COMPLETED", "COMPLETED"]
    back = shop.seed("card", state="charged")
    shop.hook(back, "chargeback", charge="s-chg-1")
    assert client.getPayment(back).state == PaymentState.CHARGEBACK
