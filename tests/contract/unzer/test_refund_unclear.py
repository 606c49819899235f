"""Refunds whose answer is lost on the way: found again by reading, completed, and never given twice."""

from typing import Any

import pytest

from adapters.unzer.adapter import UnzerPayments
from domain import reasons
from domain.outcomes import OperationResult, Outcome
from domain.ports import Earlier
from tests.contract.unzer.merchant import AMOUNT, Merchant, eventually, refund_for

WANTED = 6_000  # of charges of 30.00, 40.00 and 49.90
FIRST = Earlier()
ASK = Earlier(sends=1, may_send=False)
OVER = Earlier(sends=1, may_send=False, over=True)
AGAIN = Earlier(sends=1)
WITHDRAWN = Earlier(sends=1, may_send=False, withdrawn=True)
WITHDRAWN_OVER = Earlier(sends=1, may_send=False, over=True, withdrawn=True)
LOST = [("drop_after", {}), ("status_after", {"status": 500}), ("malformed", {})]
KINDS = ("card", "paylater-invoice", "prepayment", "invoice", "invoice-secured", "eps")


def _refund(
    payments: UnzerPayments, payment_id: str, earlier: Earlier, amount: int = WANTED, **more: Any
) -> OperationResult:
    return payments.refund("main", refund_for(payment_id, amount, **more), earlier, lambda: None)


def _ended(result: OperationResult) -> tuple[Outcome, str, int | None, bool]:
    return result.outcome, result.reason, result.evidence.amount_minor, result.evidence.found_by_reading


def _found(amount: int = WANTED) -> tuple[Outcome, str, int | None, bool]:
    return Outcome.SUCCEEDED, "", amount, True


def _seed(merchant: Merchant, type_: str) -> str:
    """A payment that could give the same amount twice."""
    if type_ in ("invoice", "invoice-secured"):
        return merchant.seed(type_, state="waiting", amount=2 * AMOUNT)
    return merchant.seed(type_, state="charged", amount=2 * AMOUNT)


def _split(merchant: Merchant) -> str:
    payment_id = merchant.seed()
    for part in ("30.00", "40.00", "49.90"):
        merchant.by_hand(payment_id, "charges", amount=part)
    return payment_id


def _given(merchant: Merchant) -> list[int]:
    return [amount for _, _, amount in merchant.gave()]


@pytest.mark.parametrize("type_", KINDS)
@pytest.mark.parametrize(("kind", "more"), LOST)
@pytest.mark.parametrize("repeat", [ASK, AGAIN])
def test_a_refund_whose_answer_is_lost_is_found_and_not_repeated(
    merchant: Merchant, payments: UnzerPayments, type_: str, kind: str, more: dict[str, Any], repeat: Earlier
) -> None:
    """It took effect and we do not know: the repetition finds it by its reference and sends nothing."""
    payment_id = _seed(merchant, type_)
    merchant.fault(kind, "refund", **more)
    assert _ended(_refund(payments, payment_id, FIRST))[0] is Outcome.UNKNOWN
    result = _refund(payments, payment_id, repeat)
    assert _ended(result) == _found()
    assert result.evidence.trace
    assert _given(merchant) == [WANTED]
    assert len(merchant.calls("refund")) == 1


@pytest.mark.parametrize("type_", KINDS)
@pytest.mark.parametrize(("kind", "more"), [("refuse", {}), ("status", {"status": 503})])
def test_a_refund_that_never_arrived_is_sent_once_it_may(
    merchant: Merchant, payments: UnzerPayments, type_: str, kind: str, more: dict[str, Any]
) -> None:
    """Nothing took effect, but only time proves it."""
    payment_id = _seed(merchant, type_)
    merchant.fault(kind, "refund", **more)
    assert _ended(_refund(payments, payment_id, FIRST))[0] is Outcome.UNKNOWN
    for earlier in (ASK, OVER):
        assert _ended(_refund(payments, payment_id, earlier))[:2] == (Outcome.UNKNOWN, reasons.TOO_EARLY)
    assert _ended(_refund(payments, payment_id, AGAIN)) == (Outcome.SUCCEEDED, "", WANTED, False)
    assert _given(merchant) == [WANTED]


@pytest.mark.parametrize("type_", KINDS)
def test_a_refund_that_nobody_wants_any_more_ends_when_its_time_is_over(
    merchant: Merchant, payments: UnzerPayments, type_: str
) -> None:
    """It is looked for and never sent; what took effect all the same is found."""
    payment_id = _seed(merchant, type_)
    merchant.fault("refuse", "refund")
    assert _ended(_refund(payments, payment_id, FIRST))[0] is Outcome.UNKNOWN
    assert _ended(_refund(payments, payment_id, WITHDRAWN))[:2] == (Outcome.UNKNOWN, reasons.TOO_EARLY)
    assert _ended(_refund(payments, payment_id, WITHDRAWN_OVER))[:2] == (Outcome.DECLINED, reasons.WITHDRAWN)
    assert _given(merchant) == []
    merchant.fault("drop_after", "refund")
    assert _ended(_refund(payments, payment_id, FIRST))[0] is Outcome.UNKNOWN
    assert _ended(_refund(payments, payment_id, WITHDRAWN_OVER)) == _found()
    assert _given(merchant) == [WANTED]


