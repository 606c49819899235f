"""What happened to an order, newest first: the facts of its journal, and operations whose end is not known yet."""

from dataclasses import dataclass
from datetime import datetime

from domain.facts import (
    CheckFailed,
    ErpReported,
    Fact,
    OperationEnded,
    PaymentRead,
    PaymentUnreadable,
    ProblemGone,
    ProblemRaised,
    ShippedUnpaid,
    Told,
)
from domain.money import Money
from domain.operations import WHOLE_ORDER, Operation
from domain.tenant_config import Language
from domain.wording import instant_text
from storage.rows import FactRow, OperationRow, OrderRow
from web.pages.words import Words
from web.services import Services
from web.why import cause_words, operation_words, reason_words

FACTS_SHOWN = 200


@dataclass(frozen=True)
class Line:
    """One line; `sort` is fact or operation, `outcome` the code of an operation's outcome."""

    sort: str
    at: str
    iso: str
    text: str
    detail: str = ""
    outcome: str = ""


def timeline(services: Services, order: OrderRow, language: Language) -> tuple[list[Line], bool]:
    """The lines, and whether older ones were left out."""
    first = max(0, order.seq - FACTS_SHOWN)
    facts = services.orders.facts(order.workflow_id, after=first, limit=FACTS_SHOWN)
    lines = [(row.at, row.seq, _of_fact(row, language)) for row in facts]
    lines += [
        (row.created_at, order.seq + 1, _in_progress(row, language))
        for row in services.orders.operations(order.workflow_id)
        if row.result is None
    ]
    return [line for _, _, line in sorted(lines, key=lambda one: one[:2], reverse=True)], first > 0


def _of_fact(row: FactRow, language: Language) -> Line:
    if isinstance(row.fact, OperationEnded):
        return _ended(row.fact, language)
    words = Words(language)
    detail = _detail(row.fact, words) if row.fact is not None else ""
    return Line("fact", instant_text(row.at, language), row.at.isoformat(), words[row.kind], detail)


def _ended(fact: OperationEnded, language: Language) -> Line:
    result, evidence = fact.result, fact.result.evidence
    parts = [_amount(fact.operation), reason_words(result.reason, language), evidence.reference, evidence.trace]
    return _operation_line(
        fact.operation.kind.value,
        fact.operation.subject,
        fact.operation.attempt,
        fact.at,
        language,
        result.outcome.value,
        parts,
    )


def _in_progress(row: OperationRow, language: Language) -> Line:
    return _operation_line(row.kind, row.subject, row.attempt, row.created_at, language, "in_progress", [])


def _operation_line(
    kind: str, subject: str, attempt: int, at: datetime, language: Language, outcome: str, parts: list[str]
) -> Line:
    number = f" ({Words(language)['attempt']} {attempt})" if attempt > 1 else ""
    text = f"{operation_words(kind, language)}: {subject}{number}"
    detail = " · ".join(part for part in parts if part)
    return Line("operation", instant_text(at, language), at.isoformat(), text, detail, outcome)


def _amount(operation: Operation) -> str:
    if operation.amount_minor is None or not operation.currency:
        return ""
    return str(Money(operation.amount_minor, operation.currency))


def _detail(fact: Fact, words: Words) -> str:
    match fact:
        case ErpReported(snapshot):
            parts = [words[snapshot.phase.value], f"{words['invoices']}: {len(snapshot.invoices)}"]
            return " · ".join([*parts, words["locked"]] if snapshot.locked else parts)
        case PaymentRead(snapshot, _):
            return f"{words[snapshot.standing.value]} · {words['captured']} " + str(
                Money(snapshot.captured_minor, snapshot.currency)
            )
        case PaymentUnreadable(_, reason):
            return reason_words(reason, words.language)
        case Told(_, wish, _, actor):
            return " · ".join(part for part in (words[wish.value], actor) if part)
        case CheckFailed(_, problem):
            return cause_words(problem, words.language)
        case ProblemRaised(_, code, subject) | ProblemGone(_, code, subject):
            about = "" if subject == WHOLE_ORDER else subject
            return " · ".join(part for part in (cause_words(code, words.language), about) if part)
        case ShippedUnpaid(_, invoice_no):
            return invoice_no
        case _:
            return ""
