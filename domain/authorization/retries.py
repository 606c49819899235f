"""What card schemes allow to try: budgets over all attempts with one card, whoever's order they were for.

A card is known by a name that the provider derived, never by its number. Instants are UTC.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.authorization.schemes import Scheme

MONTH = timedelta(days=30)
DAY = timedelta(hours=24)
VISA_RETRIES = 15  # of the same amount in 30 days; the scheme itself has allowed 20 since 2025
MASTERCARD_PER_DAY = 10
MASTERCARD_PER_MONTH = 35  # of the same amount


@dataclass(frozen=True)
class CardAttempt:
    """One authorization that was tried. `never_again`: the answer forbids every further one; `not_before`: the answer
    names when the next may come (UTC)."""

    at: datetime
    amount_minor: int
    currency: str
    declined: bool
    never_again: bool = False
    not_before: datetime | None = None


@dataclass(frozen=True)
class RetryVerdict:
    """Whether another attempt may be made; otherwise from when on (UTC), or never with this card."""

    allowed: bool
    retry_at: datetime | None = None


def may_try(
    scheme: Scheme, attempts: Sequence[CardAttempt], amount_minor: int, currency: str, now: datetime
) -> RetryVerdict:
    """Whether the scheme allows one more authorization of this amount at `now`.

    An approval ends what the refusals before it asked for, but not their counting against the month's budget.
    """
    approved_at = max((one.at for one in attempts if not one.declined), default=None)
    fresh = [one for one in attempts if one.declined and (approved_at is None or one.at > approved_at)]
    if any(one.never_again for one in fresh):
        return RetryVerdict(False)
    waits = [one.not_before for one in fresh if one.not_before is not None and one.not_before > now]
    declined = sorted(one.at for one in attempts if one.declined)
    same = sorted(
        one.at
        for one in attempts
        if one.declined and one.amount_minor == amount_minor and one.currency == currency and one.at > now - MONTH
    )
    if scheme is Scheme.VISA:
        waits += _over(same, VISA_RETRIES, MONTH)
    elif scheme is Scheme.MASTERCARD:
        waits += _over(same, MASTERCARD_PER_MONTH, MONTH)
        waits += _over([at for at in declined if at > now - DAY], MASTERCARD_PER_DAY, DAY)
    return RetryVerdict(False, max(waits)) if waits else RetryVerdict(True)


def _over(times: Sequence[datetime], budget: int, window: timedelta) -> list[datetime]:
    """When a budget that is used up has room again: once enough of the attempts are older than the window."""
    return [times[len(times) - budget] + window] if len(times) >= budget else []
