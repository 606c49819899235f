"""Orders, invoices and problems as the templates want them: ready texts, in one language."""

from dataclasses import dataclass
from datetime import datetime

from domain.money import Money
from domain.tenant_config import Language
from domain.wording import ProblemText, instant_text
from storage.rows import CreditNoteLine, InvoiceLine, OrderRow, ProblemRow
from web.edge.paths import joined
from web.pages.words import Words
from web.why import cause_words, problem_words


@dataclass(frozen=True)
class OrderView:
    """One order in texts."""

    link: str
    tenant: str
    connection: str
    order_no: str
    shop_order_no: str
    payment_id: str
    status: str
    severity: str
    problem: str
    method: str
    total: str
    captured: str
    booked: str
    refunded: str
    next_due: str
    changed_at: str


@dataclass(frozen=True)
class InvoiceView:
    """One invoice in texts."""

    number: str
    shipped: bool
    settled: bool
    total: str
    capture_outcome: str
    captured: str
    capture_reference: str
    book_outcome: str
    booked: str


@dataclass(frozen=True)
class CreditNoteView:
    """One credit note in texts."""

    number: str
    from_return: bool
    settled: bool
    total: str
    refund_outcome: str
    refunded: str
    refund_reference: str
    book_outcome: str


@dataclass(frozen=True)
class ProblemView:
    """One problem in texts."""

    severity: str
    number: int
    words: ProblemText
    raised_at: str
    solved_at: str


def order_view(order: OrderRow, language: Language) -> OrderView:
    path = joined("ui", "orders", order.connection, order.order_no)
    tenant = joined(order.tenant)[1:]
    return OrderView(
        link=f"{path}?tenant={tenant}&lang={language.value}",
        tenant=order.tenant,
        connection=order.connection,
        order_no=order.order_no,
        shop_order_no=order.shop_order_no,
        payment_id=order.payment_id,
        status=order.status,
        severity=order.severity,
        problem=cause_words(order.problem, language),
        method=Words(language).method(order.method),
        total=_money(order.total_minor, order.currency),
        captured=_money(order.captured_minor, order.currency),
        booked=_money(order.booked_minor, order.currency),
        refunded=_money(order.refunded_minor, order.currency) if order.refunded_minor else "",
        next_due=_instant(order.next_due, language),
        changed_at=_instant(order.changed_at, language),
    )


def invoice_view(invoice: InvoiceLine, currency: str) -> InvoiceView:
    return InvoiceView(
        number=invoice.number,
        shipped=invoice.shipped,
        settled=invoice.settled,
        total=_money(invoice.total_minor, currency),
        capture_outcome=invoice.capture_outcome,
        captured=_money(invoice.captured_minor, currency),
        capture_reference=invoice.capture_reference,
        book_outcome=invoice.book_outcome,
        booked=_money(invoice.booked_minor, currency),
    )


def credit_note_view(credit: CreditNoteLine, currency: str) -> CreditNoteView:
    return CreditNoteView(
        number=credit.number,
        from_return=credit.from_return,
        settled=credit.settled,
        total=_money(credit.total_minor, currency),
        refund_outcome=credit.refund_outcome,
        refunded=_money(credit.refunded_minor, currency),
        refund_reference=credit.refund_reference,
        book_outcome=credit.book_outcome,
    )


def problem_view(problem: ProblemRow, language: Language) -> ProblemView:
    return ProblemView(
        severity=problem.severity,
        number=problem.number,
        words=problem_words(problem.code, dict(problem.params), language),
        raised_at=_instant(problem.raised_at, language),
        solved_at=_instant(problem.solved_at, language),
    )


def _money(amount_minor: int, currency: str) -> str:
    return str(Money(amount_minor, currency)) if currency else "–"


def _instant(at: datetime | None, language: Language) -> str:
    return instant_text(at, language) if at is not None else ""
