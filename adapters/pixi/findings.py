"""What recent orders show about settings that cannot be asked for: signs of events, hold, paid flag, payment ids.

Counts and order numbers only. A list that is missing or refused leaves its questions without data.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from adapters.pixi import mapping, reading
from adapters.pixi.client import Value
from adapters.pixi.clients import NO_VALUES, Session
from adapters.pixi.connection import Limits
from adapters.pixi.reading import Document
from adapters.pixi.trouble import Kind, Trouble
from adapters.pixi.values import Row, RowSet
from adapters.pixi.walltime import to_wall
from domain.erp_probe import ErpFindings, EventSeen, Seen

SAMPLES_AT_MOST = 5
MATCHES_AT_MOST = 20  # documents of each kind whose bookings are read
PAGES_AT_MOST = 4
_NO = frozenset({Kind.REFUSED, Kind.NOT_FOUND, Kind.MALFORMED})


@dataclass
class _Found:
    """What the lists told; order numbers as text, in the order in which they came."""

    headers: dict[str, Row] = field(default_factory=dict)
    by_hand: set[str] = field(default_factory=set)  # orders that no shop sent, which are left out
    tells_id: bool = False
    tells_paid: bool = False
    held: set[str] = field(default_factory=set)
    documents: list[Document] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)
    cut: bool = False


def read_findings(
    session: Session, shop_id: str, payment_code: str, events: Sequence[str], since: datetime, limits: Limits
) -> ErpFindings:
    """Look at the orders and documents since `since`; `events` are the booking events that are ours."""
    look = _Look(session, shop_id, payment_code, since, limits)
    look.read_headers()
    look.read_held()
    look.read_documents()
    found = look.found
    invoices, credit_notes = look.documents(credit=False), look.documents(credit=True)
    matches = look.matches([*_newest(invoices), *_newest(credit_notes)])
    orders = list(dict.fromkeys([*found.headers, *sorted(found.held)]))
    invoiced = {one.order_no for one in found.documents}
    waiting = {
        number: row for number, row in found.headers.items() if number not in invoiced and not row.text("Shipdate")
    }
    settled = [one for one in invoices if one.settled and one.number in matches]
    ours = {event.upper() for event in events}
    known = found.headers if found.tells_id else {}
    return ErpFindings(
        shop_id=shop_id,
        payment_code=payment_code,
        since=since,
        orders=len(orders),
        invoices=len(invoices),
        credit_notes=len(credit_notes),
        held=_seen((one for one in orders if one in found.held), len(orders)),
        with_payment_id=_seen((one for one, row in known.items() if row.text("ccpPayID")), len(known)),
        without_payment_id=_seen((one for one, row in known.items() if not row.text("ccpPayID")), len(known)),
        paid_before_invoice=_seen(
            (one for one, row in waiting.items() if _is_paid(row)), len(waiting) if found.tells_paid else 0
        ),
        settled_elsewhere=_seen(
            (
                one.order_no
                for one in settled
                if not ours & {row.text("EventID").upper() for row in matches[one.number]}
            ),
            len(settled),
        ),
        events=_signs([*invoices, *credit_notes], matches),
        unanswered=tuple(dict.fromkeys(found.unanswered)),
        cut=found.cut,
    )


class _Look:
    """Reads the lists one after the other, each once and within bounds."""

    def __init__(self, session: Session, shop_id: str, payment_code: str, since: datetime, limits: Limits) -> None:
        self._session = session
        self._shop_id = shop_id
        self._code = payment_code
        self._since = to_wall(since)
        self._rows = limits.list_rows
        self.found = _Found()

    def _ask(self, method: str, needed: Mapping[str, Value], optional: Mapping[str, Value] = NO_VALUES) -> RowSet:
        nothing = RowSet(frozenset(), ())
        if not all(self._session.takes(method, name) for name in needed):
            self.found.unanswered.append(method)
            return nothing
        try:
            return self._session.read(method, needed, optional).data
        except Trouble as no:
            if no.kind not in _NO:
                raise
            self.found.unanswered.append(method)
            return nothing

    def _ours(self, row: Row) -> bool:
        """Of this shop and code, as far as the row tells; codes differ by case."""
        shop, code = row.text("ShopID"), row.text("PaymentType", "PaymentCode")
        return shop.upper() in ("", self._shop_id.upper()) and code in ("", self._code)

    def _orders_in(self, data: RowSet) -> dict[str, Row]:
        """Rows by order number; a full page means that there may be more."""
        self.found.cut = self.found.cut or len(data.rows) >= self._rows
        numbered = ((row.number("OrderNr"), row) for row in data.rows if self._ours(row))
        return {str(number): row for number, row in numbered if number is not None}

    def read_headers(self) -> None:
        bounds: dict[str, Value] = {"ShopID": self._shop_id, "FromTime": self._since, "RowCount": self._rows}
        data = self._ask("pixiGetOrderHeader", {"PaymentType": self._code}, bounds)
        listed = self._orders_in(data)
        self.found.by_hand = {number for number, row in listed.items() if _is_by_hand(number, row)}
        self.found.headers = {number: row for number, row in listed.items() if number not in self.found.by_hand}
        self.found.tells_id = data.declares("ccpPayID")
        self.found.tells_paid = data.declares("Paid") or data.declares("PayedSum")

    def read_held(self) -> None:
        bounds: dict[str, Value] = {"ShopID": self._shop_id, "OrderDateFrom": self._since, "RowCount": self._rows}
        asked: dict[str, Value] = {"Status": mapping.HELD_CODE, "PaymentType": self._code}
        self.found.held.update(self._orders_in(self._ask("pixiGetOrderline", asked, bounds)))
        waiting = self._ask("pixiPayGetOrdersToAuthorize", {"PaymentCode": self._code}, {"RowCount": self._rows})
        self.found.held.update(self._orders_in(waiting))
        self.found.held -= self.found.by_hand

    def read_documents(self) -> None:
        """Of the whole shop: there is no list by payment code."""
        last = 0
        for _ in range(PAGES_AT_MOST):
            bounds: dict[str, Value] = {"InvDateFrom": self._since, "RowCount": self._rows}
            bounds |= {"StartKey": last} if last else {}
            data = self._ask("pixiGetInvoice", {"ShopID": self._shop_id}, bounds)
            page = reading.documents_in(data)
            self.found.documents += page
            above = max((one.key for one in page), default=0)
            if len(data.rows) < self._rows:
                return
            if above <= last or not self._session.takes("pixiGetInvoice", "StartKey"):
                break
            last = above
        self.found.cut = True

    def documents(self, *, credit: bool) -> list[Document]:
        return [
            one
            for one in self.found.documents
            if bool(one.credit) is credit
            and (one.payment_code == self._code or (not one.payment_code and one.order_no in self.found.headers))
        ]

    def matches(self, documents: Sequence[Document]) -> dict[str, tuple[Row, ...]]:
        """What was booked on each, by its number; what could not be asked is left out."""
        method = "pixiCAGetInvoiceMatch"
        found: dict[str, tuple[Row, ...]] = {}
        for one in documents:
            if method in self.found.unanswered:
                break
            data = self._ask(method, {"InvoiceNr": one.number})
            if method not in self.found.unanswered:
                found[one.number] = data.rows
        return found


def _is_by_hand(number: str, row: Row) -> bool:
    return not row.text("ccpPayID") and row.text("OrderNrExternal") == f"P{number}"


def _newest(documents: Sequence[Document]) -> list[Document]:
    """The newest on which something was booked."""
    booked = [one for one in documents if one.settled or one.paid > 0]
    return sorted(booked, key=lambda one: one.key)[-MATCHES_AT_MOST:]


def _is_paid(row: Row) -> bool:
    return row.flag("Paid") or (row.decimal("PayedSum") or reading.ZERO) > 0


def _seen(orders: Iterable[str], of: int) -> Seen:
    found = list(dict.fromkeys(orders)) if of else []
    return Seen(len(found), of, tuple(found[-SAMPLES_AT_MOST:]))


def _signs(documents: Sequence[Document], matches: Mapping[str, Sequence[Row]]) -> tuple[EventSeen, ...]:
    counts: Counter[tuple[str, bool, bool]] = Counter()
    samples: dict[str, dict[str, None]] = {}
    for one in documents:
        for row in matches.get(one.number, ()):
            event, amount = row.text("EventID"), row.decimal("Amount")
            if event and amount:
                counts[event, bool(one.credit), amount > 0] += 1
                samples.setdefault(event, {})[one.order_no] = None
    return tuple(
        EventSeen(
            event,
            on_invoices_positive=counts[event, False, True],
            on_invoices_negative=counts[event, False, False],
            on_credit_notes_positive=counts[event, True, True],
            on_credit_notes_negative=counts[event, True, False],
            samples=tuple(samples[event])[-SAMPLES_AT_MOST:],
        )
        for event in sorted(samples)
    )
