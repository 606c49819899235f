"""All accounts of this sandbox: found by name or key, kept in the state file, working in the background."""

import asyncio
import contextlib
import logging
import time
from collections import deque
from pathlib import Path

from sandboxes.kit.account import Account, AccountStore
from sandboxes.unzer.account import UnzerAccount
from sandboxes.unzer.agenda import Delayed
from sandboxes.unzer.errors import ApiError
from sandboxes.unzer.operations import play_late
from sandboxes.unzer.settings import AccountSettings, KeyPair

log = logging.getLogger(__name__)
FIRST_PAYMENT = 90_000
QUICK_SAVE = 0.002  # real seconds; an account that takes longer to write is written less often


class Server:
    """The accounts and what keeps them running."""

    def __init__(self, state: Path | None) -> None:
        self._store = AccountStore(state)
        self._accounts: dict[str, UnzerAccount] = {}
        self._keys: dict[str, tuple[UnzerAccount, KeyPair]] = {}
        self._workers: dict[str, asyncio.Task[None]] = {}
        self._dirty: dict[str, asyncio.TimerHandle | None] = {}
        self._save_took: dict[str, float] = {}
        self._last_payment = FIRST_PAYMENT
        self.token_times: dict[str, deque[float]] = {}
        self._running = False
        self._store.load(self._make)
        for account in self._accounts.values():
            self._register_keys(account)
            numbers = [int(one.rpartition("-")[2]) for one in account.payments]
            self._last_payment = max(self._last_payment, *numbers, 0)

    def _make(self, name: str) -> Account:
        account = UnzerAccount(name)
        account.touch = lambda: self.save(account)
        account.new_payment_id = lambda: self._next_payment(account)
        account.late = lambda delayed: self._late(account, delayed)
        self._accounts[name] = account
        return account

    def _next_payment(self, account: UnzerAccount) -> str:
        self._last_payment += 1
        return f"{account.prefix}-pay-{self._last_payment}"

    def _late(self, account: UnzerAccount, delayed: Delayed) -> None:
        try:
            play_late(account, delayed)
        except ApiError as error:  # the request would have been refused: nothing takes effect
            log.info("a late request was refused: %s", error.code)

    def find(self, name: str) -> UnzerAccount | None:
        return self._accounts.get(name)

    def every(self) -> list[Account]:
        return list(self._accounts.values())

    def accounts(self) -> list[UnzerAccount]:
        return list(self._accounts.values())

    def by_key(self, key: str) -> tuple[UnzerAccount, KeyPair] | None:
        """The account that owns a private or public key."""
        return self._keys.get(key)

    def put(self, name: str, settings: AccountSettings) -> UnzerAccount:
        """Create or reconfigure an account. Raises ValueError when a key is already another account's."""
        for pair in settings.key_pairs(name):
            for key in (pair.private_key, pair.public_key):
                owner = self._keys.get(key)
                if owner is not None and owner[0].name != name:
                    raise ValueError(f"the key {key[:7]}… belongs to account {owner[0].name!r}")
        account = self._accounts.get(name)
        if account is None:
            self._make(name)
            account = self._accounts[name]
        account.configure(settings.model_copy(update={"reset": False}))
        if settings.reset:
            account.clear()
            account.effects.clear()
            account.violations.clear()
        self._keys = {key: owner for key, owner in self._keys.items() if owner[0] is not account}
        self._register_keys(account)
        self._start(account)
        self.save(account)
        return account

    def _register_keys(self, account: UnzerAccount) -> None:
        for pair in account.pairs:
            self._keys[pair.private_key] = self._keys[pair.public_key] = (account, pair)

    def save(self, account: Account) -> None:
        """Write the account now, or soon when it has grown so large that writing it takes long."""
        if not self._store.enabled or account.name in self._dirty:
            return
        took = self._save_took.get(account.name, 0.0)
        if took < QUICK_SAVE or not self._running:
            self._write(account)
            return
        loop = asyncio.get_running_loop()
        self._dirty[account.name] = loop.call_later(took * 20, self._write, account)

    def _write(self, account: Account) -> None:
        self._dirty.pop(account.name, None)
        began = time.monotonic()
        self._store.save(account)
        self._save_took[account.name] = time.monotonic() - began

    def start(self) -> None:
        """Let every account work by itself; needs the running loop."""
        self._running = True
        for account in self._accounts.values():
            self._start(account)

    def _start(self, account: UnzerAccount) -> None:
        if self._running and account.name not in self._workers:
            self._workers[account.name] = asyncio.create_task(account.agenda.work())

    async def stop(self) -> None:
        self._running = False
        for worker in self._workers.values():
            worker.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await worker
        self._workers.clear()
        for name, timer in list(self._dirty.items()):
            if timer is not None:
                timer.cancel()
            self._write(self._accounts[name])
        self._store.close()
