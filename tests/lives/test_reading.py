"""Files that describe lives: what is understood, and what is said of each mistake."""

import re
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from domain.authorization.facts import Action, ActionKind
from domain.authorization.schemes import Scheme
from domain.authorization.terms import AuthorizationTerms, Channel, RenewalOrder
from domain.tenant_config import Pacing
from simulation.lives.pure import NeedsTheErp, play_pure
from simulation.lives.reading import BadScenario, parse_scenario, read_scenario
from simulation.lives.scenario import Behaviour, Call, Event, Moment, Scenario, Trouble, Wish

EXAMPLES = sorted((Path(__file__).resolve().parents[2] / "examples").glob("*.toml"))
SOUND = 'provider = "computop"\namount = 10000\ndays = 30\n'


def mistakes(text: str) -> list[str]:
    with pytest.raises(BadScenario) as raised:
        parse_scenario(text, "life.toml")
    return str(raised.value).splitlines()


def test_the_shortest_file() -> None:
    found = parse_scenario(SOUND, "life.toml", "life")
    assert found == Scenario("life", "computop", 10_000, 30)
    assert found.terms == AuthorizationTerms()


def test_everything_that_can_be_said() -> None:
    found = parse_scenario(
        """
        name = "All"
        about = "of it"
        provider = "stripe"
        scheme = "amex"
        currency = "CHF"
        amount = 1
        begin = 2035-03-19T12:00:00
        days = 180
        features = ["multicapture"]
        [terms]
        renew_after_days = "never"
        order = "authorize_first"
        split_after = "4 minutes"
        nightly_from = "02:00"
        channel = "file"
        [[events]]
        at = "day 12 10:30"
        do = "capture"
        amount = 4000
        final = true
        origin = "batch"
        [[events]]
        at = "2035-04-01 08:00"
        do = "change_terms"
        terms = { renew_after_days = 8 }
        [[provider_does]]
        from = "day 3"
        what = "decline"
        call = "capture"
        code = "insufficient_funds"
        times = 2
        after = 1
        [expect]
        happens = ["day 7 01:30 renewal 1"]
        status = "held"
        """,
        "life.toml",
    )
    assert (found.scheme, found.currency, found.features) == (Scheme.AMEX, "CHF", ("multicapture",))
    assert found.terms.renew_after_days is None
    assert (found.terms.order, found.terms.channel) == (RenewalOrder.AUTHORIZE_FIRST, Channel.FILE)
    assert (found.terms.split_after, found.terms.nightly_from) == (timedelta(minutes=4), time(2))
    capture, change = found.events
    assert capture == Event(
        Moment(12, time(10, 30)), Wish.CAPTURE, Action(ActionKind.CAPTURE, 4_000, final=True), "batch"
    )
    assert change.terms is not None
    assert (change.terms.renew_after_days, change.terms.version) == (8, 2)
    assert found.behaviours == (
        Behaviour(Moment(3), Trouble.DECLINE, Call.CAPTURE, "insufficient_funds", times=2, skip=1),
    )
    assert found.expected.happens == ("day 7 01:30 renewal 1",)
    assert found.begins(datetime.now(UTC)) == datetime(2035, 3, 19, 11, tzinfo=UTC)


def test_days_are_counted_by_berlins_clock() -> None:
    """Day 6 of a life that begins before summer time does is an hour nearer in UTC."""
    begins = datetime(2035, 3, 19, 11, tzinfo=UTC)
    assert Moment(6, time(1)).instant(begins) == datetime(2035, 3, 25, 0, tzinfo=UTC)
    assert Moment(6, time(12)).instant(begins) == datetime(2035, 3, 25, 10, tzinfo=UTC)


