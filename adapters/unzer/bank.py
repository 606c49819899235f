"""Where the customer transfers to, as the provider names it. Read in one place, handed on, never logged."""

from adapters.unzer.answers import Answer, part, text
from adapters.unzer.calls import Calls
from adapters.unzer.mapping import ERROR
from domain.ports import BankDetails


def bank_details(calls: Calls) -> BankDetails | None:
    """The account that the payment's first transaction names, None where it names none or the customer's own.

    Without an IBAN, or without the text by which the provider tells whose transfer it is, there is none. Raises
    CallFailed when that cannot be told.
    """
    payment = calls.payment()
    if payment is None or not payment.type.names_account:
        return None
    for one in payment.initiating:
        if one.status != ERROR:
            return _named(calls.transaction(one))
    return None


def _named(answer: Answer) -> BankDetails | None:
    processing = part(answer.body, "processing")
    holder, iban, bic, reference = (text(processing, key).strip() for key in ("holder", "iban", "bic", "descriptor"))
    return BankDetails(holder, iban, bic, reference) if iban and reference else None
