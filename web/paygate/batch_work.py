"""Works through batch files: each record is asked for once, in the order of the file as far as one payment goes.

One process at a time does it, the holder of a lease. What was asked for is known by its request id, so whoever goes on
after a crash asks again and hears what the first one heard. Nothing but SQL remembers how far a file has come.
"""

import asyncio
import os
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from itertools import groupby
from uuid import uuid4

import structlog

from domain.authorization.facts import Action as HoldAction
from domain.authorization.facts import ActionKind, Origin
from domain.errors import Transient
from paygate.batch import open_batch
from paygate.batch_records import Action, BadRecord, Record, Version, read_record
from paygate.batch_results import Result as LineResult
from paygate.batch_results import write_results
from paygate.codes import Code
from paygate.lines import BOM, lines, text_of
from storage.authorization_list import AuthorizationRow
from storage.batches import BatchRow, RecordResult
from web.paygate.actions import counted, done
from web.paygate.folder import BatchFolder
from web.paygate.outcomes import OTHER_CURRENCY, Result, failed
from web.paygate.payments import by_pay_id, find
from web.services import Services
from workflows.messages import HoldMessage

log = structlog.get_logger()

LEASE = "batches"
LEASE_TTL = timedelta(seconds=30)
RECORD_SECONDS = 4.0  # how long an outcome is waited for before other payments get their turn
WINDOW = 64
_AT_A_TIME = 8
_LONGEST_HEAD = 200
_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 1.0, 5.0
_KINDS = {
    Action.CAPTURE: ActionKind.CAPTURE,
    Action.CREDIT: ActionKind.REFUND,
    Action.REVERSE: ActionKind.REVERSE,
}
_NO_PAYMENT = ""


async def work_once(services: Services) -> tuple[int, bool]:
    """One window of every file that is open; how many records ended, and whether anything is left."""
    ended, left = 0, False
    for batch in await asyncio.to_thread(services.batches.unfinished):
        try:
            opened = await asyncio.to_thread(services.batches.open_records, batch.id, WINDOW)
            if not opened:
                await asyncio.to_thread(_finish, services, batch)
                continue
            ended += await _work(services, batch, opened)
        except Transient:
            raise
        except Exception:  # one file that cannot be worked on must not hold up the others for ever
            log.exception("batch.failed", batch=batch.id)
        left = True
    return ended, left


async def _work(services: Services, batch: BatchRow, opened: tuple[tuple[int, bytes], ...]) -> int:
    """Records of one payment one after the other, payments side by side; how many ended."""
    version, marked = await asyncio.to_thread(_manner, services, batch)
    records = [read_record(text_of(line, marked=marked), version, number, 0) for number, line in opened]
    found = await asyncio.to_thread(lambda: [_payment(services, batch, one) for one in records])
    ended: list[RecordResult] = []
    pairs = sorted(zip(records, found, strict=True), key=lambda one: (_name(one[1]), one[0].number))
    places = asyncio.Semaphore(_AT_A_TIME)

    async def chain(rows: list[tuple[Record | BadRecord, AuthorizationRow | Code | None]]) -> None:
        async with places:
            for record, row in rows:
                result = await _carried_out(services, batch, record, row)
                if not result.final:
                    return  # the next record of this payment waits for it
                ended.append(RecordResult(record.number, result.status, str(result.code)))

    chains = [list(rows) for _, rows in groupby(pairs, key=lambda one: _name(one[1]))]
    await asyncio.gather(*(chain(rows) for rows in chains))
    await asyncio.to_thread(services.batches.ended, batch.id, ended)
    log.info("batch.worked", batch=batch.id, ended=len(ended), open=len(opened) - len(ended))
    return len(ended)


