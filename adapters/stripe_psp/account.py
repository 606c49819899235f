"""One Stripe account: its secret key, and where it is reached."""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from domain.errors import Misconfigured

DEFAULT_TIMEOUT_SECONDS = 30.0
DEFAULT_CONNECT_SECONDS = 5.0
STRIPE = ("https", "api.stripe.com")
_KEY = re.compile(r"(?:sk|rk)_(?P<mode>test|live)_[A-Za-z0-9_]{1,240}")


@dataclass(frozen=True)
class StripeAccount:
    """Key and patience of one account, for the test side or the live side.

    `secret_key` is a secret or restricted key. `base_url` (scheme, host and port) leads to a stand-in; None is Stripe
    itself. `timeout_seconds` is how long one request may wait for data, `connect_seconds` for the connection.
    """

    name: str
    secret_key: str = field(repr=False)
    base_url: str | None = None
    timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS
    connect_seconds: float = DEFAULT_CONNECT_SECONDS


def base_of(account: StripeAccount) -> str | None:
    """Where requests of this account go, None for Stripe itself.

    Raises `Misconfigured` for a key that is none, or is a live one beside a foreign address (rule L15). The texts
    carry no part of a key.
    """
    key = _KEY.fullmatch(account.secret_key)
    if key is None:
        raise Misconfigured(f"account {account.name!r} has no secret key of Stripe")
    if account.base_url is None:
        return None
    try:
        where = urlsplit(account.base_url)
        at_stripe = (where.scheme, where.netloc) == STRIPE
    except ValueError:
        raise Misconfigured(f"account {account.name!r} has no usable address") from None
    if where.scheme not in ("http", "https") or not where.netloc or where.query or where.fragment:
        raise Misconfigured(f"account {account.name!r} has no usable address")
    if key["mode"] == "live" and not (at_stripe and where.path in ("", "/")):
        raise Misconfigured(f"account {account.name!r} has a live key, which never leaves for another address")
    return account.base_url.rstrip("/")
