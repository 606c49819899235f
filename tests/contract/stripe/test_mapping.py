"""Refusals in our classes: every code of the provider's list, the advice, the brands, who it was that refused."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.stripe_psp.adapter import StripeHolds
from adapters.stripe_psp.mapping import CLASS_OF, Refusal, card_refusal
from domain.authorization.declines import Decline, may_hope
from domain.authorization.terms import AuthorizationTerms
from domain.outcomes import OperationResult, Outcome
from domain.ports import Earlier
from tests.contract.stripe.merchant import Asked, Merchant, authorization

AT = datetime(2027, 3, 1, 10, 0, tzinfo=UTC)
# as the vendor lists them, by what a merchant is told to do
HARD = """lost_card stolen_card pickup_card restricted_card fraudulent security_violation invalid_account
    card_not_supported currency_not_supported not_permitted service_not_allowed transaction_not_allowed
    stop_payment_order revocation_of_authorization revocation_of_all_authorizations merchant_blacklist do_not_try_again
    testmode_decline"""
AUTHENTICATE = "authentication_required authentication_not_handled mobile_device_authentication_required"
PIN = "incorrect_pin invalid_pin offline_pin_required online_or_offline_pin_required pin_try_exceeded"
FIX = """expired_card new_account_information_available incorrect_cvc invalid_cvc incorrect_number invalid_number
    invalid_expiry_month invalid_expiry_year incorrect_zip incorrect_address"""
LISTED = {
    **dict.fromkeys(HARD.split(), Decline.NEVER),
    **dict.fromkeys((AUTHENTICATE + " " + PIN).split(), Decline.CUSTOMER),
    **dict.fromkeys(FIX.split(), Decline.DATA),
    "insufficient_funds": Decline.FUNDS,
    "card_velocity_exceeded": Decline.FUNDS,
    "withdrawal_count_limit_exceeded": Decline.FUNDS,
    "do_not_honor": Decline.BY_ISSUER,
    "generic_decline": Decline.BY_ISSUER,
    "call_issuer": Decline.OTHER,
    "no_action_taken": Decline.OTHER,
    "try_again_later": Decline.OTHER,
    "issuer_not_available": Decline.UNREACHABLE,
    "processing_error": Decline.TEMPORARY,
    "reenter_transaction": Decline.OTHER,
    "approve_with_id": Decline.OTHER,
    "invalid_amount": Decline.AMOUNT,
    "duplicate_transaction": Decline.DUPLICATE,
}


def _charge(brand: str = "visa", status: str = "declined_by_network", **outcome: str) -> dict[str, Any]:
    kind = "blocked" if status == "not_sent_to_network" else "issuer_declined"
    card = {"brand": brand, "network": brand}
    return {
        "outcome": {"type": kind, "network_status": status, **outcome},
        "payment_method_details": {"type": "card", "card": card},
    }


def _judged(code: str, charge: dict[str, Any] | None = None, **error: str) -> Refusal:
    told = {"code": "card_declined", "decline_code": code, **error}
    return card_refusal(told, _charge() if charge is None else charge, AT)


def test_the_table_has_every_code_of_the_list() -> None:
    """Fifty codes, each in its class; the class of a code is told once."""
    assert len(LISTED) == 50
    assert CLASS_OF == LISTED


@pytest.mark.parametrize(("code", "reason"), LISTED.items())
def test_a_refusal_of_the_network_has_the_class_of_its_code(code: str, reason: Decline) -> None:
    """Without advice the code alone decides, and stands in the evidence."""
    assert _judged(code) == Refusal(reason, code)


@pytest.mark.parametrize("code", LISTED)
def test_hope_is_left_for_three_codes_only(code: str) -> None:
    """By default one more attempt follows what 05 and 96 mean, and nothing else."""
    found = _judged(code)
    hopes = may_hope(found.reason, forbidden=found.advised_against, terms=AuthorizationTerms())
    assert hopes is (code in ("do_not_honor", "generic_decline", "processing_error"))


@pytest.mark.rule("SD1")
@pytest.mark.parametrize("code", ["expired_card", "incorrect_cvc", "processing_error", "incorrect_number"])
def test_a_specific_code_has_no_decline_code(code: str) -> None:
    """Then the error code is the reason."""
    assert card_refusal({"code": code}, _charge(), AT).reason is LISTED[code]
    assert card_refusal({"code": code, "decline_code": None}, _charge(), AT).code == code


@pytest.mark.rule("SD2")
@pytest.mark.parametrize(
    ("brand", "advice", "network_code", "advised"),
    [
        ("mastercard", "03", "05", True),
        ("mastercard", "21", "05", True),
        ("mastercard", "02", "14", False),  # Visa's category 1 means nothing to others
        ("visa", "", "14", True),
        ("visa", "", "R0", True),
        ("visa", "03", "05", False),  # nor Mastercard's advice
        ("amex", "03", "14", False),
        ("", "03", "14", False),
    ],
)
def test_codes_of_a_network_count_beside_their_brand(brand: str, advice: str, network_code: str, advised: bool) -> None:
    """That another attempt is advised against leaves the class of the refusal as it is."""
    told = {"network_advice_code": advice, "network_decline_code": network_code}
    found = _judged("generic_decline", _charge(brand), **told)
    assert (found.reason, found.advised_against) == (Decline.BY_ISSUER, advised)
    assert _judged("generic_decline", _charge(brand, **told)).advised_against is advised


@pytest.mark.rule("SD2")
def test_the_network_that_was_used_counts_before_the_brand() -> None:
    """A card of two schemes: the refusal came over one of them."""
    charge = _charge("visa")
    charge["payment_method_details"]["card"]["network"] = "cartes_bancaires"
    assert not _judged("generic_decline", charge, network_decline_code="14").advised_against


@pytest.mark.rule("SD2")
def test_without_a_charge_the_card_of_the_error_tells_the_brand() -> None:
    """The error carries the card."""
    card = {"payment_method": {"card": {"brand": "mastercard"}}}
    assert card_refusal({"decline_code": "lost_card", "network_advice_code": "03", **card}, {}, AT).advised_against


@pytest.mark.rule("SD3")
@pytest.mark.parametrize("code", ["generic_decline", "do_not_honor", "processing_error", "insufficient_funds", "new"])
def test_what_the_provider_blocked_is_no_word_of_the_issuer(code: str) -> None:
    """The visible code is the issuer's; the charge says that nobody was asked."""
    assert _judged(code, _charge(status="not_sent_to_network")).reason is Decline.PROVIDER
    assert not may_hope(Decline.PROVIDER, forbidden=False, terms=AuthorizationTerms())


