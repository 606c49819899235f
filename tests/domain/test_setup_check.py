"""The setup check judges by what was seen, and asks a person where nothing was."""

from datetime import UTC, datetime

import pytest

from domain.erp_probe import (
    Ability,
    ErpFeature,
    ErpFindings,
    ErpInstalled,
    ErpPaymentType,
    ErpProfile,
    ErpVersionFeature,
    EventSeen,
    Need,
    Seen,
)
from domain.setup_check import (
    CallbackState,
    CheckPoint,
    KeysFound,
    Verdict,
    judge_callback,
    judge_calls,
    judge_findings,
    judge_keys,
    judge_payment_type,
    judge_profile,
    worst,
)
from domain.setup_check_wording import FOUND, TITLES, point_text
from domain.tenant_config import Language

AT = datetime(2027, 1, 12, 9, tzinfo=UTC)
NOTHING = ErpFindings("DEM", "K", AT)
GOOD = ErpFindings(
    "DEM",
    "K",
    AT,
    orders=9,
    invoices=4,
    credit_notes=1,
    held=Seen(3, 9, ("1",)),
    with_payment_id=Seen(9, 9),
    without_payment_id=Seen(0, 9),
    paid_before_invoice=Seen(0, 5),
    settled_elsewhere=Seen(0, 4),
    events=(EventSeen("UZE", on_invoices_positive=4), EventSeen("UZR", on_credit_notes_negative=1)),
)
BAD = ErpFindings(
    "DEM",
    "K",
    AT,
    orders=9,
    invoices=4,
    credit_notes=1,
    with_payment_id=Seen(0, 9),
    without_payment_id=Seen(9, 9, ("1", "2")),
    paid_before_invoice=Seen(2, 5, ("3",)),
    settled_elsewhere=Seen(1, 4, ("4",)),
    events=(EventSeen("UZE", on_invoices_negative=1), EventSeen("UZR", on_credit_notes_positive=1)),
)
JUDGED_BY_ORDERS = (
    "hold_import",
    "payment_id",
    "paid_flag",
    "automatic_clearing",
    "invoice_event",
    "return_event",
)


def verdicts(found: ErpFindings, invoice: str = "UZE", returns: str = "UZR") -> dict[str, Verdict]:
    return {one.code: one.verdict for one in judge_findings("card", found, invoice, returns)}


def test_without_orders_a_person_is_asked_and_nothing_is_claimed() -> None:
    """No evidence is no verdict, neither good nor bad."""
    assert set(verdicts(NOTHING).values()) == {Verdict.ASK}


def test_orders_that_look_right_pass_and_those_that_do_not_fail() -> None:
    """Import on HOLD, payment id, paid flag, clearing, signs of both events."""
    assert {verdicts(GOOD)[code] for code in JUDGED_BY_ORDERS} == {Verdict.PASS}
    bad = verdicts(BAD)
    assert {bad[code] for code in JUDGED_BY_ORDERS if code != "hold_import"} == {Verdict.FAIL}
    assert bad["hold_import"] is Verdict.ASK


@pytest.mark.rule("P24")
@pytest.mark.parametrize("found", [NOTHING, GOOD, BAD])
def test_the_invoice_template_is_always_a_question_to_a_person(found: ErpFindings) -> None:
    """No call reads a template: the point names the four fields and the double payment."""
    point = next(one for one in judge_findings("card", found, "UZE", "UZR") if one.code == "invoice_template")
    assert point.verdict is Verdict.ASK
    english, german = (point_text(point, one).found for one in (Language.ENGLISH, Language.GERMAN))
    assert all(field in english for field in ("account holder", "IBAN", "BIC", "payment reference", "pay twice"))
    assert all(field in german for field in ("Kontoinhaber", "IBAN", "BIC", "Verwendungszweck", "doppelt bezahlt"))


def test_a_missing_event_fails_and_its_case_does_not_count() -> None:
    """The ERP compares codes without regard to case."""
    assert verdicts(GOOD, invoice="")["invoice_event"] is Verdict.FAIL
    assert verdicts(GOOD, invoice="uze")["invoice_event"] is Verdict.PASS


def test_some_orders_without_payment_id_warn() -> None:
    """Manual orders may lack it; that none has it is a broken export."""
    mixed = ErpFindings("DEM", "K", AT, orders=9, with_payment_id=Seen(7, 9), without_payment_id=Seen(2, 9, ("1",)))
    assert verdicts(mixed)["payment_id"] is Verdict.WARN


