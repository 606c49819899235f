"""Bearer tokens are made once per key, kept until shortly before they end, and replaced once when refused."""

import base64
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from adapters.unzer.account import UnzerAccount
from adapters.unzer.tokens import MARGIN_SECONDS, UNDATED_SECONDS, TokenCache, expiry
from domain import reasons
from domain.errors import Transient
from domain.outcomes import Outcome
from domain.ports import Earlier
from tests.contract.unzer.merchant import request_for
from tests.contract.unzer.recorded import PAYMENT, adapter, payment

ACCOUNT = UnzerAccount("main", "https://a.example", "s-pub-x", "s-priv-x", bearer=True, token_url="https://t.example")
OTHER = UnzerAccount("other", "https://a.example", "s-pub-y", "s-priv-y", bearer=True, token_url="https://t.example")


def _token(**claims: Any) -> str:
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return f"e30.{body}.c2ln"


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """The provider's limit on new tokens is not waited for here."""
    monkeypatch.setattr("adapters.unzer.tokens.PAUSE_SECONDS", 0.0)


class Desk:
    """Hands out numbered tokens that last `lasts` seconds, at a time that a test sets."""

    def __init__(self, lasts: float | None = 420.0) -> None:
        self.now = 1_000_000.0
        self.made: list[str] = []
        self._lasts = lasts
        self.cache = TokenCache(self._make, lambda: self.now)

    def _make(self, account: UnzerAccount) -> str:
        ends = {} if self._lasts is None else {"exp": int(self.now + self._lasts)}
        self.made.append(account.name)
        return _token(no=len(self.made), **ends)


def test_a_token_is_used_until_shortly_before_it_ends() -> None:
    """The end in the token counts, less a margin for the way."""
    desk = Desk()
    first = desk.cache.token(ACCOUNT)
    desk.now += 420 - MARGIN_SECONDS - 1
    assert desk.cache.token(ACCOUNT) == first
    desk.now += 1
    assert desk.cache.token(ACCOUNT) != first


def test_a_token_without_an_end_is_used_for_a_while() -> None:
    """Five minutes are less than any known life of a token."""
    desk = Desk(lasts=None)
    first = desk.cache.token(ACCOUNT)
    desk.now += UNDATED_SECONDS - 1
    assert desk.cache.token(ACCOUNT) == first
    desk.now += 1
    assert desk.cache.token(ACCOUNT) != first


def test_each_key_has_its_own_token() -> None:
    """A payment is visible to its own key only."""
    desk = Desk()
    assert desk.cache.token(ACCOUNT) != desk.cache.token(OTHER)
    assert desk.made == ["main", "other"]


def test_many_threads_share_one_token() -> None:
    """Nobody makes a second one while the first is being made."""
    desk = Desk()
    with ThreadPoolExecutor(8) as threads:
        found = set(threads.map(lambda _: desk.cache.token(ACCOUNT), range(50)))
    assert len(found) == len(desk.made) == 1


def test_a_refused_token_is_dropped_once() -> None:
    """Two threads that were refused with the same token cause one new token."""
    desk = Desk()
    first = desk.cache.token(ACCOUNT)
    desk.cache.drop(ACCOUNT, first)
    second = desk.cache.token(ACCOUNT)
    desk.cache.drop(ACCOUNT, first)
    assert desk.cache.token(ACCOUNT) == second != first


def test_new_tokens_keep_the_distance_that_the_provider_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    """At most two new tokens per second, over all keys."""
    monkeypatch.setattr("adapters.unzer.tokens.PAUSE_SECONDS", 0.1)
    desk = Desk()
    began = time.monotonic()
    for account in (ACCOUNT, OTHER):
        desk.cache.token(account)
    assert time.monotonic() - began >= 0.1


@pytest.mark.parametrize(
    "token", ["", "a", "a.b.c", "a.e30.c", "a.W10.c", "a.bnVsbA.c", "ä.ö.ü", _token(exp="soon"), _token(exp=-1)]
)
def test_an_unreadable_token_has_no_end(token: str) -> None:
    """Whatever the token holds, reading its end raises nothing."""
    assert expiry(token) is None


def _refusing(tokens: list[object], asked: list[str]) -> Callable[[httpx.Request], httpx.Response]:
    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path.rpartition("/")[2])
        if asked[-1] == "token":
            return httpx.Response(200, json={"accessToken": tokens.pop(0)})
        if request.headers["Authorization"] == "Bearer good":
            return httpx.Response(200, json=payment())
        return httpx.Response(401, json={"errors": [{"code": "API.710.000.002"}]})

    return handler


def test_a_second_refusal_is_final() -> None:
    """After one new token the account itself is at fault; the capture certainly did not happen."""
    asked: list[str] = []
    payments = adapter(_refusing(["bad", "worse"], asked), bearer=True, token_url="https://t.example")
    result = payments.capture("main", request_for(PAYMENT), Earlier(), lambda: None)
    assert (result.outcome, result.reason) == (Outcome.NOT_SENT, reasons.MISCONFIGURED)
    assert asked == ["token", "charges", "token", "charges"]


def test_a_new_token_helps() -> None:
    """One repetition with a new token reads the payment."""
    asked: list[str] = []
    payments = adapter(_refusing(["bad", "good"], asked), bearer=True, token_url="https://t.example")
    assert payments.read_payment("main", PAYMENT).payment_id == PAYMENT
    assert asked == ["token", PAYMENT, "token", PAYMENT]


@pytest.mark.parametrize("token", ["", None, 5, "two words", "line\r\nX-Injected: 1", "ümläut"])
def test_what_is_no_token_is_not_sent_anywhere(token: object) -> None:
    """Nothing but a token gets into a header."""
    asked: list[str] = []
    payments = adapter(_refusing([token], asked), bearer=True, token_url="https://t.example")
    result = payments.capture("main", request_for(PAYMENT), Earlier(), lambda: None)
    assert (result.outcome, result.reason) == (Outcome.NOT_SENT, reasons.MISCONFIGURED)
    assert asked == ["token"]


def test_a_broken_token_service_is_transient() -> None:
    """Without a token nothing can be read, which says nothing about the payment."""
    payments = adapter(lambda _: httpx.Response(500), bearer=True, token_url="https://t.example")
    with pytest.raises(Transient, match="unreachable"):
        payments.read_payment("main", PAYMENT)
