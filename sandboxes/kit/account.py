"""What an account of any sandbox has: clock, faults, request log, effects, violations; kept in one SQLite file."""

import json
import sqlite3
import threading
from collections import deque
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from sandboxes.kit.clock import AccountClock
from sandboxes.kit.faults import FaultBook

LOG_LIMIT = 20_000


class Account:
    """Base of a sandbox's account. Subclasses keep their own state and say how to dump and restore it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.clock = AccountClock()
        self.faults = FaultBook()
        self.log: deque[dict[str, Any]] = deque(maxlen=LOG_LIMIT)
        self.effects: list[dict[str, Any]] = []
        self.violations: list[dict[str, Any]] = []

    def effect(self, kind: str, **facts: Any) -> dict[str, Any]:
        """Record something that changed the state of this account; tests compare the complete list."""
        entry = {"no": len(self.effects) + 1, "at": self.clock.now().isoformat(), "kind": kind, **facts}
        self.effects.append(entry)
        return entry

    def violation(self, rule: str, **facts: Any) -> None:
        """Record that a client broke a rule of this system (for example a request in the quiet window)."""
        self.violations.append({"at": self.clock.now().isoformat(), "rule": rule, **facts})

    def next_event(self) -> datetime | None:
        """When this account will next do something by itself (a callback, a retry), or None."""
        return None

    async def release_events(self) -> int:
        """Do everything that is due by this account's clock; returns how much was done."""
        return 0

    def set_hold(self, hold: bool) -> None:
        """With `hold` nothing is done by itself until `release_events` is called."""

    def pending_events(self) -> int:
        """How many events are due by the clock and not yet done, those in flight included."""
        return 0

    def dump(self) -> dict[str, Any]:
        """The state of this account as JSON, without log, effects and faults."""
        raise NotImplementedError

    def packed(self) -> dict[str, Any]:
        """What is kept of `dump`; a sandbox with much state may pack it tighter, `restore` takes either."""
        return self.dump()

    def restore(self, data: dict[str, Any]) -> None:
        """Take over what `dump` returned."""
        raise NotImplementedError


class AccountStore:
    """Keeps accounts over a restart: one row per account in a SQLite file, written after each change."""

    def __init__(self, path: Path | None) -> None:
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path if path is not None else ":memory:", check_same_thread=False)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.execute("CREATE TABLE IF NOT EXISTS account (name TEXT PRIMARY KEY, body TEXT NOT NULL)")
        self._db.commit()
        self.enabled = path is not None

    def save(self, account: Account) -> None:
        if not self.enabled:
            return
        body = {
            "clock": account.clock.dump(),
            "effects": account.effects,
            "violations": account.violations,
            "state": account.packed(),
        }
        with self._lock:
            self._db.execute(
                "INSERT INTO account VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET body = excluded.body",
                (account.name, json.dumps(body)),
            )
            self._db.commit()

    def load(self, make: Callable[[str], Account]) -> dict[str, Account]:
        """All kept accounts, each made by `make(name)` and restored."""
        found: dict[str, Account] = {}
        for name, body in self._db.execute("SELECT name, body FROM account ORDER BY name").fetchall():
            data = json.loads(body)
            account = make(name)
            account.clock.restore(data["clock"])
            account.effects = data["effects"]
            account.violations = data["violations"]
            account.restore(data["state"])
            found[name] = account
        return found

    def delete(self, name: str) -> None:
        """Forget what is kept of an account."""
        with self._lock:
            self._db.execute("DELETE FROM account WHERE name = ?", (name,))
            self._db.commit()

    def close(self) -> None:
        with self._lock:
            self._db.close()
