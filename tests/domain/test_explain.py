"""Why an order is not released, not captured, and what it waits for."""

from datetime import datetime, timedelta

import pytest

from domain import reasons
from domain.explain import explain
from domain.facts import (
    ErpReported,
    InvoiceRow,
    LineSums,
    PaymentUnreadable,
    Phase,
    ShippedUnpaid,
    Standing,
    Told,
    Wish,
)
from domain.operations import WHOLE_ORDER, Kind
from domain.order_state import OrderState
from domain.outcomes import Outcome
from domain.summary import OrderStatus
from domain.tenant_config import Language
from domain.windows import BERLIN
from domain.wording import why_text
from tests.domain.building import (
    AT,
    HOUR,
    MINUTE,
    PACING,
    WORKFLOW_ID,
    after,
    checked,
    config,
    ended,
    next_effect,
    payment,
    picture,
    prepayment,
    read,
    shipped,
)

NIGHT = datetime(2027, 1, 12, 1, tzinfo=BERLIN)
HELD = after(ErpReported(picture()))
OPEN = picture(AT + MINUTE, phase=Phase.OPEN, held=LineSums(), open=LineSums(1, 100_00))
RELEASED = after(ended(Kind.RELEASE, WHOLE_ORDER, Outcome.SUCCEEDED), ErpReported(OPEN), state=checked())
GONE = ErpReported(shipped(AT + HOUR, InvoiceRow("R1", 100_00)))
WAITING = after(
    ended(Kind.RELEASE, WHOLE_ORDER, Outcome.SUCCEEDED, lock=True),
    ErpReported(OPEN),
    state=checked(read_payment=prepayment(received=30_00)),
)


@pytest.mark.parametrize(
    ("state", "status", "waits_for", "not_released", "not_captured"),
    [
        (OrderState(WORKFLOW_ID), "received", "wait_snapshot", None, None),
        (after(ErpReported(picture(payment_id="", shop_order_no="P4711"))), "received", "out_of_scope", None, None),
        (HELD, "received", "wait_release_check", "wait_release_check", None),
        (
            read(HELD, payment(standing=Standing.PENDING)),
            "waiting_payment",
            "wait_payment_decision",
            "wait_payment_decision",
            None,
        ),
        (
            after(PaymentUnreadable(AT, reasons.NO_ANSWER), state=HELD),
            "waiting_payment",
            "wait_payment_read",
            "wait_payment_read",
            None,
        ),
        (after(Told("r", Wish.CANCEL, AT), state=checked()), "received", "blocked", "blocked", None),
        (RELEASED, "released", "wait_shipping", None, "wait_shipping"),
        (WAITING, "waiting_transfer", "wait_transfer", None, "wait_shipping"),
        (checked(OPEN, problem="amount_differs"), "blocked", "blocked", None, "blocked"),
        (
            after(ShippedUnpaid(AT, "R1"), GONE, state=WAITING),
            "shipping",
            "blocked",
            None,
            "blocked",
        ),
        (
            checked(shipped(AT, InvoiceRow("R1", 60_00), phase=Phase.OPEN), prepayment(received=100_00)),
            "shipping",
            "wait_closed",
            None,
            "wait_closed",
        ),
        (
            after(ended(Kind.CAPTURE, "R1", Outcome.UNKNOWN, invoice_no="R1"), GONE, state=RELEASED),
            "shipping",
            "wait_unknown",
            None,
            "wait_unknown",
        ),
        (
            after(
                ended(Kind.CAPTURE, "R1", Outcome.NOT_SENT, invoice_no="R1", reason=reasons.RATE), GONE, state=RELEASED
            ),
            "shipping",
            "wait_retry",
            None,
            "wait_retry",
        ),
        (
            after(
                ended(Kind.RELEASE, WHOLE_ORDER, Outcome.NOT_SENT, reason=reasons.RATE),
                ErpReported(OPEN),
                state=checked(),
            ),
            "released",
            "wait_shipping",
            None,
            "wait_shipping",
        ),
        (checked(shipped(AT, InvoiceRow("R1", 100_00, settled=True))), "settled", "wait_end", None, None),
    ],
)
def test_the_situation_is_told(
    state: OrderState, status: str, waits_for: str, not_released: str | None, not_captured: str | None
) -> None:
    """Status, what the order waits for, why it is not released and why nothing is captured, in both languages."""
    told = explain(state, config(), PACING, AT)
    assert told.status == status
    assert told.waits_for.code == waits_for
    assert (told.not_released.code if told.not_released else None) == not_released
    assert (told.not_captured.code if told.not_captured else None) == not_captured
    for note in (told.waits_for, told.not_released, told.not_captured):
        assert note is None or all(why_text(note.code, note.params, language) for language in Language)


@pytest.mark.rule("P5")
def test_at_night_the_order_says_that_the_erp_sleeps() -> None:
    """A release that was held back waits for four o'clock, and says so."""
    state = after(
        ended(Kind.RELEASE, WHOLE_ORDER, Outcome.NOT_SENT, NIGHT, reason=reasons.QUIET_WINDOW), state=checked()
    )
    told = explain(state, config(), PACING, NIGHT)
    assert told.waits_for.code == "wait_erp_window"
    assert told.not_released == told.waits_for
    assert "04:00" in why_text(told.waits_for.code, told.waits_for.params, Language.GERMAN)


@pytest.mark.rule("P35")
def test_a_failed_capture_is_named_as_what_stops_the_order() -> None:
    """The person reads which problem it is."""
    refused = ended(Kind.CAPTURE, "R1", Outcome.DECLINED, amount=1, invoice_no="R1", reason=reasons.REFUSED)
    state, _ = next_effect(after(GONE, refused, state=RELEASED))
    told = explain(state, config(), PACING, AT + 2 * HOUR)
    assert told.not_captured is not None
    assert dict(told.not_captured.params) == {"problem": "capture_failed"}


def test_the_next_look_is_the_one_that_is_decided() -> None:
    """Page and timer name the same instant."""
    commented = after(ended(Kind.COMMENT, "transfer_too_little//3000", Outcome.SUCCEEDED), state=WAITING)
    told = explain(next_effect(commented)[0], config(), PACING, AT)
    assert told.next_due == AT + config().reread_prepayment_after
    assert told.status == OrderStatus.WAITING_TRANSFER
    assert told.next_due - AT < timedelta(days=4)


@pytest.mark.parametrize(
    ("method", "code", "names"),
    [
        ("sofort", "method_deprecated", ("SOFORT", "Direct Bank Transfer")),
        ("invoice", "method_deprecated", ("Invoice", "Paylater Invoice")),
        ("invoice_secured", "method_deprecated", ("Invoice Secured", "Paylater Invoice")),
        ("direct_debit_secured", "method_deprecated", ("Direct Debit Secured", "Direct Debit (Paylater)")),
        ("giropay", "method_closed", ("Giropay",)),
    ],
)
def test_an_order_of_a_deprecated_method_says_what_to_change_to(method: str, code: str, names: tuple[str, ...]) -> None:
    """The hint waits for nothing and names the successor in both languages; other methods have none."""
    state = checked(read_payment=payment(method=method))
    hint = explain(state, config(), PACING, AT).hint
    assert hint is not None
    assert hint.code == code
    for language in Language:
        assert all(name in why_text(hint.code, hint.params, language) for name in names)
    assert explain(checked(), config(), PACING, AT).hint is None
