"""Why an authorization was refused, in classes that every provider's codes are put into, and what may follow.

Adapters choose the class; whether and when another attempt is allowed is decided here and in `retries`.
"""

from enum import StrEnum

from domain.authorization.terms import AuthorizationTerms


class Decline(StrEnum):
    """Classes of refusals. They are the reasons of declined authorizations."""

    BY_ISSUER = "declined_by_issuer"  # the authorization system says no, without a better reason
    TEMPORARY = "temporarily_impossible"  # cannot be processed just now
    UNREACHABLE = "issuer_unreachable"  # the issuer's system did not answer its network
    FUNDS = "insufficient_funds"  # money, limits, number of payments
    NEVER = "never_again"  # lost, stolen, closed, revoked: no further attempt with this card
    CUSTOMER = "customer_must_act"  # only the customer can make it possible
    DATA = "card_data_outdated"  # new card data are needed
    AMOUNT = "amount_refused"
    PROVIDER = "refused_by_provider"  # the provider did not even ask the issuer
    DUPLICATE = "looks_like_duplicate"  # look first whether it was done already
    OTHER = "declined"  # a code that nobody knows


HOPE_REASONS = frozenset({Decline.BY_ISSUER, Decline.TEMPORARY})
NEVER_HOPE = frozenset(
    {Decline.NEVER, Decline.CUSTOMER, Decline.DATA, Decline.AMOUNT, Decline.PROVIDER, Decline.DUPLICATE}
)


def may_hope(reason: str, *, forbidden: bool, terms: AuthorizationTerms) -> bool:
    """Whether a hope run can mend a refusal (rules R59, R69). `forbidden`: scheme or issuer advise against it."""
    if forbidden and terms.respect_advice:
        return False
    if reason in NEVER_HOPE:
        return False
    return reason in HOPE_REASONS or reason in terms.wider_hope_reasons
