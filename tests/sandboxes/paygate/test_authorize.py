"""`direct`: first authorizations, renewals by the merchant, and what the issuer declines."""

from typing import Any

import pytest

from tests.sandboxes.paygate.conftest import CIT, MIT, Merchant, in_base64


def test_a_renewal_is_a_payment_of_its_own(shop: Merchant) -> None:
    """New PayID, XID, approval code and network reference; TransID, RefNr and card stay; nothing is undone by it."""
    first = shop.seed(ref_nr="INV-1")
    shop.move("reverse", first, 10000)
    answer = shop.renew(first)
    assert answer.outcome == ("AUTHORIZED", "00000000")
    assert (answer["TransID"], answer["RefNr"], answer["mid"]) == ("order-1", "INV-1", shop.name)
    assert (answer["PCNr"], answer["CCBrand"], answer["CCExpiry"]) == (first["pcnr"], "VISA", "203912")
    assert answer["MaskedPan"] == first["masked_pan"]
    for name, old in (
        ("PayID", "pay_id"),
        ("ApprovalCode", "approval_code"),
        ("schemeReferenceID", "scheme_reference_id"),
    ):
        assert answer[name] != first[old]
    assert (len(answer["PayID"]), len(answer["XID"])) == (32, 32)
    assert shop.effects() == [("authorized", 10000), ("reversed", 10000), ("authorized", 10000)]
    assert shop.violations() == []


def test_an_inquiry_by_trans_id_finds_the_newest(shop: Merchant) -> None:
    """Also when the newest attempt failed; all of them are found by the control route."""
    first = shop.seed()
    shop.move("reverse", first, 10000)
    second = shop.renew(first)
    found = shop.call("inquire24", TransID="order-1")
    assert (found["PayID"], found["AmountAuth"], found["LastStatus"]) == (second["PayID"], "10000", "AUTHORIZED")
    third = shop.renew(first, OrderDesc="Test:0351")
    assert third.outcome == ("FAILED", "21000351")
    found = shop.call("inquire24", TransID="order-1")
    assert (found["PayID"], found["AmountAuth"], found["LastStatus"]) == (third["PayID"], "0", "FAILED")
    assert found.outcome == ("OK", "00000000")
    assert [one["pay_id"] for one in shop.control.get("/payments", params={"trans_id": "order-1"}).json()] == [
        first["pay_id"],
        second["PayID"],
        third["PayID"],
    ]
    assert shop.call("inquire24", TransID="order-2").outcome == ("FAILED", "20160002")


def test_known_trans_ids_can_be_refused(shop: Merchant) -> None:
    """With unique TransIDs a second authorization of an order is no payment at all."""
    shop.configure(unique_trans_ids=True)
    first = shop.seed()
    assert shop.renew(first).outcome == ("FAILED", "20170002")
    assert shop.renew(first, TransID="order-1b").outcome == ("AUTHORIZED", "00000000")


def test_a_sale_is_captured_at_once(shop: Merchant) -> None:
    """AUTO, and nothing said, capture with the authorization; a reversal takes all of it back."""
    first = shop.seed()
    for capture in ("AUTO", None):
        answer = shop.renew(first, 5000, TransID=f"sale-{capture}", Capture=capture)
        assert answer.outcome == ("OK", "00000000")
        sale = shop.payment(answer["PayID"])
        assert (sale["state"], sale["open_minor"], shop.amounts(sale)) == ("captured", 0, ("5000", "5000", "0", "OK"))
    assert shop.move("reverse", sale, 5000).outcome == ("OK", "00000000")
    assert shop.amounts(sale) == ("0", "0", "0", "OK")
    assert shop.effects()[1:] == [("authorized", 5000), ("captured", 5000)] * 2 + [("reversed", 5000)]


def test_a_delayed_capture_happens_by_itself(shop: Merchant) -> None:
    """Hours after the authorization, at the account's clock, the whole hold is captured."""
    first = shop.seed(5000, capture="48")
    assert shop.amounts(first) == ("5000", "0", "0", "AUTHORIZED")
    assert good_next(shop) == "2026-12-03T09:00:00+00:00"
    shop.clock("2026-12-03T09:00:00+00:00")
    assert shop.amounts(first) == ("5000", "5000", "0", "OK")
    assert [one["origin"] for one in shop.payment(first["pay_id"])["actions"]] == ["seed", "delay"]


