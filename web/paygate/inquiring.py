"""What an inquiry tells, from our own books: it works while the workflow server and the provider are away."""

from datetime import datetime

from domain.authorization.facts import ActionKind
from domain.authorization.state import AuthorizationState
from domain.outcomes import Outcome
from storage.authorization_list import AuthorizationRow
from web.paygate.outcomes import FAILED, OK, PENDING

AUTHORIZED = "AUTHORIZED"


def standing(row: AuthorizationRow, state: AuthorizationState | None) -> tuple[tuple[str, str], ...]:
    """The fields about the payment. AmountAuth is what is held and what was captured, so that the difference to
    AmountCap is what may still be booked."""
    fields = (
        ("RefNr", row.payout_reference),
        ("AmountAuth", str(row.open_minor + row.captured_minor)),
        ("AmountCap", str(row.captured_minor)),
        ("AmountCred", str(row.refunded_minor)),
        ("Currency", row.currency),
        ("LastStatus", last_status(state)),
    )
    return tuple((name, value) for name, value in fields if value or name == "RefNr")


def last_status(state: AuthorizationState | None) -> str:
    """The status of the latest action, ours included; what only refused to be sent is none unless the terms say so."""
    if state is None or not state.holds or state.waiting():
        return PENDING
    happened: list[tuple[datetime, str]] = [(one.held_at, AUTHORIZED) for one in state.holds]
    happened += [(one.failed_at, FAILED) for one in state.failures]
    for action in state.actions:
        if action.ended_at is None or action.outcome is None:
            continue
        if action.outcome is Outcome.SUCCEEDED:
            happened.append((action.ended_at, OK))
        elif action.action.kind is not ActionKind.STOP_RENEWAL and (
            action.outcome is Outcome.DECLINED or state.terms.strict
        ):
            happened.append((action.ended_at, FAILED))
    return max(enumerate(happened), key=lambda one: (one[1][0], one[0]))[1][1]
