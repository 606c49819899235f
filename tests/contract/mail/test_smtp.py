"""Mails handed over to the mailbox sandbox, and every way in which that fails."""

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.mail.adapter import SmtpNotifier
from adapters.mail.settings import MailSettings
from domain import reasons
from domain.errors import Misconfigured, NotSent
from domain.outcomes import OperationResult, Outcome
from domain.ports import Mail
from domain.tenant_config import Language
from tests.contract.mail.conftest import Postbox
from tests.contract.mail.scripted_server import HANG_UP, scripted_server
from tests.support.ports import free_port
from tests.support.sandbox_process import start_sandbox

PASSWORD = "correct-horse-battery"
UNREACHABLE = (Outcome.NOT_SENT, reasons.UNREACHABLE)
MISCONFIGURED = (Outcome.NOT_SENT, reasons.MISCONFIGURED)
REFUSED = (Outcome.DECLINED, reasons.REFUSED)


def _permit() -> None:
    """Everything may leave."""


def _mail(**changed: Any) -> Mail:
    values = {
        "tenant": "acme",
        "subject": "[acme] 2035 Einzug fehlgeschlagen (Bestellung 4711)",
        "body": "Größe: 3 €\n.\n..Punkt am Anfang\nFrom hier\n",
        "message_id": "<MZXW6YTBOI5GKZLM@holdfast>",
        "language": Language.GERMAN,
    }
    return Mail(**{**values, **changed})


def _ended(result: OperationResult) -> tuple[Outcome, str]:
    return result.outcome, result.reason


def test_a_mail_arrives_as_it_was_written(postbox: Postbox) -> None:
    """Text and subject survive with umlauts and dots, and the headers say what kind of mail this is."""
    before = datetime.now(UTC).replace(microsecond=0)
    result = postbox.notifier().send(_mail(subject="Größe – 5 €"), _permit)
    (arrived,) = postbox.mails()
    assert _ended(result) == (Outcome.SUCCEEDED, "")
    assert result.evidence.reference == arrived["message_id"] == "<MZXW6YTBOI5GKZLM@holdfast>"
    assert arrived["subject"] == "Größe – 5 €"
    assert arrived["text"].splitlines() == _mail().body.splitlines()
    assert (arrived["from"], arrived["to"]) == ("holdfast@acme.example", [postbox.settings.recipient])
    headers = arrived["headers"]
    assert headers["auto-submitted"] == "auto-generated"
    assert headers["content-language"] == "de"
    assert before <= datetime.strptime(headers["date"], "%a, %d %b %Y %H:%M:%S %z") <= datetime.now(UTC)


def test_each_tenant_has_its_own_server_and_recipient(postbox: Postbox) -> None:
    """The tenant of the mail decides where it goes."""
    other = replace(postbox.settings, recipient="other@elsewhere.example")
    notifier = SmtpNotifier({"acme": postbox.settings, "other": other}.__getitem__)
    notifier.send(_mail(), _permit)
    notifier.send(_mail(tenant="other"), _permit)
    assert len(postbox.mails()) == 1


def test_a_refused_mail_is_declined(postbox: Postbox) -> None:
    """A final no of the server is a decline, and nothing arrived."""
    postbox.fault("reject_permanent")
    assert _ended(postbox.notifier().send(_mail(), _permit)) == REFUSED
    assert postbox.mails() == []


def test_a_busy_server_is_not_sent(postbox: Postbox) -> None:
    """A temporary no means that the mail is still ours."""
    postbox.fault("reject_temporary")
    assert _ended(postbox.notifier().send(_mail(), _permit)) == UNREACHABLE
    assert _ended(postbox.notifier().send(_mail(), _permit)) == (Outcome.SUCCEEDED, "")
    assert len(postbox.mails()) == 1


def test_a_cut_connection_before_the_greeting_is_not_sent(postbox: Postbox) -> None:
    """Nothing left us."""
    postbox.fault("refuse")
    assert _ended(postbox.notifier().send(_mail(), _permit)) == UNREACHABLE
    assert postbox.mails() == []


def test_a_closed_port_is_not_sent(postbox: Postbox) -> None:
    """A server that is not there took nothing."""
    notifier = postbox.notifier(replace(postbox.settings, port=free_port()))
    assert _ended(notifier.send(_mail(), _permit)) == UNREACHABLE


def test_a_lost_answer_is_unknown_and_a_repetition_shows_itself(postbox: Postbox) -> None:
    """The mail arrived and we do not know: sent again it carries the same Message-ID, so that both can be told one."""
    postbox.fault("drop_after_data")
    assert _ended(postbox.notifier().send(_mail(), _permit)) == (Outcome.UNKNOWN, reasons.NO_ANSWER)
    assert _ended(postbox.notifier().send(_mail(), _permit)) == (Outcome.SUCCEEDED, "")
    assert [one["message_id"] for one in postbox.mails()] == ["<MZXW6YTBOI5GKZLM@holdfast>"] * 2


def test_a_refused_permit_sends_nothing(postbox: Postbox) -> None:
    """The permit is the last word before the mail leaves."""
    until = datetime(2027, 1, 4, 9, 0, tzinfo=UTC)

    def stop() -> None:
        raise NotSent(reasons.PAUSED, until)

    result = postbox.notifier().send(_mail(), stop)
    assert result == OperationResult(Outcome.NOT_SENT, reasons.PAUSED, retry_at=until)
    assert postbox.mails() == []


def _unknown(_: str) -> MailSettings:
    raise Misconfigured("no mail settings")