def test_without_a_date_it_begins_at_the_next_such_time() -> None:
    now = datetime(2026, 7, 1, 10, 30, tzinfo=UTC)
    assert parse_scenario(SOUND + 'begin = "13:00"', "x").begins(now) == datetime(2026, 7, 1, 11, tzinfo=UTC)
    assert parse_scenario(SOUND + 'begin = "12:35"', "x").begins(now) == datetime(2026, 7, 2, 10, 35, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "line", "field", "advice"),
    [
        (SOUND + "colour = 1", 4, "colour", "choose from"),
        ('amount = 1\ndays = 1\nprovider = "unzer"', 3, "provider", "stripe, computop"),
        ('provider = "computop"\ndays = 3', 0, "amount", "add it"),
        ('provider = "stripe"\namount = 40.00\ndays = 1', 2, "amount", "40.00 EUR is 4000"),
        ('provider = "stripe"\namount = "40,00"\ndays = 1', 2, "amount", "minor units"),
        ('provider = "stripe"\namount = true\ndays = 1', 2, "amount", "minor units"),
        ('provider = "stripe"\namount = 0\ndays = 1', 2, "amount", "at least 1"),
        ('provider = "stripe"\namount = -5\ndays = 1', 2, "amount", "0 to"),
        ('provider = "stripe"\namount = 5\ndays = 181', 3, "days", "1 to 180"),
        (SOUND + 'currency = "euro"', 4, "currency", "three capital letters"),
        (SOUND + 'scheme = "other"', 4, "scheme", "named schemes"),
        (SOUND + 'features = ["multicapture"]', 4, "features", "stripe"),
        (SOUND + 'begin = "2035-02-30 12:00"', 4, "begin", "no such date"),
        (SOUND + 'begin = "2035-03-25 02:30"', 4, "begin", "summer time"),
        (SOUND + "begin = 2035-03-19T12:00:00Z", 4, "begin", "leave the zone out"),
        (SOUND + 'begin = "noon"', 4, "begin", "12:00"),
        (SOUND + "[terms]\nmax_age_days = 181", 4, "terms", "at most 180 days"),
        (SOUND + '[terms]\nrenew_after_days = "seven"', 5, "terms.renew_after_days", "whole number of days"),
        (SOUND + "[terms]\nrenew_after_days = 14", 4, "terms", "override_interval"),
        (SOUND + '[terms]\nrealtime = true\nchannel = "file"', 4, "terms", "choose the channel mail"),
        (SOUND + '[terms]\nguard = "often"', 5, "terms.guard", "by_source"),
        (SOUND + '[terms]\nsplit_after = "soon"', 5, "terms.split_after", "3 minutes"),
        (SOUND + "[terms]\nversion = 3", 5, "terms.version", "nobody knows"),
        (SOUND + '[[events]]\nat = "day 3"\ndo = "dance"', 6, "events.1.do", "capture"),
        (SOUND + '[[events]]\nat = "tomorrow"\ndo = "void"', 5, "events.1.at", "day 12 10:30"),
        (SOUND + '[[events]]\nat = "day 31"\ndo = "void"', 5, "events.1.at", "after the end"),
        (SOUND + '[[events]]\nat = "day 0 11:00"\ndo = "void"', 5, "events.1.at", "before the customer pays"),
        (SOUND + '[[events]]\nat = "2035-04-01 10:00"\ndo = "void"', 5, "events.1.at", "no date to begin at"),
        (SOUND + '[[events]]\nat = "day 3"\ndo = "void"\namount = 5', 7, "events.1.amount", "leave it out"),
        (SOUND + '[[events]]\nat = "day 3"\ndo = "capture"\namount = 4.5', 7, "events.1.amount", "minor units"),
        (SOUND + '[[events]]\nat = "day 3"\ndo = "reverse"\norigin = "dashboard"', 7, "events.1.origin", "dashboard"),
        (SOUND + '[[events]]\nat = "day 3"\ndo = "void"\nfinal = true', 7, "events.1.final", "nobody knows"),
        (SOUND + '[events]\nat = "day 3"', 4, "events", "[[events]]"),
        (SOUND + '[[provider_does]]\nfrom = "day 3"\nwhat = "decline"', 4, "provider_does.1.code", "add it"),
        (
            SOUND + '[[provider_does]]\nfrom = "day 3"\nwhat = "decline"\ncode = "no_funds"',
            7,
            "provider_does.1.code",
            "four or eight characters",
        ),
        (SOUND + '[[provider_does]]\nfrom = "day 3"\nwhat = "outage"', 4, "provider_does.1.hours", "add it"),
        (SOUND + '[expect]\nhappens = ["renewal 5"]', 5, "expect.happens", "day 7 renewal 10000"),
        (SOUND + '[expect]\nstatus = "happy"', 5, "expect.status", "captured"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_what_to_do(text: str, line: int, field: str, advice: str) -> None:
    (said,) = mistakes(text)
    place = f"life.toml, line {line}: " if line else "life.toml: "
    assert said.startswith(f"{place}{field}: "), said
    assert advice in said


def test_an_event_before_a_life_with_a_date_is_refused() -> None:
    text = SOUND + 'begin = "2035-03-19 12:00"\n[[events]]\nat = "2035-03-18 12:00"\ndo = "void"'
    (said,) = mistakes(text)
    assert "before the customer pays (2035-03-19 12:00)" in said


def test_an_event_in_the_hour_that_is_missing_is_refused() -> None:
    text = SOUND + 'begin = "2035-03-19 12:00"\n[[events]]\nat = "day 6 02:30"\ndo = "void"'
    (said,) = mistakes(text)
    assert "skips this time" in said


def test_all_mistakes_are_told_at_once() -> None:
    said = mistakes('provider = "x"\namount = 1.5\n[[events]]\nat = "day 1"\ndo = "x"')
    assert [one.split(": ")[1] for one in said] == ["provider", "amount", "days", "events.1.do"]


def test_what_is_no_toml_is_told_with_its_line() -> None:
    (said,) = mistakes("provider = \ndays = 3")
    assert said.startswith("life.toml: this is no TOML: ")
    assert "line 1" in said


def test_a_file_that_is_missing_or_no_text(tmp_path: Path) -> None:
    with pytest.raises(BadScenario, match=r"nowhere\.toml cannot be read: No such file"):
        read_scenario(tmp_path / "nowhere.toml")
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadScenario, match="not UTF-8"):
        read_scenario(tmp_path / "bytes.toml")


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda one: one.stem)
def test_every_example_is_sound_and_expects_something(path: Path) -> None:
    found = read_scenario(path)
    assert found.expected.anything
    assert found.about


