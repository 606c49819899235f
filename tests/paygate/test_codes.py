"""Result codes: eight characters, one deciding digit, and the two declines that a hope run follows."""

import pytest
from hypothesis import given

from paygate import codes
from paygate.codes import HOPE_RUN_DETAILS, Code, Reason, Verdict, Wrong, parameter_code
from paygate.errors import PaygateError, Refusal
from tests.paygate.texts import CODES


@pytest.mark.rule("R74")
@given(CODES)
def test_a_code_is_its_text(text: str) -> None:
    """Severity, module and detail are parts of the text, zeros and letters included."""
    code = Code(text)
    assert str(code) == code.text == text
    assert f"{code.severity}{code.module}{code.detail}" == text


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("00000000", Verdict.SUCCESS),
        ("00000001", Verdict.SUCCESS),
        ("22060203", Verdict.FAILURE),
        ("2206014H", Verdict.FAILURE),
        ("40103001", Verdict.FAILURE),
        ("60000000", Verdict.TRANSIENT),
        ("70000000", Verdict.TRANSIENT),
        ("10000000", Verdict.UNCLEAR),
        ("x0000000", Verdict.UNCLEAR),
    ],
)
def test_the_first_digit_decides(text: str, verdict: Verdict) -> None:
    """A digit that nobody documents is neither a yes nor a no."""
    assert Code(text).verdict is verdict


@pytest.mark.parametrize(
    ("text", "reason", "acquirer"),
    [
        ("00000305", Reason.NONE, "05"),
        ("21000305", Reason.DECLINED, "05"),
        ("22060396", Reason.TRY_LATER, "96"),
        ("21000351", Reason.FUNDS, "51"),
        ("21000380", Reason.LAPSED, "80"),
        ("21000379", Reason.REVOKED, "79"),
        ("21000399", Reason.UNKNOWN, "99"),
        ("22060203", Reason.UNKNOWN, ""),
        ("20720053", Reason.CANCELLED, ""),
        ("40110305", Reason.PARAMETER, ""),
        ("40010001", Reason.CRYPTOGRAPHY, ""),
    ],
)
def test_details_have_classes(text: str, reason: Reason, acquirer: str) -> None:
    """What is known of a detail; a module of the platform says more than the digits behind it."""
    assert (Code(text).reason, Code(text).acquirer_code) == (reason, acquirer)


@pytest.mark.parametrize("severity", ["2", "4"])
@pytest.mark.parametrize("module", ["100", "206"])
def test_two_declines_earn_a_hope_run(severity: str, module: str) -> None:
    """Declined by the authorization system, and not possible just now: these two, whatever the module."""
    earning = {detail for detail in map("{:04}".format, range(300, 400)) if Code(severity + module + detail)}
    assert {one for one in earning if Code(severity + module + one).earns_hope_run()} == {"0305", "0396"}
    assert not Code(f"{severity}{module}0391").earns_hope_run()  # the issuer is away: sounds alike, is not
    assert Code(f"{severity}{module}0391").earns_hope_run(HOPE_RUN_DETAILS | {"0391"})


@pytest.mark.parametrize("severity", ["0", "6", "7", "1"])
def test_only_a_failure_earns_a_hope_run(severity: str) -> None:
    """Without an established failure there is nothing to try again."""
    assert not Code(f"{severity}1000305").earns_hope_run()


@pytest.mark.parametrize(
    "text", ["", "0", "0000000", "000000000", "0000 000", "0000000ä", "٠٠٠٠٠٠٠٠", 0, None, b"00000000"]
)
def test_anything_else_is_no_code(text: object) -> None:
    """A number has lost its zeros already."""
    with pytest.raises(PaygateError) as refused:
        Code(text)  # type: ignore[arg-type]
    assert refused.value.code is Refusal.CODE


def test_our_own_codes_say_what_they_mean() -> None:
    """The first digit of what we answer is a failure for each but success, and none of them earns a hope run."""
    assert codes.SUCCESS.verdict is Verdict.SUCCESS
    failures = [
        codes.UNDECIPHERABLE,
        codes.UNKNOWN_PAYMENT,
        codes.ABOVE_AUTHORIZATION,
        codes.NOTHING_OPEN,
        codes.NOTHING_TO_UNDO,
        codes.SECOND_CAPTURE_OF_DAY,
        codes.ISSUER_AWAY,
    ]
    assert {code.verdict for code in failures} == {Verdict.FAILURE}
    assert not any(code.earns_hope_run() for code in failures)


@pytest.mark.parametrize(
    ("wrong", "front"),
    [(Wrong.MISSING, "4010"), (Wrong.FORMAT, "4011"), (Wrong.TOO_SHORT, "4013"), (Wrong.TOO_LONG, "4014")],
)
def test_a_wrong_parameter_names_its_family_and_itself(wrong: Wrong, front: str) -> None:
    """Severity 4, then the family, then four digits for the parameter."""
    code = parameter_code(wrong, "0005")
    assert code.text == f"{front}0005"
    assert code.reason is Reason.PARAMETER
