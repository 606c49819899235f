"""All merchants of this sandbox: found by name or merchant id, kept in the state file, working in the background."""

import asyncio
import contextlib
from pathlib import Path

from sandboxes.kit.account import Account
from sandboxes.paygate.account import PaygateAccount
from sandboxes.paygate.operations import play_entry
from sandboxes.paygate.settings import MerchantSettings
from sandboxes.paygate.store import MerchantStore


class Server:
    """The accounts and what keeps them running."""

    def __init__(self, state: Path | None) -> None:
        self._store = MerchantStore(state)
        self._accounts: dict[str, PaygateAccount] = {}
        self._merchants: dict[str, PaygateAccount] = {}
        self._workers: dict[str, asyncio.Task[None]] = {}
        self._running = False
        for account in self._store.load():
            self._adopt(account)

    def _adopt(self, account: PaygateAccount) -> PaygateAccount:
        account.touch = lambda: self.save(account)
        account.play = lambda entry: play_entry(account, entry)
        self._accounts[account.name] = account
        self._merchants[account.settings.merchant_id] = account
        return account

    def find(self, name: str) -> PaygateAccount | None:
        return self._accounts.get(name)

    def every(self) -> list[Account]:
        return list(self._accounts.values())

    def accounts(self) -> list[PaygateAccount]:
        return list(self._accounts.values())

    def by_merchant(self, merchant_id: str) -> PaygateAccount | None:
        return self._merchants.get(merchant_id)

    def put(self, name: str, settings: MerchantSettings) -> PaygateAccount:
        """Create or reconfigure an account. Raises ValueError when the merchant id is another account's."""
        filled = settings.of(name)
        owner = self._merchants.get(filled.merchant_id)
        if owner is not None and owner.name != name:
            raise ValueError(f"the merchant id {filled.merchant_id!r} belongs to account {owner.name!r}")
        account = self._accounts.get(name) or PaygateAccount(name)
        self._merchants.pop(account.settings.merchant_id, None)
        account.settings = filled
        if settings.reset:
            account.clear()
            account.effects.clear()
            account.violations.clear()
            self._store.forget(account)
        self._adopt(account)
        self._start(account)
        self.save(account)
        return account

    def save(self, account: Account) -> None:
        self._store.save(account)

    def start(self) -> None:
        """Let every account work by itself; needs the running loop."""
        self._running = True
        for account in self._accounts.values():
            self._start(account)

    def _start(self, account: PaygateAccount) -> None:
        if self._running and account.name not in self._workers:
            self._workers[account.name] = asyncio.create_task(account.agenda.work())

    async def stop(self) -> None:
        """End the background work; everything is on disk already."""
        self._running = False
        for worker in self._workers.values():
            worker.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await worker
        self._workers.clear()
        self._store.close()
