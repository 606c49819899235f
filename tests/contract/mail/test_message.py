"""The bytes of a mail: no value can add a header, a recipient or an end of the text."""

from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.mail.message import message, one_line
from adapters.mail.settings import MailSettings
from domain.operations import operation_key
from domain.ports import Mail
from domain.tenant_config import Language

AT = datetime(2027, 1, 4, 9, 0, tzinfo=UTC)
SETTINGS = MailSettings("mail.example", 25, "", "", "a@acme.example", "b@acme.example")
HEADERS = {
    *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress"),
    *("Content-Language", "Content-Type", "Content-Transfer-Encoding", "MIME-Version"),
}
ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=300)
NASTY = st.one_of(
    ANY_TEXT,
    st.text("=?QqBb_utf-8 0AaDd:;,.\r\n"),  # what encoded words are made of
    st.sampled_from(["a\r\nBcc: c@d.example", "a\n\nbody", "\r\n.\r\n", "=?utf-8?q?=0ABcc:?=", "=??Q?=0A"]),
)


def _mail(subject: str, body: str, message_id: str = "<ABCDEFGH@holdfast>") -> Mail:
    return Mail("acme", subject, body, message_id, Language.ENGLISH)


@settings(deadline=None)
@given(NASTY, NASTY)
def test_no_value_adds_a_header(subject: str, body: str) -> None:
    """Whatever subject and text contain, the mail has its own headers, once each, and one recipient."""
    content = message(_mail(subject, body), SETTINGS, AT)
    assert content.isascii()
    read = message_from_bytes(content, policy=policy.default)
    assert set(read.keys()) == HEADERS
    assert len(read.keys()) == len(HEADERS)
    assert read["To"] == "b@acme.example"
    assert not read.is_multipart()


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), max_size=300))
def test_a_text_reads_back_as_it_was_written(line: str) -> None:
    """Every letter of a line survives the encoding."""
    read = message_from_bytes(message(_mail("s", f"{line}\nend"), SETTINGS, AT), policy=policy.default)
    assert read.get_content().replace("\r\n", "\n") == f"{line}\nend\n"


@pytest.mark.parametrize(
    ("subject", "shown"),
    [("  a\r\n b\t", "a b"), ("Größe", "Größe"), ("x" * 500, "x" * 200), ("\x00", ""), ("a\u2028b", "a b")],
)
def test_a_subject_is_one_line(subject: str, shown: str) -> None:
    """Line breaks become blanks, and what is too long is cut."""
    assert " ".join(one_line(subject).split()) == shown


@pytest.mark.parametrize("length", [8, 32, 52])
def test_the_message_id_stays_whole(length: int) -> None:
    """The id is one word on one line, however long its key is."""
    message_id = f"<{operation_key('order/acme/erp/4711/mail/x/1', length)}.{'x' * 60}@holdfast>"
    content = message(_mail("s", "b", message_id), SETTINGS, AT)
    assert f"Message-ID: {message_id}\r\n".encode() in content


@pytest.mark.parametrize(
    "message_id", ["", "abc", "<a b@c>", "<a@b>\r\nBcc: c@d", "<a@b>\n", "<ä@b>", "<>", "<a@b><c@d>"]
)
def test_a_broken_message_id_is_a_mistake_of_ours(message_id: str) -> None:
    """Without a usable id repetitions could not be told: this must not be sent."""
    with pytest.raises(ValueError, match="message id"):
        message(_mail("s", "b", message_id), SETTINGS, AT)


def test_the_password_is_not_part_of_the_picture() -> None:
    """Settings can be printed."""
    assert "secret" not in repr(MailSettings("h", 25, "u", "secret", "a@b", "c@d"))


def test_encryption_is_demanded_unless_switched_off() -> None:
    """Who forgets the switch does not send in the clear."""
    assert SETTINGS.starttls