@pytest.mark.rule("SD3")
@pytest.mark.parametrize("charge", [{}, _charge(status="reversed_after_approval"), _charge(status="")])
def test_that_the_issuer_refused_is_never_guessed(charge: dict[str, Any]) -> None:
    """Nobody says that the network declined: then it is a refusal without a class."""
    assert _judged("generic_decline", charge).reason is Decline.OTHER


@pytest.mark.parametrize("code", ["lost_card", "authentication_required", "expired_card", "invalid_amount"])
def test_a_clear_reason_stays_whoever_gave_it(code: str) -> None:
    """It is never tried again by itself anyway, and says more than that the provider stopped it."""
    assert _judged(code, _charge(status="not_sent_to_network")).reason is LISTED[code]


@pytest.mark.rule("SD4")
@pytest.mark.parametrize("code", ["brand_new_code", "", None, 7, ["a"]])
def test_an_unknown_code_is_a_class_of_its_own(code: Any) -> None:
    """No crash, no hope by default, and a text that fits a journal."""
    found = card_refusal({"code": code}, _charge(), AT)
    assert (found.reason, found.advised_against) == (Decline.OTHER, False)
    assert found.code == (code if isinstance(code, str) else "")
    assert len(card_refusal({"code": "x" * 5000}, {}, AT).code) <= 100


