"""Reads a described life from TOML, and says of everything that is wrong where it stands and what to do about it."""

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from domain.authorization.facts import Action, ActionKind, Origin
from domain.authorization.schemes import Scheme
from domain.authorization.summary import AuthorizationStatus
from domain.authorization.terms import (
    AuthorizationTerms,
    Channel,
    DayZone,
    Guard,
    HopePer,
    HopeScope,
    Preset,
    RenewalOrder,
)
from domain.money import exponent
from domain.summary import OrderStatus
from domain.tenant_config import InvalidConfiguration, Language
from domain.windows import BERLIN
from simulation.lives.scenario import (
    DASHBOARD,
    LONGEST_DAYS,
    OF_ORDER,
    Behaviour,
    Call,
    Event,
    Expected,
    Moment,
    Scenario,
    Trouble,
    Wish,
    exists,
)

PROVIDERS = ("stripe", "computop")
FEATURES = ("extended_authorization", "incremental_authorization", "multicapture", "overcapture")
MOST_MINOR = 99_999_999
_MOMENT = re.compile(r"day (\d{1,3})(?: (\d\d):(\d\d))?")
_CLOCK = re.compile(r"(\d\d):(\d\d)")
_WALL = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?")
_SPAN = re.compile(r"(\d+) (minute|hour|day)s?")
_LINE = re.compile(r"day \d{1,3}( \d\d:\d\d)? \S.*")
_ENUMS: Mapping[str, type[StrEnum]] = {
    "channel": Channel,
    "hope_scope": HopeScope,
    "hope_per": HopePer,
    "order": RenewalOrder,
    "guard": Guard,
    "preset": Preset,
    "day_zone": DayZone,
    "language": Language,
}
_SPANS = ("split_after", "capture_after", "deadline_margin", "warn_before")
T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)


class BadScenario(Exception):
    """A file describes no life that can be played; the text has one line per mistake, each with its place."""


@dataclass(frozen=True)
class _Wrong(Exception):
    """One mistake at the field that is being read."""

    said: str


def read_scenario(path: Path) -> Scenario:
    """The life that a file describes. Raises `BadScenario` with every mistake in it."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise BadScenario(f"{path} cannot be read: {why}. Name a scenario file.") from None
    return parse_scenario(text, str(path), path.stem)


def parse_scenario(text: str, source: str, name: str = "life") -> Scenario:
    """As `read_scenario`, from text; `source` is what mistakes are told under."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadScenario(f"{source}: this is no TOML: {error}") from None
    reader = _Reader(source, _lines_of(text))
    found = reader.scenario(document, name)
    if reader.mistakes or found is None:
        raise BadScenario("\n".join(reader.mistakes))
    return found


