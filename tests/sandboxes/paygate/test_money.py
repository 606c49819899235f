"""Captures, credits and reversals: what they move, what ends a hold, what is refused."""

from typing import Any

import pytest

from tests.sandboxes.paygate.conftest import Merchant

OK = ("OK", "00000000")


def test_a_whole_capture_and_its_credits(shop: Merchant) -> None:
    """Credits are limited to what was captured, whatever was authorized."""
    held = shop.seed()
    assert shop.move("capture", held, 10000).outcome == OK
    assert shop.amounts(held) == ("10000", "10000", "0", "OK")
    assert shop.move("credit", held, 4000).outcome == OK
    assert shop.move("credit", held, 6001).outcome == ("FAILED", "21000364")
    assert shop.amounts(held) == ("10000", "10000", "4000", "FAILED")
    assert shop.move("credit", held, 6000).outcome == OK
    assert shop.move("credit", held, 1).outcome == ("FAILED", "21000364")
    assert shop.effects() == [("authorized", 10000), ("captured", 10000), ("credited", 4000), ("credited", 6000)]


def test_a_partial_capture_ends_the_hold(shop: Merchant) -> None:
    """The remainder lapses at once, and a second capture finds nothing."""
    held = shop.seed()
    assert shop.move("capture", held, 4000).outcome == OK
    assert shop.move("capture", held, 6000).outcome == ("FAILED", "21000380")
    assert shop.move("capture", held, 100).outcome == ("FAILED", "21000380")
    assert shop.effects() == [("authorized", 10000), ("captured", 4000), ("lapsed", 6000)]
    lapsed = shop.control.get("/effects").json()[-1]
    assert (lapsed["reason"], lapsed["pay_id"], lapsed["trans_id"]) == ("partial_capture", held["pay_id"], "order-1")
    assert shop.amounts(held)[:3] == ("10000", "4000", "0")
    shop.configure(amount_auth="bookable")
    assert shop.amounts(held)[:3] == ("4000", "4000", "0")


@pytest.mark.parametrize(
    ("page", "change", "code"),
    [
        ("capture", {"Amount": 10001}, "21000364"),
        ("capture", {"Amount": 0}, "21000312"),
        ("capture", {"Amount": 99}, "21000313"),
        ("capture", {"Currency": "USD"}, "21000312"),
        ("capture", {"PayID": "f" * 32}, "20160001"),
        ("credit", {}, "21000380"),
        ("credit", {"Currency": "USD"}, "21000312"),
        ("credit", {"PayID": "f" * 32}, "20160001"),
        ("reverse", {"Amount": 10001}, "21000364"),
        ("reverse", {"Currency": "USD"}, "21000312"),
        ("reverse", {"PayID": "f" * 32}, "20160001"),
        ("cancelauth", {}, "21000312"),
    ],
)
def test_what_the_state_does_not_allow(shop: Merchant, page: str, change: dict[str, Any], code: str) -> None:
    """Refused with a code of its own; the hold stays as it was."""
    held = shop.seed()
    assert shop.move(page, held, 10000, **change).outcome == ("FAILED", code)
    assert shop.payment(held["pay_id"])["open_minor"] == 10000
    assert shop.effects() == [("authorized", 10000)]


def test_small_captures_need_an_agreement(shop: Merchant) -> None:
    """Without it an amount below 100 is refused and noted, with it it is captured."""
    held = shop.seed(150)
    assert shop.move("capture", held, 99).outcome == ("FAILED", "21000313")
    assert shop.violations() == ["capture_below_minimum"]
    shop.configure(small_amounts=True)
    assert shop.move("capture", held, 99).outcome == OK


def test_a_reversal_undoes_the_last_action(shop: Merchant) -> None:
    """First the credit, then the capture, then the hold; after that nothing is left to undo."""
    held = shop.seed()
    shop.move("capture", held, 10000)
    shop.move("credit", held, 2500)
    assert shop.move("reverse", held, 2500).outcome == OK
    assert shop.amounts(held) == ("10000", "10000", "0", "OK")
    assert shop.move("reverse", held, 10000).outcome == OK
    assert (shop.amounts(held), shop.payment(held["pay_id"])["state"]) == (("10000", "0", "0", "OK"), "held")
    assert shop.move("reverse", held, 10000).outcome == OK
    assert (shop.amounts(held), shop.payment(held["pay_id"])["state"]) == (("0", "0", "0", "OK"), "reversed")
    assert shop.move("reverse", held, 10000).outcome == ("FAILED", "21000321")
    undone = [one["undone"] for one in shop.control.get("/effects").json() if one["kind"] == "reversed"]
    assert undone == ["credit", "capture", "authorize"]


def test_a_reversal_after_a_partial_capture_undoes_the_capture(shop: Merchant) -> None:
    """The trap: who means the remainder loses the capture. Only the captured amount is held again."""
    held = shop.seed()
    shop.move("capture", held, 4000)
    assert shop.move("reverse", held, 6000).outcome == ("FAILED", "21000364")
    assert shop.move("reverse", held, 3000).outcome == OK
    assert shop.violations() == ["reversal_of_another_amount"]
    found = shop.payment(held["pay_id"])
    assert (found["captured_minor"], found["open_minor"], found["lapsed_minor"]) == (0, 4000, 6000)
    assert shop.effects()[-1] == ("reversed", 4000)
    assert shop.move("capture", held, 4000).outcome == OK