@pytest.mark.parametrize("lost", [0, 1, 2])
@pytest.mark.parametrize("effect", [True, False])
def test_a_split_refund_is_completed_from_where_it_broke_off(
    merchant: Merchant, payments: UnzerPayments, lost: int, *, effect: bool
) -> None:
    """Whichever answer is lost, with or without an effect: only what is missing is sent."""
    payment_id = _split(merchant)
    merchant.fault("drop_after" if effect else "refuse", "refund", skip=lost)
    result = _refund(payments, payment_id, FIRST, 10_000)
    assert result.outcome is Outcome.UNKNOWN
    assert result.reason == reasons.NO_ANSWER
    assert result.evidence.amount_minor == (None, 3_000, 7_000)[lost]
    standing = lost + effect
    asked = _refund(payments, payment_id, ASK, 10_000)
    if standing == 3:
        assert _ended(asked) == _found(10_000)
    else:
        assert _ended(asked)[:2] == (Outcome.UNKNOWN, reasons.TOO_EARLY)
        assert len(_given(merchant)) == standing
    assert _ended(_refund(payments, payment_id, AGAIN, 10_000)) == (Outcome.SUCCEEDED, "", 10_000, standing > 0)
    assert _given(merchant) == [3_000, 4_000, 3_000]
    assert merchant.amounts(payment_id)[2] == 10_000


def test_a_half_paid_claim_is_completed_too(merchant: Merchant, payments: UnzerPayments) -> None:
    """The answer to the cancelled claim is lost: it is found, and only the refund of the transfer follows."""
    payment_id = merchant.seed("prepayment", state="waiting")
    merchant.happens(payment_id, "receipt", amount_minor=4_000)
    merchant.fault("drop_after", "refund")
    assert _refund(payments, payment_id, FIRST, 10_000).outcome is Outcome.UNKNOWN
    assert _ended(_refund(payments, payment_id, AGAIN, 10_000)) == _found(10_000)
    assert merchant.gave() == [
        ("reversal", "charges/s-chg-1/cancels/s-cnl-1", AMOUNT - 4_000),
        ("refund", "charges/s-chg-2/cancels/s-cnl-1", 10_000 - AMOUNT + 4_000),
    ]


def test_a_rest_that_may_not_be_sent_any_more_stays_away(merchant: Merchant, payments: UnzerPayments) -> None:
    """When nothing can come and nothing may leave, what took effect is what there is."""
    payment_id = _split(merchant)
    merchant.fault("refuse", "refund", skip=1)
    _refund(payments, payment_id, FIRST, 7_000)
    assert _ended(_refund(payments, payment_id, OVER, 7_000)) == _found(3_000)


def test_a_rest_that_is_gone_stays_away(merchant: Merchant, payments: UnzerPayments) -> None:
    """What is missing was taken by another hand meanwhile: less than was asked for took effect."""
    payment_id = _split(merchant)
    merchant.fault("refuse", "refund", skip=1)
    _refund(payments, payment_id, FIRST, 10_000)
    for number in (2, 3):
        merchant.by_hand(payment_id, f"charges/s-chg-{number}/cancels")
    assert _ended(_refund(payments, payment_id, AGAIN, 10_000)) == _found(3_000)
    assert len(merchant.calls("refund")) == 4


@pytest.mark.parametrize("type_", KINDS)
def test_two_sends_of_one_full_refund_give_once(merchant: Merchant, payments: UnzerPayments, type_: str) -> None:
    """A request that commits between our look and our second send is found when the second one is refused."""
    payment_id = _seed(merchant, type_)
    merchant.special("late_commit", "refund", seconds=60)
    assert _refund(payments, payment_id, FIRST, 2 * AMOUNT).outcome is Outcome.UNKNOWN

    def commits_just_now() -> None:
        merchant.forward(61)
        eventually(lambda: len(merchant.gave()) == 1)

    result = payments.refund("main", refund_for(payment_id, 2 * AMOUNT), AGAIN, commits_just_now)
    assert _ended(result) == _found(2 * AMOUNT)
    assert _given(merchant) == [2 * AMOUNT]


def test_a_refund_that_commits_late_is_found_afterwards(merchant: Merchant, payments: UnzerPayments) -> None:
    """While the request may still take effect we only ask; once it did, asking finds it."""
    payment_id = _seed(merchant, "card")
    merchant.special("late_commit", "refund", seconds=90)
    assert _refund(payments, payment_id, FIRST).outcome is Outcome.UNKNOWN
    assert _ended(_refund(payments, payment_id, ASK))[:2] == (Outcome.UNKNOWN, reasons.TOO_EARLY)
    merchant.forward(91)
    eventually(lambda: len(merchant.gave()) == 1)
    assert _ended(_refund(payments, payment_id, ASK)) == _found()
    assert _ended(_refund(payments, payment_id, AGAIN)) == _found()
    assert _given(merchant) == [WANTED]


