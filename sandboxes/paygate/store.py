"""Keeps merchants over a restart, writing only what has changed: a request costs the same however long a life is."""

import json
import sqlite3
from pathlib import Path
from typing import Any

from sandboxes.kit.account import Account
from sandboxes.paygate.account import PaygateAccount

TABLES = """
CREATE TABLE IF NOT EXISTS account (name TEXT PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS payment (
    no INTEGER PRIMARY KEY, name TEXT NOT NULL, pay_id TEXT NOT NULL, body TEXT NOT NULL, UNIQUE (name, pay_id));
CREATE TABLE IF NOT EXISTS entry (name TEXT, kind TEXT, no INTEGER, body TEXT NOT NULL, PRIMARY KEY (name, kind, no));
"""
LISTS = ("effects", "violations")


class MerchantStore:
    """One SQLite file: a row per account, per payment, and per effect or violation. Without a file nothing is kept."""

    def __init__(self, path: Path | None) -> None:
        self._db = sqlite3.connect(path) if path is not None else None
        self._written: dict[tuple[str, str], int] = {}
        if self._db is not None:
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=OFF")  # enough for a killed process; a machine may lose the end
            self._db.executescript(TABLES)

    def save(self, account: Account) -> None:
        """Write what has changed since the last time; a process that is killed afterwards loses nothing."""
        assert isinstance(account, PaygateAccount)
        changed, account.changed = list(account.changed.values()), {}
        if self._db is None:
            return
        head = json.dumps({"clock": account.clock.dump(), "state": account.head()})
        with self._db:
            self._db.execute("INSERT OR REPLACE INTO account VALUES (?, ?)", (account.name, head))
            self._db.executemany(
                "INSERT INTO payment (name, pay_id, body) VALUES (?, ?, ?) "
                "ON CONFLICT (name, pay_id) DO UPDATE SET body = excluded.body",
                [(account.name, one.pay_id, json.dumps(one.dump())) for one in changed],
            )
            for kind in LISTS:
                self._append(account.name, kind, getattr(account, kind))

    def _append(self, name: str, kind: str, entries: list[dict[str, Any]]) -> None:
        assert self._db is not None
        written = self._written.get((name, kind), 0)
        rows = [(name, kind, no, json.dumps(entries[no])) for no in range(written, len(entries))]
        if rows:
            self._db.executemany("INSERT INTO entry VALUES (?, ?, ?, ?)", rows)
        self._written[(name, kind)] = len(entries)

    def forget(self, account: Account) -> None:
        """Drop what is kept of an account, because it was emptied."""
        for kind in LISTS:
            self._written.pop((account.name, kind), None)
        if self._db is not None:
            with self._db:
                for table in ("account", "payment", "entry"):
                    self._db.execute(f"DELETE FROM {table} WHERE name = ?", (account.name,))

    def load(self) -> list[PaygateAccount]:
        """All kept accounts."""
        if self._db is None:
            return []
        found = []
        for name, head in self._db.execute("SELECT name, body FROM account ORDER BY name").fetchall():
            account, data = PaygateAccount(name), json.loads(head)
            account.clock.restore(data["clock"])
            for kind in LISTS:
                rows = self._db.execute("SELECT body FROM entry WHERE name = ? AND kind = ? ORDER BY no", (name, kind))
                setattr(account, kind, [json.loads(body) for (body,) in rows])
                self._written[(name, kind)] = len(getattr(account, kind))
            payments = self._db.execute("SELECT body FROM payment WHERE name = ? ORDER BY no", (name,)).fetchall()
            account.restore({**data["state"], "payments": [json.loads(body) for (body,) in payments]})
            found.append(account)
        return found

    def close(self) -> None:
        if self._db is not None:
            self._db.close()