@pytest.mark.parametrize("code", LISTED)
def test_advice_overrides_the_class(code: str) -> None:
    """Never means never; other data are wanted unless it is never anyway; later changes nothing of the class."""
    never = _judged(code, advice_code="do_not_try_again")
    assert (never.reason, never.advised_against) == (Decline.NEVER, True)
    data = _judged(code, advice_code="confirm_card_data").reason
    assert data is (Decline.NEVER if LISTED[code] is Decline.NEVER else Decline.DATA)
    assert _judged(code, advice_code="try_again_later") == Refusal(LISTED[code], code)
    assert _judged(code, _charge(advice_code="do_not_try_again")).reason is Decline.NEVER


@pytest.mark.parametrize(
    ("advice", "wait"),
    [
        ("24", timedelta(hours=1)),
        ("25", timedelta(hours=24)),
        ("26", timedelta(days=2)),
        ("27", timedelta(days=4)),
        ("28", timedelta(days=6)),
        ("29", timedelta(days=8)),
        ("30", timedelta(days=10)),
    ],
)
def test_the_network_asks_to_wait(advice: str, wait: timedelta) -> None:
    """Counted from the refused attempt, for cards of the network that has this advice."""
    assert _judged("insufficient_funds", _charge("mastercard"), network_advice_code=advice).retry_at == AT + wait
    assert _judged("insufficient_funds", _charge("visa"), network_advice_code=advice).retry_at is None


# --- as the whole adapter tells it


async def _refused(merchant: Merchant, holds: StripeHolds, outcome: Any, card: str = "pm_card_visa") -> OperationResult:
    merchant.stand_at(AT)
    first = merchant.hold(card=card)
    merchant.lay_down(outcome)
    result = await holds.authorize("main", authorization(first), Earlier(), Asked().permits)
    assert result.outcome is Outcome.DECLINED
    assert merchant.effects() == []
    return result


async def test_a_refusal_carries_code_and_trace(merchant: Merchant, holds: StripeHolds) -> None:
    """The code for the failure report, the request's id for the provider's support."""
    result = await _refused(merchant, holds, "insufficient_funds")
    assert (result.reason, result.evidence.code) == (Decline.FUNDS, "insufficient_funds")
    refused = next(one for one in merchant.log() if one["call"] == "payment_intents.confirm")
    assert result.evidence.trace == refused["request_id"]
    assert not result.evidence.found_by_reading


async def test_waiting_advice_comes_with_the_refusal(merchant: Merchant, holds: StripeHolds) -> None:
    """By the provider's clock."""
    result = await _refused(merchant, holds, "insufficient_funds", "pm_card_mastercard")
    assert result.retry_at == AT + timedelta(hours=1)


@pytest.mark.rule("SD3")
async def test_a_blocked_attempt(merchant: Merchant, holds: StripeHolds) -> None:
    """The error looks like the issuer's; the charge is read to tell."""
    result = await _refused(merchant, holds, "blocked")
    assert (result.reason, result.evidence.code) == (Decline.PROVIDER, "generic_decline")


@pytest.mark.rule("A4")
async def test_each_attempt_has_a_payment_of_its_own(merchant: Merchant, holds: StripeHolds) -> None:
    """Attempts per PaymentIntent are limited: a new one is made after each refusal."""
    merchant.configure(confirm_limit=2)
    first = merchant.hold()
    merchant.lay_down(*["generic_decline"] * 4)
    for number in range(4):
        request = authorization(first, reference=f"REF{number}")
        result = await holds.authorize("main", request, Earlier(), Asked().permits)
        assert result.reason == Decline.BY_ISSUER
    assert [one["status"] for one in merchant.payments()[1:]] == ["requires_payment_method"] * 4
    request = authorization(first, reference="REF9")
    assert (await holds.authorize("main", request, Earlier(), Asked().permits)).outcome is Outcome.SUCCEEDED


@pytest.mark.rule("SR1")
async def test_a_card_that_wants_its_customer(merchant: Merchant, holds: StripeHolds) -> None:
    """Without the customer there is nothing to redirect to: never tried again by itself."""
    first = merchant.hold(set_up=False)
    result = await holds.authorize("main", authorization(first), Earlier(), Asked().permits)
    assert (result.outcome, result.reason) == (Outcome.DECLINED, Decline.CUSTOMER)
    assert result.evidence.code == "authentication_required"
