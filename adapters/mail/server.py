"""The conversation with a mail server, and what each way in which it can end means."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from adapters.mail.settings import MailSettings
from domain import reasons
from domain.outcomes import OperationResult, Outcome
from domain.ports import SendPermit

UNREACHABLE = OperationResult(Outcome.NOT_SENT, reasons.UNREACHABLE)
MISCONFIGURED = OperationResult(Outcome.NOT_SENT, reasons.MISCONFIGURED)
REFUSED = OperationResult(Outcome.DECLINED, reasons.REFUSED)
NO_ANSWER = OperationResult(Outcome.UNKNOWN, reasons.NO_ANSWER)
BAD_ANSWER = OperationResult(Outcome.UNKNOWN, reasons.BAD_ANSWER)


class Ended(Exception):
    """The conversation ended before the server took the mail; carries what that means."""

    def __init__(self, result: OperationResult) -> None:
        super().__init__(result.reason)
        self.result = result


@contextmanager
def connected(settings: MailSettings, tls: ssl.SSLContext | None) -> Iterator[smtplib.SMTP]:
    """A connection that is ready to take a mail. Raises Ended when it does not come about."""
    server = None
    try:
        try:
            server = _reached(settings, tls)
        except smtplib.SMTPAuthenticationError as refusal:
            raise Ended(MISCONFIGURED if refusal.smtp_code >= 500 else UNREACHABLE) from None
        except (smtplib.SMTPNotSupportedError, ssl.SSLCertVerificationError, ValueError, OverflowError):
            raise Ended(MISCONFIGURED) from None
        except (smtplib.SMTPException, OSError):
            raise Ended(UNREACHABLE) from None
        yield server
    finally:
        if server is not None:
            with suppress(smtplib.SMTPException, OSError):
                server.quit()
            server.close()


def _reached(settings: MailSettings, tls: ssl.SSLContext | None) -> smtplib.SMTP:
    host, port, timeout = settings.host, settings.port, settings.timeout_seconds
    if settings.tls:
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            host, port, timeout=timeout, context=tls or ssl.create_default_context()
        )
    else:
        server = smtplib.SMTP(host, port, timeout=timeout)
    try:
        server.ehlo_or_helo_if_needed()
        if settings.starttls and not settings.tls:
            server.starttls(context=tls or ssl.create_default_context())
            server.ehlo_or_helo_if_needed()  # encryption starts the conversation anew
        if settings.user:
            server.login(settings.user, settings.password)
    except BaseException:
        server.close()
        raise
    return server


def hand_over(server: smtplib.SMTP, settings: MailSettings, content: bytes, permit: SendPermit) -> None:
    """Envelope, then text. Raises Ended unless the server takes the mail, and what the permit raises."""
    permit()
    try:
        for code, _ in (server.mail(settings.sender), server.rcpt(settings.recipient)):
            _expect(code, otherwise=UNREACHABLE)
    except (smtplib.SMTPException, OSError):
        raise Ended(UNREACHABLE) from None
    try:
        code, _ = server.data(content)
    except smtplib.SMTPDataError as refusal:  # the server did not want to hear the text: none of it left
        raise Ended(REFUSED if refusal.smtp_code // 100 == 5 else UNREACHABLE) from None
    except (smtplib.SMTPException, OSError):
        raise Ended(NO_ANSWER) from None
    _expect(code, otherwise=BAD_ANSWER)


def _expect(code: int, *, otherwise: OperationResult) -> None:
    """Raise Ended unless the code is a yes: 4xx is a matter of time, 5xx is final."""
    if code // 100 != 2:
        raise Ended({4: UNREACHABLE, 5: REFUSED}.get(code // 100, otherwise))
