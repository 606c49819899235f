"""A preview in German or English: what would happen to an order, in sentences for a merchant."""

from domain.money import Money
from domain.operations import WHOLE_ORDER, Kind, Operation
from domain.order_state import OrderState
from domain.preview import Preview
from domain.problems import Problem
from domain.tenant_config import Language
from domain.transfers import CANCELLED_LINES
from domain.wording import cause_short, why_text

_WORDS = {
    "capture": ("würde {amount} für Rechnung {subject} einziehen", "would capture {amount} for invoice {subject}"),
    "capture_order": (
        "würde {amount} für die ganze Bestellung einziehen",
        "would capture {amount} for the whole order",
    ),
    "and_book": (" und sie ausgleichen", " and book it"),
    "book": ("würde {amount} für {subject} im ERP buchen", "would book {amount} for {subject} in the ERP"),
    "refund": ("würde {amount} für Gutschrift {subject} erstatten", "would refund {amount} for credit note {subject}"),
    "refund_lines": (
        "würde {amount} für stornierte Positionen zurückgeben",
        "would give back {amount} for cancelled lines",
    ),
    "refund_order": (
        "würde {amount} der stornierten Bestellung erstatten",
        "would refund {amount} of the cancelled order",
    ),
    "void": ("würde {amount} freigeben, die noch gehalten werden", "would give up {amount} that are still held"),
    "report_shipment": ("würde den Versand melden", "would report the shipment"),
    "write_bank_data": ("würde die Überweisungsdaten eintragen", "would write the transfer data"),
    "release": ("würde sie freigeben", "would release it"),
    "release_locked": (
        "würde sie freigeben und für den Versand sperren",
        "would release it, locked for shipping",
    ),
    "lock": ("würde die Versandsperre setzen", "would set the shipping lock"),
    "unlock": ("würde die Versandsperre entfernen", "would take the shipping lock away"),
    "problem": ("wäre ein Problem: {number} {text}", "would be a problem: {number} {text}"),
    "nothing": ("nichts zu tun", "nothing to do"),
    "then": ("danach", "then"),
    "finished": ("ist abgeschlossen, nichts zu übernehmen", "is finished, nothing to take over"),
    "unexplained": (
        "{amount} wurden zurückgegeben, die kein Beleg erklärt; sie bezahlen keine Rechnung mehr",
        "{amount} were given back that no document explains; they pay for no invoice any more",
    ),
    "foreign_lock": (
        "ist im ERP gesperrt; Holdfast nimmt diese Sperre nicht weg",
        "is locked in the ERP; Holdfast will not take that lock away",
    ),
}


def sentences(told: Preview, currency: str, language: Language) -> tuple[str, ...]:
    """What would happen now, in order, which problems there would be, and what the order would wait for."""
    if told.finished:
        return (_word("finished", language),)
    found = _steps(list(told.effects), currency, language)
    found += [_problem(one, language) for one in told.problems]
    waits = why_text(told.waits_for.code, told.waits_for.params, language)
    lead = "then" if told.effects else "nothing"
    return (*found, f"{_word(lead, language)}: {waits}")


def remarks(state: OrderState, language: Language) -> tuple[str, ...]:
    """What a person should know about an order that is taken over, beside what will happen."""
    erp, fact = state.erp, state.taken_over
    if erp is None or fact is None:
        return ()
    found = []
    lines = sum(one.amount_minor or 0 for one in fact.done if one.subject.startswith(CANCELLED_LINES))
    if lines > erp.cancelled.total_minor:
        unexplained = Money(lines - erp.cancelled.total_minor, erp.currency)
        found.append(_word("unexplained", language, amount=str(unexplained)))
    if erp.locked and not fact.lock:
        found.append(_word("foreign_lock", language))
    return tuple(found)


def _steps(operations: list[Operation], currency: str, language: Language) -> list[str]:
    found: list[str] = []
    for place, one in enumerate(operations):
        before = operations[place - 1] if place else None
        moved = before is not None and before.kind in (Kind.CAPTURE, Kind.REFUND)
        if one.kind is Kind.BOOK and moved and before is not None and before.subject == one.subject:
            found[-1] += _word("and_book", language)
            continue
        amount = str(Money(one.amount_minor or 0, one.currency or currency))
        found.append(_word(_code(one), language, amount=amount, subject=one.subject))
    return found


def _code(one: Operation) -> str:
    match one.kind:
        case Kind.CAPTURE if one.subject == WHOLE_ORDER:
            return "capture_order"
        case Kind.REFUND if one.subject.startswith(CANCELLED_LINES):
            return "refund_lines"
        case Kind.REFUND if not one.invoice_no:
            return "refund_order"
        case Kind.RELEASE if one.lock:
            return "release_locked"
        case _:
            return one.kind.value


def _problem(one: Problem, language: Language) -> str:
    said = _word("problem", language, number=str(one.kind.number), text=cause_short(one.code, language))
    return f"{said} ({one.subject})" if one.subject else said


def _word(code: str, language: Language, **params: str) -> str:
    german, english = _WORDS[code]
    return (german if language is Language.GERMAN else english).format(**params)
