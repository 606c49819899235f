"""Finds the orders that may have changed: the changes since the cursor, and what waits for a decision or a capture."""

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from adapters.pixi.client import Value
from adapters.pixi.clients import Session
from adapters.pixi.connection import Limits
from adapters.pixi.cursor import Round, read_cursor, write_cursor
from adapters.pixi.reading import whole_list
from adapters.pixi.trouble import Kind, Trouble
from adapters.pixi.values import Row, RowSet
from adapters.pixi.walltime import to_utc, to_wall
from domain.errors import NotSent
from domain.ports import Candidate, CandidatePage, PollCursor, PolledCode, Seen

log = structlog.get_logger(__name__)

# Lists without an upper bound of their own are asked again for a while, for two clocks are never equal.
OVERLAP = timedelta(minutes=10)
_A_NO = frozenset({Kind.REFUSED, Kind.NOT_FOUND, Kind.MALFORMED})
MARK_LENGTH = 16
_CHANGES = ""
# What a mark is made of: nothing personal, and nothing that differs between two answers about the same state.
_HELD = ("OrderNr", "ShopID", "ccpPayID", "ShipCost", "CurrencyCode", "PaymentCode")
_TO_CAPTURE = ("InvoiceNr", "InvoiceKey", "Total", "OrderNr", "ccpPayID", "CurrencyCode")


class _Found:
    """Orders of one stage by number; several rows of one order make one mark."""

    def __init__(self) -> None:
        self._seen: dict[int, list[str]] = {}
        self._held: set[int] = set()

    def add(self, number: int, said: str, *, held: bool = False) -> None:
        self._seen.setdefault(number, []).append(said)
        if held:
            self._held.add(number)

    def after(self, number: int) -> list[Candidate]:
        """Those with a higher number, in order."""
        return [
            Candidate(str(one), _mark(self._seen[one]), one in self._held) for one in sorted(self._seen) if one > number
        ]


def _mark(said: list[str]) -> str:
    return hashlib.sha256("\n".join(sorted(said)).encode()).hexdigest()[:MARK_LENGTH]


def next_page(
    session: Session, codes: Sequence[PolledCode], cursor: PollCursor, now: datetime, limits: Limits, seen: Seen
) -> CandidatePage:
    """One page of the current round. Raises `Trouble` or `NotSent` when not even the first list could be asked."""
    return _Walk(session, codes, cursor, now, limits, seen).page()


