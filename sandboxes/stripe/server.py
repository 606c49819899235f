"""All accounts of this sandbox: found by name or key, kept in the state file, working in the background."""

import asyncio
import contextlib
import time
from dataclasses import dataclass, field
from pathlib import Path

from sandboxes.kit.account import Account, AccountStore
from sandboxes.stripe.account import StripeAccount
from sandboxes.stripe.settings import AccountSettings, Permission
from sandboxes.stripe.side import Side

QUICK_SAVE = 0.004  # seconds of computing; an account that takes longer to write is written less often
SAVE_SHARE = 20  # at most one part in so many of the time goes into writing one account


@dataclass(frozen=True)
class Owner:
    """Whom a key belongs to and what it may do; `permissions` None = everything."""

    account: StripeAccount
    side: Side
    kind: str  # secret, publishable, restricted, expired
    permissions: dict[str, Permission] | None = field(default=None, compare=False)


class Server:
    """The accounts and what keeps them running."""

    def __init__(self, state: Path | None) -> None:
        self._store = AccountStore(state)
        self._accounts: dict[str, StripeAccount] = {}
        self._keys: dict[str, Owner] = {}
        self._workers: dict[str, asyncio.Task[None]] = {}
        self._dirty: dict[str, asyncio.TimerHandle] = {}
        self._save_took: dict[str, float] = {}
        self._running = False
        self._store.load(self._make)
        for account in self._accounts.values():
            self._keys.update(_keys(account))

    def _make(self, name: str) -> Account:
        account = StripeAccount(name)
        account.touch = lambda: self.save(account)
        self._accounts[name] = account
        return account

    def find(self, name: str) -> StripeAccount | None:
        return self._accounts.get(name)

    def every(self) -> list[Account]:
        return list(self._accounts.values())

    def accounts(self) -> list[StripeAccount]:
        return list(self._accounts.values())

    def by_key(self, key: str) -> Owner | None:
        return self._keys.get(key)

    def put(self, name: str, settings: AccountSettings) -> StripeAccount:
        """Create or reconfigure an account. Raises ValueError when a key is already another account's."""
        wanted = [*settings.keys(name).values(), *(one.key for one in settings.restricted_keys), *settings.expired_keys]
        for key in wanted:
            owner = self._keys.get(key)
            if owner is not None and owner.account.name != name:
                raise ValueError(f"the key {key[:8]}… belongs to account {owner.account.name!r}")
        account = self._accounts.get(name)
        fresh = account is None
        if account is None:
            self._make(name)
            account = self._accounts[name]
        account.configure(settings.model_copy(update={"reset": False}))
        if settings.reset or fresh:
            account.clear()
            account.effects.clear()
            account.violations.clear()
        self._keys = {key: owner for key, owner in self._keys.items() if owner.account is not account}
        self._keys.update(_keys(account))
        self._start(account)
        self.save(account)
        return account

    def save(self, account: Account) -> None:
        """Write the account now, or soon when it has grown so large that writing it takes long."""
        if not self._store.enabled or account.name in self._dirty:
            return
        took = self._save_took.get(account.name, 0.0)
        if took < QUICK_SAVE or not self._running:
            self._write(account)
            return
        loop = asyncio.get_running_loop()
        self._dirty[account.name] = loop.call_later(took * SAVE_SHARE, self._write, account)

    def _write(self, account: Account) -> None:
        self._dirty.pop(account.name, None)
        began = time.thread_time()
        self._store.save(account)
        self._save_took[account.name] = time.thread_time() - began

    def start(self) -> None:
        """Let every account work by itself; needs the running loop."""
        self._running = True
        for account in self._accounts.values():
            self._start(account)

    def _start(self, account: StripeAccount) -> None:
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
            timer.cancel()
            self._write(self._accounts[name])
        self._store.close()


def _keys(account: StripeAccount) -> dict[str, Owner]:
    """Every key of an account with what it opens."""
    found: dict[str, Owner] = {}
    for name, key in account.keys.items():
        side = account.live if name.startswith("live_") else account.test
        found[key] = Owner(account, side, "secret" if "secret" in name else "publishable")
    for restricted in account.settings.restricted_keys:
        side = account.live if restricted.key.startswith("rk_live_") else account.test
        permissions: dict[str, Permission] = {str(group): one for group, one in restricted.permissions.items()}
        found[restricted.key] = Owner(account, side, "restricted", permissions)
    for key in account.settings.expired_keys:
        found[key] = Owner(account, account.live if key[3:7] == "live" else account.test, "expired")
    return found