class _Reader:
    """Reads a document and collects what is wrong with it."""

    def __init__(self, source: str, lines: Mapping[str, int]) -> None:
        self._source = source
        self._lines = lines
        self.mistakes: list[str] = []

    def wrong(self, path: str, said: str) -> None:
        """Note a mistake. The line is that of the field, else that of the table it belongs to."""
        place = path
        while place and place not in self._lines:
            place = place.rpartition(".")[0]
        line = f", line {self._lines[place]}" if place else ""
        self.mistakes.append(f"{self._source}{line}: {path}: {said}")

    def scenario(self, document: Mapping[str, Any], name: str) -> Scenario | None:
        top = _Table(self, "", document)
        provider = top.take("provider", _one_of(PROVIDERS))
        amount = top.take("amount", _amount)
        days = top.take("days", _within(1, LONGEST_DAYS, f"a life is watched for 1 to {LONGEST_DAYS} whole days"))
        begins_at = top.take("begin", _begin, time(12))
        terms = self._terms(top.table("terms"), "terms", AuthorizationTerms())
        found = Scenario(
            name=top.take("name", _text, name) or name,
            about=top.take("about", _text, "") or "",
            provider=provider or PROVIDERS[0],
            scheme=top.take("scheme", _enum(Scheme), Scheme.VISA) or Scheme.VISA,
            currency=top.take("currency", _currency, "EUR") or "EUR",
            amount_minor=amount or 0,
            begins_at=begins_at or time(12),
            days=days or 1,
            features=top.take("features", _list(_one_of(FEATURES)), ()) or (),
            lines=self._order(top),
            terms=terms or AuthorizationTerms(),
            events=tuple(self._events(top, terms or AuthorizationTerms())),
            behaviours=tuple(self._behaviours(top, provider or "")),
            expected=self._expected(top.table("expect")),
        )
        top.nothing_else()
        if found.features and found.provider != "stripe":
            self.wrong("features", 'only Stripe has features: leave it out, or take provider = "stripe"')
        if found.scheme is Scheme.CARTES_BANCAIRES and found.provider == "stripe":
            self.wrong("scheme", 'the stand-in of Stripe has no such card: take visa, or provider = "computop"')
        if found.scheme is Scheme.OTHER and found.provider == "computop":
            self.wrong("scheme", "Paygate's stand-in has no such card: take one of the named schemes")
        self._check_order(found)
        if not self.mistakes:
            self._check_times(found)
        return found

    def _order(self, top: "_Table") -> tuple[int, ...]:
        """The lines of the order in the ERP."""
        if "order" not in top.names():
            return ()
        table = top.table("order")
        lines: tuple[int, ...] = table.take("lines", _list(_amount)) or ()
        table.nothing_else()
        return lines

    def _check_order(self, scenario: Scenario) -> None:
        lines = scenario.lines
        if lines and sum(lines) != scenario.amount_minor:
            self.wrong("order.lines", f"the lines add up to {sum(lines)}, and {scenario.amount_minor} was paid")
        for number, event in enumerate(scenario.events, 1):
            if event.wish in OF_ORDER and not lines:
                self.wrong(f"events.{number}.do", "there is no order in the ERP: add [order] with its lines")
            if any(not 1 <= one <= len(lines) for one in event.lines):
                self.wrong(f"events.{number}.lines", f"the order has lines 1 to {len(lines)}")
        if not lines and (scenario.expected.order is not None or scenario.expected.booked is not None):
            self.wrong("expect", "there is no order in the ERP: add [order] with its lines, or expect nothing of it")

    def _check_times(self, scenario: Scenario) -> None:
        begins = scenario.begins(datetime.now(UTC))
        ends = scenario.ends(begins)
        moments = [(f"events.{number}.at", one.at) for number, one in enumerate(scenario.events, 1)]
        moments += [(f"provider_does.{number}.from", one.since) for number, one in enumerate(scenario.behaviours, 1)]
        for path, moment in moments:
            if moment.wall is not None and isinstance(scenario.begins_at, time):
                self.wrong(path, 'this life has no date to begin at: write it as "day 12 10:30", or begin with a date')
                continue
            day = moment.wall or begins.astimezone(BERLIN) + timedelta(days=moment.day)
            if not exists(day.date(), (moment.wall or datetime.combine(day, moment.clock)).time()):
                self.wrong(path, "Berlin's clock skips this time, because summer time begins: choose another")
            elif moment.instant(begins) < begins:
                self.wrong(path, f"this lies before the customer pays ({_wall(begins)}): choose a later time")
            elif moment.instant(begins) > ends:
                self.wrong(path, f"this lies after the end ({_wall(ends)}): choose an earlier time, or more days")

    # -- terms

    def _terms(self, table: "_Table", path: str, before: AuthorizationTerms) -> AuthorizationTerms | None:
        known = {one.name for one in fields(AuthorizationTerms)} - {"version"}
        values: dict[str, Any] = {}
        sound = True
        for name in table.names():
            if name not in known:
                continue
            found = table.take(name, _term(name, getattr(AuthorizationTerms(), name)))
            sound = sound and not table.failed
            values[name] = None if found == _NEVER else found
        table.nothing_else(known)
        if not sound:
            return None
        try:
            return replace(before, **values)
        except InvalidConfiguration as error:
            for one in str(error).split("; "):
                self.wrong(path, one)
            return None

    # -- what happens

    def _events(self, top: "_Table", terms: AuthorizationTerms) -> Iterable[Event]:
        for table in top.tables("events"):
            at, wish = table.take("at", _moment), table.take("do", _enum(Wish))
            origin = table.take("origin", _one_of((*(one.value for one in Origin), DASHBOARD)), Origin.API.value)
            amount = table.take("amount", _whole_amount, None)
            action, changed = None, None
            if wish in (Wish.CAPTURE, Wish.REFUND):
                final = bool(table.take("final", _flag, False)) if wish is Wish.CAPTURE else False
                patient = bool(table.take("patient", _flag, False))
                action = Action(ActionKind(wish.value), amount, final=final, patient=patient)
            elif wish in (Wish.VOID, Wish.REVERSE, Wish.STOP, Wish.GIVE_UP):
                action = Action(ActionKind(wish.value))
            elif wish is Wish.TERMS:
                changed = self._terms(table.table("terms"), f"{table.path}.terms", terms)
                terms = replace(changed or terms, version=terms.version + 1)
                changed = terms
            lines = table.take("lines", _list(_within(1, 999, "name lines by their number, from 1 on")), ()) or ()
            if lines and wish not in OF_ORDER:
                self.wrong(f"{table.path}.lines", "only what happens to an order has lines: leave it out")
            if amount is not None and wish not in (Wish.CAPTURE, Wish.REFUND):
                self.wrong(f"{table.path}.amount", "only captures and refunds have an amount: leave it out")
            if origin == DASHBOARD and wish not in (Wish.CAPTURE, Wish.REFUND, Wish.VOID):
                self.wrong(f"{table.path}.origin", "at the dashboard one can capture, refund and void")
            table.nothing_else()
            if at is not None and wish is not None:
                yield Event(at, wish, action, origin or Origin.API.value, changed, lines)

    def _behaviours(self, top: "_Table", provider: str) -> Iterable[Behaviour]:
        for table in top.tables("provider_does"):
            since, trouble = table.take("from", _moment), table.take("what", _enum(Trouble))
            outage = trouble is Trouble.OUTAGE
            found = Behaviour(
                since=since or Moment(),
                trouble=trouble or Trouble.OUTAGE,
                call=None if outage else table.take("call", _enum(Call), Call.AUTHORIZE),
                code=(table.take("code", _code(provider)) or "") if trouble is Trouble.DECLINE else "",
                advice=(table.take("advice", _text, "") or "") if trouble is Trouble.DECLINE else "",
                times=1 if outage else table.take("times", _within(1, 100, "give 1 to 100 times"), 1) or 1,
                skip=0 if outage else table.take("after", _within(0, 100, "give 0 to 100 requests"), 0) or 0,
                hours=(table.take("hours", _within(1, 24 * 180, "give whole hours, 1 or more")) or 1) if outage else 0,
            )
            if found.trouble is Trouble.DECLINE and found.call is Call.READ:
                self.wrong(f"{table.path}.call", "a look cannot be declined: take lost_request or outage")
            if found.advice and provider != "computop":
                self.wrong(f"{table.path}.advice", "Stripe's advice follows from the code: leave it out")
            table.nothing_else()
            if since is not None and trouble is not None:
                yield found

    def _expected(self, table: "_Table") -> Expected:
        days = _list(_within(0, LONGEST_DAYS, f"name days by their number, 0 to {LONGEST_DAYS}"))
        count = _within(0, 10_000, "give a whole number")
        found = Expected(
            happens=table.take("happens", _list(_line), None),
            told=table.take("told", _list(_line), None),
            problems=table.take("problems", _list(_text), None),
            renewals=table.take("renewals", days, None),
            splits=table.take("splits", days, None),
            status=table.take("status", _one_of(tuple(one.value for one in AuthorizationStatus)), None),
            stop=table.take("stop", _text, None),
            captured=table.take("captured", _whole_amount, None),
            refunded=table.take("refunded", _whole_amount, None),
            holds=table.take("holds", count, None),
            order=table.take("order", _one_of(tuple(one.value for one in OrderStatus)), None),
            booked=table.take("booked", _list(_signed_amount), None),
        )
        table.nothing_else()
        return found


