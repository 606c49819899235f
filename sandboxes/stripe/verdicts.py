"""What the issuer says to an attempt: laid-down outcomes first, then the card's own behaviour."""

from typing import Any, Literal

from sandboxes.stripe.cards import ALWAYS, SET_UP, UNLESS_SET_UP
from sandboxes.stripe.declines import Decline, authentication_required, decline
from sandboxes.stripe.model import PaymentMethod
from sandboxes.stripe.programs import Outcome
from sandboxes.stripe.side import Side

Verdict = Decline | Literal["approve", "authenticate"]


def verdict(
    side: Side,
    method: PaymentMethod,
    facts: dict[str, Any],
    *,
    off_session: bool,
    authenticated: bool = False,
    ask: bool = False,
    exempt: bool = False,
    forced: Outcome | None = None,
) -> Verdict:
    """Approval, a refusal, or that the customer must authenticate.

    `ask`: the merchant wants the customer asked. `exempt`: an order by phone, nobody is asked. `forced` wins over all.
    """
    outcome = forced if forced is not None else side.programs.next({**facts, "off_session": off_session})
    found = _worded(outcome, method) if outcome not in (None, "card") else None
    if found is None:
        found = _own(side, method, off_session=off_session, authenticated=authenticated, ask=ask, exempt=exempt)
    if found == "authenticate" and off_session:
        return authentication_required()
    return found


def _worded(outcome: Outcome | None, method: PaymentMethod) -> Verdict:
    if outcome in ("approve", "authenticate"):
        return "approve" if outcome == "approve" else "authenticate"
    if isinstance(outcome, str):
        return decline(outcome, method.card.brand)
    assert outcome is not None
    return outcome.worded(method.card.brand)


def _own(
    side: Side, method: PaymentMethod, *, off_session: bool, authenticated: bool, ask: bool, exempt: bool
) -> Verdict:
    card = method.card
    if card.three_d_secure == ALWAYS:
        asked = True
    elif card.three_d_secure == UNLESS_SET_UP:
        asked = not method.set_up
    elif card.three_d_secure == SET_UP:
        asked = not off_session
    else:
        asked = off_session and side.account.settings.require_setup and not method.set_up
    if (asked or (ask and not off_session)) and not authenticated and not exempt:
        return "authenticate"
    return decline(card.declines, card.brand) if card.declines else "approve"