def good_next(shop: Merchant) -> Any:
    return shop.control.get("/events").json()["next"]


def test_the_same_card_has_one_pseudo_number(shop: Merchant) -> None:
    """Sixteen digits from zero on, with the last three of the real one; another card has another."""
    cards = [shop.seed(card_number=number, trans_id=f"o-{no}") for no, number in enumerate(["4111111111111111"] * 2)]
    assert cards[0]["pcnr"] == cards[1]["pcnr"]
    assert (cards[0]["pcnr"][0], cards[0]["pcnr"][-3:], len(cards[0]["pcnr"])) == ("0", "111", 16)
    assert cards[0]["masked_pan"] == "411111XXXXXX1111"
    other = shop.seed(card_number="5500005555555559", trans_id="o-3")
    assert (other["brand"], other["pcnr"] == cards[0]["pcnr"]) == ("MasterCard", False)
    for brand in ("AMEX", "DINERS", "Discover", "CBN"):
        assert shop.seed(brand=brand, trans_id=brand)["brand"] == brand


def test_a_customer_pays_with_a_real_card(shop: Merchant) -> None:
    """A request with a card number is taken; the number is neither kept nor logged."""
    number = "4012001038443335"
    fields = {"TransID": "new", "Amount": 700, "Currency": "EUR", "MsgVer": "2.0", "Capture": "MANUAL", "ReqId": "r"}
    card = in_base64({"number": number, "expiryDate": "203001", "securityCode": "123", "brand": "VISA"})
    answer = shop.call("direct", **fields, card=card, credentialOnFile=in_base64(CIT))
    assert (answer.outcome, answer["MaskedPan"]) == (("AUTHORIZED", "00000000"), "401200XXXXXX3335")
    found = shop.payment(answer["PayID"])
    assert (found["initiator"], found["card_expiry"]) == ("customer", "203001")
    wrong = in_base64({"number": "4012001038443336", "expiryDate": "203001"})
    assert shop.call("direct", **{**fields, "ReqId": "r2"}, card=wrong).outcome == ("FAILED", "21000314")
    log = shop.control.get("/log").text + shop.control.get("/state").text + shop.api.get(f"/accounts/{shop.name}").text
    for secret in (number, "4012001038443336", card, '"123"', shop.hmac_key):
        assert secret not in log.replace(f'"hmac_key":"{shop.hmac_key}"', "")
    assert shop.violations() == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"schemeReferenceID": None}, "40100016"),
        ({"schemeReferenceID": "999999999999999"}, "21000321"),
        ({"card": in_base64({"number": "0000000000000111"})}, "21000356"),
        ({"card": in_base64({"number": "12"})}, "40110014"),
        ({"card": "!"}, "40110014"),
        ({"card": in_base64([1])}, "40110014"),
        ({"card": in_base64({"number": "4111111111111111"})}, "40110014"),
        ({"card": None}, "40100014"),
        ({"card": ""}, "40150014"),
        ({"credentialOnFile": "e30="}, "40110015"),
        ({"credentialOnFile": in_base64({"type": {}, "initialPayment": False})}, "40110015"),
        ({"credentialOnFile": "no json"}, "40110015"),
        ({"Amount": 0}, "40120005"),
    ],
)
def test_a_follow_up_needs_card_flag_and_reference(shop: Merchant, change: dict[str, Any], code: str) -> None:
    """What is missing, unreadable or unknown fails with a code that says so."""
    assert shop.renew(shop.seed(), **change).outcome == ("FAILED", code)


def test_a_reference_belongs_to_its_card(shop: Merchant) -> None:
    """The reference of another card is declined, and any is taken when the merchant's are not checked."""
    first, other = shop.seed(), shop.seed(trans_id="order-2")
    wrong = {"schemeReferenceID": other["scheme_reference_id"]}
    assert shop.renew(first, **wrong).outcome == ("FAILED", "21000357")
    shop.configure(check_scheme_references=False)
    assert shop.renew(first, **wrong).outcome == ("AUTHORIZED", "00000000")
    assert shop.renew(first, TransID="order-3", schemeReferenceID="from elsewhere").outcome[0] == "AUTHORIZED"


