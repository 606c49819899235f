"""A failed extension is mailed at once, with the fields of the failure file, until the mail has gone, as one line."""

import pytest

from adapters.mail.hold_mail import hold_mail
from domain.authorization.declines import Decline
from domain.authorization.facts import HoldOperationEnded
from domain.authorization.notices import failure_lines, notices
from domain.authorization.terms import Guard
from domain.operations import Kind
from domain.outcomes import Outcome
from domain.tenant_config import Language
from tests.domain.authorization.life import Life, at, clock

OFF = {"guard": Guard.OFF, "renew_after_days": 7}


def failed(**script: list[object]) -> Life:
    """A renewal that was declined in the night."""
    life = Life.begin(**OFF)
    life.provider.script = {Kind.AUTHORIZE: [Decline.BY_ISSUER], **{Kind(name): said for name, said in script.items()}}
    life.until(at(6, 8, "12:00"))
    return life


@pytest.mark.rule("R56")
def test_a_mail_that_did_not_go_is_repeated_and_the_line_stays_one() -> None:
    """The first try follows the failure at once, and every try is the same operation, so that its Message-ID is too."""
    life = failed(mail=[Outcome.NOT_SENT, Outcome.UNKNOWN])
    told = [
        one
        for one in life.facts
        if isinstance(one, HoldOperationEnded) and one.operation.note.code == "extension_failed"
    ]
    assert [one.result.outcome for one in told] == [Outcome.NOT_SENT, Outcome.UNKNOWN, Outcome.SUCCEEDED]
    assert len({one.operation.id_within("a") for one in told}) == 1
    (line,) = failure_lines(life.state)
    assert clock(told[0].at) == clock(line.failed_at)


@pytest.mark.rule("R56")
@pytest.mark.parametrize("language", Language)
def test_the_mail_has_the_fields_of_the_file(language: Language) -> None:
    """Payment type, action, amount, currency, both names, the payment, status, code and description."""
    life = failed()
    (mail,) = [one for one in notices(life.state) if one.note.code == "extension_failed"]
    text = hold_mail(tenant="t", name="order-1", note=mail.note, language=language, operation_id="o").body
    (line,) = failure_lines(life.state)
    fields = [one.partition(": ")[2] for one in text.split("\n\n")[1].splitlines()]
    assert fields[0] == "CC"
    assert "10000 EUR" in fields[2]
    assert fields[3:8] == [line.case_reference, line.payout_reference, line.reference, "FAILED", line.code]
    assert all((fields[1], fields[8], line.reference, line.code))
