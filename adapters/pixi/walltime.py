"""The database's clock: Berlin wall time without a zone, in milliseconds (zone assumed: `domain.windows`)."""

from datetime import UTC, datetime

from domain.windows import BERLIN


def to_wall(instant: datetime) -> str:
    """`2026-03-28T23:59:58.123` for an aware instant."""
    return instant.astimezone(BERLIN).replace(tzinfo=None, fold=0).isoformat(timespec="milliseconds")


def to_utc(text: str) -> datetime:
    """The UTC instant of a wall time; of an hour that occurs twice the first, a skipped one as if before the jump.

    Raises `ValueError` for anything that is no date.
    """
    moment = datetime.fromisoformat(text.strip())
    try:
        return (moment if moment.tzinfo is not None else moment.replace(tzinfo=BERLIN)).astimezone(UTC)
    except OverflowError as error:
        raise ValueError("a date out of range") from error
