"""One MerchantID: where it is reached, how its messages are sealed and signed, and what was agreed on for it."""

import ipaddress
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from domain.errors import Misconfigured
from paygate.envelope import Key, Scheme
from paygate.errors import PaygateError
from paygate.merchants import is_merchant_id

DEFAULT_URL = "https://www.computop-paygate.com/"


@dataclass(frozen=True)
class PaygateTimeouts:
    """Patience in seconds: for a connection, and for the next part of an answer."""

    connect_seconds: float = 5.0
    read_seconds: float = 45.0


@dataclass(frozen=True)
class PaygateAccount:
    """Address and secrets of one MerchantID. Raises `Misconfigured` for what can never work; texts carry no secret.

    `base_url` is what stands in front of the pages; without https only on this machine itself. `flag_stored_card`:
    authorizations without the customer say that they use a stored card (`credentialOnFile`), which some acquirers do
    not want of a reauthorization. `advice_in_code_ext`: where the acquirer's own code is part of the answers, it is the
    scheme's advice; otherwise it is not looked at.
    """

    name: str
    merchant_id: str
    key: Key
    mac_password: str = field(repr=False)
    base_url: str = DEFAULT_URL
    timeouts: PaygateTimeouts = field(default_factory=PaygateTimeouts)
    flag_stored_card: bool = True
    advice_in_code_ext: bool = True

    def __post_init__(self) -> None:
        if not is_merchant_id(self.merchant_id):
            raise Misconfigured(f"the MerchantID of account {self.name!r} is none")
        if not self.mac_password or not _is_latin(self.mac_password):
            raise Misconfigured(f"the HMAC password of account {self.name!r} is missing or has impossible characters")
        if not _is_safe(self.base_url):
            raise Misconfigured(f"the address of account {self.name!r} must be an https address")

    @classmethod
    def of(
        cls,
        name: str,
        merchant_id: str,
        cipher: str,
        password: str,
        mac_password: str,
        base_url: str = DEFAULT_URL,
        timeouts: PaygateTimeouts | None = None,
    ) -> "PaygateAccount":
        """An account from the texts that a merchant enters; `cipher` is `blowfish` or `aes`. Raises `Misconfigured`."""
        try:
            key = Key.of(Scheme(cipher), password)
        except (PaygateError, ValueError):
            raise Misconfigured(f"cipher and password of account {name!r} do not fit together") from None
        return cls(name, merchant_id, key, mac_password, base_url, timeouts or PaygateTimeouts())

    def page(self, name: str) -> str:
        """The address of a page such as `capture`."""
        return f"{self.base_url.rstrip('/')}/{name}.aspx"


def _is_latin(text: str) -> bool:
    return all(ord(one) < 256 for one in text)


def _is_safe(url: str) -> bool:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    plain = not (parts.query or parts.fragment or parts.username or parts.password)
    if not plain or not parts.hostname or port == 0:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts))


def _is_loopback(parts: SplitResult) -> bool:
    host = parts.hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
