"""A tenant's mail server, and who writes to whom."""

from dataclasses import dataclass, field

DEFAULT_TIMEOUT_SECONDS = 20.0


@dataclass(frozen=True)
class MailSettings:
    """Where a tenant's mails are handed over. Without `user` no login is made.

    `starttls` demands encryption after the greeting, `tls` from the first byte (port 465); the certificate is checked.
    """

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    sender: str
    recipient: str
    starttls: bool = True
    timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS
    tls: bool = False
