"""Mail goes in over SMTP and comes out over HTTP."""

import smtplib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.sandboxes.mailbox.conftest import Box, letter


def test_a_mail_is_shown_with_its_decoded_headers_and_text(box: Box) -> None:
    """Subject and text with umlauts come out as they were written, and the envelope is kept."""
    box.send("Zahlung über 5 €", text="Grüße aus Köln\n")
    (found,) = box.messages()
    assert (found["subject"], found["text"]) == ("Zahlung über 5 €", "Grüße aus Köln\n")
    assert (found["from"], found["to"]) == ("holdfast@merchant.example", ["a@shop.example"])
    assert found["message_id"] == found["headers"]["message-id"] != ""
    assert box.http.get(f"/messages/{found['id']}").json() == found


def test_messages_are_searched_by_recipient_and_words(box: Box) -> None:
    """Both filters ignore case and narrow the list down."""
    box.send("first", to="one@shop.example")
    box.send("second", to="two@shop.example", text="order SO-77 waits")
    assert [one["subject"] for one in box.messages(to="ONE@")] == ["first"]
    assert [one["subject"] for one in box.messages(q="so-77")] == ["second"]
    assert [one["subject"] for one in box.messages()] == ["second", "first"]
    assert box.messages(to="one@", q="so-77") == []


def test_deleting_empties_the_mailbox(box: Box) -> None:
    """After a delete no message is left and a single one is not found."""
    box.send()
    kept = box.messages()[0]["id"]
    assert box.http.delete("/messages").json() == {"deleted": 1}
    assert box.messages() == []
    assert box.http.get(f"/messages/{kept}").status_code == 404


def test_mail_survives_a_restart(start_box: Callable[..., Box], tmp_path: Path) -> None:
    """A mailbox killed without a farewell shows the mail again when it starts on the same file."""
    first = start_box(state=tmp_path / "mail.db")
    first.send("kept")
    first.process.kill()
    assert [one["subject"] for one in start_box(state=tmp_path / "mail.db").messages()] == ["kept"]


@pytest.mark.parametrize("mechanism", ["auth_plain", "auth_login"])
def test_any_login_is_taken_unless_one_is_configured(box: Box, mechanism: str) -> None:
    """Both login mechanisms work and the name is kept with the mail."""
    with box.connect() as smtp:
        smtp.ehlo()
        smtp.user, smtp.password = "clerk", "secret"
        code, _ = smtp.auth(mechanism.removeprefix("auth_").upper(), getattr(smtp, mechanism))
        assert code == 235
        smtp.send_message(letter("with login"))
    assert box.messages()[0]["login"] == "clerk"


def test_a_wrong_login_is_refused_when_one_is_configured(start_box: Callable[..., Box]) -> None:
    """Only the configured name and password are let in."""
    box = start_box("--login", "clerk:secret")
    with box.connect() as smtp, pytest.raises(smtplib.SMTPAuthenticationError):
        smtp.login("clerk", "wrong")
    with box.connect() as smtp:
        assert smtp.login("clerk", "secret")[0] == 235


def test_the_page_escapes_what_a_mail_says(box: Box) -> None:
    """Markup in a subject or text is shown, not executed."""
    box.send("<script>alert(1)</script>", text="<img src=x>")
    mail = box.http.get(f"/mail/{box.messages()[0]['id']}").text
    for page in (box.http.get("/").text, mail):
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page
    assert "<img" not in mail
