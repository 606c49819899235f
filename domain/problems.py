"""Catalogue of what an operator may have to see: error numbers, severity, and whether a mail is sent.

A *notice* asks nothing of anybody yet, an *error* needs a person (rule P84). Each error sends one mail (rule P2). The
sentences in German and English stand in `domain.wording`.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Severity(StrEnum):
    """Notice: nobody has to act yet. Error: somebody must."""

    NOTICE = "notice"
    ERROR = "error"


@dataclass(frozen=True)
class ProblemKind:
    """One row of the catalogue."""

    code: str
    number: int
    severity: Severity
    mail: bool


def _notice(code: str, number: int, *, mail: bool = False) -> ProblemKind:
    return ProblemKind(code, number, Severity.NOTICE, mail)


def _error(code: str, number: int) -> ProblemKind:
    return ProblemKind(code, number, Severity.ERROR, True)


def _told_elsewhere(code: str, number: int) -> ProblemKind:
    """An error whose mail is not about the problem but about what led to it."""
    return ProblemKind(code, number, Severity.ERROR, False)


_ROWS = (
    _notice("payment_pending", 1010),  # P10
    _notice("payment_unreadable", 1015),  # P15
    _notice("waiting_for_transfer", 1020),  # P20
    _notice("transfer_too_little", 1029),  # P29
    _notice("transfer_too_much", 1030),  # P29
    _notice("transfer_overdue", 1031, mail=True),  # P29: the operator is told after N days
    _notice("shipped_unpaid", 1032),  # P32
    _notice("hold_aging", 1039),  # P39
    _notice("settlement_late", 1040),  # P40
    _notice("cancel_wished", 1050),
    _notice("give_back_late", 1067),  # P67
    _notice("workflow_cancelled", 1090),
    _notice("hold_ends_soon", 1101, mail=True),  # told before the deadline, with the amount at risk
    _notice("hold_outside_guarantee", 1102),  # the interval is longer than the scheme stands behind the hold
    _notice("not_renewable", 1103, mail=True),
    _notice("hold_unreadable", 1104),
    _notice("failure_file_waits", 1110, mail=True),  # R54: an attempt of its day is still open
    _error("payment_id_missing", 2014),  # P14 and its reasons
    _error("payment_unknown", 2015),
    _error("payment_declined", 2016),
    _error("amount_differs", 2017),
    _error("currency_differs", 2018),
    _error("payment_tag_differs", 2019),
    _error("payment_voided", 2020),
    _error("payment_given_back", 2021),  # the order goes on after its payment was given back
    _error("bank_data_missing", 2023),  # P23
    _error("unsupported_method", 2027),  # P27
    _error("pay_back_by_transfer", 2028),  # P28
    _error("invoices_exceed_order", 2034),  # P34
    _error("capture_failed", 2035),  # P35, P16
    _error("shipment_failed", 2037),  # P36
    _error("capture_unverified", 2036),  # shipped although the payment never passed its check
    _error("authorization_expired", 2039),  # P39
    _error("booking_failed", 2041),
    _error("erp_refused", 2042),  # release, lock, unlock or comment refused
    _error("outcome_unknown", 2043),  # asked again and again without an answer
    _error("misconfigured", 2044),
    _error("cancellation_by_hand", 2050),  # a cancelled order whose money Holdfast must not give back by itself
    _error("cancellation_failed", 2051),  # P51
    _error("credit_note_by_hand", 2070),  # P75, P83
    _error("refund_failed", 2071),  # P71, P61
    _error("credit_note_settled", 2072),  # P72
    _error("refund_exceeds", 2073),  # P73
    _error("refund_incomplete", 2074),
    _error("refunded_by_hand", 2075),  # somebody may have given the amount back at the provider already
    _error("credit_notes_exceed_return", 2076),  # a second credit note for what came back once
    _error("chargeback", 2080),
    _error("invoice_by_hand", 2083),  # P83
    _told_elsewhere("unsecured", 2101),  # R11: nothing is held any more; the failure has its own mail or line
    _told_elsewhere("renewal_failed", 2102),  # the old hold stands until it runs out
    _error("renewal_stopped", 2103),  # R31: a failed action ended renewal
    _error("hold_differs", 2104),  # R72
    _error("two_holds", 2105),  # giving up the older of two holds was refused
    _error("hold_not_usable", 2106),  # what was handed over is no hold
    _error("failure_file_undelivered", 2110),  # R52
    _error("taken_over_unclear", 2091),  # nobody can tell what the application before did
)

CATALOGUE: dict[str, ProblemKind] = {row.code: row for row in _ROWS}


@dataclass(frozen=True)
class Problem:
    """One problem of an order.

    `subject` tells apart several of one kind (an invoice number), `cause` tells a recurrence from the same one (an
    attempt number). `params` are codes, ids and amounts, nothing personal. `solved_at` is set when the condition went
    away (`gone`) or a person marked it solved.
    """

    code: str
    subject: str
    cause: str
    raised_at: datetime
    params: tuple[tuple[str, str], ...] = ()
    solved_at: datetime | None = None
    gone: bool = False

    @property
    def kind(self) -> ProblemKind:
        """Its row of the catalogue."""
        return CATALOGUE[self.code]

    @property
    def name(self) -> str:
        """What tells this occurrence from every other of the order; subject of its mail and comment."""
        return "/".join((self.code, self.subject, self.cause))
