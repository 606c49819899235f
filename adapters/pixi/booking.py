"""Booking one document into the customer account, once: by the report of its capture, or by hand, never by both.

No capture is reported for a credit note: it is booked by hand, with the amount as a magnitude, for the event carries
the sign.
"""

from adapters.pixi import reading
from adapters.pixi.client import Value
from adapters.pixi.connection import Limits
from adapters.pixi.effects import Effect, Stopped, declined, unverified
from adapters.pixi.reading import Document
from adapters.pixi.texts import cut
from adapters.pixi.trouble import Kind, Trouble
from domain import reasons
from domain.money import in_major_units
from domain.outcomes import Evidence, OperationResult, Outcome
from domain.ports import BookRequest

_CAPTURED = "pixiPaySetInvoiceCapture"
_BY_HAND = "pixiCACreateManualBooking"
_ID_LIMIT = 50
_ACCOUNT_COMMENT_LIMIT = 512
_KIND_OF_PAYMENT = "CC"  # where the document names no payment code


def book(effect: Effect, request: BookRequest, limits: Limits) -> OperationResult:
    """Book unless the account already shows it; what a person settled is settled too. Then comment."""
    document = _document(effect, request)
    found = _stands(effect, document, request, thorough=effect.earlier.sends > 0)
    if not found:
        effect.must_not_send()
        found = not _write(effect, document, request, limits)
    # what somebody else booked is no booking of ours, though it settles the document all the same
    ours = not found or reading.settled_by(effect.session, document, request.event) is not False
    evidence = Evidence(
        reference=request.event if ours else "",
        amount_minor=request.amount_minor,
        currency=request.currency,
        found_by_reading=found,
    )
    return effect.comment_after(request.comment, evidence)


def _document(effect: Effect, request: BookRequest) -> Document:
    document = reading.read_document(effect.session, request.invoice_no)
    if document is None or document.order_no not in ("", str(effect.number)):
        raise declined(reasons.NOT_FOUND)
    if document.credit is not None and document.credit is not request.credit:
        raise declined(reasons.NOT_FOUND)  # an invoice's event on a credit note would add where it must take away
    return document


def _stands(effect: Effect, document: Document, request: BookRequest, *, thorough: bool) -> bool:
    """Whether the document is settled, or this very booking is found. `thorough` asks for the booking itself too."""
    if document.settled or _paid(document, request):
        return True
    return thorough and bool(reading.settled_by(effect.session, document, request.event))


def _paid(document: Document, request: BookRequest) -> bool:
    """Whether the amount arrived: within the rounding tolerance it may be less than the document's total."""
    return document.paid > 0 and reading.minor_of(document.paid, request.currency) >= abs(request.amount_minor)


def _write(effect: Effect, document: Document, request: BookRequest, limits: Limits) -> bool:
    """Whether something had to be written."""
    if not request.credit and reading.awaits_capture(effect.session, document, limits):
        _report_capture(effect, document, request)
    elif not _book_by_hand(effect, document, request):
        return False
    if not _shows(effect, request):
        raise unverified(Evidence(reference=request.event))
    return True


def _report_capture(effect: Effect, document: Document, request: BookRequest) -> None:
    """Reports success only: a reported failure would reset what was paid and count against the invoice."""
    effect.session.write(
        _CAPTURED,
        {
            "InvoiceNr": document.number,
            "Success": True,
            "PayID": cut(request.capture_reference, _ID_LIMIT),
            "Message": effect.session.engine_name,
            "PayCode": document.payment_code or _KIND_OF_PAYMENT,
            "CaptureSum": in_major_units(request.amount_minor, request.currency),
            "EventID": request.event,
            "SetRemainingOrdersToHAL": False,
        },
    )


def _book_by_hand(effect: Effect, document: Document, request: BookRequest) -> bool:
    """Whether it had to be booked: a booking shows in the account match before it shows in the paid flag, so the match
    is asked first."""
    matched = reading.settled_by(effect.session, document, request.event)
    if matched:
        return False
    if matched is None and effect.earlier.sends > 0:
        # nothing can tell whether the earlier booking arrived, and a second one would settle twice
        raise Stopped(OperationResult(Outcome.UNKNOWN, reasons.NO_ANSWER))
    left = reading.minor_of(document.total - document.paid, request.currency)
    if request.credit and document.paid > 0 and abs(request.amount_minor) > left:
        raise declined(reasons.EXCEEDS)  # a person settled a part: with ours it would be settled for more than it is
    if document.customer is None:
        raise Trouble(Kind.MISCONFIGURED, "documents name no customer")
    noted: dict[str, Value] = {"Comment": cut(request.capture_reference, _ACCOUNT_COMMENT_LIMIT)}
    effect.session.write(
        _BY_HAND,
        {
            "CustKey": document.customer,
            "EventID": request.event,
            "Amount": in_major_units(abs(request.amount_minor), request.currency),
            "MatchToInvoiceNr": document.number,
        },
        noted,
    )
    return True


def _shows(effect: Effect, request: BookRequest) -> bool:
    """Whether reading shows the booking. Where the account cannot be asked, the answer to the booking has to do."""
    document = _document(effect, request)
    if document.settled or _paid(document, request):
        return True
    return reading.settled_by(effect.session, document, request.event) is not False
