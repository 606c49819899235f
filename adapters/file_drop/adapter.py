"""Putting files into merchants' folders, each whole and once, over SFTP or plain FTP."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog

from adapters.file_drop.account import DropAccount
from adapters.file_drop.ftp import open_ftp
from adapters.file_drop.session import DropTrouble, Lost, Open, Refused, Session
from adapters.file_drop.sftp import open_sftp
from domain import reasons
from domain.file_drop import DropProtocol, DropVerdict, Parcel
from domain.outcomes import Evidence, OperationResult, Outcome
from domain.ports import Earlier, Permits

log = structlog.get_logger(__name__)

OPENERS: dict[DropProtocol, Open] = {DropProtocol.SFTP: open_sftp, DropProtocol.FTP: open_ftp}
_REASONS = {
    DropVerdict.HOST_UNKNOWN: reasons.UNREACHABLE,
    DropVerdict.UNREACHABLE: reasons.UNREACHABLE,
    DropVerdict.FULL: reasons.SERVER_ERROR,
    DropVerdict.BROKEN: reasons.SERVER_ERROR,
}  # whatever else a server refuses is a matter of settings


def _utc_now() -> datetime:
    return datetime.now(UTC)


class ServerFileDrop:
    """Fulfils `domain.file_drop.FileDrop`. `accounts` finds the server of a tenant and raises `Misconfigured`; it may
    block. `clock` gives the present (UTC)."""

    def __init__(
        self,
        accounts: Callable[[str], DropAccount],
        *,
        clock: Callable[[], datetime] = _utc_now,
        openers: dict[DropProtocol, Open] | None = None,
    ) -> None:
        self._accounts = accounts
        self._clock = clock
        self._openers = openers or OPENERS

    async def put(self, parcel: Parcel, earlier: Earlier, permit: Permits) -> OperationResult:
        """Put the file there once. *Unknown* only when the rename was not answered."""
        account = await asyncio.to_thread(self._accounts, parcel.tenant)
        await asyncio.to_thread(permit.look)
        try:
            async with self._openers[account.protocol](account) as session:
                delivery = _Delivery(session, account, parcel, earlier, permit, self._clock())
                result = await delivery.perform()
        except DropTrouble as trouble:  # the rename has its own handling: so far nothing was renamed
            result = _not_sent(trouble)
        log.info(f"file_drop.{result.outcome.value}", tenant=parcel.tenant, file=parcel.name, reason=result.reason)
        return result


@dataclass(frozen=True)
class _Delivery:
    """One execution over one session."""

    session: Session
    account: DropAccount
    parcel: Parcel
    earlier: Earlier
    permit: Permits
    at: datetime

    async def perform(self) -> OperationResult:
        """Look, write under the working name, rename. Raises what goes wrong before the rename."""
        found = await self._found()
        if found is not None:
            return found
        if self.earlier.unheard:
            if await self.session.size(self._working) is None:
                # it was written whole before, and only the rename takes its name away: the merchant has fetched it
                log.info("file_drop.fetched", tenant=self.parcel.tenant, file=self.parcel.name)
                return self._succeeded(by_reading=True)
            if not self.earlier.may_send:
                return OperationResult(Outcome.UNKNOWN, reasons.TOO_EARLY)
        # once more: whoever was held up on the way in may have lost the operation to somebody else
        await asyncio.to_thread(self.permit.look)
        await self.session.write(self._working, self.parcel.content)
        if await self.session.size(self._working) != len(self.parcel.content):
            raise Refused(DropVerdict.BROKEN)
        await asyncio.to_thread(self.permit.send)
        try:
            await self.session.rename(self._working, self._final)
        except Lost:
            return OperationResult(Outcome.UNKNOWN, reasons.NO_ANSWER)
        except Refused as refusal:
            return await self._refused(refusal)
        return self._succeeded(by_reading=False)

    async def _found(self) -> OperationResult | None:
        """What lies under the final name: ours, another's, or nothing (None)."""
        size = await self.session.size(self._final)
        if size is None:
            return None
        if size != len(self.parcel.content) or not await self._is_ours():
            return OperationResult(Outcome.DECLINED, reasons.NAME_TAKEN)
        if self.earlier.sends:  # a rename that was late has left what was written once more
            with suppress(DropTrouble):
                await self.session.remove(self._working)
        return self._succeeded(by_reading=True)

    async def _is_ours(self) -> bool:
        """Whether a file of our size has our content. In a folder that we may not read, one that we have sent."""
        try:
            return await self.session.read(self._final, len(self.parcel.content)) == self.parcel.content
        except Refused:
            return self.earlier.sends > 0

    async def _refused(self, refusal: Refused) -> OperationResult:
        """The server said no to the rename: because the name was taken meanwhile, or for another reason."""
        try:
            return await self._found() or _not_sent(refusal)
        except DropTrouble:
            return _not_sent(refusal)

    @property
    def _final(self) -> str:
        return self.account.path(self.parcel.name)

    @property
    def _working(self) -> str:
        return self.account.path(self.parcel.working_name)

    def _succeeded(self, *, by_reading: bool) -> OperationResult:
        digest = hashlib.sha256(self.parcel.content).hexdigest()
        evidence = Evidence(self._final, digest[:16], at=self.at, found_by_reading=by_reading)
        return OperationResult(Outcome.SUCCEEDED, evidence=evidence)


def _not_sent(trouble: DropTrouble) -> OperationResult:
    reason = reasons.NO_ANSWER if isinstance(trouble, Lost) else _REASONS.get(trouble.verdict, reasons.MISCONFIGURED)
    return OperationResult(Outcome.NOT_SENT, reason)


@asynccontextmanager
async def opened(account: DropAccount) -> AsyncIterator[Session]:
    """A session by the account's protocol. Raises `Refused`."""
    async with OPENERS[account.protocol](account) as session:
        yield session
