"""Settings of one configuration (connection, shop, payment code) as an order keeps them from its first day."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class AppMode(StrEnum):
    """When the money of card, PayPal and Apple Pay is taken."""

    STANDARD = "standard"  # at release
    EXPERT = "expert"  # at shipping, per invoice


class Language(StrEnum):
    """Language of texts for the merchant."""

    GERMAN = "de"
    ENGLISH = "en"


class InvalidConfiguration(ValueError):
    """A setting is impossible; the text says which one and what to do."""


@dataclass(frozen=True)
class OrderConfig:
    """The frozen part of a configuration. `version` counts up with each change; amounts are minor units.

    `alarm_after` is how long settlement may take before it counts as late; rule P40 allows no less than ten minutes.
    `late_settle` books a prepaid invoice that shipped before its money once the money has come (rule P32),
    `bank_data_for_prepayment` writes the bank data of prepayments into the ERP order too (rule P23).
    """

    configuration: str
    version: int
    provider: str
    provider_account: str
    mode: AppMode
    xml_tag: str
    invoice_event: str
    return_event: str
    tolerance_minor: int = 0
    language: Language = Language.GERMAN
    reread_prepayment_after: timedelta = timedelta(days=3)
    warn_prepayment_after: timedelta = timedelta(days=14)
    warn_hold_after: timedelta = timedelta(days=14)
    late_settle: bool = False
    bank_data_for_prepayment: bool = False
    keep_after_settled: timedelta = timedelta(days=60)
    alarm_after: timedelta = timedelta(minutes=15)

    def __post_init__(self) -> None:
        if self.tolerance_minor < 0:
            raise InvalidConfiguration("the rounding tolerance is a maximum in minor units: give 0 or more")
        if self.alarm_after < timedelta(minutes=10):
            raise InvalidConfiguration("settlement may take ten minutes: set the alarm to ten minutes or later")
        if not self.invoice_event or len(self.invoice_event) > 3:
            raise InvalidConfiguration("the booking event for invoices is the ERP's code of one to three characters")
        for name in ("reread_prepayment_after", "warn_prepayment_after", "warn_hold_after", "keep_after_settled"):
            if getattr(self, name) <= timedelta(0):
                raise InvalidConfiguration(f"{name} must be longer than nothing")


@dataclass(frozen=True)
class Pacing:
    """How operations are repeated; one set of values per settings profile, the same for every order.

    `in_flight`: how long a sent request may still take effect after we lost its answer.
    """

    in_flight: timedelta = timedelta(seconds=150)
    first_pause: timedelta = timedelta(minutes=1)
    longest_pause: timedelta = timedelta(hours=1)
    sends: int = 5  # how often one operation may be sent while its outcome is unknown
    spread_after_quiet: timedelta = timedelta(minutes=10)
    pending_look: timedelta = timedelta(minutes=15)