ORDER = 'provider = "computop"\namount = 10000\ndays = 9\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[order]\nlines = [6000, 3000]\n", "order.lines: the lines add up to 9000, and 10000 was paid"),
        ('[order]\nlines = []\n[[events]]\nat = "day 1"\ndo = "ship"\n', "there is no order in the ERP"),
        ('[[events]]\nat = "day 1"\ndo = "ship"\n', "events.1.do: there is no order in the ERP"),
        (
            '[order]\nlines = [10000]\n[[events]]\nat = "day 1"\ndo = "ship"\nlines = [2]\n',
            "events.1.lines: the order has lines 1 to 1",
        ),
        (
            '[order]\nlines = [10000]\n[[events]]\nat = "day 1"\ndo = "void"\nlines = [1]\n',
            "only what happens to an order has lines",
        ),
        ("[order]\nlines = [100.5]\n", "whole number of minor units"),
        ("[order]\nprices = [10000]\n", "nobody knows this field here"),
        ("[expect]\nbooked = [6000]\n", "there is no order in the ERP"),
    ],
)
def test_an_order_that_does_not_fit(text: str, said: str) -> None:
    with pytest.raises(BadScenario, match=re.escape(said)):
        parse_scenario(ORDER + text, "life.toml")


def test_an_order_cannot_be_played_without_the_erp() -> None:
    life = parse_scenario(ORDER + "[order]\nlines = [10000]\n", "life.toml")
    with pytest.raises(NeedsTheErp, match="play it without --pure"):
        play_pure(life, Pacing(), datetime(2030, 1, 15, 9, tzinfo=UTC))