def test_a_failed_action_is_not_what_a_reversal_undoes(shop: Merchant) -> None:
    """The last action that took effect counts, though LastStatus shows the failure."""
    held = shop.seed()
    shop.move("capture", held, 10000)
    shop.move("credit", held, 99999)
    assert shop.amounts(held)[3] == "FAILED"
    assert shop.move("reverse", held, 10000).outcome == OK
    assert shop.effects()[-1] == ("reversed", 10000)


def test_an_issuer_ignores_a_reversal(shop: Merchant) -> None:
    """OK is answered and nothing can be captured, but the card stays blocked until the hold runs out."""
    held = shop.seed(brand="MasterCard")
    shop.script("reverse", "0000", ignored_by_issuer=True)
    assert shop.move("reverse", held, 10000).outcome == OK
    assert shop.move("capture", held, 10000).outcome == ("FAILED", "21000380")
    assert (shop.payment(held["pay_id"])["ignored_minor"], shop.amounts(held)[0]) == (10000, "0")
    shop.clock("2026-12-08T09:00:00+00:00")
    shop.inquire(held)
    assert shop.effects() == [("authorized", 10000), ("reversal_ignored", 10000), ("lapsed", 10000)]
    shop.configure(issuer_ignores_reversals=True)
    other = shop.seed(trans_id="o2")
    shop.move("reverse", other, 10000)
    assert shop.effects()[-1] == ("reversal_ignored", 10000)


def test_the_trans_id_stays(shop: Merchant) -> None:
    """A capture under another TransID is carried out and noted."""
    held = shop.seed()
    answer = shop.move("capture", held, 10000, TransID="another")
    assert (answer.outcome, answer["TransID"], shop.violations()) == (OK, "another", ["trans_id_changed"])


def test_the_ref_nr_can_be_changed(shop: Merchant) -> None:
    """RefNrChange needs no money and is no action."""
    held = shop.seed(ref_nr="A")
    answer = shop.call("RefNrChange", PayID=held["pay_id"], RefNr="B-2")
    assert (answer.outcome, answer["RefNr"]) == (OK, "B-2")
    found = shop.payment(held["pay_id"])
    assert (found["ref_nr"], len(found["actions"]), shop.inquire(held)["RefNr"]) == ("B-2", 1, "B-2")
    assert shop.call("RefNrChange", PayID="e" * 32, RefNr="B").outcome == ("FAILED", "20160001")


def test_inquiries_can_tell_more(shop: Merchant) -> None:
    """What the authorization answered is part of an inquiry only where the merchant is set up for it."""
    held = shop.seed()
    assert "schemeReferenceID" not in shop.inquire(held)
    shop.configure(inquire_details=True)
    assert shop.inquire(held)["schemeReferenceID"] == held["scheme_reference_id"]


def test_the_back_office(shop: Merchant) -> None:
    """A person captures, credits and reverses past the API; 0.00 books nothing; refusals are logged."""
    held = shop.seed()
    found = shop.hook(held, "capture", amount_minor=0)
    assert (found["action"]["code"], found["open_minor"], found["state"]) == ("00000000", 10000, "held")
    assert shop.hook(held, "capture", amount_minor=7000)["captured_minor"] == 7000
    assert shop.hook(held, "credit", amount_minor=1000)["credited_minor"] == 1000
    assert shop.hook(held, "credit", amount_minor=9000)["action"]["code"] == "21000364"
    assert shop.hook(held, "reverse")["credited_minor"] == 0
    assert shop.hook(held, "reverse")["captured_minor"] == 0
    log = [(one["kind"], one["origin"], one["status"]) for one in shop.payment(held["pay_id"])["actions"]]
    assert log == [
        ("authorize", "seed", "AUTHORIZED"),
        ("capture", "back office", "OK"),
        ("capture", "back office", "OK"),
        ("credit", "back office", "OK"),
        ("credit", "back office", "FAILED"),
        ("reverse", "back office", "OK"),
        ("reverse", "back office", "OK"),
    ]
    assert shop.amounts(held)[:2] == ("10000", "0")


def test_a_merchant_with_etm(shop: Merchant) -> None:
    """cancelauth and FinishAuth are accepted and stop renewal for good; a failed action stops it too."""
    shop.configure(etm=True)
    held = shop.seed()
    for _ in range(2):
        assert shop.call("cancelAuth", PayID=held["pay_id"], TransID="order-1", ReqId=None).outcome == OK
    found = shop.payment(held["pay_id"])
    assert (found["stopped"], found["open_minor"]) == ("cancelauth", 10000)
    second = shop.seed(trans_id="b")
    shop.move("capture", second, 0)
    assert shop.payment(second["pay_id"])["stopped"] == "zero_capture"
    third = shop.seed(trans_id="c")
    shop.move("capture", third, 4000, FinishAuth="Y")
    assert shop.payment(third["pay_id"])["stopped"] == "finish_auth"
    assert shop.move("capture", third, 4000).outcome == ("FAILED", "21000321")
    fourth = shop.seed(trans_id="d")
    shop.move("capture", fourth, 99999, FinishAuth="Y")
    assert shop.payment(fourth["pay_id"])["stopped"] == "failed_capture"
    fifth = shop.seed(trans_id="e")
    assert shop.move("credit", fifth, 1, Amount="x").outcome == ("FAILED", "40110005")
    assert shop.payment(fifth["pay_id"])["stopped"] == "failed_credit"
    sixth = shop.seed(trans_id="f")
    shop.configure(etm=False)
    assert shop.move("capture", sixth, 10000, FinishAuth="Y").outcome == OK
    assert shop.violations()[-1] == "finish_auth_without_etm"
    assert shop.payment(sixth["pay_id"])["stopped"] == ""
