"""Handing mails to the tenant's server over SMTP. At least once: a repetition carries the same Message-ID."""

import ssl
from collections.abc import Callable
from datetime import UTC, datetime

import structlog

from adapters.mail.message import NoAddress, message
from adapters.mail.server import MISCONFIGURED, Ended, connected, hand_over
from adapters.mail.settings import MailSettings
from domain.errors import Misconfigured, NotSent
from domain.outcomes import Evidence, OperationResult, Outcome
from domain.ports import Mail, SendPermit

log = structlog.get_logger(__name__)


def _utc_now() -> datetime:
    return datetime.now(UTC)


class SmtpNotifier:
    """Fulfils `domain.ports.Notifier`; safe for many threads, for each mail has its own connection.

    `settings` finds a tenant's server and raises `Misconfigured` or `LookupError` when there is none. `clock` gives
    the present (UTC), `tls` decides how certificates are checked.
    """

    def __init__(
        self,
        settings: Callable[[str], MailSettings],
        *,
        clock: Callable[[], datetime] = _utc_now,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._tls = tls

    def send(self, mail: Mail, permit: SendPermit) -> OperationResult:
        """Hand the mail over. *Unknown* when the connection broke after the text left: it may or may not arrive."""
        result = self._send(mail, permit)
        log.info(f"mail.{result.outcome.value}", tenant=mail.tenant, message_id=mail.message_id, reason=result.reason)
        return result

    def _send(self, mail: Mail, permit: SendPermit) -> OperationResult:
        at = self._clock()
        try:
            settings = self._settings(mail.tenant)
            content = message(mail, settings, at)
        except (Misconfigured, LookupError, NoAddress):
            return MISCONFIGURED
        try:
            with connected(settings, self._tls) as server:
                hand_over(server, settings, content, permit)
        except Ended as end:
            return end.result
        except NotSent as stop:
            return OperationResult(Outcome.NOT_SENT, stop.reason, retry_at=stop.retry_at)
        return OperationResult(Outcome.SUCCEEDED, evidence=Evidence(reference=mail.message_id, at=at))
