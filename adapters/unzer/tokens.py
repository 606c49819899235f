"""Bearer tokens: made once per key, shared by every thread until shortly before they end."""

import base64
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from adapters.unzer.account import UnzerAccount

MARGIN_SECONDS = 30.0
UNDATED_SECONDS = 300.0  # how long a token is used whose end cannot be read
PAUSE_SECONDS = 0.5  # the provider allows two new tokens per second


@dataclass(frozen=True)
class _Kept:
    token: str
    until: float


class TokenCache:
    """Tokens by key. Their life is measured in real time, whatever clock the rest of the house runs by."""

    def __init__(self, make: Callable[[UnzerAccount], str], clock: Callable[[], float] = time.time) -> None:
        self._make = make
        self._clock = clock
        self._kept: dict[tuple[str, str], _Kept] = {}
        self._lock = threading.Lock()
        self._last = 0.0

    def token(self, account: UnzerAccount) -> str:
        """A token that still lasts; made now when there is none. Raises what `make` raises."""
        with self._lock:
            kept = self._kept.get(_owner(account))
            if kept is None or self._clock() >= kept.until:
                self._wait()
                kept = self._keep(account, self._make(account))
            return kept.token

    def drop(self, account: UnzerAccount, token: str) -> None:
        """Forget a token that was refused, unless another thread has replaced it already."""
        with self._lock:
            kept = self._kept.get(_owner(account))
            if kept is not None and kept.token == token:
                del self._kept[_owner(account)]

    def _keep(self, account: UnzerAccount, token: str) -> _Kept:
        ends = expiry(token)
        until = self._clock() + UNDATED_SECONDS if ends is None else ends - MARGIN_SECONDS
        kept = self._kept[_owner(account)] = _Kept(token, until)
        return kept

    def _wait(self) -> None:
        pause = self._last + PAUSE_SECONDS - time.monotonic()
        if self._last and pause > 0:
            time.sleep(pause)
        self._last = time.monotonic()


def _owner(account: UnzerAccount) -> tuple[str, str]:
    return account.token_url, account.private_key


def expiry(token: str) -> float | None:
    """When the token ends by its own claim (seconds of the epoch), None when it does not say."""
    claims = token.split(".")[1:2]
    try:
        padded = claims[0] + "=" * (-len(claims[0]) % 4)
        ends = json.loads(base64.urlsafe_b64decode(padded))["exp"]
    except (IndexError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return float(ends) if isinstance(ends, int) and not isinstance(ends, bool) and 0 < ends < 2**40 else None