async def _carried_out(
    services: Services, batch: BatchRow, record: Record | BadRecord, row: AuthorizationRow | Code | None
) -> Result:
    request_id = f"batch/{batch.id}/{record.number}"
    if isinstance(record, BadRecord):
        if isinstance(row, AuthorizationRow) and record.action is not None:
            await counted(services, row, _KINDS[record.action], request_id, Origin.BATCH)
        return failed(record.code, record.sentence)
    if row is None or isinstance(row, Code):
        return failed(row or OTHER_CURRENCY, "there is no such payment")
    if row.currency and record.currency != row.currency:
        await counted(services, row, _KINDS[record.action], request_id, Origin.BATCH)
        return failed(OTHER_CURRENCY, "the payment is in another currency")
    wanted = HoldMessage(request_id, _action(record), origin=Origin.BATCH, actor=f"batch/{batch.name}")
    return await done(services, row, wanted, RECORD_SECONDS)


def _action(record: Record) -> HoldAction:
    kind = _KINDS[record.action]
    if kind is ActionKind.REVERSE:
        return HoldAction(kind)
    return HoldAction(kind, record.amount_minor, final=record.finish_auth, reference=record.ref_nr)


def _payment(services: Services, batch: BatchRow, record: Record | BadRecord) -> AuthorizationRow | Code | None:
    known = services.authorization_list
    if isinstance(record, Record):
        return find(known, batch.tenant, batch.account, record.pay_id, record.trans_id)
    return by_pay_id(known, batch.tenant, batch.account, record.pay_id) if record.pay_id else None


def _name(row: AuthorizationRow | Code | None) -> str:
    return row.workflow_id if isinstance(row, AuthorizationRow) else _NO_PAYMENT


def _manner(services: Services, batch: BatchRow) -> tuple[Version, bool]:
    """The version of a file's records, and whether they are UTF-8; both stand at its beginning."""
    begin = services.batches.head_of(batch.id, _LONGEST_HEAD)
    _, head = next(lines(begin))
    return Version(head.decode("ascii").split(",")[3]), begin.startswith(BOM)


def _finish(services: Services, batch: BatchRow) -> None:
    """Write the file of results."""
    frame = open_batch(services.batches.content(batch.id), batch.merchant_id)
    results = (LineResult(one.status, Code(one.code)) for one in services.batches.results(batch.id))
    services.batches.finish(batch.id, b"".join(write_results(frame, results)), services.now())
    log.info("batch.finished", batch=batch.id, records=batch.records)


class BatchWorker:
    """The loop that a starter runs beside its routes."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._holder = f"{socket.gethostname()}/{os.getpid()}/{uuid4().hex[:8]}"
        self._folder = BatchFolder(services)
        self._ask_lease_at = 0.0
        self._holds = False

    async def run(self) -> None:
        """Work until cancelled; whatever fails is tried again after a pause."""
        pauses = _pauses()
        try:
            while True:
                try:
                    moved = await self._turn()
                except Exception as error:
                    level = log.warning if isinstance(error, Transient) else log.exception
                    level("batch.failed", reason=str(error)[:200])
                    moved = False
                if moved:
                    pauses = _pauses()
                else:
                    await asyncio.sleep(next(pauses))
        finally:
            if self._holds:
                await asyncio.shield(asyncio.to_thread(self._services.leases.release, LEASE, self._holder))

    async def _turn(self) -> bool:
        if not await self._leading():
            return False
        await asyncio.to_thread(self._folder.look)
        ended, _ = await work_once(self._services)
        await asyncio.to_thread(self._folder.give_back)
        return ended > 0

    async def _leading(self) -> bool:
        if time.monotonic() >= self._ask_lease_at:
            take = self._services.leases.acquire
            self._holds = await asyncio.to_thread(take, LEASE, self._holder, LEASE_TTL)
            self._ask_lease_at = time.monotonic() + LEASE_TTL.total_seconds() / 3
        return self._holds


def _pauses() -> Iterator[float]:
    pause = _PAUSE_SECONDS
    while True:
        yield pause
        pause = min(pause * 1.5, _LONGEST_PAUSE_SECONDS)


@asynccontextmanager
async def working(worker: BatchWorker) -> AsyncIterator[None]:
    """The worker beside whatever runs inside the block; ended in order at the end of it."""
    task = asyncio.create_task(worker.run(), name="batches")
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
