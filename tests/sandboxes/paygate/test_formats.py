"""The form of each field, and the code that names the field which breaks it."""

from typing import Any

import pytest

from tests.sandboxes.paygate.conftest import Merchant

OK = ("OK", "00000000")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"TransID": None}, "40100002"),
        ({"TransID": ""}, "40150002"),
        ({"TransID": "x" * 65}, "40140002"),
        ({"PayID": None}, "40100001"),
        ({"PayID": "a" * 31}, "40130001"),
        ({"PayID": "a" * 33}, "40140001"),
        ({"PayID": "*" * 32}, "40110001"),
        ({"Amount": None}, "40100005"),
        ({"Amount": "1,00"}, "40110005"),
        ({"Amount": "-1"}, "40110005"),
        ({"Amount": "1" * 11}, "40140005"),
        ({"Currency": None}, "40100006"),
        ({"Currency": "EU"}, "40130006"),
        ({"Currency": "978"}, "40110006"),
        ({"Currency": "XAU"}, "20160006"),
        ({"RefNr": "x" * 31}, "40140004"),
        ({"RefNr": "Bär"}, "40110004"),
        ({"ReqId": "x" * 33}, "40140008"),
        ({"FinishAuth": "J"}, "40110010"),
        ({"OrderDesc": "x" * 769}, "40140011"),
        ({"MerchantID": "another"}, "20160003"),
        ({"MerchantID": ""}, "40150003"),
    ],
)
def test_a_capture_of_another_form(shop: Merchant, change: dict[str, Any], code: str) -> None:
    """The answer names the field; it is no action of the payment and can be repeated in the right form."""
    held = shop.seed()
    answer = shop.move("capture", held, 10000, **change)
    assert answer.outcome == ("FAILED", code)
    assert len(shop.payment(held["pay_id"])["actions"]) == 1
    assert shop.move("capture", held, 10000, ReqId="req-1").outcome == OK


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"Capture": "LATER"}, "40110009"),
        ({"Capture": "0"}, "40110009"),
        ({"Capture": "697"}, "40110009"),
        ({"Capture": "AUTOMATIC"}, "40140009"),
        ({"MsgVer": None}, "40100013"),
        ({"MsgVer": "1.0"}, "40110013"),
        ({"URLNotify": "http://shop.example/x"}, "40110012"),
        ({"URLNotify": "https://shop.example:8443/x"}, "40110012"),
        ({"URLNotify": "https://shop.example/x?y=1"}, "40110012"),
        ({"URLNotify": "https://[::1/x"}, "40110012"),
        ({"schemeReferenceID": "x" * 65}, "40140016"),
        ({"AccVerify": "may"}, "40110017"),
    ],
)
def test_an_authorization_of_another_form(shop: Merchant, change: dict[str, Any], code: str) -> None:
    """It makes no payment: the PayID of the answer is all zeros."""
    answer = shop.renew(shop.seed(), TransID="b", **change)
    assert (answer.outcome, answer["PayID"]) == (("FAILED", code), "0" * 32)
    assert shop.control.get("/payments", params={"trans_id": "b"}).json() == []


def test_forms_that_are_good(shop: Merchant) -> None:
    """Limits are inside, unknown fields are ignored, a currency in small letters is one."""
    held = shop.seed()
    good = {"URLNotify": "https://shop.example/x", "Capture": "696", "TransID": "x" * 64, "Surprise": "!"}
    assert shop.renew(held, **good).outcome[0] == "AUTHORIZED"
    assert shop.renew(held, Capture="1", Currency="eur").outcome[0] == "AUTHORIZED"
    assert shop.renew(held, Capture="manual", UserData="größer").outcome[0] == "AUTHORIZED"
    assert shop.move("capture", held, 10000, PayID=held["pay_id"].upper()).outcome == OK


@pytest.mark.parametrize(
    ("acquirer", "good", "bad", "code"),
    [
        ("CB2A", "00000000A001", "A001", "40130004"),
        ("CB2A", "00000000A001", "00000000-001", "40110004"),
        ("Omnipay", "x" * 15, "x" * 16, "40140004"),
        ("Cofidis", "x" * 15, "x" * 16, "40140004"),
        ("RBI", "x" * 20, "x" * 21, "40140004"),
        ("CardComplete", "x" * 25, "x" * 26, "40140004"),
        ("EVO", None, "x", "40120004"),
        ("GICC", "x" * 30, "x" * 31, "40140004"),
    ],
)
def test_reference_numbers_by_acquirer(shop: Merchant, acquirer: str, good: str | None, bad: str, code: str) -> None:
    """Each acquirer has its own form of RefNr."""
    held = shop.seed()
    shop.configure(acquirer=acquirer)
    assert shop.move("capture", held, 10000, RefNr=bad).outcome == ("FAILED", code)
    assert shop.move("capture", held, 10000, RefNr=good).outcome == OK


def test_one_acquirer_has_no_finish_auth(shop: Merchant) -> None:
    """Where the remainder cannot be given up, the parameter is not allowed."""
    held = shop.seed()
    shop.configure(acquirer="Clearhaus", etm=True)
    assert shop.move("capture", held, 5000, FinishAuth="Y").outcome == ("FAILED", "40120010")
    assert shop.move("capture", held, 5000, FinishAuth="N").outcome == OK
