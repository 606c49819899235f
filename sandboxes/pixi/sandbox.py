"""The accounts of this process, and keeping them over a restart."""

from pathlib import Path

from sandboxes.kit.account import AccountStore
from sandboxes.pixi.account import PixiAccount
from sandboxes.pixi.settings import AccountSettings


class Sandbox:
    """All accounts by name; `save` after each change writes an account when a state file is given."""

    def __init__(self, state: Path | None) -> None:
        self._store = AccountStore(state)
        loaded = self._store.load(PixiAccount)
        self._accounts = {name: one for name, one in loaded.items() if isinstance(one, PixiAccount)}

    def find(self, name: str) -> PixiAccount | None:
        return self._accounts.get(name)

    def every(self) -> list[PixiAccount]:
        return [self._accounts[name] for name in sorted(self._accounts)]

    def put(self, name: str, settings: AccountSettings) -> PixiAccount:
        """Create the account, or give an existing one new settings; its orders stay."""
        account = self._accounts.setdefault(name, PixiAccount(name))
        account.settings = settings if settings.user else settings.model_copy(update={"user": f"pixi{name}"})
        self.save(account)
        return account

    def remove(self, name: str) -> None:
        self._accounts.pop(name, None)
        self._store.delete(name)

    def save(self, account: object) -> None:
        if isinstance(account, PixiAccount):
            self._store.save(account)
