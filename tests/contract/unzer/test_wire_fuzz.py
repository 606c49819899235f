"""Any answer at all: the adapter returns a picture or one of our errors, and never takes nonsense for success."""

import json
from contextlib import suppress
from typing import Any

import httpx
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.unzer.answers import CallFailed, parsed
from domain.errors import Misconfigured, Transient
from domain.facts import PaymentSnapshot
from domain.outcomes import OperationResult, Outcome
from domain.ports import BankDetails, Earlier
from tests.contract.unzer.merchant import REFERENCE, refund_for, request_for, shipment_for, void_for
from tests.contract.unzer.recorded import PAYMENT, adapter, listed, payment, transaction

WORDS = st.sampled_from(
    [
        *("", "success", "error", "pending", "charge", "authorize", "chargeback", "cancel-charge", "cancel-authorize"),
        *("shipment", "s-ppy-x", "s-piv-x", "s-gro-x", "s-eps-x", "119.9000", "-1", "1e9", "EUR", REFERENCE),
    ]
)
LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), WORDS)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=9), inner, max_size=3)),
    max_leaves=8,
)
STATUSES = st.sampled_from([200, 200, 200, 201, 204, 302, 400, 401, 403, 404, 405, 409, 429, 500, 503])
SAMPLES: tuple[dict[str, Any], ...] = (
    payment(),
    payment(listed("charge", "charges/s-chg-1", status="pending"), type_id="s-ppy-x"),
    payment(listed("authorize", "authorize/s-aut-1", status=None), listed("charge", "charges/s-chg-1")),
    payment(
        listed("charge", "charges/s-chg-1", "100.0000"),
        listed("charge", "charges/s-chg-2", "19.9000"),
        listed("cancel-charge", "charges/s-chg-1/cancels/s-cnl-1", "10.0000"),
        amount={"charged": "109.9000", "canceled": "10.0000", "remaining": "0.0000"},
    ),
    payment(
        listed("charge", "charges/s-chg-1", status="pending"),
        listed("charge", "charges/s-chg-2", "19.9000"),
        listed("shipment", "shipments/s-shp-1"),
        type_id="s-ivs-x",
        amount={"charged": "19.9000", "remaining": "100.0000"},
    ),
    transaction(paymentReference=REFERENCE),
    transaction("s-aut-1"),
    transaction("s-cnl-1", paymentReference=REFERENCE, amount="19.9000"),
    {"id": "s-err-1", "isError": True, "errors": [{"code": "API.330.100.007"}]},
)


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path] + [found for key, inner in entries for found in _places(inner, (*path, key))]


@st.composite
def bodies(draw: st.DrawFn) -> Any:
    """A sample answer in which a few places hold something else."""
    body = json.loads(json.dumps(draw(st.sampled_from(SAMPLES))))
    for _ in range(draw(st.integers(0, 3))):
        path = draw(st.sampled_from(_places(body)))
        if not path:
            return draw(VALUES)
        inner = body
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = draw(VALUES)
    return body


def _response(status: int, body: Any) -> httpx.Response:
    return httpx.Response(status, content=json.dumps(body).encode())


ANSWERS = st.builds(_response, STATUSES, bodies())


def _answering(answers: list[httpx.Response], seen: list[tuple[str, httpx.Response]]) -> Any:
    def handler(request: httpx.Request) -> httpx.Response:
        answer = answers[min(len(seen), len(answers) - 1)]
        seen.append((request.method, answer))
        return httpx.Response(answer.status_code, content=answer.content)

    return adapter(handler)


@settings(deadline=None)
@given(st.integers(200, 499), st.binary())
def test_any_bytes_are_an_answer_or_a_failed_call(status: int, content: bytes) -> None:
    """Reading an answer raises one exception and no other."""
    with suppress(CallFailed):
        assert isinstance(parsed(status, content).body, dict)


@settings(deadline=None)
@given(st.lists(ANSWERS, min_size=1, max_size=3))
def test_any_answer_is_a_picture_or_one_of_our_errors(answers: list[httpx.Response]) -> None:
    """A picture is whole: integers in every amount, a standing, an instant."""
    try:
        picture = _answering(answers, []).read_payment("main", PAYMENT)
    except (Transient, Misconfigured):
        return
    assert isinstance(picture, PaymentSnapshot)
    assert picture.payment_id == PAYMENT
    for name, value in vars(picture).items():
        if name.endswith("_minor"):
            assert type(value) is int, name
    assert min(picture.received_minor, picture.refunded_minor) >= 0


@settings(deadline=None)
@given(st.lists(ANSWERS, min_size=1, max_size=4), st.booleans(), st.integers(0, 2))
def test_any_answer_to_a_capture_is_an_outcome(answers: list[httpx.Response], may_send: bool, sends: int) -> None:
    """Success is never concluded without an answer that says so, and what may not be sent is not sent."""
    seen: list[tuple[str, httpx.Response]] = []
    payments = _answering(answers, seen)
    result = payments.capture("main", request_for(PAYMENT), Earlier(sends, may_send), lambda: None)
    assert isinstance(result, OperationResult)
    posts = [answer for method, answer in seen if method == "POST"]
    assert len(posts) <= (1 if may_send or not sends else 0)
    if result.outcome is Outcome.SUCCEEDED:
        said = [json.loads(answer.content) for _, answer in seen if answer.status_code < 400]
        assert any(isinstance(one, dict) and one.get("isSuccess") is True and one.get("id") for one in said)
    if result.outcome is Outcome.NOT_SENT and sends:
        assert posts


@settings(deadline=None)
@given(
    st.lists(ANSWERS, min_size=1, max_size=6),
    st.booleans(),
    st.booleans(),
    st.integers(0, 2),
    st.sampled_from(["void", "refund", "report_shipment"]),
    st.sampled_from([1_990, 10_000, 11_990]),
)
def test_any_answer_to_what_gives_back_or_ships_is_an_outcome(
    answers: list[httpx.Response], may_send: bool, over: bool, sends: int, what: str, amount: int
) -> None:
    """No step goes out that may not, money counts as given back only where an answer says so, and less than was
    asked for is never hidden."""
    seen: list[tuple[str, httpx.Response]] = []
    payments = _answering(answers, seen)
    requests = {"void": void_for(PAYMENT, amount), "refund": refund_for(PAYMENT, amount)}
    request = requests.get(what, shipment_for(PAYMENT))
    result = getattr(payments, what)("main", request, Earlier(sends, may_send, over), lambda: None)
    assert isinstance(result, OperationResult)
    posts = [answer for method, answer in seen if method == "POST"]
    assert may_send or not sends or not posts
    assert seen[0][0] == "GET"
    said = [json.loads(answer.content) for _, answer in seen if answer.status_code < 400]
    succeeded = [one for one in said if isinstance(one, dict) and one.get("isSuccess") is True and one.get("id")]
    if result.outcome is Outcome.SUCCEEDED and result.evidence.amount_minor:
        assert succeeded
    if result.outcome in (Outcome.DECLINED, Outcome.NOT_SENT):
        assert result.evidence.amount_minor is None
        assert not any(answer.status_code >= 500 for answer in posts)


@settings(deadline=None)
@given(st.lists(ANSWERS, min_size=1, max_size=2))
def test_any_answer_is_an_account_or_none_or_one_of_our_errors(answers: list[httpx.Response]) -> None:
    """An account is whole, and only taken from an answer that names it."""
    try:
        found = _answering(answers, []).bank_details("main", PAYMENT)
    except (Transient, Misconfigured):
        return
    assert found is None or (isinstance(found, BankDetails) and found.iban and found.reference)
