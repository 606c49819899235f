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
from domain.ports import Earlier
from tests.contract.unzer.merchant import REFERENCE, request_for
from tests.contract.unzer.recorded import PAYMENT, adapter, listed, payment, transaction

WORDS = st.sampled_from(
    ["", "success", "error", "pending", "charge", "authorize", "chargeback", "119.9000", "-1", "1e9", "EUR", REFERENCE]
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
    transaction(paymentReference=REFERENCE),
    transaction("s-aut-1"),
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
