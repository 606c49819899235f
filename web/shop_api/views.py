"""What the API shows of an order. Amounts are minor units of the order's currency, instants UTC."""

from datetime import datetime

from pydantic import BaseModel

from domain.operations import Note
from domain.tenant_config import Language
from storage.rows import CreditNoteLine, InvoiceLine, OrderRow, ProblemRow
from web.edge.paths import joined
from web.explaining import Explained
from web.why import in_both, problem_words


class OrderLinks(BaseModel):
    """Where to go from an order."""

    self: str
    journal: str


class OrderItem(BaseModel):
    """An order in a list. `problem` is the code of the gravest open problem, '' for none."""

    tenant: str
    connection: str
    order_no: str
    shop_order_no: str
    shop_id: str
    payment_code: str
    payment_id: str
    family: str
    method: str
    status: str
    problem: str
    severity: str
    needs_human: bool
    currency: str
    total_minor: int
    captured_minor: int
    booked_minor: int
    refunded_minor: int
    next_due: datetime | None
    changed_at: datetime
    links: OrderLinks


class OrderList(BaseModel):
    """One page. `next` is the address of the following page, null on the last."""

    orders: list[OrderItem]
    next: str | None


class Invoice(BaseModel):
    """An invoice; outcomes are '' when nothing was tried yet. `settled`: the ERP says that it is cleared."""

    number: str
    total_minor: int
    shipped: bool
    settled: bool
    captured_minor: int
    capture_reference: str
    capture_outcome: str
    booked_minor: int
    book_outcome: str


class CreditNote(BaseModel):
    """A credit note; outcomes are '' when nothing was tried yet. `from_return`: it is about goods that came back."""

    number: str
    total_minor: int
    from_return: bool
    settled: bool
    refunded_minor: int
    refund_reference: str
    refund_outcome: str
    book_outcome: str


class ProblemInWords(BaseModel):
    cause: str
    what_happened: str
    what_to_do: str


class OrderProblem(BaseModel):
    """A problem that the order has, or had when `solved_at` is set."""

    code: str
    number: int
    severity: str
    subject: str
    raised_at: datetime
    solved_at: datetime | None
    de: ProblemInWords
    en: ProblemInWords


class Reason(BaseModel):
    """One sentence with its code."""

    code: str
    params: dict[str, str]
    de: str
    en: str


class Why(BaseModel):
    """Why the order is where it is.

    `live`: the running order said so; otherwise it was worked out from what is stored. `temporal_reachable` false:
    the workflow server could not be asked, so the newest may be missing.
    """

    live: bool
    temporal_reachable: bool
    waits_for: Reason | None
    not_released: Reason | None
    not_captured: Reason | None
    hint: Reason | None


class OrderDetail(OrderItem):
    """One order with everything that belongs to it."""

    why: Why
    invoices: list[Invoice]
    credit_notes: list[CreditNote]
    problems: list[OrderProblem]


def order_path(order: OrderRow) -> str:
    """The order's address; every part percent-encoded."""
    return joined("orders", order.connection, order.order_no)


def item(order: OrderRow, suffix: str = "") -> OrderItem:
    """`suffix` is the query string that the caller needs to reach the order again."""
    fields = {name: getattr(order, name) for name in OrderItem.model_fields if name != "links"}
    path = order_path(order)
    return OrderItem(**fields, links=OrderLinks(self=path + suffix, journal=f"{path}/journal{suffix}"))


def detail(
    order: OrderRow,
    invoices: tuple[InvoiceLine, ...],
    credit_notes: tuple[CreditNoteLine, ...],
    problems: tuple[ProblemRow, ...],
    explained: Explained,
    suffix: str,
) -> OrderDetail:
    told = explained.explanation
    fields = item(order, suffix).model_dump()
    if told is not None and explained.live:
        fields |= {"status": told.status, "next_due": told.next_due}
    return OrderDetail(
        **fields,
        why=Why(
            live=explained.live,
            temporal_reachable=explained.reachable,
            waits_for=reason(told.waits_for if told else None),
            not_released=reason(told.not_released if told else None),
            not_captured=reason(told.not_captured if told else None),
            hint=reason(told.hint if told else None),
        ),
        invoices=[Invoice(**vars(one)) for one in invoices],
        credit_notes=[CreditNote(**vars(one)) for one in credit_notes],
        problems=[_problem(one) for one in problems],
    )


def reason(note: Note | None) -> Reason | None:
    words = in_both(note)
    if note is None or words is None:
        return None
    return Reason(code=note.code, params=dict(note.params), de=words.de, en=words.en)


def _problem(problem: ProblemRow) -> OrderProblem:
    return OrderProblem(
        code=problem.code,
        number=problem.number,
        severity=problem.severity,
        subject=problem.subject,
        raised_at=problem.raised_at,
        solved_at=problem.solved_at,
        de=in_words(problem.code, problem.params, Language.GERMAN),
        en=in_words(problem.code, problem.params, Language.ENGLISH),
    )


def in_words(code: str, params: tuple[tuple[str, str], ...], language: Language) -> ProblemInWords:
    """A problem in one language."""
    words = problem_words(code, dict(params), language)
    return ProblemInWords(cause=words.cause_short, what_happened=words.what_happened, what_to_do=words.what_to_do)
