"""Results decided in advance, pending actions that become final, and the faults of the connection."""

from typing import Any

import httpx
import pytest

from tests.sandboxes.paygate.conftest import START, Merchant

OK = ("OK", "00000000")


def test_the_nth_renewal_of_an_order_fails(shop: Merchant) -> None:
    """Counted within the TransID, the first authorization included; CodeExt only where it is enabled."""
    first = shop.seed()
    shop.script("direct", "0305", trans_id="order-1", nth=3, code_ext="03", error_text="do not try again")
    shop.script("direct", "0396", trans_id="order-2", nth=1)
    assert shop.renew(first).outcome[0] == "AUTHORIZED"
    failed = shop.renew(first)
    assert (failed.outcome, "CodeExt" in failed, "ApprovalCode" in failed) == (("FAILED", "21000305"), False, False)
    assert shop.renew(first).outcome[0] == "AUTHORIZED"
    shop.configure(code_ext=True)
    shop.script("direct", "0305", code_ext="03", error_text="do not try again")
    failed = shop.renew(first)
    assert (failed["Code"], failed["CodeExt"], failed["ErrorText"]) == ("21000305", "03", "do not try again")
    shop.renew(first)
    assert "attempt_against_advice" in shop.violations()
    shop.script("direct", "0000", code_ext="40")
    assert shop.renew(first)["CodeExt"] == "40"
    assert shop.seed(trans_id="order-2")["actions"][0]["code"] == "21000396"


def test_scripts_for_a_payment_and_for_the_account(shop: Merchant) -> None:
    """By PayID, for the next so many of the account, after some that pass, and until they are taken back."""
    held, other = shop.seed(), shop.seed(trans_id="b")
    shop.script("reverse", "21000391", pay_id=held["pay_id"])
    assert shop.move("reverse", other, 10000).outcome == OK
    assert shop.move("reverse", held, 10000).outcome == ("FAILED", "21000391")
    assert shop.move("capture", held, 10000).outcome == OK
    shop.script("credit", "0302", skip=1, times=2)
    codes = [shop.move("credit", held, 100).outcome[1] for _ in range(4)]
    assert codes == ["00000000", "21000302", "21000302", "00000000"]
    endless = shop.script("credit", "0302", times=-1)
    assert [shop.move("credit", held, 100).outcome[0] for _ in range(3)] == ["FAILED"] * 3
    assert [one["id"] for one in shop.control.get("/scripts").json()] == [endless["id"]]
    assert shop.control.delete(f"/scripts/{endless['id']}").status_code == 204
    assert shop.control.delete(f"/scripts/{endless['id']}").status_code == 404
    assert shop.move("credit", held, 100).outcome == OK
    shop.script("credit", "0302")
    shop.control.delete("/scripts")
    assert shop.control.get("/scripts").json() == []
    shop.script("credit", "0305", nth=9)
    assert [shop.move("credit", held, 100).outcome[0] for _ in range(2)] == ["FAILED", "OK"]


@pytest.mark.parametrize(
    "body",
    [
        {"call": "inquire", "code": "0305"},
        {"call": "direct", "code": "305"},
        {"call": "direct", "code": "91000305"},
        {"call": "direct", "code": "0305", "final_code": "61000309"},
        {"call": "direct", "code": "0305", "nth": 0},
        {"call": "direct", "code": "0305", "colour": "red"},
    ],
)
def test_scripts_that_make_no_sense_are_refused(shop: Merchant, body: dict[str, Any]) -> None:
    """With a reason instead of being ignored."""
    assert shop.control.post("/scripts", json=body).status_code == 422


def test_a_rule_comes_before_a_script(shop: Merchant) -> None:
    """What the state forbids is refused as ever, and the script waits for an action that is allowed."""
    held = shop.seed()
    shop.script("capture", "0305")
    assert shop.move("capture", held, 10001).outcome == ("FAILED", "21000364")
    assert shop.move("capture", held, 10000).outcome == ("FAILED", "21000305")


def test_a_pending_renewal_becomes_final_by_the_clock(shop: Merchant) -> None:
    """Nothing is held before; the hold's time counts from the decision. A driver finds the instant."""
    shop.clock(START, hold=True)
    first = shop.seed(brand="CBN")
    shop.script("direct", "61000309", final_after_seconds=3600)
    answer = shop.renew(first, TransID="b")
    assert (answer.outcome, "ApprovalCode" in answer) == (("PENDING", "61000309"), False)
    payment = shop.payment(answer["PayID"])
    assert (payment["state"], payment["open_minor"], shop.amounts(payment)[0]) == ("pending", 0, "0")
    assert shop.control.get("/events").json()["next"] == "2026-12-01T10:00:00+00:00"
    shop.clock("2026-12-01T10:00:00+00:00")
    assert shop.control.post("/events/release").json() == {"done": 1}
    payment = shop.payment(answer["PayID"])
    assert (payment["state"], payment["expires"]) == ("held", "2026-12-13T10:00:00+00:00")
    assert shop.amounts(payment) == ("10000", "0", "0", "AUTHORIZED")


