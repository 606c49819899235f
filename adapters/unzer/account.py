"""One merchant account at the provider: where it is reached and with which key pair."""

from dataclasses import dataclass, field

DEFAULT_TIMEOUT_SECONDS = 30.0
DEFAULT_CONNECT_SECONDS = 5.0


@dataclass(frozen=True)
class UnzerAccount:
    """Host, keys and patience of one account.

    `base_url` is host and base path in front of `/v1`. With `bearer` requests carry a token that is made at
    `token_url` (host and base path in front of `/v1/auth/token`); otherwise they carry the private key itself.
    """

    name: str
    base_url: str
    public_key: str
    private_key: str = field(repr=False)
    timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS
    connect_seconds: float = DEFAULT_CONNECT_SECONDS
    bearer: bool = False
    token_url: str = ""
