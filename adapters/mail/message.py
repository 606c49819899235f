"""From a mail of the domain to the bytes that are handed over. No value can add a header or a recipient."""

import re
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from adapters.mail.settings import MailSettings
from domain.ports import Mail

_ADDRESS = re.compile(r"[^\s\x00-\x1f\x7f<>()\[\],;:\\\"@]+@[A-Za-z0-9.-]+")
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{3,150}>")
_NOT_IN_A_LINE = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029\ud800-\udfff]+")
_LONGEST_SUBJECT = 200
_POLICY = SMTP.clone(max_line_length=200)  # long enough that no message id is folded


class NoAddress(ValueError):
    """Sender or recipient is no mail address."""


def message(mail: Mail, settings: MailSettings, at: datetime) -> bytes:
    """The mail as it is sent at `at` (UTC). Raises NoAddress, and ValueError for a message id that is none."""
    if not all(_ADDRESS.fullmatch(address) and address.isascii() for address in (settings.sender, settings.recipient)):
        raise NoAddress("sender and recipient must be plain mail addresses")
    if not _MESSAGE_ID.fullmatch(mail.message_id):
        raise ValueError("a message id has the form <...>, without blanks")
    made = EmailMessage(policy=_POLICY)
    made["From"] = settings.sender
    made["To"] = settings.recipient
    made["Subject"] = one_line(mail.subject)
    made["Date"] = format_datetime(at)
    made["Message-ID"] = mail.message_id
    made["Auto-Submitted"] = "auto-generated"
    made["X-Auto-Response-Suppress"] = "All"
    body = mail.body.encode("utf-8", "replace").decode("utf-8")
    made.set_content(body, charset="utf-8", cte="quoted-printable")
    made["Content-Language"] = mail.language.value  # after the text, which sets its own Content- headers
    return made.as_bytes()


def one_line(text: str) -> str:
    """`text` without line breaks and control characters, cut to what a subject needs.

    The standard library would decode what looks like an encoded word, line breaks in it included: none is left.
    """
    return _NOT_IN_A_LINE.sub(" ", text).replace("=?", "= ?").strip()[:_LONGEST_SUBJECT]