class _Walk:
    """Goes through the stages of a round until the page is full, time is up, or the round is done."""

    def __init__(
        self,
        session: Session,
        codes: Sequence[PolledCode],
        cursor: PollCursor,
        now: datetime,
        limits: Limits,
        seen: Seen,
    ) -> None:
        self._session = session
        self._wanted = {(one.shop_id.upper(), one.payment_code) for one in codes}
        self._codes = sorted({one.payment_code for one in codes})
        self._cursor = cursor
        self._now = now
        self._limits = limits
        self._seen = seen
        self._round = self._begun(read_cursor(cursor.changed_from))
        self._answered = False
        self._refused: Trouble | None = None

    def _begun(self, where: Round) -> Round:
        if where.began:
            return where
        last = self._cursor.last_sweep
        sweep = last is None or self._now - last >= self._limits.sweep_every
        since = where.since or to_wall(self._now - self._limits.first_look_back)
        return Round(since=since, sweep=sweep, began=self._now.isoformat())

    def page(self) -> CandidatePage:
        began = time.monotonic()
        page: dict[str, Candidate] = {}
        while True:
            try:
                found = self._news(self._stage(), page)
            except (NotSent, Trouble):
                if page:  # what was found is handed over first; the next page begins where this one was stopped
                    return self._handed_over(page)
                raise
            room = self._limits.page - len(page)
            for one in found[:room]:
                page[one.order_no] = _together(page.get(one.order_no), one)
            if len(found) > room:
                self._round = replace(self._round, after=int(found[room - 1].order_no))
                return self._handed_over(page)
            later = [code for code in self._codes if code > self._round.stage]
            if not later:
                return self._finished(page)
            self._round = replace(self._round, stage=later[0], after=0)
            if len(page) >= self._limits.page or time.monotonic() - began > self._limits.page_seconds:
                return self._handed_over(page)

    def _news(self, found: list[Candidate], page: dict[str, Candidate]) -> list[Candidate]:
        """What is not known yet. A page of what is known would cost each list one more request."""
        known = self._seen(found) if found else ()
        return [one for one in found if one.order_no in page or one.order_no not in known]

    def _handed_over(self, page: dict[str, Candidate]) -> CandidatePage:
        cursor = PollCursor(write_cursor(self._round), self._cursor.last_sweep)
        return CandidatePage(tuple(page.values()), cursor, more=True, refused=self._refused is not None)

    def _finished(self, page: dict[str, Candidate]) -> CandidatePage:
        if self._refused is not None and not self._answered:
            raise self._refused
        swept = datetime.fromisoformat(self._round.began) if self._round.sweep else self._cursor.last_sweep
        cursor = PollCursor(write_cursor(Round(since=self._round.until or self._round.since)), swept)
        return CandidatePage(tuple(page.values()), cursor, more=False, refused=self._refused is not None)

    def _stage(self) -> list[Candidate]:
        found = _Found()
        if self._round.stage == _CHANGES:
            if not self._read(self._changed, found):  # the next round asks for the same span again
                self._round = replace(self._round, until=self._round.since)
        elif self._round.stage in self._codes:
            self._read(self._held, found)
            self._read(self._to_capture, found)
        return found.after(self._round.after)

    def _read(self, ask: Callable[[_Found], None], found: _Found) -> bool:
        """Whether the list was read: one that the database refuses must not keep the others from being read."""
        try:
            ask(found)
        except Trouble as no:
            if no.kind not in _A_NO:
                raise
            log.error("pixi.list_refused", stage=self._round.stage or "changes", reason=str(no))
            self._refused = no
            return False
        self._answered = True
        return True

    # --- the changes

    def _changed(self, found: _Found) -> None:
        if self._session.offers("pixiGetChangedOrders"):
            self._changed_orders(found)
        elif self._session.takes("pixiGetOrderHeader", "FromUpdateTime"):
            self._changed_by_code(found, self._headers)
        elif self._session.offers("pixiGetOrderChanges"):
            self._changed_by_code(found, self._single_changes)
        else:
            raise Trouble(Kind.MISCONFIGURED, "no list of changes is installed")

    def _changed_orders(self, found: _Found) -> None:
        rows = self._session.read("pixiGetChangedOrders", {"DateTimeFrom": self._round.since}).rows
        for row in rows:
            number = row.number("OrderNr")
            if number is not None and self._polled(row):
                # to be listed is the news: not every change shows in a column
                found.add(number, f"changed {row.text('UpdateDate')} {row.text('DateTimeTo')}")
        if not self._round.until:
            self._round = replace(self._round, until=max((_moment(row.text("DateTimeTo")) for row in rows), default=""))

    def _changed_by_code(self, found: _Found, ask: Callable[[_Found, str], None]) -> None:
        if not self._round.until:
            self._round = replace(self._round, until=max(to_wall(self._now - OVERLAP), self._round.since))
        for code in self._codes:
            ask(found, code)

    def _headers(self, found: _Found, code: str) -> None:
        method = "pixiGetOrderHeader"

        def ask(rows: dict[str, Value]) -> RowSet:
            return self._session.read(method, {"PaymentType": code, "FromUpdateTime": self._round.since}, rows).data

        for row in whole_list(self._session, method, ask, self._limits.list_rows, self._limits).rows:
            number = row.number("OrderNr")
            if number is not None and self._polled(row, code):
                found.add(number, f"changed {row.text('UpdateDate') or self._round.began}")

    def _single_changes(self, found: _Found, code: str) -> None:
        latest: dict[int, str] = {}
        data = self._session.read(
            "pixiGetOrderChanges", {"ChangeType": "ALL", "PaymentType": code, "DateFrom": self._round.since}
        ).data
        for row in data.rows:
            number = row.number("OrderNr")
            if number is not None:
                latest[number] = max(latest.get(number, ""), row.text("Timestamp"))
        for number, moment in latest.items():
            found.add(number, f"changed {moment or self._round.began}")

    # --- what waits

    def _held(self, found: _Found) -> None:
        code = self._round.stage
        for row in self._waiting("pixiPayGetOrdersToAuthorize", code):
            number = row.number("OrderNr")
            if number is not None and self._polled(row, code):
                found.add(number, _said("held", row, _HELD), held=True)

    def _to_capture(self, found: _Found) -> None:
        """Rows without an order number are left to the list of changes, which shipping puts the order on."""
        code = self._round.stage
        for row in self._waiting("pixiPayGetInvoicesToCapture", code):
            number = row.number("OrderNr")
            if number is not None and self._polled(row, code):
                found.add(number, _said("to capture", row, _TO_CAPTURE))

    def _waiting(self, method: str, code: str) -> list[Row]:
        """All rows of one payment code: by the list's own cursor where it has one, else by asking for more."""
        if not self._session.offers(method):
            return []
        asked: dict[str, Value] = {"PaymentCode": code}
        shown: dict[str, Value] = {"ShowAll": True} if self._round.sweep else {}

        def ask(more: dict[str, Value]) -> RowSet:
            return self._session.read(method, asked, shown | more).data

        if not self._session.takes(method, "FromInvoiceId"):
            return list(whole_list(self._session, method, ask, self._limits.waiting_rows, self._limits).rows)
        rows: dict[int, Row] = {}
        above = 0
        while True:
            data = ask({"RowCount": self._limits.waiting_rows, "FromInvoiceId": above})
            if data.rows and not data.declares("InvoiceKey"):
                return list(whole_list(self._session, method, ask, self._limits.waiting_rows, self._limits).rows)
            rows.update((row.number("InvoiceKey") or 0, row) for row in data.rows)
            highest = max(rows, default=0)
            if len(data.rows) < self._limits.waiting_rows or highest <= above:
                return list(rows.values())
            above = highest

    def _polled(self, row: Row, code: str = "") -> bool:
        """Whether shop and payment code are configured, as far as the row tells. Codes differ by case."""
        shop, written = row.text("ShopID").upper(), row.text("PaymentType", "PaymentCode") or code
        return any(
            (not shop or shop == wanted_shop) and (not written or written == wanted_code)
            for wanted_shop, wanted_code in self._wanted
        )


def _together(one: Candidate | None, other: Candidate) -> Candidate:
    if one is None:
        return other
    return Candidate(other.order_no, _mark([one.mark, other.mark]), one.held or other.held)


def _said(what: str, row: Row, columns: tuple[str, ...]) -> str:
    return "\t".join([what, *(row.text(column) for column in columns)])


def _moment(text: str) -> str:
    """A bound as the list gave it, or '' when it is no date."""
    try:
        to_utc(text)
    except ValueError:
        return ""
    return text
