"""The one table: amounts there and back, refusals, payment types."""

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.unzer.mapping import CODES, NotAnAmount, may_have_lapsed, payment_type, refusal, to_minor, to_wire
from domain import reasons
from domain.outcomes import Outcome
from domain.payment_methods import METHODS, Bank, Family, HoldOwner

CURRENCIES = st.sampled_from(["EUR", "JPY", "BHD", "CHF"])


@pytest.mark.parametrize(
    ("value", "currency", "minor"),
    [
        ("119.9000", "EUR", 11_990),
        ("00.0000", "EUR", 0),
        ("-5.0000", "EUR", -500),
        (Decimal("45.5"), "EUR", 4_550),
        (7, "EUR", 700),
        ("1200.0000", "JPY", 1_200),
        ("1.2340", "BHD", 1_234),
        (" 1.00 ", "EUR", 100),
    ],
)
def test_amounts_of_answers(value: object, currency: str, minor: int) -> None:
    """Strings with four decimals and plain numbers become minor units."""
    assert to_minor(value, currency) == minor


@pytest.mark.parametrize(
    "value",
    [
        *("", None, "abc", "1,00", "0.005", "1e-30", "NaN", "Infinity", "-Infinity", "1e999999", "9" * 30, True, []),
        *(1.5, Decimal("1e-9999999"), Decimal("1e9999999"), Decimal("sNaN")),
    ],
)
def test_what_is_no_amount(value: object) -> None:
    """Nothing is rounded, guessed or taken for zero."""
    with pytest.raises(NotAnAmount):
        to_minor(value, "EUR")


@settings(deadline=None)
@given(st.integers(-(10**12), 10**12), CURRENCIES)
def test_an_amount_survives_the_wire(minor: int, currency: str) -> None:
    """What is written reads back as it was, also with the provider's four decimals."""
    written = to_wire(minor, currency)
    if abs(Decimal(written)) < 10**12:
        assert to_minor(written, currency) == minor
        assert to_minor(f"{Decimal(written):.4f}", currency) == minor


@settings(deadline=None)
@given(st.one_of(st.text(), st.decimals(), st.integers(), st.none(), st.booleans(), st.floats()), CURRENCIES)
def test_any_value_is_an_amount_or_none(value: object, currency: str) -> None:
    """Whatever the wire brings, the answer is an integer or one exception."""
    with suppress(NotAnAmount):
        assert isinstance(to_minor(value, currency), int)


def test_every_refusal_has_a_reason_of_ours() -> None:
    """The table speaks our codes only."""
    ours = {value for name, value in vars(reasons).items() if name.isupper()}
    assert {reason for _, reason in CODES.values()} <= ours
    assert Outcome.SUCCEEDED not in {outcome for outcome, _ in CODES.values()}


@pytest.mark.parametrize(
    ("codes", "outcome"),
    [
        ((), Outcome.DECLINED),
        (("SDM.LIMIT_EXCEEDED",), Outcome.DECLINED),
        (("API.330.100.007", "API.000.000.999"), Outcome.UNKNOWN),
        (("API.330.100.007", "API.710.000.002"), Outcome.NOT_SENT),
        (("COR.000.200.000",), Outcome.PENDING),
    ],
)
def test_of_several_codes_the_most_careful_reading_wins(codes: tuple[str, ...], outcome: Outcome) -> None:
    """A doubt among the codes is a doubt about the effect."""
    assert refusal(codes)[0] is outcome


@pytest.mark.parametrize(
    ("code", "lapsed"),
    [
        ("COR.700.300.400", True),
        ("COR.700.300.100", True),
        ("COR.700.400.100", True),
        ("COR.700.400.101", True),
        ("COR.700.400.200", False),
        ("API.330.000.004", True),
        ("API.330.100.007", False),
        ("SDM.LIMIT_EXCEEDED", False),
    ],
)
def test_refusals_that_can_mean_a_lapsed_hold(code: str, lapsed: bool) -> None:
    """Only refusals of the reference as such point to its age."""
    assert may_have_lapsed((code,)) is lapsed


PARTS = {
    "ali": "alipay",
    "apl": "apple_pay",
    "crd": "card",
    "ddg": "direct_debit_secured",
    "dds": "direct_debit_secured",
    "eps": "eps",
    "gro": "giropay",
    "idl": "ideal",
    "ivc": "invoice",
    "ivf": "invoice_secured",
    "ivg": "invoice_secured",
    "ivs": "invoice_secured",
    "p24": "przelewy24",
    "pdd": "direct_debit_paylater",
    "pit": "installment_paylater",
    "piv": "paylater_invoice",
    "ppl": "paypal",
    "ppy": "prepayment",
    "sft": "sofort",
}


@pytest.mark.parametrize(("part", "key"), PARTS.items())
def test_each_supported_type_is_a_method_of_ours(part: str, key: str) -> None:
    """A type leads to its row of the capability table, and what both know of it agrees."""
    found, row = payment_type(f"p-{part}-abcdefghijkl"), METHODS[key]
    assert found.method == key
    assert found.awaits_transfer == row.awaits_transfer
    assert found.refunded_as_a_whole == (row.family is Family.PAYLATER)
    if row.bank is not Bank.NONE:
        assert found.names_account


def test_every_method_is_reachable() -> None:
    """Each row that is not another name of one is what some type leads to, and nothing else is."""
    assert set(PARTS.values()) == {
        key for key, row in METHODS.items() if not row.same_as and row.hold_owner is HoldOwner.ORDER
    }


@pytest.mark.parametrize("key", sorted(set(PARTS.values())))
def test_only_accounts_of_the_provider_are_named(key: str) -> None:
    """The customer's own account must never be taken for the one to transfer to."""
    (named,) = {payment_type(f"s-{part}-x").names_account for part, one in PARTS.items() if one == key}
    assert named == (key in {"prepayment", "invoice", "invoice_secured", "paylater_invoice", "installment_paylater"})


@pytest.mark.parametrize(
    ("type_id", "name"),
    [
        ("s-kla-abcdefghijkl", "klarna"),
        ("s-sdd-abcdefghijkl", "sepa-direct-debit"),
        ("s-gop-abcdefghijkl", "googlepay"),
        ("s-wro-abcdefghijkl", "wero"),
        ("s-new-abcdefghijkl", "new"),
        ("", "unknown"),
        ("nonsense", "unknown"),
        ("s-<b>-x", "b"),
        (f"s-{'x' * 99}-y", "x" * 24),
    ],
)
def test_a_foreign_type_has_a_name(type_id: str, name: str) -> None:
    """Even a type that we never heard of can be told to an operator, in plain letters."""
    found = payment_type(type_id)
    assert (found.method, found.name) == ("", name)


def test_letters_of_any_size_name_a_type() -> None:
    """The provider is not known to write its ids in one way only."""
    assert payment_type("s-CRD-abc").method == "card"
