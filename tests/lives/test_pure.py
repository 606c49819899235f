"""Every shipped example in the pure core: it comes as in the real thing (`tests/cli/test_simulate.py`)."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.operations import Kind
from domain.outcomes import Outcome
from domain.tenant_config import Pacing
from simulation.lives.expecting import differences
from simulation.lives.pure import play_pure
from simulation.lives.reading import parse_scenario, read_scenario
from simulation.lives.timeline import Life, What, timeline

EVERY = sorted((Path(__file__).resolve().parents[2] / "examples").glob("*.toml"))
EXAMPLES = [one for one in EVERY if not read_scenario(one).lines]  # an order needs the ERP
NOW = datetime(2030, 1, 15, 9, tzinfo=UTC)
MASTERCARD = 'provider = "computop"\nscheme = "mastercard"\namount = 10000\n'


def play(text: str) -> Life:
    return play_pure(parse_scenario(text, "life.toml"), Pacing(), NOW)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda one: one.stem)
def test_an_example_comes_as_expected(path: Path) -> None:
    assert [str(one) for one in differences(play_pure(read_scenario(path), Pacing(), NOW))] == []


def test_new_terms_hold_from_then_on() -> None:
    life = play(
        MASTERCARD + 'days = 30\n[[events]]\nat = "day 8 12:00"\ndo = "change_terms"\nterms = { renew_after_days = 10 }'
    )
    assert [life.day(one.at) for one in timeline(life) if one.what is What.EXTENDED] == [7, 17, 27]


@pytest.mark.parametrize(
    ("call", "what"), [("capture", "lost_answer"), ("capture", "lost_request"), ("read", "lost_request")]
)
def test_what_gets_lost_happens_once(call: str, what: str) -> None:
    trouble = f'[[provider_does]]\nfrom = "day 1"\nwhat = "{what}"\ncall = "{call}"\ntimes = 2\n'
    life = play(MASTERCARD + f'days = 9\n{trouble}[[events]]\nat = "day 2"\ndo = "capture"\namount = 4000')
    captured = [one for one in life.state.operations if one.kind is Kind.CAPTURE]
    assert [(one.outcome, one.amount_minor) for one in captured] == [(Outcome.SUCCEEDED, 4_000)]
    assert life.state.captured_minor == 4_000


def test_by_hand_what_the_provider_refuses_is_told() -> None:
    """A hold that was captured already cannot be voided at the dashboard."""
    events = '[[events]]\nat = "day 1"\ndo = "capture"\n[[events]]\nat = "day 2"\ndo = "void"\norigin = "dashboard"\n'
    life = play(MASTERCARD + "days = 5\n" + events)
    assert "day 2 by hand: void, refused by the provider," in [life.short(one) for one in timeline(life)]