def test_recurring_payments_are_follow_ups_too(shop: Merchant) -> None:
    """A recurring series starts with its first payment; later ones are the merchant's and need the reference."""
    series = {"recurring": {"recurringFrequency": 7, "recurringExpiryDate": "2030-01-01"}}
    first = shop.seed()
    later = in_base64({"type": series, "initialPayment": False})
    assert shop.renew(first, credentialOnFile=later, schemeReferenceID=None).outcome == ("FAILED", "40100016")
    answer = shop.renew(first, TransID="o2", credentialOnFile=later)
    assert shop.payment(answer["PayID"])["initiator"] == "merchant"
    answer = shop.renew(first, TransID="o3", credentialOnFile=in_base64({"type": series, "initialPayment": True}))
    assert shop.payment(answer["PayID"])["initiator"] == "customer"


def test_a_card_expires(shop: Merchant) -> None:
    """It is good to the end of its month; a new expiry date makes it good again."""
    first = shop.seed(card_expiry="202612")
    shop.clock("2026-12-31T23:00:00+00:00")
    assert shop.renew(first).outcome[0] == "AUTHORIZED"
    shop.clock("2027-01-01T00:00:00+00:00")
    assert shop.renew(first).outcome == ("FAILED", "21000333")
    fresh = in_base64({"number": first["pcnr"], "expiryDate": "203001"})
    assert shop.renew(first, card=fresh).outcome[0] == "AUTHORIZED"


def test_a_card_is_checked_without_a_hold(shop: Merchant) -> None:
    """AccVerify answers OK and moves nothing."""
    first = shop.seed()
    answer = shop.renew(first, 0, TransID="check", AccVerify="Yes")
    assert answer.outcome == ("OK", "00000000")
    found = shop.payment(answer["PayID"])
    assert (found["state"], shop.amounts(found)[0]) == ("verified", "0")
    assert shop.effects() == [("authorized", 10000)]


@pytest.mark.parametrize("reason", ["0302", "0305", "0313", "0351", "0380", "0391", "0396"])
def test_the_order_description_decides(shop: Merchant, reason: str) -> None:
    """`Test:` and four digits ask for that answer; other texts do not."""
    first = shop.seed()
    assert shop.renew(first, OrderDesc=f"Test:{reason}").outcome == ("FAILED", f"2100{reason}")
    assert shop.renew(first, TransID="b", OrderDesc="Test:0000").outcome == ("AUTHORIZED", "00000000")
    assert shop.renew(first, TransID="c", OrderDesc=f"a Test:{reason}").outcome[0] == "AUTHORIZED"
    assert shop.renew(first, TransID="d", OrderDesc="Test:03X5").outcome[0] == "AUTHORIZED"
    assert shop.seed(trans_id="e", order_desc=f"Test:{reason}")["state"] == "failed"
    held = shop.seed(trans_id="f")
    assert shop.move("capture", held, 10000, OrderDesc=f"Test:{reason}").outcome == ("FAILED", f"2100{reason}")
    assert shop.move("reverse", held, 10000, OrderDesc=f"Test:{reason}").outcome == ("FAILED", f"2100{reason}")


def test_a_renewal_that_breaks_the_schemes_rules_is_noted(shop: Merchant) -> None:
    """Real numbers, unflagged cards, the wrong link of the chain and two holds at once are carried out, and noted."""
    first = shop.seed(card_number="4111111111111111")
    second = shop.payment(shop.renew(first, TransID="b")["PayID"])
    shop.renew(second, TransID="c")
    assert shop.violations() == []
    real = in_base64({"number": "4111111111111111", "expiryDate": "203912"})
    shop.renew(second, TransID="d", card=real)
    assert shop.violations() == ["real_card_number", "scheme_reference_of_another_link"]
    shop.renew(first, TransID="e", credentialOnFile=None, schemeReferenceID=None)
    assert shop.violations()[2:] == ["stored_card_not_flagged"]
    shop.seed(brand="MasterCard", trans_id="m")
    master = shop.control.get("/payments", params={"trans_id": "m"}).json()[0]
    link = shop.payment(shop.renew(master)["PayID"])
    assert shop.violations()[3:] == ["two_open_holds"]
    shop.renew(link, TransID="n")
    assert shop.violations()[4:] == ["scheme_reference_of_another_link"]
    assert MIT["initialPayment"] is False
