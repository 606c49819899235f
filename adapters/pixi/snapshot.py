"""Puts one order's picture together from what was read, small enough to travel, with a digest of its content."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from decimal import Decimal

from adapters.pixi import mapping, reading
from adapters.pixi.clients import Session
from adapters.pixi.connection import Limits
from adapters.pixi.mapping import Group
from adapters.pixi.origin import Origins
from adapters.pixi.reading import Document, Header, Line, Totals
from adapters.pixi.shop_document import ShopDocument, ShopDocuments
from adapters.pixi.trouble import Incomplete, Kind, Trouble
from adapters.pixi.walltime import to_utc
from domain.facts import CreditNoteRow, ErpSnapshot, InvoiceRow, LineSums, Phase

INVOICES_AT_MOST = 50
CREDIT_NOTES_AT_MOST = 25
DIGEST_LENGTH = 32


class Snapshots:
    """Reads orders. Remembers what cannot change: shop documents, and what stands on invoices and credit notes."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._shop_documents = ShopDocuments(limits.documents_kept)
        self._origins = Origins(limits.documents_kept)

    def take(self, session: Session, connection: str, order_no: str, as_of: datetime) -> ErpSnapshot | None:
        """The picture of the order, or None when the database does not know it. Raises `Trouble`."""
        number = reading.order_number(order_no)
        header = reading.read_header(session, number) if number is not None else None
        if number is None or header is None:
            return None
        # before the lines: goods may come back between two requests, and what a document says, the lines explain
        documents = reading.read_documents(session, number, self._limits)
        try:
            lines = reading.read_lines(session, number, self._limits)
            totals = reading.read_totals(session, number)
        except Incomplete as missing:  # of this order alone: the others can be read
            raise Trouble(Kind.NOT_FOUND, str(missing)) from missing
        phase = mapping.phase_of(line.group for line in lines)
        payment_id = header.payment_id or _payment_id_beside(session, number)
        currency = header.currency or totals.currency or next((one.currency for one in documents if one.currency), "")
        shop_document = None
        if phase is Phase.HELD or not currency:
            shop_document = self._shop_documents.get(session, connection, header)
        found = shop_document or ShopDocument()
        currency = currency or found.currency or session.currency
        if phase is Phase.HELD:
            payment_id = payment_id or found.payment_id
        credit_notes = [one for one in documents if self._is_credit(session, connection, one)]
        invoices = [one for one in documents if one not in credit_notes]
        shown, left_out = _with_room_for(invoices)
        returns = self._origins.returns(session, connection, credit_notes, lines)
        by_hand = self._origins.by_hand(
            session, connection, invoices, lines, _ship_cost(header, totals), abs(totals.discount)
        )
        return _digested(
            ErpSnapshot(
                order_no=header.order_no,
                shop_order_no=header.shop_order_no,
                shop_id=header.shop_id,
                payment_code=header.payment_code,
                payment_id=payment_id,
                currency=currency,
                total_minor=reading.minor_of(order_worth(header, lines, totals), currency),
                phase=phase,
                as_of=as_of,
                digest="",
                locked=bool(header.locked),
                # asked for before the release only, so that the picture does not depend on who remembers it
                payment_tag=(found.payment_tag or None) if phase is Phase.HELD else None,
                held=_sums(lines, Group.HELD, currency),
                open=_sums(lines, Group.OPEN, currency),
                shipped=_sums(lines, Group.SHIPPED, currency),
                cancelled=_sums(lines, Group.CANCELLED, currency),
                returned=_sums(lines, Group.RETURNED, currency),
                invoices=_invoice_rows(shown, by_hand, currency),
                settled_invoices_left_out=len(left_out),
                settled_left_out_minor=sum(reading.minor_of(one.total, currency) for one in left_out),
                credit_notes=_credit_rows(credit_notes, returns, currency),
                created_at=_instant(header.created),
            )
        )

    def _is_credit(self, session: Session, connection: str, document: Document) -> bool:
        """Where no column tells: a credit note is not shipped and lists goods that came back."""
        if document.credit is not None:
            return document.credit
        if document.shipped or not session.offers("pixiGetInvoiceLines"):
            return False
        return any(one.returned for one in self._origins.lines_of(session, connection, document.number).lines)


def order_worth(header: Header, lines: Sequence[Line], totals: Totals) -> Decimal:
    """The whole order as placed: what was cancelled since belongs to it, the minus lines of a replacement do not."""
    goods = sum((line.worth for line in lines if line.group is not Group.REPLACED), reading.ZERO)
    return goods + _ship_cost(header, totals) - abs(totals.discount)


def _ship_cost(header: Header, totals: Totals) -> Decimal:
    return totals.ship_cost if totals.ship_cost is not None else header.ship_cost


def _payment_id_beside(session: Session, number: int) -> str:
    """The payment id beside the header's; of that call's columns none other is looked at."""
    if not session.offers("pixiGetCreditCardInfo"):
        return ""
    rows = session.read("pixiGetCreditCardInfo", {"OrderNr": number}).rows
    return rows[0].text("ccpPayID") if rows else ""


def _sums(lines: Sequence[Line], group: Group, currency: str) -> LineSums:
    worth = [line.worth for line in lines if line.group is group]
    return LineSums(len(worth), reading.minor_of(sum(worth, reading.ZERO), currency))


def _with_room_for(invoices: Sequence[Document]) -> tuple[list[Document], list[Document]]:
    """The invoices to show, those still to be settled first, and the settled ones that are left out."""
    chosen = sorted(invoices, key=lambda one: one.settled)[:INVOICES_AT_MOST]
    shown = [one for one in invoices if one in chosen]
    return shown, [one for one in invoices if one.settled and one not in chosen]


def _invoice_rows(invoices: Sequence[Document], by_hand: frozenset[str], currency: str) -> tuple[InvoiceRow, ...]:
    return tuple(
        InvoiceRow(
            one.number,
            reading.minor_of(one.total, currency),
            one.shipped,
            one.settled,
            by_hand=one.number in by_hand,
        )
        for one in invoices
    )


def _credit_rows(documents: Sequence[Document], returns: frozenset[str], currency: str) -> tuple[CreditNoteRow, ...]:
    chosen = sorted(documents, key=lambda one: one.settled)[:CREDIT_NOTES_AT_MOST]
    return tuple(
        CreditNoteRow(one.number, reading.minor_of(one.total, currency), one.settled, from_return=one.number in returns)
        for one in documents
        if one in chosen
    )


def _instant(wall: str) -> datetime | None:
    try:
        return to_utc(wall) if wall else None
    except ValueError:
        return None


def _digested(snapshot: ErpSnapshot) -> ErpSnapshot:
    content = asdict(snapshot)
    del content["as_of"], content["digest"], content["created_at"]  # the last one never changes
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return replace(snapshot, digest=hashlib.sha256(canonical.encode()).hexdigest()[:DIGEST_LENGTH])
