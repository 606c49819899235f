"""Every undisturbed row, begun by another application and taken over before each of its happenings.

Holdfast knows then what ERP and provider show, and nothing else; yet no effect on money or in the ERP is missing at the
end, and none is there twice.
"""

from dataclasses import replace

import pytest

from tests.scenarios.script import Scenario
from tests.scenarios.table import SCENARIOS
from tests.scenarios.taken_over import TakenOverRun, can_be_taken_over

# what neither ERP nor provider tells: row, and number of the happening
NOT_TOLD = {
    # the lock of a refused check could be anybody's: the file says whose it is, or a person lifts it
    ("check: the missing payment id is entered later, the order is checked anew and unlocked", 0),
    ("prepayment: no payment id at first, then waiting for the transfer, then unlocked", 0),
    # the money came while nobody looked: whether the lock stands for its sake a person says
    ("prepayment: money that came unheard is looked for before goods count as unpaid", 1),
    ("night, plain: money that comes at night is kept, the lock is lifted at four", 1),
    ("night, spring: money that comes at night is kept, the lock is lifted at four", 1),
    ("night, autumn: money that comes at night is kept, the lock is lifted at four", 1),
    ("night, autumn: the second half past two is still night", 1),
    # that the goods were out before the money shows nowhere: the money is there, so the invoice is booked
    ("prepayment: shipped without money is handed to a person, later money changes nothing", 4),
    ("prepayment: shipped without money is handed to a person, later money changes nothing", 5),
    # the age of a hold counts from the day on which Holdfast saw it first
    ("paylater: the hold gets old, then it has lapsed when goods ship", 0),
    ("paylater: the hold gets old, then it has lapsed when goods ship", 1),
    # what was given back by hand counts as the credit note's that stands there now
    ("return: as much went back by hand; a person says that this was it and settles the credit note", 2),
    ("return: as much went back by hand; a person says that this was it and settles the credit note", 3),
    ("return: as much went back by hand; a person says that this was it and settles the credit note", 4),
    ("return: more than what is left is told once, however many parcels follow", 3),
    ("return: more than what is left is told once, however many parcels follow", 4),
    # what happened to our own workflow, and a cancelled order that is opened again afterwards
    ("messages: the workflow is cancelled in Temporal and lives on", 1),
    ("cancel: opened again after its payment was given up; locked, and a person is told", 1),
}

MOMENTS = [
    pytest.param(row, at, id=f"{row.name} @ {at}")
    for row in SCENARIOS
    if can_be_taken_over(row)
    for at in range(len(row.script))
    if (row.name, at) not in NOT_TOLD
]


def without_comments(effects: tuple[str, ...] | list[str]) -> list[str]:
    return [one for one in effects if not one.startswith("comment")]


@pytest.mark.parametrize(("scenario", "at"), MOMENTS)
def test_nothing_is_done_twice_and_nothing_is_forgotten(scenario: Scenario, at: int) -> None:
    """The effects of both applications together are those of the row, and the preview told what was done at once."""
    run = TakenOverRun(replace(scenario, in_this_order=(), end=replace(scenario.end, erp=None, mails=None)), at)
    run.play()
    if scenario.end.erp is not None:
        assert without_comments(run.erp.effects) == without_comments(scenario.end.erp)
