"""Codes, advice and brands: what each of Paygate's words means here."""

import pytest

from adapters.computop.mapping import DECLINES, decline_of, is_advised_against, scheme_of
from domain.authorization.declines import HOPE_REASONS, Decline
from domain.authorization.schemes import Scheme
from domain.outcomes import Outcome
from paygate.codes import HOPE_RUN_DETAILS, Code
from tests.contract.computop.answering import AUTHORIZE, YES, Paygate, sealed
from tests.contract.computop.conftest import Open
from tests.contract.holds.doing import DOINGS, FIRST, may, reference
from tests.contract.holds.stand import Call

# as the acquirers' tables have them, one by one
SIMULATED = {
    "0302": Decline.CUSTOMER,
    "0304": Decline.NEVER,
    "0305": Decline.BY_ISSUER,
    "0309": Decline.OTHER,
    "0312": Decline.OTHER,
    "0313": Decline.FUNDS,
    "0314": Decline.NEVER,
    "0321": Decline.PROVIDER,
    "0330": Decline.PROVIDER,
    "0333": Decline.DATA,
    "0334": Decline.NEVER,
    "0341": Decline.NEVER,
    "0343": Decline.NEVER,
    "0351": Decline.FUNDS,
    "0356": Decline.DATA,
    "0357": Decline.DATA,
    "0362": Decline.NEVER,
    "0364": Decline.AMOUNT,
    "0378": Decline.NEVER,
    "0379": Decline.NEVER,
    "0380": Decline.OTHER,
    "0391": Decline.UNREACHABLE,
    "0396": Decline.TEMPORARY,
    "0399": Decline.OTHER,
}


async def test_each_simulated_code_has_its_class(merchant: Open) -> None:
    """Asked of the sandbox one after the other, as a first and only attempt of a case each."""
    stand = merchant(code_ext=False)
    for detail, decline in SIMULATED.items():
        held = stand.bring_about(DOINGS["authorize"].on)
        stand.script("direct", detail)
        result = await DOINGS["authorize"](stand, held, reference())
        assert (result.outcome, result.reason) == (Outcome.DECLINED, decline), detail
        assert result.evidence.code == f"2100{detail}"
    assert stand.effects() == []


@pytest.mark.rule("R59")
@pytest.mark.parametrize("module", ["100", "206", "A1F"])
@pytest.mark.parametrize("severity", "24")
def test_two_details_alone_earn_a_hope_run(module: str, severity: str) -> None:
    """0305 and 0396 on any module; what sounds like them does not."""
    earning = {
        detail
        for detail in (*DECLINES, *(f"{number:04}" for number in range(1000)))
        if decline_of(Code(f"{severity}{module}{detail}")) in HOPE_REASONS
    }
    assert earning == set(HOPE_RUN_DETAILS)


@pytest.mark.parametrize("module", [f"01{digit}" for digit in "0123456789"])
def test_a_request_that_breaks_a_format_never_met_the_issuer(module: str) -> None:
    """Refused by the provider, whatever the number of the field looks like."""
    assert decline_of(Code(f"2{module}0305")) is Decline.PROVIDER


@pytest.mark.parametrize(
    ("code", "ext", "schemes"),
    [
        ("21000305", "", ()),
        ("21000305", "03", (Scheme.MASTERCARD, Scheme.OTHER)),
        ("21000305", "3", (Scheme.MASTERCARD, Scheme.OTHER)),
        ("21000305", " 21 ", (Scheme.MASTERCARD, Scheme.OTHER)),
        ("21000351", "02", ()),
        ("21000351", "30", ()),
        ("21000314", "", (Scheme.VISA, Scheme.OTHER)),
        ("21000343", "", (Scheme.VISA, Scheme.OTHER)),
        ("210003R1", "", (Scheme.VISA, Scheme.OTHER)),
        ("21000305", "46", (Scheme.VISA, Scheme.OTHER)),
        ("21000305", "R3", (Scheme.VISA, Scheme.OTHER)),
        ("20140014", "", ()),
    ],
)
def test_advice_is_read_by_scheme(code: str, ext: str, schemes: tuple[Scheme, ...]) -> None:
    """Mastercard's advice and Visa's categories use the same digits for other things."""
    assert tuple(one for one in Scheme if is_advised_against(Code(code), one, ext)) == schemes


@pytest.mark.parametrize(("enabled", "believed"), [(True, True), (True, False), (False, True)])
@pytest.mark.parametrize("advice", ["03", "21"])
async def test_mastercard_advice_comes_with_the_extended_answer(
    merchant: Open, enabled: bool, believed: bool, advice: str
) -> None:
    """Only where the merchant has it enabled, and where it is agreed to be the scheme's advice."""
    stand = merchant(code_ext=enabled)
    adapter = stand.adapter(stand.merchant(advice_in_code_ext=believed))
    held = stand.first_hold(scheme=Scheme.MASTERCARD)
    stand.by_hand(Call.VOID, held, held.amount_minor)
    stand.script("direct", "21000305", code_ext=advice, error_text="do not try again")
    result = await DOINGS["authorize"](stand, held, reference(), provider=adapter)
    assert (result.reason, result.evidence.advised_against) == (Decline.BY_ISSUER, enabled and believed)


async def test_visa_says_never_by_the_reason_itself(merchant: Open) -> None:
    """A stolen card of Visa, with no extended answer."""
    stand = merchant(code_ext=False)
    held = stand.bring_about(DOINGS["authorize"].on)
    stand.script("direct", "0343")
    result = await DOINGS["authorize"](stand, held, reference())
    assert (result.reason, result.evidence.advised_against) == (Decline.NEVER, True)


async def test_an_authentication_without_the_customer_is_a_refusal() -> None:
    """Nobody is there to answer the issuer's question."""
    paygate = Paygate(sealed({**YES, "PayID": "b" * 32, "Status": "AUTHENTICATION_REQUEST", "Code": "70000000"}))
    result = await paygate.adapter().authorize("main", AUTHORIZE, FIRST, may)
    assert (result.outcome, result.reason, result.evidence.code) == (Outcome.DECLINED, Decline.CUSTOMER, "70000000")


@pytest.mark.parametrize(
    ("brand", "scheme"),
    [
        ("VISA", Scheme.VISA),
        ("MasterCard", Scheme.MASTERCARD),
        ("MASTERCARD", Scheme.MASTERCARD),
        ("AMEX", Scheme.AMEX),
        ("DINERS", Scheme.DINERS),
        ("Discover", Scheme.DISCOVER),
        ("CBN", Scheme.CARTES_BANCAIRES),
        ("Maestro", Scheme.OTHER),
        ("", Scheme.OTHER),
    ],
)
def test_brands(brand: str, scheme: Scheme) -> None:
    """In any case; one that is not known has no rules of its own."""
    assert scheme_of(brand) is scheme