def test_pending_actions_that_fail(shop: Merchant) -> None:
    """Nothing has happened then: what was set aside comes back."""
    held = shop.seed()
    shop.script("capture", "61000309", final_code="0391")
    assert shop.move("capture", held, 4000).outcome == ("PENDING", "61000309")
    found = shop.payment(held["pay_id"])
    assert (found["reserved_minor"], found["open_minor"], shop.amounts(held)[1]) == (4000, 6000, "0")
    assert shop.move("reverse", held, 6000).outcome == ("FAILED", "21000309")
    assert shop.hook(held, "finish", code="0391")["open_minor"] == 10000
    assert shop.control.post(f"/payments/{held['pay_id']}/finish", json={}).status_code == 409
    shop.script("reverse", "61000309")
    assert shop.move("reverse", held, 10000).outcome[0] == "PENDING"
    assert shop.hook(held, "finish", code="0305")["open_minor"] == 10000
    shop.script("reverse", "61000309")
    shop.move("reverse", held, 10000)
    assert shop.hook(held, "finish")["state"] == "reversed"
    assert shop.effects() == [("authorized", 10000), ("reversed", 10000)]
    pending = shop.control.post(f"/payments/{held['pay_id']}/finish", json={"code": "61000309"})
    assert pending.status_code in (409, 422)


def test_two_open_captures_take_twice(shop: Merchant) -> None:
    """While the first is open, a repeat of a partial capture takes another part of the hold; the rest lapses."""
    held = shop.seed()
    shop.script("capture", "61000309", times=2, final_after_seconds=5)
    assert [shop.move("capture", held, 4000, ReqId="c").outcome[0] for _ in range(2)] == ["PENDING"] * 2
    shop.clock("2026-12-01T09:00:05+00:00")
    assert shop.amounts(held)[1] == "8000"
    assert shop.effects()[1:] == [("captured", 4000), ("lapsed", 2000), ("captured", 4000)]


def test_a_pending_reversal_of_a_hold_that_ran_out(shop: Merchant) -> None:
    """There is nothing left to reverse when it is decided."""
    held = shop.seed()
    shop.script("reverse", "61000309")
    shop.move("reverse", held, 10000)
    shop.clock("2026-12-09T09:00:00+00:00")
    assert shop.hook(held, "finish")["action"]["code"] == "21000321"
    assert shop.effects()[-1] == ("lapsed", 10000)


@pytest.mark.parametrize(
    ("kind", "more", "effects"),
    [
        ("refuse", {}, 0),
        ("drop_after", {}, 1),
        ("status", {"status": 503}, 0),
        ("status_after", {"status": 500}, 1),
        ("malformed", {}, 1),
        ("delay", {"seconds": 0.01}, 1),
        ("delay_before", {"seconds": 0.01}, 1),
    ],
)
@pytest.mark.parametrize("call", ["capture", "reverse"])
def test_connections_break_before_and_after(
    shop: Merchant, call: str, kind: str, more: dict[str, Any], effects: int
) -> None:
    """Each kind takes effect or not as its name says, whatever the client sees."""
    held = shop.seed()
    shop.arm(call, kind, match={"trans_id": "order-1", "amount": "10000"}, **more)
    fields = {"PayID": held["pay_id"], "TransID": "order-1", "Amount": 10000, "Currency": "EUR", "ReqId": "r"}
    try:
        answer = shop.post(call, **fields)
        assert answer.status_code == more.get("status", 200)
    except httpx.RemoteProtocolError:
        assert kind in ("refuse", "drop_after")
    assert len(shop.effects()) == 1 + effects
    assert shop.call(call, **fields).outcome == OK
    assert len(shop.effects()) == 2
    log = [(one["call"], one["fault"]) for one in shop.control.get("/log").json()]
    assert log == [(call, kind), (call, "")]


def test_special_answers(shop: Merchant) -> None:
    """An answer in plain text counts, an error page does not; reads have names of their own."""
    held = shop.seed()
    shop.arm("inquire", "special", name="plain")
    answer = shop.post("inquire", PayID=held["pay_id"], TransID="order-1")
    assert (answer.text.startswith("mid="), shop.read(answer)["AmountAuth"]) == (True, "10000")
    shop.arm("capture", "special", name="html")
    answer = shop.post("capture", PayID=held["pay_id"], TransID="order-1", Amount=10000, Currency="EUR", ReqId="r")
    assert (answer.status_code, "Unexpected exception" in answer.text) == (200, True)
    shop.arm("inquire24", "status", status=502)
    assert shop.inquire(held)["AmountCap"] == "0"
    assert shop.post("inquire24", TransID="order-1").status_code == 502
    assert [one["fault"] for one in shop.control.get("/log").json()] == ["plain", "html", "", "status"]


def test_a_request_that_takes_effect_late(shop: Merchant) -> None:
    """The connection is cut, an inquiry finds nothing, and some time later it has happened after all."""
    shop.clock(START, hold=True)
    held = shop.seed()
    shop.arm("direct", "special", name="late_commit", params={"seconds": 30}, match={"initiator": "merchant"})
    fields = shop.renew_fields(held, TransID="b")
    with pytest.raises(httpx.RemoteProtocolError):
        shop.post("direct", **fields)
    assert shop.call("inquire24", TransID="b").outcome == ("FAILED", "20160002")
    shop.clock("2026-12-01T09:00:30+00:00")
    shop.control.post("/events/release")
    found = shop.call("inquire24", TransID="b")
    assert found["LastStatus"] == "AUTHORIZED"
    assert shop.call("direct", **fields)["PayID"] == found["PayID"]
    shop.arm("capture", "special", name="late_commit", params={"seconds": 30})
    with pytest.raises(httpx.RemoteProtocolError):
        shop.move("capture", held, 10000, ReqId="late")
    assert shop.move("capture", held, 10000, ReqId="late").outcome == OK
    shop.clock("2026-12-01T09:01:00+00:00")
    shop.control.post("/events/release")
    assert [one[0] for one in shop.effects()].count("captured") == 1
