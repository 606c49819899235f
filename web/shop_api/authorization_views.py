"""What the API shows of an authorization. Amounts are minor units of its currency, instants UTC."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel

from domain.authorization.explain import HoldExplanation
from domain.authorization.facts import ExtensionFailed
from domain.authorization.state import ActionRecord, AuthorizationState, Hold
from domain.problems import Problem
from domain.tenant_config import Language
from storage.authorization_list import AuthorizationRow
from web.edge.paths import joined
from web.shop_api.views import OrderProblem, Reason, in_words, reason
from web.why import reason_words


class AuthorizationLinks(BaseModel):
    """Where to go from an authorization."""

    self: str
    journal: str


class AuthorizationItem(BaseModel):
    """An authorization in a list. `authorized_minor` was authorized first, `open_minor` is held now, `remainder_minor`
    was authorized and not captured, held or not. `deadline` is when the hold runs out, `deadline_told` by the provider
    or estimated. `problem` is the code of the gravest open problem, '' for none."""

    tenant: str
    provider: str
    account: str
    reference: str
    case_reference: str
    payout_reference: str
    status: str
    currency: str
    authorized_minor: int
    open_minor: int
    remainder_minor: int
    captured_minor: int
    refunded_minor: int
    holds: int
    hold_id: str
    scheme: str
    authorized_at: datetime | None
    held_at: datetime | None
    deadline: datetime | None
    deadline_told: bool
    renews_at: datetime | None
    stop_reason: str
    problem: str
    needs_human: bool
    next_due: datetime | None
    changed_at: datetime
    links: AuthorizationLinks


class AuthorizationPageView(BaseModel):
    """One page. `next` is the address of the following page, null on the last."""

    authorizations: list[AuthorizationItem]
    next: str | None


class InBoth(BaseModel):
    """A text in both languages."""

    de: str
    en: str


class HoldView(BaseModel):
    """One hold of the chain. `end`: captured, voided, lapsed or foreign (somebody else ended it), null while it is
    held. `extended_by`: renewal or split, null for the customer's own."""

    number: int
    hold_id: str
    amount_minor: int
    captured_minor: int
    refunded_minor: int
    held_at: datetime
    deadline: datetime
    deadline_told: bool
    end: str | None
    ended_at: datetime | None
    extended_by: str | None


class ActionView(BaseModel):
    """What was asked for. `state`: waiting, or how it ended. `retry_at`: when a refused one would have been allowed."""

    request_id: str
    action: str
    origin: str
    state: str
    asked_minor: int | None
    amount_minor: int | None
    final: bool
    document: str
    reason: str
    reason_text: InBoth | None
    code: str
    asked_at: datetime
    ended_at: datetime | None
    retry_at: datetime | None


class FailureView(BaseModel):
    """A renewal or split that failed. `hope_at`: when it is tried once more, null when that was final."""

    extension: str
    hold: int
    attempt: int
    amount_minor: int
    failed_at: datetime
    reason: str
    reason_text: InBoth | None
    code: str
    hope_at: datetime | None


class AuthorizationWhy(BaseModel):
    """Why it is where it is, and what may be done now.

    `capturable_minor` can be captured at `capture_from`; null: never, for `capture_refused`. `ends_on`: the Berlin day
    from which on nothing is renewed. `live`, `temporal_reachable`: as with orders.
    """

    live: bool
    temporal_reachable: bool
    waits_for: Reason | None
    capturable_minor: int
    capture_from: datetime | None
    capture_refused: str
    capture_refused_text: InBoth | None
    ends_on: date | None


class AuthorizationDetail(AuthorizationItem):
    """One authorization with everything that belongs to it. `terms` are those that hold for it."""

    why: AuthorizationWhy
    chain: list[HoldView]
    actions: list[ActionView]
    failures: list[FailureView]
    problems: list[OrderProblem]
    terms: dict[str, Any]


def authorization_path(row: AuthorizationRow) -> str:
    """The authorization's address; every part percent-encoded."""
    return joined("authorizations", row.account, row.reference)


def item(row: AuthorizationRow, suffix: str = "") -> AuthorizationItem:
    """`suffix` is the query string that the caller needs to reach the authorization again."""
    fields = {name: getattr(row, name) for name in AuthorizationItem.model_fields if name != "links"}
    path = authorization_path(row)
    return AuthorizationItem(**fields, links=AuthorizationLinks(self=path + suffix, journal=f"{path}/journal{suffix}"))


def why(told: HoldExplanation | None, *, live: bool, reachable: bool) -> AuthorizationWhy:
    return AuthorizationWhy(
        live=live,
        temporal_reachable=reachable,
        waits_for=reason(told.waits_for) if told else None,
        capturable_minor=told.capturable_minor if told else 0,
        capture_from=told.capture_from if told else None,
        capture_refused=told.capture_refused if told else "",
        capture_refused_text=in_both(told.capture_refused) if told else None,
        ends_on=date.fromisoformat(told.ends_on) if told and told.ends_on else None,
    )


def detail(
    row: AuthorizationRow, state: AuthorizationState, because: AuthorizationWhy, terms: dict[str, Any], suffix: str
) -> AuthorizationDetail:
    return AuthorizationDetail(
        **item(row, suffix).model_dump(),
        why=because,
        chain=[_hold(one) for one in state.holds],
        actions=[action_view(one) for one in state.actions],
        failures=[_failure(one) for one in state.failures],
        problems=[_problem(one) for one in state.problems],
        terms=terms,
    )


def action_view(record: ActionRecord) -> ActionView:
    """An action; its amounts are what was asked for and what took effect."""
    return ActionView(
        request_id=record.request_id,
        action=record.action.kind.value,
        origin=record.origin.value,
        state=record.outcome.value if record.outcome else "waiting",
        asked_minor=record.action.amount_minor,
        amount_minor=record.amount_minor,
        final=record.action.final,
        document=record.action.reference,
        reason=record.reason,
        reason_text=in_both(record.reason),
        code=record.code,
        asked_at=record.asked_at,
        ended_at=record.ended_at,
        retry_at=record.retry_at,
    )


def in_both(code: str) -> InBoth | None:
    """A reason in words, None for none."""
    if not code:
        return None
    return InBoth(de=reason_words(code, Language.GERMAN), en=reason_words(code, Language.ENGLISH))


def _hold(hold: Hold) -> HoldView:
    return HoldView(
        number=hold.number,
        hold_id=hold.hold_id,
        amount_minor=hold.amount_minor,
        captured_minor=hold.captured_minor,
        refunded_minor=hold.refunded_minor,
        held_at=hold.held_at,
        deadline=hold.deadline.at,
        deadline_told=hold.deadline.told,
        end=hold.end.value if hold.end else None,
        ended_at=hold.ended_at,
        extended_by=hold.extended_by.value if hold.extended_by else None,
    )


def _failure(failure: ExtensionFailed) -> FailureView:
    return FailureView(
        extension=failure.extension.value,
        hold=failure.hold,
        attempt=failure.attempt,
        amount_minor=failure.amount_minor,
        failed_at=failure.failed_at,
        reason=failure.reason,
        reason_text=in_both(failure.reason),
        code=failure.code,
        hope_at=failure.hope_at,
    )


def _problem(problem: Problem) -> OrderProblem:
    return OrderProblem(
        code=problem.code,
        number=problem.kind.number,
        severity=problem.kind.severity.value,
        subject=problem.subject,
        raised_at=problem.raised_at,
        solved_at=problem.solved_at,
        de=in_words(problem.code, problem.params, Language.GERMAN),
        en=in_words(problem.code, problem.params, Language.ENGLISH),
    )