_MISSING: Any = object()
_NEVER = object()


class _Table:
    """A table of the document, of which every field is taken once."""

    def __init__(self, reader: _Reader, path: str, values: Mapping[str, Any]) -> None:
        self._reader = reader
        self._values = values
        self._taken: set[str] = set()
        self.path = path
        self.failed = False

    def names(self) -> list[str]:
        return list(self._values)

    def take(self, name: str, read: Callable[[Any], T], otherwise: Any = _MISSING) -> T | Any:
        """The value of a field as `read` understands it; `otherwise` without one, None when it is wrong."""
        self._taken.add(name)
        self.failed = False
        if name not in self._values:
            if otherwise is not _MISSING:
                return otherwise
            self._reader.wrong(self._at(name), "this is missing: add it")
        else:
            try:
                return read(self._values[name])
            except _Wrong as error:
                self._reader.wrong(self._at(name), error.said)
        self.failed = True
        return None

    def table(self, name: str) -> "_Table":
        """A table inside; an empty one when there is none."""
        self._taken.add(name)
        found = self._values.get(name, {})
        if not isinstance(found, dict):
            self._reader.wrong(self._at(name), f"this is a table of its own: write [{self._at(name)}]")
            found = {}
        return _Table(self._reader, self._at(name), found)

    def tables(self, name: str) -> list["_Table"]:
        """A list of tables, counted from 1."""
        self._taken.add(name)
        found = self._values.get(name, [])
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            self._reader.wrong(self._at(name), f"this is a list of tables: write [[{name}]] above each")
            return []
        return [_Table(self._reader, f"{self._at(name)}.{number}", one) for number, one in enumerate(found, 1)]

    def nothing_else(self, known: Iterable[str] = ()) -> None:
        """Everything that was not taken is unknown here."""
        names = sorted({*self._taken, *known})
        for name in self._values:
            if name not in names:
                self._reader.wrong(self._at(name), f"nobody knows this field here: choose from {', '.join(names)}")

    def _at(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name


# -- readers of single values: each returns what it understood, or raises `_Wrong` with what to do


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise _Wrong('this is text: write it in "quotes"')
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _Wrong("write true or false")
    return value


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _whole_amount(value: Any) -> int:
    if not _is_whole(value):
        raise _Wrong("an amount is a whole number of minor units: 40.00 EUR is 4000")
    if not 0 <= value <= MOST_MINOR:
        raise _Wrong(f"an amount is 0 to {MOST_MINOR} minor units")
    return int(value)


def _signed_amount(value: Any) -> int:
    """What stands on the customer's account; what was given back is negative."""
    if not _is_whole(value):
        raise _Wrong("an amount is a whole number of minor units, negative for what was given back")
    return int(value)


def _amount(value: Any) -> int:
    found = _whole_amount(value)
    if not found:
        raise _Wrong("nothing is held: give at least 1 minor unit")
    return found


def _currency(value: Any) -> str:
    found = _text(value)
    if not re.fullmatch("[A-Z]{3}", found):
        raise _Wrong('a currency has three capital letters, such as "EUR"')
    exponent(found)
    return found


def _within(least: int, most: int, said: str) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        if not _is_whole(value) or not least <= value <= most:
            raise _Wrong(said)
        return int(value)

    return read


def _one_of(choices: tuple[str, ...]) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if value not in choices:
            raise _Wrong(f"choose from {', '.join(choices)}")
        return str(value)

    return read


def _enum(kind: type[E]) -> Callable[[Any], E]:
    choose = _one_of(tuple(one.value for one in kind))
    return lambda value: kind(choose(value))


def _list(read: Callable[[Any], T]) -> Callable[[Any], tuple[T, ...]]:
    def read_all(value: Any) -> tuple[T, ...]:
        if not isinstance(value, list):
            raise _Wrong("this is a list: write it in [brackets]")
        return tuple(read(one) for one in value)

    return read_all


def _line(value: Any) -> str:
    if not isinstance(value, str) or not _LINE.fullmatch(value):
        raise _Wrong('write each as "day 7 renewal 10000", or with its time as "day 7 01:30 renewal 10000"')
    return value


def _code(provider: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        found = _text(value)
        if provider == "computop" and not re.fullmatch(r"\d{4}|[0-9A-Z]{8}", found):
            raise _Wrong('a code of Paygate has four or eight characters, such as "0305"')
        if provider == "stripe" and not re.fullmatch(r"[a-z][a-z0-9_]+", found):
            raise _Wrong('a code of Stripe is a word such as "insufficient_funds"')
        return found

    return read


def _clock(value: Any) -> time:
    if isinstance(value, time):
        return value
    found = _CLOCK.fullmatch(value) if isinstance(value, str) else None
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        raise _Wrong('a time is written as "01:30"')
    return time(int(found[1]), int(found[2]))


def _wall_time(value: Any) -> datetime | None:
    """A date and time without a zone; None when it is something else."""
    if isinstance(value, str) and _WALL.fullmatch(value):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise _Wrong("there is no such date") from None
    if not isinstance(value, datetime):
        return None
    if value.tzinfo is not None:
        raise _Wrong("times are Berlin's wall time: leave the zone out")
    if not exists(value.date(), value.time()):
        raise _Wrong("Berlin's clock skips this time, because summer time begins: choose another")
    return value


def _begin(value: Any) -> datetime | time:
    found = _wall_time(value)
    if found is not None:
        return found
    try:
        return _clock(value)
    except _Wrong:
        raise _Wrong('write "2030-06-01 12:00" in Berlin\'s time, or "12:00" for the next noon') from None


def _moment(value: Any) -> Moment:
    wall = _wall_time(value)
    if wall is not None:
        return Moment(wall=wall)
    found = _MOMENT.fullmatch(value) if isinstance(value, str) else None
    if found is None or int(found[2] or 0) > 23 or int(found[3] or 0) > 59:
        raise _Wrong('write "day 12 10:30", counted from the day of the payment, or "2030-06-13 10:30"')
    return Moment(int(found[1]), time(int(found[2] or 0), int(found[3] or 0)))


def _span(value: Any) -> timedelta:
    found = _SPAN.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise _Wrong('write a span as "3 minutes", "12 hours" or "1 day"')
    return timedelta(**{f"{found[2]}s": int(found[1])})


def _days(value: Any) -> Any:
    if value == "never":
        return _NEVER
    if not _is_whole(value):
        raise _Wrong('write a whole number of days such as 7, or "never"')
    return value


def _term(name: str, default: Any) -> Callable[[Any], Any]:
    """How a field of the terms is read."""
    if name in _ENUMS:
        return _enum(_ENUMS[name])
    if name == "renew_after_days":
        return _days
    if name in _SPANS:
        return _span
    if name == "nightly_from":
        return _clock
    if name == "wider_hope_reasons":
        return _list(_text)
    if isinstance(default, bool):
        return _flag
    return _within(-(10**9), 10**9, "write a whole number")


def _wall(instant: datetime) -> str:
    return f"{instant.astimezone(BERLIN):%Y-%m-%d %H:%M}"


def _lines_of(text: str) -> dict[str, int]:
    """In which line each table and field stands: `events.2.at` is the field of the second `[[events]]`."""
    found: dict[str, int] = {}
    counts: dict[str, int] = {}
    path = ""
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*(\[\[?)\s*([\w.]+)\s*\]\]?", line)
        field = re.match(r"\s*([\w-]+)\s*=", line)
        if header is not None:
            name = header[2]
            if header[1] == "[[":
                counts[name] = counts.get(name, 0) + 1
                path = f"{name}.{counts[name]}"
            else:
                first, _, rest = name.partition(".")
                path = f"{first}.{counts[first]}.{rest}" if rest and first in counts else name
            found.setdefault(path, number)
        elif field is not None:
            found.setdefault(f"{path}.{field[1]}" if path else field[1], number)
    return found