@pytest.mark.parametrize(
    ("need", "verdict"), [(Need.REQUIRED, Verdict.FAIL), (Need.DEGRADED, Verdict.WARN), (Need.SPARE, Verdict.PASS)]
)
def test_missing_calls_weigh_as_much_as_they_are_needed(need: Need, verdict: Verdict) -> None:
    """And they are named, with their parameter."""
    missing = ErpFeature("pixiX", present=False, need=need, ability=Ability.LOCK, parameter="Reason")
    point = judge_calls("pixi", ErpInstalled((missing,)))
    assert point.verdict is verdict
    assert dict(point.params).get("missing") == (None if need is Need.SPARE else "pixiX(Reason)")


def test_an_old_version_warns_and_says_what_it_lacks() -> None:
    """The newest line lacks nothing."""
    old = judge_profile("pixi", ErpProfile("LOU46", (ErpVersionFeature("pixiGetChangedOrders", "AVA 7"),)))
    assert old.verdict is Verdict.WARN
    assert "pixiGetChangedOrders (AVA 7)" in point_text(old, Language.ENGLISH).found
    assert judge_profile("pixi", ErpProfile("current")).verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("offered", "expected"),
    [
        ((), [("payment_type", Verdict.FAIL)]),
        ((ErpPaymentType("k"),), [("payment_type", Verdict.FAIL)]),
        ((ErpPaymentType("K"),), [("payment_type", Verdict.PASS), ("xml_tag", Verdict.ASK)]),
        ((ErpPaymentType("K", xml_tag="UZCC"),), [("payment_type", Verdict.PASS), ("xml_tag", Verdict.PASS)]),
        ((ErpPaymentType("K", xml_tag="Other"),), [("payment_type", Verdict.PASS), ("xml_tag", Verdict.FAIL)]),
    ],
)
def test_the_payment_type_must_exist_and_carry_the_tag(
    offered: tuple[ErpPaymentType, ...], expected: list[tuple[str, Verdict]]
) -> None:
    """The code's case counts; a tag that the ERP does not tell is a question."""
    assert [(one.code, one.verdict) for one in judge_payment_type("card", "K", "UZCC", offered)] == expected


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (KeysFound(), [Verdict.PASS, Verdict.PASS]),
        (KeysFound(wanted_live=True), [Verdict.PASS, Verdict.FAIL]),
        (KeysFound(live=True, wanted_live=True), [Verdict.PASS, Verdict.PASS]),
        (KeysFound(live=True), [Verdict.PASS, Verdict.WARN]),
        (KeysFound(problem="mismatch"), [Verdict.FAIL, Verdict.PASS]),
        (KeysFound(asked=False), [Verdict.ASK, Verdict.PASS]),
    ],
)
def test_keys_must_match_and_stand_on_the_right_side(keys: KeysFound, expected: list[Verdict]) -> None:
    """Test keys on a live connection would take no money."""
    assert [one.verdict for one in judge_keys("card", keys)] == expected


@pytest.mark.parametrize("state", CallbackState)
def test_every_state_of_the_callback_has_a_verdict_and_words(state: CallbackState) -> None:
    """A missing registration warns, for payments are looked at by timer all the same."""
    point = judge_callback("card", state)
    assert point_text(point, Language.GERMAN).found
    assert (point.verdict is Verdict.PASS) is (state in (CallbackState.REGISTERED, CallbackState.CREATED))


def test_the_gravest_point_decides() -> None:
    """Nothing to complain of is a pass."""
    points = [CheckPoint("a", one) for one in (Verdict.PASS, Verdict.ASK, Verdict.WARN, Verdict.FAIL)]
    assert [worst(points[:count]) for count in range(5)] == [
        Verdict.PASS,
        Verdict.PASS,
        Verdict.ASK,
        Verdict.WARN,
        Verdict.FAIL,
    ]


def test_every_point_that_can_be_made_has_words_in_both_languages() -> None:
    """And no sentence is left over."""
    made = [
        *judge_findings("c", NOTHING, "UZE", "UZR"),
        *judge_findings("c", GOOD, "UZE", "UZR"),
        *judge_findings("c", BAD, "UZE", "UZR"),
    ]
    for point in made:
        german, english = (point_text(point, one) for one in Language)
        assert german.found
        assert german != english
    assert {code for code, _ in FOUND} == set(TITLES)
    assert all(one.german != one.english for one in FOUND.values())


def test_a_point_without_words_is_a_mistake() -> None:
    """So is one that lacks a fact of its sentence."""
    with pytest.raises(ValueError, match="no text"):
        point_text(CheckPoint("nothing", Verdict.PASS), Language.GERMAN)
    with pytest.raises(ValueError, match="takes"):
        point_text(CheckPoint("payment_type", Verdict.FAIL), Language.GERMAN)
