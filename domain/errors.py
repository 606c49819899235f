"""The failure tree: technical failures are exceptions, refusals are outcomes (`domain.outcomes`)."""

from datetime import datetime


class HoldfastError(Exception):
    """Root. The text is short and free of personal data, for it may reach histories, mails and pages."""


class Transient(HoldfastError):
    """The other side could not be asked just now; a read may be repeated."""


class Rejected(HoldfastError):
    """Our request is wrong; repeating it changes nothing, someone must look at Holdfast itself."""


class Misconfigured(HoldfastError):
    """Credentials or settings are missing or refused; the tenant must act."""


class NotSent(HoldfastError):
    """Raised by a send permit: nothing may leave now. Carries the reason code and when to come back (UTC)."""

    def __init__(self, reason: str, retry_at: datetime | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_at = retry_at
