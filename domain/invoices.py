"""What an order's invoices need: how much to capture for each and whether it may be booked (rules P30-P35, P38).

The difference between families is arithmetic, not branching by method: money that was taken before shipping covers
invoices from the first on, and only what it does not cover is captured.
"""

from dataclasses import dataclass

from domain.facts import ErpSnapshot, InvoiceRow
from domain.operations import MONEY, WHOLE_ORDER, Kind
from domain.order_state import OrderState
from domain.payment_methods import Family, method
from domain.tenant_config import AppMode, OrderConfig
from domain.transfers import lines_given_back_minor


@dataclass(frozen=True)
class InvoiceNeed:
    """One shipped invoice that nobody has settled.

    `wanted_minor` is the part of it that no earlier money covers, `capture_minor` what to capture for it (a rounding
    difference less at most). `sum_minor` is the sum of all invoices up to and with this one, `ordered_minor` the order
    less lines that were given back; `exceeds`: the sum is more than that (rule P34).
    """

    invoice: InvoiceRow
    wanted_minor: int
    capture_minor: int
    sum_minor: int
    ordered_minor: int
    exceeds: bool


def takes_at_release(state: OrderState, config: OrderConfig) -> bool:
    """Whether the whole amount is taken before release: card, PayPal and Apple Pay in standard mode (rule P16).

    Not where another application has released the order: what it did not take then is taken per invoice.
    """
    if state.released_before:
        return False
    row = method(state.check.method) if state.check else None
    return row is not None and row.family is Family.MODE and row.capture and config.mode is AppMode.STANDARD


def release_capture_minor(state: OrderState, config: OrderConfig) -> int:
    """What is still to be taken before release, in minor units (rules P16, P17, P18).

    The whole order less what the shop took already, and never more than the hold allows: a difference within the
    tolerance is left alone.
    """
    check, erp = state.check, state.erp
    if check is None or not check.passed or erp is None or not takes_at_release(state, config):
        return 0
    rounded = check.taken_minor > 0 or state.rules < 2  # an order of a few cents is no rounding difference
    if rounded and erp.total_minor - check.taken_minor <= config.tolerance_minor:
        return 0
    return max(0, min(erp.total_minor - check.taken_minor, check.left_minor))


def invoice_needs(state: OrderState, config: OrderConfig) -> tuple[InvoiceNeed, ...]:
    """What each shipped invoice needs that nobody has settled yet, in the ERP's order."""
    erp, check = state.erp, state.check
    if erp is None or check is None or not check.passed:
        return ()
    row = method(check.method)
    missing = state.released_before and check.taken_minor + config.tolerance_minor < _ordered_minor(state, erp)
    can_capture = row is not None and row.capture and not takes_at_release(state, config)
    captures = can_capture and (check.left_minor > 0 or missing)
    covered = check.taken_minor
    left = check.left_minor - state.captured_since_check()
    total = erp.settled_left_out_minor
    needs = []
    ordered = _ordered_minor(state, erp)
    invoices = [one for one in erp.invoices if one.shipped and not one.by_hand]
    if state.released_before:  # what the application before has settled, it has settled with what it took
        invoices.sort(key=lambda one: not one.settled)
    for invoice in invoices:
        before, total = total, total + invoice.total_minor
        if invoice.settled:
            continue
        wanted = max(0, total - max(covered, before)) if captures else 0
        needs.append(
            InvoiceNeed(
                invoice=invoice,
                wanted_minor=wanted,
                capture_minor=_within_hold(wanted, left, config.tolerance_minor),
                sum_minor=total,
                ordered_minor=ordered,
                exceeds=total - ordered > config.tolerance_minor and wanted == 0,
            )
        )
    return tuple(needs)


def _ordered_minor(state: OrderState, erp: ErpSnapshot) -> int:
    return erp.total_minor - lines_given_back_minor(state)


def billed_minor(erp: ErpSnapshot) -> int:
    """What the order's own invoices add up to, in minor units."""
    return erp.settled_left_out_minor + sum(one.total_minor for one in erp.invoices if not one.by_hand)


def _within_hold(wanted_minor: int, left_minor: int, tolerance_minor: int) -> int:
    """The invoice's amount exactly (rule P35); only a rounding difference over the hold's rest is left out (P6)."""
    if 0 < wanted_minor - left_minor <= tolerance_minor:
        return max(left_minor, 0)
    return wanted_minor


def disputed(state: OrderState) -> bool:
    """Whether the customer's bank took money of the payment back: from then on a person decides."""
    return state.payment is not None and state.payment.charged_back_minor > 0


def captures_stopped(state: OrderState) -> bool:
    """Whether money must not be taken now: it is open what another movement did, or the payment is disputed."""
    return disputed(state) or bool(state.open_operations(MONEY))


def capture_reference(state: OrderState, invoice_no: str) -> str:
    """The provider's id of the capture that pays for an invoice, '' when the shop took the money."""
    record = state.operation(Kind.CAPTURE, invoice_no) or state.operation(Kind.CAPTURE, WHOLE_ORDER)
    return record.reference if record else ""
