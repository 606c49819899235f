"""Received mail in one SQLite file, newest first."""

import sqlite3
import threading
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

TABLE = """CREATE TABLE IF NOT EXISTS message (
    id INTEGER PRIMARY KEY AUTOINCREMENT, received TEXT NOT NULL, sender TEXT NOT NULL, recipients TEXT NOT NULL,
    login TEXT NOT NULL, raw BLOB NOT NULL)"""


@dataclass(frozen=True)
class Mail:
    """One mail: the envelope as SMTP gave it, and its headers and text decoded."""

    id: int
    received: str
    sender: str
    to: list[str]
    login: str
    subject: str
    message_id: str
    date: str
    text: str
    html: str
    headers: dict[str, str]
    attachments: list[str]

    def view(self) -> dict[str, Any]:
        """The mail as JSON; `from` and `to` are the envelope's."""
        view = asdict(self)
        view["from"] = view.pop("sender")
        return view


class Mailbox:
    """All mail that was taken."""

    def __init__(self, path: Path | None) -> None:
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path if path is not None else ":memory:", check_same_thread=False)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute(TABLE)
        self._db.commit()

    def add(self, sender: str, recipients: list[str], raw: bytes, login: str = "") -> int:
        """Keep a mail; it is on disk when this returns."""
        received = datetime.now(UTC).isoformat()
        with self._lock:
            row = self._db.execute(
                "INSERT INTO message (received, sender, recipients, login, raw) VALUES (?, ?, ?, ?, ?)",
                (received, sender, "\n".join(recipients), login, raw),
            )
            self._db.commit()
        return int(row.lastrowid or 0)

    def find(self, *, to: str = "", q: str = "") -> list[Mail]:
        """Mails whose recipients contain `to` and whose subject, text or addresses contain `q`; case is ignored."""
        with self._lock:
            rows = self._db.execute("SELECT * FROM message ORDER BY id DESC").fetchall()
        mails = [_mail(row) for row in rows]
        wanted, words = to.casefold(), q.casefold()
        return [
            one
            for one in mails
            if any(wanted in address.casefold() for address in one.to or [""])
            and any(words in part.casefold() for part in (one.subject, one.text, one.html, one.sender, *one.to))
        ]

    def get(self, mail_id: int) -> Mail | None:
        with self._lock:
            row = self._db.execute("SELECT * FROM message WHERE id = ?", (mail_id,)).fetchone()
        return _mail(row) if row is not None else None

    def clear(self) -> int:
        with self._lock:
            gone = self._db.execute("DELETE FROM message").rowcount
            self._db.commit()
        return gone

    def close(self) -> None:
        with self._lock:
            self._db.close()


def _mail(row: tuple[int, str, str, str, str, bytes]) -> Mail:
    mail_id, received, sender, recipients, login, raw = row
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return Mail(
        id=mail_id,
        received=received,
        sender=sender,
        to=recipients.split("\n"),
        login=login,
        subject=str(message["subject"] or ""),
        message_id=str(message["message-id"] or ""),
        date=str(message["date"] or ""),
        text=_body(message, "plain"),
        html=_body(message, "html"),
        headers={key.lower(): str(value) for key, value in message.items()},
        attachments=[part.get_filename() or "" for part in message.iter_attachments()],
    )


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    if part is None:
        return ""
    try:
        return str(part.get_content()).replace("\r\n", "\n")
    except (LookupError, ValueError):  # an unknown charset, or a body that is not what it says
        payload = part.get_payload(decode=True)
        return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""
