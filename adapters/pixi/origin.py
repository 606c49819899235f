"""Where a document comes from: from the order's own lines, or from somebody's hand (rules P75, P83).

What a document bills or gives back is written on its lines. Reading those costs a request per document, so an invoice
is asked for them only when the order's own lines do not explain it, and the answer is remembered.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal

from adapters.pixi import reading
from adapters.pixi.clients import Session
from adapters.pixi.mapping import Group
from adapters.pixi.memory import Memory
from adapters.pixi.reading import Document, DocumentLines, Line

_LEFT = (Group.HELD, Group.OPEN)
_ROUNDING = Decimal("0.01")  # per invoice: each is rounded on its own
_ALL = 0  # in place of a line's key where the database does not show it


class Origins:
    """Tells documents apart; remembers what stands on them."""

    def __init__(self, at_most: int) -> None:
        self._memory: Memory[DocumentLines] = Memory(at_most)

    def lines_of(self, session: Session, connection: str, document_no: str) -> DocumentLines:
        """What stands on the document. That nothing does is not remembered: the rows of an answer may be lost."""
        found = self._memory.get(
            (connection, document_no.upper()),
            lambda: read if (read := reading.read_document_lines(session, document_no)).lines else None,
        )
        return found or DocumentLines()

    def returns(
        self, session: Session, connection: str, credit_notes: Sequence[Document], lines: Sequence[Line]
    ) -> frozenset[str]:
        """The numbers of the credit notes that belong to returned lines; each piece came back once, so a second credit
        note for it is somebody's own.

        Without the call that shows a document's lines none is: a refund cannot be taken back, so nothing is guessed.
        """
        returned = [line for line in lines if line.group is Group.RETURNED]
        if not (returned and credit_notes and session.offers("pixiGetInvoiceLines")):
            return frozenset()
        listed = {one.number: self.lines_of(session, connection, one.number) for one in credit_notes}
        keyed = all(line.key is not None for line in returned) and all(
            one.keyed for one in listed.values() if one.lines
        )
        unclaimed: dict[int, Decimal] = {}
        for line in returned:
            key = (line.key or _ALL) if keyed else _ALL
            unclaimed[key] = unclaimed.get(key, reading.ZERO) + line.quantity
        return frozenset(number for number, one in listed.items() if _claims(one, unclaimed, keyed=keyed))

    def by_hand(
        self,
        session: Session,
        connection: str,
        invoices: Sequence[Document],
        lines: Sequence[Line],
        ship_cost: Decimal,
        discount: Decimal,
    ) -> frozenset[str]:
        """The numbers of the invoices that bill nothing which the order shipped.

        Without the call that shows a document's lines that is certain only while nothing was shipped at all. Later the
        sums are left to speak: what is invoiced beyond the order is an error of its own.
        """
        unexplained = _unexplained(invoices, lines, ship_cost, discount)
        if not unexplained:
            return frozenset()
        if not session.offers("pixiGetInvoiceLines"):
            return frozenset() if any(line.billed for line in lines) else frozenset(one.number for one in unexplained)
        known = frozenset(line.key for line in lines if line.key is not None)
        return frozenset(
            one.number
            for one in unexplained
            if not _bills(self.lines_of(session, connection, one.number), lambda key: not known or key in known)
        )


def _claims(listed: DocumentLines, unclaimed: dict[int, Decimal], *, keyed: bool) -> bool:
    """Whether the credit note lists a returned piece that no earlier one listed; takes what it lists out."""
    claims = False
    for one in listed.lines:
        key = one.key if keyed else _ALL
        if not one.returned or key is None or unclaimed.get(key, reading.ZERO) <= 0:
            continue
        unclaimed[key] -= one.quantity or unclaimed[key]
        claims = True
    return claims


def _bills(listed: DocumentLines, of_this_order: Callable[[int | None], bool]) -> bool:
    return any(one.billed and (not listed.keyed or of_this_order(one.key)) for one in listed.lines)


def _unexplained(
    invoices: Sequence[Document], lines: Sequence[Line], ship_cost: Decimal, discount: Decimal
) -> list[Document]:
    """The invoices that no line names; where lines name none, all of them if they come to more than was shipped."""
    named = {line.document.upper() for line in lines if line.document}
    if named:
        return [one for one in invoices if one.number.upper() not in named]
    billed = [line for line in lines if line.billed]
    explained = sum((line.worth for line in billed), ship_cost if billed else reading.ZERO)
    if not any(line.group in _LEFT for line in lines):
        explained -= discount
    total = sum((one.total for one in invoices), reading.ZERO)
    return list(invoices) if total > explained + _ROUNDING * len(invoices) else []
