"""`domain.ports.Erp` and `domain.ports.ErpChanges` on pixi: which calls make up an effect, in which order."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from adapters.pixi import booking, changes, mapping
from adapters.pixi.bank_data import write_bank_data
from adapters.pixi.clients import Clients, Session
from adapters.pixi.connection import Limits, PixiConnection
from adapters.pixi.effects import Effect, carry_out
from adapters.pixi.locking import set_lock
from adapters.pixi.releasing import release
from adapters.pixi.snapshot import Snapshots
from adapters.pixi.trouble import Trouble
from domain.facts import ErpSnapshot
from domain.outcomes import Evidence, OperationResult, Outcome
from domain.ports import (
    BankDataRequest,
    BookRequest,
    CandidatePage,
    CommentRequest,
    Earlier,
    LockRequest,
    PollCursor,
    PolledCode,
    ReleaseRequest,
    Seen,
    SendPermit,
)

Read = TypeVar("Read")


class PixiErp:
    """Both ports on any number of connections; safe to share between threads.

    `connections` finds address and credentials by name each time they are needed and may raise `Misconfigured`.
    Every request, reads included, asks the permit first: the quiet window and the connection's lease hold for all.
    """

    def __init__(
        self,
        connections: Callable[[str], PixiConnection],
        *,
        wsdl_folder: Path | None = None,
        limits: Limits = Limits(),
    ) -> None:
        self._clients = Clients(connections, limits, wsdl_folder)
        self._snapshots = Snapshots(limits)
        self._limits = limits

    def close(self) -> None:
        """Close the connections; the next request opens new ones."""
        self._clients.close()

    # --- effects

    def release(
        self, connection: str, request: ReleaseRequest, earlier: Earlier, permit: SendPermit
    ) -> OperationResult:
        return self._effect(
            connection, request.order_no, earlier, permit, lambda effect: release(effect, request, self._limits)
        )

    def set_lock(self, connection: str, request: LockRequest, earlier: Earlier, permit: SendPermit) -> OperationResult:
        return self._effect(connection, request.order_no, earlier, permit, lambda effect: set_lock(effect, request))

    def write_bank_data(
        self, connection: str, request: BankDataRequest, earlier: Earlier, permit: SendPermit
    ) -> OperationResult:
        return self._effect(
            connection, request.order_no, earlier, permit, lambda effect: write_bank_data(effect, request)
        )

    def book(self, connection: str, request: BookRequest, earlier: Earlier, permit: SendPermit) -> OperationResult:
        return self._effect(
            connection, request.order_no, earlier, permit, lambda effect: booking.book(effect, request, self._limits)
        )

    def comment(
        self, connection: str, request: CommentRequest, earlier: Earlier, permit: SendPermit
    ) -> OperationResult:
        def work(effect: Effect) -> OperationResult:
            found = effect.comment(request.comment)
            return OperationResult(
                Outcome.SUCCEEDED, evidence=Evidence(reference=request.order_no, found_by_reading=found)
            )

        return self._effect(connection, request.order_no, earlier, permit, work)

    def _effect(
        self,
        connection: str,
        order_no: str,
        earlier: Earlier,
        permit: SendPermit,
        work: Callable[[Effect], OperationResult],
    ) -> OperationResult:
        return carry_out(lambda: self._clients.session(connection, permit), order_no, earlier, work)

    # --- reads

    def candidates(
        self,
        connection: str,
        codes: Sequence[PolledCode],
        cursor: PollCursor,
        now: datetime,
        permit: SendPermit,
        seen: Seen,
    ) -> CandidatePage:
        """The next page. Raises `Transient`, `Misconfigured`, `Rejected` (the ERP refuses the question), `NotSent`."""
        return self._read(
            connection, permit, lambda session: changes.next_page(session, codes, cursor, now, self._limits, seen)
        )

    def snapshot(self, connection: str, order_no: str, as_of: datetime, permit: SendPermit) -> ErpSnapshot | None:
        """The order's picture. Raises as `candidates`."""
        return self._read(
            connection, permit, lambda session: self._snapshots.take(session, connection, order_no, as_of)
        )

    def _read(self, connection: str, permit: SendPermit, ask: Callable[[Session], Read]) -> Read:
        try:
            return ask(self._clients.session(connection, permit))
        except Trouble as trouble:
            raise mapping.read_error(trouble) from trouble
