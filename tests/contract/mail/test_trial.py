"""A test mail says where its way ended, so that whoever set up the mail server knows which setting to mend."""

from dataclasses import replace
from typing import Any

import pytest

from adapters.mail.settings import MailSettings
from adapters.mail.trial import send_trial
from domain.ports import Mail
from domain.setup import MailVerdict
from domain.tenant_config import Language
from tests.contract.mail.conftest import Postbox
from tests.contract.mail.scripted_server import HANG_UP, scripted_server
from tests.support.ports import free_port
from tests.support.sandbox_process import start_sandbox

MAIL = Mail("acme", "Testmail", "Es funktioniert.\n", "<TRIAL2345@holdfast>", Language.GERMAN)
PASSWORD = "correct-horse-battery"


def test_a_test_mail_arrives(postbox: Postbox) -> None:
    """The server took it, and it is there."""
    assert send_trial(MAIL, postbox.settings) is MailVerdict.TAKEN
    assert [one["subject"] for one in postbox.mails()] == ["Testmail"]


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({"port": "closed"}, MailVerdict.UNREACHABLE),
        ({"host": "no-such-host.invalid"}, MailVerdict.HOST_UNKNOWN),
        ({"host": "bad host name"}, MailVerdict.HOST_UNKNOWN),
        ({"starttls": True}, MailVerdict.NO_ENCRYPTION),
        ({"tls": True}, MailVerdict.NO_ENCRYPTION),
        ({"recipient": "nobody"}, MailVerdict.BAD_ADDRESS),
    ],
)
def test_each_setting_has_its_own_failure(postbox: Postbox, changes: dict[str, Any], verdict: MailVerdict) -> None:
    """Nothing arrives, and the verdict names the setting."""
    if changes.get("port") == "closed":
        changes = {"port": free_port()}
    assert send_trial(MAIL, replace(postbox.settings, **changes)) is verdict
    assert postbox.mails() == []


def test_a_login_is_told_apart(postbox: Postbox) -> None:
    """A wrong password is no unreachable server."""
    smtp_port = free_port()
    process = start_sandbox(
        "sandboxes.mailbox", extra=("--smtp-port", str(smtp_port), "--login", f"merchant:{PASSWORD}")
    )
    try:
        right = replace(postbox.settings, port=smtp_port, user="merchant", password=PASSWORD)
        found = [send_trial(MAIL, replace(right, password=one)) for one in (PASSWORD, "wrong", "ö")]
    finally:
        process.stop()
    assert found == [MailVerdict.TAKEN, MailVerdict.LOGIN_REFUSED, MailVerdict.LOGIN_REFUSED]


@pytest.mark.parametrize(
    ("script", "verdict"),
    [
        ({"GREETING": "421 not now"}, MailVerdict.BUSY),
        ({"GREETING": "554 not you"}, MailVerdict.NO_MAIL_SERVER),
        ({"GREETING": "nonsense"}, MailVerdict.NO_MAIL_SERVER),
        ({"MAIL": "451 later"}, MailVerdict.BUSY),
        ({"MAIL": "550 never"}, MailVerdict.SENDER_REFUSED),
        ({"RCPT": "550 never"}, MailVerdict.RECIPIENT_REFUSED),
        ({"RCPT": HANG_UP}, MailVerdict.NO_MAIL_SERVER),
        ({"DATA": "554 never"}, MailVerdict.TEXT_REFUSED),
        ({"TEXT": "554 never"}, MailVerdict.TEXT_REFUSED),
        ({"TEXT": "354 more"}, MailVerdict.UNCLEAR),
        ({"TEXT": HANG_UP}, MailVerdict.UNCLEAR),
    ],
)
def test_the_stage_at_which_a_server_says_no_is_known(script: dict[str, str], verdict: MailVerdict) -> None:
    """Sender, recipient and text are refused at stages of their own."""
    with scripted_server(**script) as server:
        settings = MailSettings("127.0.0.1", server.port, "", "", "a@acme.example", "b@acme.example", False, 5.0)
        assert send_trial(MAIL, settings) is verdict


def test_a_server_without_login_is_told_apart() -> None:
    """A user is set, and the server offers nobody to log in."""
    with scripted_server() as server:
        settings = MailSettings("127.0.0.1", server.port, "u", PASSWORD, "a@acme.example", "b@acme.example", False, 5.0)
        assert send_trial(MAIL, settings) is MailVerdict.NO_LOGIN
