"""All accounts, the folder that holds their files and the host key, and the way from threads to the event loop."""

import asyncio
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import asyncssh

from sandboxes.fileserver.account import FileAccount
from sandboxes.fileserver.settings import AccountSettings, Protocol, Refusals
from sandboxes.kit.account import Account, AccountStore

T = TypeVar("T")
ANSWER_WITHIN = 20.0  # real seconds a thread waits for the event loop


class Server:
    """`state` is a SQLite file; files and host key lie in the folder of the same name with `.files`."""

    def __init__(self, state: Path | None) -> None:
        self._scratch = tempfile.TemporaryDirectory(prefix="fileserver-") if state is None else None
        self.folder = Path(self._scratch.name) if self._scratch else Path(f"{state}.files").resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        self._store = AccountStore(state)
        self._accounts: dict[str, FileAccount] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self.refusals = Refusals()
        self.host_key = self._host_key()
        self.ports: dict[Protocol, int] = {}
        self._store.load(self._make)

    def _host_key(self) -> asyncssh.SSHKey:
        path = self.folder / "host_key"
        if path.exists():
            return asyncssh.read_private_key(path)
        key = asyncssh.generate_private_key("ssh-ed25519")
        key.write_private_key(path)
        path.chmod(0o600)
        return key

    @property
    def public_host_key(self) -> str:
        """The host key as a line of `known_hosts` has it, without the host."""
        return self.host_key.export_public_key().decode().strip()

    def _make(self, name: str) -> FileAccount:
        account = FileAccount(name, self.folder / "homes" / name)
        self._accounts[name] = account
        return account

    def find(self, name: str) -> FileAccount | None:
        return self._accounts.get(name)

    def every(self) -> list[Account]:
        return list(self._accounts.values())

    def accounts(self) -> list[FileAccount]:
        return list(self._accounts.values())

    def by_user(self, user: str) -> FileAccount | None:
        return next((one for one in self._accounts.values() if one.settings.user == user), None)

    def put(self, name: str, settings: AccountSettings) -> FileAccount:
        """Create or reconfigure an account. Raises ValueError when the user is another account's."""
        filled = settings.of(name)
        owner = self.by_user(str(filled.user))
        if owner is not None and owner.name != name:
            raise ValueError(f"the user {filled.user!r} belongs to account {owner.name!r}")
        account = self._accounts.get(name) or self._make(name)
        account.settings = filled
        if settings.reset:
            shutil.rmtree(account.home)
            account.home.mkdir()
            account.uploads.clear()
            account.effects.clear()
            account.violations.clear()
        account.make_folders()
        self.save(account)
        return account

    def save(self, account: Account) -> None:
        self._store.save(account)

    def run_on(self, loop: asyncio.AbstractEventLoop) -> None:
        """Say which loop owns the accounts."""
        self._loop = loop

    def on_loop(self, work: Callable[[], T]) -> T:
        """Let the event loop do something and wait for it; called from the threads of the FTP side."""
        assert self._loop is not None, "the server runs"

        async def there() -> T:
            return work()

        return asyncio.run_coroutine_threadsafe(there(), self._loop).result(ANSWER_WITHIN)

    def close(self) -> None:
        self._store.close()
        if self._scratch is not None:
            self._scratch.cleanup()
