"""The conversation with a mail server, and what each way in which it can end means."""

import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from adapters.mail.settings import MailSettings
from domain import reasons
from domain.outcomes import OperationResult, Outcome
from domain.ports import SendPermit
from domain.setup import MailVerdict

UNREACHABLE = OperationResult(Outcome.NOT_SENT, reasons.UNREACHABLE)
MISCONFIGURED = OperationResult(Outcome.NOT_SENT, reasons.MISCONFIGURED)
REFUSED = OperationResult(Outcome.DECLINED, reasons.REFUSED)
NO_ANSWER = OperationResult(Outcome.UNKNOWN, reasons.NO_ANSWER)
BAD_ANSWER = OperationResult(Outcome.UNKNOWN, reasons.BAD_ANSWER)


class Ended(Exception):
    """The conversation ended before the server took the mail; carries what that means, and where it ended."""

    def __init__(self, result: OperationResult, verdict: MailVerdict) -> None:
        super().__init__(result.reason)
        self.result = result
        self.verdict = verdict


@contextmanager
def connected(settings: MailSettings, tls: ssl.SSLContext | None) -> Iterator[smtplib.SMTP]:
    """A connection that is ready to take a mail. Raises Ended when it does not come about."""
    server = None
    try:
        try:
            server = _reached(settings, tls)
            _log_in(server, settings)
        except smtplib.SMTPAuthenticationError as refusal:
            if refusal.smtp_code >= 500:
                raise Ended(MISCONFIGURED, MailVerdict.LOGIN_REFUSED) from None
            raise Ended(UNREACHABLE, MailVerdict.BUSY) from None
        except smtplib.SMTPNotSupportedError:
            raise Ended(MISCONFIGURED, MailVerdict.NO_LOGIN if server else MailVerdict.NO_ENCRYPTION) from None
        except ssl.SSLCertVerificationError:
            raise Ended(MISCONFIGURED, MailVerdict.CERTIFICATE) from None
        except (ValueError, OverflowError):
            raise Ended(MISCONFIGURED, MailVerdict.LOGIN_REFUSED if server else MailVerdict.HOST_UNKNOWN) from None
        except (smtplib.SMTPException, OSError) as failure:
            raise Ended(UNREACHABLE, _where(failure)) from None
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
    except BaseException:
        server.close()
        raise
    return server


def _log_in(server: smtplib.SMTP, settings: MailSettings) -> None:
    if settings.user:
        server.login(settings.user, settings.password)


def _where(failure: Exception) -> MailVerdict:
    """Where the way to the server ended."""
    match failure:
        case smtplib.SMTPResponseException(smtp_code=code) if code // 100 == 4:
            return MailVerdict.BUSY
        case socket.gaierror():
            return MailVerdict.HOST_UNKNOWN
        case ssl.SSLError():
            return MailVerdict.NO_ENCRYPTION
        case smtplib.SMTPException():
            return MailVerdict.NO_MAIL_SERVER
        case _:
            return MailVerdict.UNREACHABLE


def hand_over(server: smtplib.SMTP, settings: MailSettings, content: bytes, permit: SendPermit) -> None:
    """Envelope, then text. Raises Ended unless the server takes the mail, and what the permit raises."""
    permit()
    try:
        _expect(server.mail(settings.sender)[0], UNREACHABLE, MailVerdict.SENDER_REFUSED)
        _expect(server.rcpt(settings.recipient)[0], UNREACHABLE, MailVerdict.RECIPIENT_REFUSED)
    except (smtplib.SMTPException, OSError):
        raise Ended(UNREACHABLE, MailVerdict.NO_MAIL_SERVER) from None
    try:
        code, _ = server.data(content)
    except smtplib.SMTPDataError as refusal:  # the server did not want to hear the text: none of it left
        if refusal.smtp_code // 100 == 5:
            raise Ended(REFUSED, MailVerdict.TEXT_REFUSED) from None
        raise Ended(UNREACHABLE, MailVerdict.BUSY) from None
    except (smtplib.SMTPException, OSError):
        raise Ended(NO_ANSWER, MailVerdict.UNCLEAR) from None
    _expect(code, BAD_ANSWER, MailVerdict.TEXT_REFUSED)


def _expect(code: int, otherwise: OperationResult, refused: MailVerdict) -> None:
    """Raise Ended unless the code is a yes: 4xx is a matter of time, 5xx is final."""
    if code // 100 == 2:
        return
    if code // 100 == 5:
        raise Ended(REFUSED, refused)
    if code // 100 == 4:
        raise Ended(UNREACHABLE, MailVerdict.BUSY)
    raise Ended(otherwise, MailVerdict.UNCLEAR if otherwise is BAD_ANSWER else MailVerdict.NO_MAIL_SERVER)
