"""Instants as the database shows them: Berlin wall time without a zone, in steps of 1/300 of a second."""

from datetime import datetime, timedelta

from sandboxes.kit.clock import BERLIN

TICKS = 300
QUIET_UNTIL_HOUR = 4


def sql_rounded(wall: datetime) -> datetime:
    """The nearest value that SQL Server's `datetime` can hold; its milliseconds end in 0, 3 or 7."""
    ticks = (wall.microsecond * TICKS + 500_000) // 1_000_000
    milliseconds = (ticks * 20 + 3) // 6
    return wall.replace(microsecond=0) + timedelta(milliseconds=milliseconds)


def wall(instant: datetime) -> datetime:
    """Berlin wall time of an aware instant, naive and rounded; what every comparison in a call uses."""
    return sql_rounded(instant.astimezone(BERLIN).replace(tzinfo=None, fold=0))


def in_quiet_window(instant: datetime) -> bool:
    """Between 00:00 and 04:00 Berlin wall time the database is backed up and nobody may call."""
    return instant.astimezone(BERLIN).hour < QUIET_UNTIL_HOUR
