"""A test mail through settings that need not be saved yet: sent once, and what became of it in detail."""

import ssl
from datetime import UTC, datetime

from adapters.mail.message import NoAddress, message
from adapters.mail.server import Ended, connected, hand_over
from adapters.mail.settings import MailSettings
from domain.ports import Mail
from domain.setup import MailVerdict


def send_trial(mail: Mail, settings: MailSettings, *, tls: ssl.SSLContext | None = None) -> MailVerdict:
    """Hand one mail over now. Raises nothing that a setting or a server can bring about."""
    try:
        content = message(mail, settings, datetime.now(UTC))
    except NoAddress:
        return MailVerdict.BAD_ADDRESS
    try:
        with connected(settings, tls) as server:
            hand_over(server, settings, content, _at_once)
    except Ended as end:
        return end.verdict
    return MailVerdict.TAKEN


def _at_once() -> None:
    """Somebody asked for this mail and waits: no pause holds it up."""
