"""What a merchant has agreed for the authorizations of one provider account: renewal, maximum age, split, notices.

Durations are whole days or minutes; days are calendar days of Berlin wall time.
"""

from dataclasses import dataclass
from datetime import time, timedelta
from enum import StrEnum

from domain.tenant_config import InvalidConfiguration, Language

USUAL_RENEWAL_DAYS = range(6, 14)
LONGEST_AGE_DAYS = 180
LONGEST_WAIT = timedelta(days=1)
SMALLEST_CAPTURE_MINOR = 100  # below that a capture needs an agreement of its own with the provider


class RenewalOrder(StrEnum):
    """What a renewal does first. Voiding first may leave no hold, authorizing first holds twice for a moment."""

    VOID_FIRST = "void_first"
    AUTHORIZE_FIRST = "authorize_first"


class Channel(StrEnum):
    """How the merchant hears of a failed renewal or split."""

    MAIL = "mail"
    FILE = "file"


class Guard(StrEnum):
    """What is done about a hold that the card scheme guarantees for less than the renewal interval."""

    BY_SOURCE = "by_source"  # shorten where the provider tells the deadline, warn where a table estimates it
    SHORTEN = "shorten"
    WARN = "warn"
    OFF = "off"


class HopeScope(StrEnum):
    """Which failed extensions are tried once more."""

    RENEWAL = "renewal"
    RENEWAL_AND_SPLIT = "renewal_and_split"


class HopePer(StrEnum):
    """How often there is a hope run."""

    AUTHORIZATION = "authorization"
    FAILURE = "failure"


class DayZone(StrEnum):
    """By which clock the window without further captures is read."""

    BERLIN = "berlin"
    FIXED_CET = "fixed_cet"
    BOTH = "both"  # wherever one of the two readings forbids it


class Preset(StrEnum):
    """Where several defaults change together."""

    HOLDFAST = "holdfast"
    STRICT = "strict"  # what is refused here counts as a failed action, as in the original


@dataclass(frozen=True)
class AuthorizationTerms:
    """Every setting with its default. Raises `ImpossibleTerms` for what cannot work together.

    `renew_after_days`: N (rule R1); None: no renewal at all. `max_age_days` (R2). `split`: the remainder after a
    partial capture is authorized anew (R3). `realtime`: within minutes instead of over night (R25). `hope_run` (R7).
    `override_interval`: an operator accepts an unusual N. `small_amounts`: the provider captures less than one unit of
    currency too (R24). `warn_before`: how long before its deadline a hold that will not be renewed is reported.
    `deadline_margin`: how long before a told deadline a renewal must be done.
    """

    version: int = 1
    renew_after_days: int | None = 7
    max_age_days: int = LONGEST_AGE_DAYS
    split: bool = True
    realtime: bool = False
    channel: Channel = Channel.MAIL
    hope_run: bool = False
    hope_scope: HopeScope = HopeScope.RENEWAL
    hope_per: HopePer = HopePer.AUTHORIZATION
    wider_hope_reasons: tuple[str, ...] = ()
    respect_advice: bool = True
    report_final_only: bool = False
    report_stops: bool = False
    tell_success: bool = False
    order: RenewalOrder = RenewalOrder.VOID_FIRST
    guard: Guard = Guard.BY_SOURCE
    override_interval: bool = False
    small_amounts: bool = False
    preset: Preset = Preset.HOLDFAST
    day_zone: DayZone = DayZone.BERLIN
    nightly_from: time = time(1, 30)
    split_after: timedelta = timedelta(minutes=3)
    capture_after: timedelta = timedelta(minutes=5)
    deadline_margin: timedelta = timedelta(hours=12)
    warn_before: timedelta = timedelta(hours=24)
    language: Language = Language.GERMAN

    def __post_init__(self) -> None:
        found = faults(self)
        if found:
            raise ImpossibleTerms(found)

    @property
    def strict(self) -> bool:
        return self.preset is Preset.STRICT


@dataclass(frozen=True)
class Fault:
    """A setting that cannot be, with the reason and what to do about it in one sentence."""

    field: str
    sentence: str


class ImpossibleTerms(InvalidConfiguration):
    """Terms that cannot work together, each fault at its field."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("; ".join(one.sentence for one in faults))
        self.faults = faults


def impossible(terms: AuthorizationTerms) -> tuple[str, ...]:
    """What cannot be, each with the reason and what to do about it; empty when all fits."""
    return tuple(one.sentence for one in faults(terms))


def faults(terms: AuthorizationTerms) -> tuple[Fault, ...]:
    """The same with the settings that are to blame."""
    found: list[Fault] = []

    def wrong(field: str, sentence: str) -> None:
        found.append(Fault(field, sentence))

    days = terms.renew_after_days
    if days is not None and not _whole(days):
        wrong("renew_after_days", "the renewal interval is one whole number of days, such as 7")
    elif days is not None and days < 1:
        wrong("renew_after_days", "the renewal interval is at least one day; to renew nothing, leave it out")
    elif days is not None and days not in USUAL_RENEWAL_DAYS and not terms.override_interval:
        told = f"a renewal after {days} days is unusual (6 to 13 are): confirm it with override_interval"
        wrong("renew_after_days", told)
    if not _whole(terms.max_age_days) or not 1 <= terms.max_age_days <= LONGEST_AGE_DAYS:
        told = f"renewal stops after at most {LONGEST_AGE_DAYS} days: give 1 to {LONGEST_AGE_DAYS}"
        wrong("max_age_days", told)
    if terms.realtime and terms.channel is Channel.FILE:
        wrong("channel", "with realtime, failures are told by mail only: choose the channel mail, or no realtime")
    if terms.realtime and not terms.split:
        wrong("realtime", "realtime is about the split of the remainder: switch the split on, or realtime off")
    if terms.hope_scope is HopeScope.RENEWAL_AND_SPLIT and not terms.split:
        told = "there is no split whose failure a hope run could mend: switch the split on, or narrow the scope"
        wrong("hope_scope", told)
    if terms.hope_run and days is None and terms.hope_scope is HopeScope.RENEWAL:
        told = "a hope run repeats failed renewals, and nothing is renewed: give an interval, or switch it off"
        wrong("hope_run", told)
    if terms.split_after < timedelta(0) or terms.capture_after < terms.split_after:
        told = "the next capture must wait for the split: capture_after cannot be less than split_after"
        wrong("capture_after", told)
    elif terms.capture_after > LONGEST_WAIT:
        wrong("capture_after", "in realtime the next capture waits for minutes: give a day at most")
    for name in ("deadline_margin", "warn_before"):
        if getattr(terms, name) < timedelta(0):
            wrong(name, f"{name} cannot be negative")
        elif getattr(terms, name) > timedelta(days=LONGEST_AGE_DAYS):
            wrong(name, f"{name} is a part of an authorization's life: give {LONGEST_AGE_DAYS} days at most")
    if terms.nightly_from.tzinfo is not None:
        wrong("nightly_from", "the nightly run begins by the clock of day_zone: give the time without a zone")
    elif not time(0, 0) <= terms.nightly_from < time(4, 15):
        wrong("nightly_from", "the nightly run must begin between midnight and the hope run at 04:15")
    return tuple(found)


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
