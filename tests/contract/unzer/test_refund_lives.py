"""Random refunds among lost requests and answers: repeated as the journal allows, each gives back once."""

from itertools import count

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.unzer.account import UnzerAccount
from adapters.unzer.adapter import UnzerPayments
from domain import reasons
from domain.errors import NotSent
from domain.outcomes import FINAL, Outcome
from domain.ports import Earlier
from tests.contract.unzer.merchant import REFERENCE, Merchant, refund_for

_lives = count(1)
TROUBLE = st.lists(
    st.tuples(
        st.sampled_from(["drop_after", "refuse", "malformed", "status:503", "status_after:500", "status:429"]),
        st.sampled_from(["refund", "refund", "refund", "read_payment", "read_transaction"]),
        st.integers(0, 3),
    ),
    max_size=3,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(["card", "card", "prepayment", "invoice-secured", "paylater-invoice"]),
    st.lists(st.integers(1, 40), min_size=1, max_size=3),
    st.integers(1, 120),
    TROUBLE,
    st.sets(st.integers(0, 5), max_size=2),
)
def test_a_refund_gives_exactly_once_whatever_is_lost(
    control: httpx.Client,
    sandbox_url: str,
    shared: tuple[UnzerPayments, dict[str, UnzerAccount]],
    type_: str,
    parts: list[int],
    wanted: int,
    trouble: list[tuple[str, str, int]],
    stops: set[int],
) -> None:
    """What the evidence says is what was given back, all of it under our reference, and never more than asked."""
    payments, accounts = shared
    merchant = Merchant.create(control, sandbox_url, f"life{next(_lives)}")
    accounts["life"] = merchant.account()
    transferred = type_ in ("prepayment", "invoice-secured")
    payment_id = merchant.seed(type_, state="waiting" if transferred else "authorized", amount=10_000)
    for part in parts:
        if transferred:
            merchant.happens(payment_id, "receipt", amount_minor=part * 100)
        else:
            merchant.by_hand(payment_id, "charges", amount=part if sum(parts) <= 100 else 1)
    for kind, call, skip in trouble:
        name, _, status = kind.partition(":")
        merchant.fault(name, call, skip=skip, **({"status": int(status)} if status else {}))
    asked, sends, left = count(), 0, 0
    total, charged, _, _ = merchant.amounts(payment_id)
    there = max(total, charged) if transferred else charged

    def permit() -> None:
        nonlocal sends
        if next(asked) in stops:
            raise NotSent(reasons.PAUSED)
        sends = left + 1

    for _ in range(20):
        left = sends
        result = payments.refund("life", refund_for(payment_id, wanted * 100), Earlier(left), permit)
        if result.outcome in FINAL:
            break
        assert result.outcome in (Outcome.UNKNOWN, Outcome.NOT_SENT)
    given_back = [one for one in merchant.effects() if one["kind"] in ("refund", "reversal")]
    assert {one["payment_reference"] for one in given_back} <= {REFERENCE}
    assert sum(one["amount_minor"] for one in given_back) == (result.evidence.amount_minor or 0)
    assert result.outcome is (Outcome.SUCCEEDED if wanted * 100 <= there else Outcome.DECLINED)
    if result.outcome is Outcome.SUCCEEDED:
        assert result.evidence.amount_minor == wanted * 100