def test_the_refund_of_another_operation_is_not_ours(merchant: Merchant, payments: UnzerPayments) -> None:
    """Amount and credit note may be equal: only the reference tells."""
    payment_id = _seed(merchant, "card")
    assert _refund(payments, payment_id, FIRST, reference="OTHER").outcome is Outcome.SUCCEEDED
    assert _ended(_refund(payments, payment_id, ASK))[:2] == (Outcome.UNKNOWN, reasons.TOO_EARLY)
    assert _ended(_refund(payments, payment_id, AGAIN)) == (Outcome.SUCCEEDED, "", WANTED, False)
    assert _given(merchant) == [WANTED, WANTED]


def test_only_cancels_that_could_be_ours_are_read(merchant: Merchant, payments: UnzerPayments) -> None:
    """Larger ones and reversals of the hold cost no request."""
    payment_id = merchant.seed(amount=5 * AMOUNT)
    merchant.by_hand(payment_id, "charges", amount="300.00")
    merchant.by_hand(payment_id, "authorize/cancels", amount="10.00")
    merchant.by_hand(payment_id, "charges/s-chg-1/cancels", amount="100.00")
    merchant.fault("drop_after", "refund")
    _refund(payments, payment_id, FIRST)
    assert _ended(_refund(payments, payment_id, ASK)) == _found()
    assert len(merchant.calls("read_transaction")) == 1


@pytest.mark.parametrize(
    ("call", "kind", "more", "reason"),
    [
        ("read_payment", "status", {"status": 503}, reasons.SERVER_ERROR),
        ("read_payment", "malformed", {}, reasons.BAD_ANSWER),
        ("read_payment", "status", {"status": 401}, reasons.MISCONFIGURED),
        ("read_payment", "special", {"name": "decline", "params": {"code": "API.310.100.003"}}, reasons.NOT_FOUND),
        ("read_transaction", "status", {"status": 503}, reasons.SERVER_ERROR),
        ("read_transaction", "malformed", {}, reasons.BAD_ANSWER),
        ("read_transaction", "special", {"name": "error_in_200"}, reasons.SERVER_ERROR),
    ],
)
def test_without_a_look_nothing_is_sent(
    merchant: Merchant, payments: UnzerPayments, call: str, kind: str, more: dict[str, Any], reason: str
) -> None:
    """A candidate that cannot be read keeps the outcome unknown, although sending would be allowed."""
    payment_id = _seed(merchant, "card")
    merchant.fault("drop_after", "refund")
    _refund(payments, payment_id, FIRST)
    merchant.fault(kind, call, **more)
    assert _ended(_refund(payments, payment_id, AGAIN))[:2] == (Outcome.UNKNOWN, reason)
    assert len(merchant.calls("refund")) == 1
    assert _ended(_refund(payments, payment_id, AGAIN)) == _found()


def test_a_failed_transaction_is_not_sent_again(merchant: Merchant, payments: UnzerPayments) -> None:
    """The provider's own record says no to the second step: less took effect, and that is the end."""
    payment_id = _split(merchant)
    merchant.fault("special", "refund", name="transaction_error", params={"code": "COR.700.300.600"}, skip=1)
    assert _ended(_refund(payments, payment_id, FIRST, 7_000)) == _found(3_000)  # and suppose that we never heard it
    for repeat in (AGAIN, OVER):
        assert _ended(_refund(payments, payment_id, repeat, 7_000)) == _found(3_000)
    assert len(merchant.calls("refund")) == 2


@pytest.mark.parametrize("sends", [0, 1])
def test_a_refusal_that_cannot_be_looked_into(merchant: Merchant, payments: UnzerPayments, sends: int) -> None:
    """A single send that was refused is declined; with an earlier send behind it, the outcome stays unknown."""
    payment_id = _seed(merchant, "card")
    merchant.special("decline", "refund", code="API.340.100.014")
    merchant.fault("status", "read_payment", status=503, times=-1, skip=1)
    result = _refund(payments, payment_id, Earlier(sends=sends))
    expected = (Outcome.UNKNOWN, reasons.SERVER_ERROR) if sends else (Outcome.DECLINED, reasons.EXCEEDS)
    assert (result.outcome, result.reason) == expected


def test_an_answer_after_the_time_out_is_unknown(merchant: Merchant) -> None:
    """A refund that takes effect while we stop waiting is found by the next look."""
    payment_id = _seed(merchant, "card")
    merchant.fault("delay", "refund", seconds=1.5)
    adapter = UnzerPayments({"main": merchant.account(timeout_seconds=0.3)}.__getitem__)
    assert _refund(adapter, payment_id, FIRST).outcome is Outcome.UNKNOWN
    assert _ended(_refund(adapter, payment_id, ASK)) == _found()
    assert _given(merchant) == [WANTED]