def test_a_tenant_without_settings_is_not_sent() -> None:
    """Both ways of saying that there are no settings lead to the same outcome."""
    nothing: dict[str, MailSettings] = {}
    for settings in (nothing.__getitem__, _unknown):
        assert _ended(SmtpNotifier(settings).send(_mail(), _permit)) == MISCONFIGURED


@pytest.mark.parametrize("field", ["sender", "recipient"])
@pytest.mark.parametrize(
    "address",
    ["", "nobody", "a@b\r\nBcc: c@d", "a@b, c@d", "Name <a@b>", "ä@b.example", "a@b c", "a@@b", "a@b\n", "@", "a@"],
)
def test_an_impossible_address_is_a_matter_of_configuration(postbox: Postbox, field: str, address: str) -> None:
    """Only one plain address is an address: nothing can add a second one or a header."""
    changed: dict[str, Any] = {field: address}
    notifier = postbox.notifier(replace(postbox.settings, **changed))
    assert _ended(notifier.send(_mail(), _permit)) == MISCONFIGURED


@pytest.mark.parametrize("host", ["bad host name", "x" * 300, "a..b", ""])
def test_an_impossible_host_sends_nothing(postbox: Postbox, host: str) -> None:
    """Whatever stands in the settings, the outcome is a value."""
    notifier = postbox.notifier(replace(postbox.settings, host=host, port=free_port()))
    assert notifier.send(_mail(), _permit).outcome is Outcome.NOT_SENT


def test_encryption_that_is_not_offered_is_not_done_without(postbox: Postbox) -> None:
    """With `starttls` nothing is sent in the clear, the login included."""
    settings = replace(postbox.settings, starttls=True, user="u", password=PASSWORD)
    assert _ended(postbox.notifier(settings).send(_mail(), _permit)) == MISCONFIGURED
    assert postbox.mails() == []


def test_the_login_is_used_and_never_shown(
    postbox: Postbox, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """The right login sends, a wrong one is a matter of configuration, and no password is printed."""
    caplog.set_level(logging.DEBUG)
    smtp_port = free_port()
    extra = ("--smtp-port", str(smtp_port), "--login", f"merchant:{PASSWORD}")
    process = start_sandbox("sandboxes.mailbox", extra=extra)
    shown: list[Any] = []
    try:
        right = replace(postbox.settings, port=smtp_port, user="merchant", password=PASSWORD)
        for password, expected in ((PASSWORD, (Outcome.SUCCEEDED, "")), ("wrong", MISCONFIGURED), ("ö", MISCONFIGURED)):
            settings = replace(right, password=password)
            result = postbox.notifier(settings).send(_mail(), _permit)
            assert _ended(result) == expected
            shown += [settings, result]
    finally:
        process.stop()
    printed = capsys.readouterr()
    assert PASSWORD not in "\n".join((*map(repr, shown), caplog.text, printed.out, printed.err))


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ({"GREETING": "421 not now"}, UNREACHABLE),
        ({"GREETING": "554 not you"}, UNREACHABLE),
        ({"GREETING": "nonsense"}, UNREACHABLE),
        ({"EHLO": HANG_UP, "HELO": HANG_UP}, UNREACHABLE),
        ({"MAIL": "451 later"}, UNREACHABLE),
        ({"MAIL": "550 never"}, REFUSED),
        ({"MAIL": "nonsense"}, UNREACHABLE),
        ({"MAIL": HANG_UP}, UNREACHABLE),
        ({"RCPT": "450 later"}, UNREACHABLE),
        ({"RCPT": "550 never"}, REFUSED),
        ({"RCPT": HANG_UP}, UNREACHABLE),
        ({"DATA": "451 later"}, UNREACHABLE),
        ({"DATA": "554 never"}, REFUSED),
        ({"DATA": "250 what"}, UNREACHABLE),
        ({"TEXT": "451 later"}, UNREACHABLE),
        ({"TEXT": "554 never"}, REFUSED),
        ({"TEXT": "nonsense"}, (Outcome.UNKNOWN, reasons.BAD_ANSWER)),
        ({"TEXT": "354 more"}, (Outcome.UNKNOWN, reasons.BAD_ANSWER)),
        ({"TEXT": "2" * 9_000}, (Outcome.UNKNOWN, reasons.NO_ANSWER)),
        ({"TEXT": HANG_UP}, (Outcome.UNKNOWN, reasons.NO_ANSWER)),
        ({"QUIT": HANG_UP}, (Outcome.SUCCEEDED, "")),
    ],
)
def test_the_stage_decides_what_a_failure_means(script: dict[str, str], expected: tuple[Outcome, str]) -> None:
    """Until the text has left, the mail is certainly not sent; afterwards only the server's answer tells."""
    with scripted_server(**script) as server:
        settings = MailSettings("127.0.0.1", server.port, "", "", "a@acme.example", "b@acme.example", False, 5.0)
        assert _ended(SmtpNotifier({"acme": settings}.__getitem__).send(_mail(), _permit)) == expected
        took = expected[0] in (Outcome.SUCCEEDED, Outcome.UNKNOWN) or "TEXT" in script
        assert len(server.texts) == took


def test_many_threads_send_side_by_side(postbox: Postbox) -> None:
    """One notifier serves all threads."""
    mails = [_mail(message_id=f"<M{number}AAAA@holdfast>") for number in range(20)]
    notifier = postbox.notifier()
    with ThreadPoolExecutor(6) as threads:
        outcomes = {one.outcome for one in threads.map(lambda mail: notifier.send(mail, _permit), mails)}
    assert outcomes == {Outcome.SUCCEEDED}
    assert sorted(one["message_id"] for one in postbox.mails()) == sorted(one.message_id for one in mails)
