"""What a ReqId protects from, and what it does not."""

import httpx
import pytest

from tests.sandboxes.paygate.conftest import Merchant

OK = ("OK", "00000000")


def test_a_repeat_is_answered_and_not_executed(shop: Merchant) -> None:
    """Every kind of request, after an answer that was lost: the very same fields, and no second effect."""
    held = shop.seed()
    for page, amount in (("capture", 10000), ("credit", 3000), ("reverse", 3000)):
        shop.arm(page, "drop_after")
        with pytest.raises(httpx.RemoteProtocolError):
            shop.move(page, held, amount, ReqId=page)
        first = shop.move(page, held, amount, ReqId=page)
        assert first.outcome == OK
        assert shop.move(page, held, amount, ReqId=page) == first
    fields = shop.renew_fields(held, TransID="b")
    first = shop.call("direct", **fields)
    assert shop.call("direct", **fields) == first
    assert [one[0] for one in shop.effects()] == ["authorized", "captured", "credited", "reversed", "authorized"]
    assert shop.violations() == []


def test_a_failed_request_is_remembered_too(shop: Merchant) -> None:
    """A failure is final: the repeat is told of it even when it would succeed now."""
    held = shop.seed()
    shop.script("capture", "0396")
    assert shop.move("capture", held, 10000, ReqId="a").outcome == ("FAILED", "21000396")
    assert shop.move("capture", held, 10000, ReqId="a").outcome == ("FAILED", "21000396")
    assert shop.move("capture", held, 10000, ReqId="b").outcome == OK


def test_a_repeat_while_the_first_is_open_is_executed(shop: Merchant) -> None:
    """The gap: as long as the first one is pending, a repeat acts again."""
    held = shop.seed()
    fields = shop.renew_fields(held, TransID="b")
    shop.script("direct", "61000309", trans_id="b", times=2)
    first, second = shop.call("direct", **fields), shop.call("direct", **fields)
    assert first.outcome == second.outcome == ("PENDING", "61000309")
    assert first["PayID"] != second["PayID"]
    for answer in (first, second):
        good = shop.control.post(f"/payments/{answer['PayID']}/finish", json={})
        assert good.json()["state"] == "held"
    assert shop.effects() == [("authorized", 10000)] * 3
    assert shop.violations() == ["two_open_holds"]
    third = shop.call("direct", **fields)
    assert (third["PayID"], third.outcome) == (first["PayID"], ("AUTHORIZED", "00000000"))


def test_a_double_credit(shop: Merchant) -> None:
    """Two open credits of one ReqId both become final: the customer gets the money twice."""
    held = shop.seed()
    shop.move("capture", held, 10000)
    shop.script("credit", "61000309", times=2, final_after_seconds=60)
    assert [shop.move("credit", held, 4000, ReqId="c").outcome[0] for _ in range(2)] == ["PENDING"] * 2
    assert shop.amounts(held)[2:] == ("0", "PENDING")
    shop.clock("2026-12-01T09:01:00+00:00")
    assert shop.amounts(held)[2:] == ("8000", "OK")
    assert shop.move("credit", held, 4000, ReqId="c").outcome == OK
    assert shop.amounts(held)[2] == "8000"


def test_req_ids_live_for_twelve_months(shop: Merchant) -> None:
    """To the minute; afterwards the same one is new."""
    held = shop.seed()
    shop.clock("2028-02-29T12:00:00+00:00")
    fields = shop.renew_fields(held, TransID="b")
    first = shop.call("direct", **fields)
    shop.clock("2029-03-01T11:59:00+00:00")
    assert shop.call("direct", **fields)["PayID"] == first["PayID"]
    shop.clock("2029-03-01T12:00:00+00:00")
    second = shop.call("direct", **fields)
    assert second["PayID"] != first["PayID"]
    assert shop.call("direct", **fields)["PayID"] == second["PayID"]


def test_one_req_id_for_two_requests_is_noted(shop: Merchant) -> None:
    """The second request is answered with the first one's result, which is a client's mistake."""
    held, other = shop.seed(), shop.seed(trans_id="b")
    first = shop.move("capture", held, 10000, ReqId="same")
    assert shop.move("capture", other, 10000, ReqId="same") == first
    assert shop.move("credit", held, 10000, ReqId="same") == first
    assert shop.move("capture", held, 5000, ReqId="same") == first
    assert shop.violations() == ["req_id_of_another_request"] * 3


@pytest.mark.parametrize("page", ["capture", "credit", "reverse"])
def test_a_request_without_one_is_noted(shop: Merchant, page: str) -> None:
    """It is carried out every time it comes; inquiries need none."""
    held = shop.seed()
    for _ in range(2):
        shop.move(page, held, 10000, ReqId=None)
    assert len(shop.payment(held["pay_id"])["actions"]) == 3
    shop.inquire(held)
    assert shop.violations() == ["missing_req_id"] * 2
