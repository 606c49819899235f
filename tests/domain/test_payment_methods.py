"""The capability table holds every method of the provider's list, each with what it can do and what replaces it."""

import pytest

from domain.payment_methods import METHODS, Bank, Extent, Family, HoldOwner, method

THE_LIST = {
    "Direct Debit Secured",
    "Direct Debit (Paylater)",
    "Invoice",
    "Invoice Secured",
    "Invoice (Paylater)",
    "Paylater Invoice",
    "Installment (Paylater)",
    "Prepayment",
    "PayPal",
    "Card",
    "SOFORT",
    "EPS",
    "iDEAL",
    "Giropay",
    "Alipay",
    "Przelewy24",
    "Apple Pay",
}
FAMILIES = {
    Family.MODE: {"card", "paypal", "apple_pay"},
    Family.PREPAYMENT: {"prepayment"},
    Family.INVOICE: {"invoice"},
    Family.SECURED: {"invoice_secured"},
    Family.PAYLATER: {"paylater_invoice", "invoice_paylater", "installment_paylater", "direct_debit_paylater"},
    Family.SHOP: {"direct_debit_secured", "sofort", "eps", "ideal", "alipay", "przelewy24", "giropay"},
}


def test_all_seventeen_methods_have_a_row() -> None:
    """By the names that the provider's list has; two of them are one and the same."""
    listed = [row for row in METHODS.values() if row.hold_owner is HoldOwner.ORDER]
    assert {row.name for row in listed} == THE_LIST
    assert len(listed) == 17
    aliases = {row.key: row.same_as for row in listed if row.same_as}
    assert aliases == {"invoice_paylater": "paylater_invoice"}


@pytest.mark.rule("P9", "P28")
@pytest.mark.parametrize("family", Family)
def test_each_family_has_its_methods(family: Family) -> None:
    """What the shop has taken is never captured, whatever the mode."""
    rows = [row for row in METHODS.values() if row.family is family and row.hold_owner is HoldOwner.ORDER]
    assert {row.key for row in rows} == FAMILIES[family]
    assert all(row.capture is (family in (Family.MODE, Family.PAYLATER)) for row in rows)


def test_a_hold_that_is_renewed_belongs_to_its_authorization() -> None:
    """The order asks for captures; it is carried through as a card payment is."""
    owned = [row for row in METHODS.values() if row.hold_owner is HoldOwner.AUTHORIZATION]
    assert [(row.key, row.family, row.partial_capture) for row in owned] == [("card_hold", Family.MODE, True)]


@pytest.mark.rule("P26")
def test_what_a_row_says_goes_together() -> None:
    """Captures need a hold; transfers are claims that can be given up; nothing is authorized anew."""
    for row in METHODS.values():
        assert row.authorize or not row.capture
        assert row.capture or not row.partial_capture
        assert (row.void is not Extent.NONE) is (row.authorize or row.awaits_transfer)
        assert (row.bank is not Bank.NONE) is row.awaits_transfer
        assert not row.reauthorize
        assert row.deprecated or not row.successor
    assert [row.key for row in METHODS.values() if row.refund is Extent.NONE] == ["giropay"]
    assert [row.key for row in METHODS.values() if row.report_shipment] == ["invoice_secured"]


def test_a_successor_is_no_deprecated_method_itself() -> None:
    """Nobody is sent from one dead end to the next."""
    for row in METHODS.values():
        successor = method(row.successor)
        assert successor is None or not successor.deprecated
