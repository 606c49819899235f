"""Names of batch files: phase, local day, counter, MerchantID, in one of two orders."""

import re
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from paygate.errors import PaygateError, Refusal
from paygate.merchants import check_merchant_id

_NAME = re.compile(r"(?P<phase>[TWP])(?P<day>[0-9]{8})(?P<rest>.{4,33})\.dat", re.DOTALL)
_COUNTER = re.compile(r"[0-9]{3}")


class Phase(StrEnum):
    """How far a batch file has come."""

    TRANSFERRED = "T"
    WORKED_ON = "W"
    PROCESSED = "P"


class Order(StrEnum):
    """What comes first behind the day: the counter in files sent by SFTP, the MerchantID in files uploaded by hand."""

    COUNTER_FIRST = "counter-first"
    MERCHANT_FIRST = "merchant-first"


@dataclass(frozen=True)
class BatchName:
    """A batch file's name; `str()` writes it. `day` is the local day (Europe/Berlin), `counter` 1 to 999 within it."""

    phase: Phase
    day: date
    counter: int
    merchant_id: str
    order: Order = Order.COUNTER_FIRST

    def __post_init__(self) -> None:
        check_merchant_id(self.merchant_id)
        if not 1 <= self.counter <= 999:
            raise PaygateError(Refusal.FILE_NAME, "The counter of a batch file runs from 001 to 999 each day.")

    def __str__(self) -> str:
        counter = f"{self.counter:03}"
        by_hand = self.order is Order.MERCHANT_FIRST
        rest = f"{self.merchant_id}{counter}" if by_hand else f"{counter}{self.merchant_id}"
        return f"{self.phase.value}{written_day(self.day)}{rest}.dat"

    def in_phase(self, phase: Phase) -> "BatchName":
        """The same file in another phase; results go into the processed one."""
        return replace(self, phase=phase)


def read_name(name: str, merchant_id: str, order: Order | None = None) -> BatchName:
    """The parts of a file name, which must belong to `merchant_id`.

    The merchant must be known, for digits at either end of a MerchantID could belong to the counter. Without an
    `order` the one of SFTP is tried first.

    Raises PaygateError: merchant-id (the expected one has no form), file-name.
    """
    check_merchant_id(merchant_id)
    if found := _NAME.fullmatch(name):
        day, rest = day_of(found["day"]), found["rest"]
        for one in (order,) if order else Order:
            counter = rest[:3] if one is Order.COUNTER_FIRST else rest[-3:]
            owner = rest[3:] if one is Order.COUNTER_FIRST else rest[:-3]
            if day and owner == merchant_id and _COUNTER.fullmatch(counter) and counter != "000":
                return BatchName(Phase(found["phase"]), day, int(counter), merchant_id, one)
    raise PaygateError(
        Refusal.FILE_NAME,
        "A batch file is named T, the day as YYYYMMDD, the counter 001 to 999 and the MerchantID, then .dat; in an"
        " upload by hand the MerchantID comes before the counter.",
    )


def written_day(day: date) -> str:
    """`20260701`."""
    return f"{day.year:04}{day.month:02}{day.day:02}"


def day_of(digits: str) -> date | None:
    """The day behind eight digits, or None if the calendar has no such day."""
    if not re.fullmatch(r"[0-9]{8}", digits):
        return None
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None
