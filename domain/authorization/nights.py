"""When things happen by night: the nightly run, the hope run, and the hours without a further capture.

All by Berlin's clock, by zone rules: the night of a clock change is an hour shorter or longer. Instants are UTC.
"""

from datetime import UTC, date, datetime, time, timedelta, timezone

from domain.authorization.terms import AuthorizationTerms, DayZone
from domain.windows import BERLIN, share

HOPE_RUN = time(4, 15)
BLACKOUT_FROM = time(1, 30)  # inclusive
BLACKOUT_UNTIL = time(4, 0)  # exclusive
USED_PART = 0.75  # of the nightly run: the rest is left to what runs late, before the hope run begins
CET = timezone(timedelta(hours=1))


def day_of(instant: datetime) -> date:
    """The calendar day in Berlin that `instant` (UTC) belongs to."""
    return instant.astimezone(BERLIN).date()


def local(day: date, at: time) -> datetime:
    """The instant (UTC) at which Berlin's clock reads `at` on `day`."""
    return datetime.combine(day, at, BERLIN).astimezone(UTC)


def night_of(day: date, key: str, terms: AuthorizationTerms) -> datetime:
    """When the work of `key` has its turn in the nightly run of `day`: spread by the key, done before the hope run."""
    begins = local(day, terms.nightly_from)
    length = (local(day, HOPE_RUN) - begins) * USED_PART
    return begins + timedelta(seconds=int(length.total_seconds() * share(key)))


def next_night(now: datetime, key: str, terms: AuthorizationTerms) -> datetime:
    """The first turn of `key` in a nightly run after `now`."""
    tonight = night_of(day_of(now), key, terms)
    return tonight if tonight > now else night_of(day_of(now) + timedelta(days=1), key, terms)


def hope_run_of(failed_at: datetime) -> datetime:
    """The hope run after a failure at `failed_at`: that of the following calendar day (rule R61)."""
    return local(day_of(failed_at) + timedelta(days=1), HOPE_RUN)


def blackout_ends(now: datetime, zone: DayZone) -> datetime | None:
    """When the hours in which a day's captures cannot be continued are over; None outside them (rules R27, R83)."""
    ends = [one for one in (_berlin(now), _fixed(now)) if one is not None]
    match zone:
        case DayZone.BERLIN:
            return _berlin(now)
        case DayZone.FIXED_CET:
            return _fixed(now)
        case DayZone.BOTH:
            if not ends:
                return None
            later = blackout_ends(max(ends), zone)  # the second reading may begin before the first ends
            return later if later is not None else max(ends)


def _berlin(now: datetime) -> datetime | None:
    here = now.astimezone(BERLIN)
    return local(here.date(), BLACKOUT_UNTIL) if BLACKOUT_FROM <= here.time() < BLACKOUT_UNTIL else None


def _fixed(now: datetime) -> datetime | None:
    here = now.astimezone(CET)
    inside = BLACKOUT_FROM <= here.time() < BLACKOUT_UNTIL
    return datetime.combine(here.date(), BLACKOUT_UNTIL, CET).astimezone(UTC) if inside else None
