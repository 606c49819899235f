"""The armed faults of the SMTP side."""

import smtplib

import pytest

from tests.sandboxes.mailbox.conftest import Box, letter


@pytest.mark.parametrize(("kind", "code"), [("reject_temporary", 451), ("reject_permanent", 550)])
def test_a_rejected_mail_is_not_kept(box: Box, kind: str, code: int) -> None:
    """The sender hears the refusal, nothing is kept, and the next mail passes."""
    box.arm(kind=kind)
    with box.connect() as smtp, pytest.raises(smtplib.SMTPDataError) as refused:
        smtp.send_message(letter("refused"))
    assert refused.value.smtp_code == code
    box.send("next")
    assert [one["subject"] for one in box.messages()] == ["next"]


def test_a_dropped_connection_leaves_the_mail_kept(box: Box) -> None:
    """The sender cannot know it, but the mail has arrived."""
    box.arm(kind="drop_after_data")
    smtp = box.connect()
    with pytest.raises(smtplib.SMTPServerDisconnected):
        smtp.send_message(letter("in doubt"))
    smtp.close()
    assert [one["subject"] for one in box.messages()] == ["in doubt"]
    assert "Traceback" not in box.process.said()


def test_a_refused_connection_never_greets(box: Box) -> None:
    """The armed number of connections is cut before the greeting, the next one is served."""
    box.arm(kind="refuse", times=2)
    for _ in range(2):
        with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
            box.connect()
    box.send("served")
    assert [one["subject"] for one in box.messages()] == ["served"]
    assert "Traceback" not in box.process.said()


def test_a_fault_can_wait_for_one_recipient(box: Box) -> None:
    """Mails for others pass, and clearing disarms the fault."""
    box.arm(kind="reject_permanent", times=-1, to="blocked@")
    box.send("free")
    with box.connect() as smtp, pytest.raises(smtplib.SMTPDataError):
        smtp.send_message(letter("stopped", to="blocked@shop.example"))
    assert box.http.delete("/control/faults").status_code == 204
    box.send("free again", to="blocked@shop.example")
    assert [one["subject"] for one in box.messages()] == ["free again", "free"]
