"""The clock of one sandbox account. Instants are aware UTC datetimes."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

BERLIN = ZoneInfo("Europe/Berlin")


@dataclass
class AccountClock:
    """Real time plus an offset, or frozen at an instant until it is set again."""

    offset: timedelta = field(default_factory=timedelta)
    frozen_at: datetime | None = None

    def now(self) -> datetime:
        return self.frozen_at if self.frozen_at is not None else datetime.now(UTC) + self.offset

    def follow(self, offset_seconds: float) -> None:
        """Run as real time plus `offset_seconds`."""
        self.frozen_at = None
        self.offset = timedelta(seconds=offset_seconds)

    def set(self, instant: datetime, *, frozen: bool) -> None:
        """Stand at `instant`, or run on from there. Clocks may be set backwards."""
        if instant.tzinfo is None:
            raise ValueError("the instant needs a zone, for example 2027-03-28T01:30:00+00:00")
        self.frozen_at = instant.astimezone(UTC) if frozen else None
        self.offset = instant - datetime.now(UTC)

    def dump(self) -> dict[str, object]:
        return {
            "now": self.now().isoformat(),
            "frozen": self.frozen_at is not None,
            "offset_seconds": self.offset.total_seconds(),
        }

    def restore(self, data: dict[str, object]) -> None:
        """Take over what `dump` returned in an earlier process."""
        self.follow(float(str(data["offset_seconds"])))
        if data["frozen"]:
            self.frozen_at = datetime.fromisoformat(str(data["now"]))
