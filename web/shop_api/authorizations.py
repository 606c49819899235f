"""Hands authorizations over, lists and reads them from SQL; only the why-text asks the running authorization."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, SecretStr, TypeAdapter
from sqlalchemy.exc import StatementError

from domain.authorization.explain import HoldExplanation, explain
from domain.authorization.handing_over import HandedOver
from domain.authorization.ports import Instrument
from domain.authorization.state import AuthorizationState
from domain.authorization.summary import AuthorizationStatus
from domain.authorization.terms import AuthorizationTerms
from storage.authorization_list import AuthorizationFilter, AuthorizationRow, AuthorizationSort
from storage.paging import BadCursor
from web.authorizations import CannotBeHandedOver, NotKnown, OtherwiseKnown, hand_over
from web.edge.bodies import BODY_ANSWERS, body_of, described
from web.edge.errors import ApiError, ErrorBody
from web.messenger import TemporalUnreachable
from web.services import Services, ServicesDep
from web.shop_api.access import Reader, Writer
from web.shop_api.authorization_views import (
    AuthorizationDetail,
    AuthorizationPageView,
    authorization_path,
    detail,
    item,
    why,
)
from web.shop_api.orders import suffix_for
from workflows.ids import authorization_workflow_id

router = APIRouter(tags=["Authorizations"])

MAX_MINOR = 10**12
Account = Annotated[str, Path(max_length=200, description="The provider account.")]
Reference = Annotated[str, Path(max_length=255, description="The provider's id of the customer's own authorization.")]
_terms: TypeAdapter[AuthorizationTerms] = TypeAdapter(AuthorizationTerms)


class CardNames(BaseModel):
    """What a hold is renewed with, where the provider wants it: its token of the card, never a card number. `expires`
    is `YYYYMM`. Kept sealed and never shown."""

    model_config = ConfigDict(extra="forbid")

    token: Annotated[SecretStr, Field(max_length=255)]
    brand: Annotated[str, Field(max_length=50)] = ""
    expires: Annotated[str, Field(pattern=r"^(\d{6})?$")] = ""
    scheme_reference: Annotated[str, Field(max_length=64)] = ""


class NewAuthorization(BaseModel):
    """A hold that the customer has placed. `amount_minor`: what was authorized, in minor units; without it, whatever
    the provider says. `held_at` is when, for providers that do not tell."""

    model_config = ConfigDict(extra="forbid")

    account: Annotated[str, Field(min_length=1, max_length=200)]
    reference: Annotated[str, Field(min_length=1, max_length=255)]
    case_reference: Annotated[str, Field(max_length=64)] = ""
    payout_reference: Annotated[str, Field(max_length=30)] = ""
    amount_minor: Annotated[int, Field(strict=True, gt=0, le=MAX_MINOR)] | None = None
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] | None = None
    held_at: AwareDatetime | None = None
    card: CardNames | None = None
    actor: Annotated[str, Field(max_length=100)] = ""


_CREATED: dict[int | str, dict[str, Any]] = {
    200: {"model": AuthorizationDetail, "description": "It is looked after already; nothing was changed."},
    409: {"model": ErrorBody, "description": "It is looked after already, under other names."},
}


@router.post(
    "/authorizations",
    summary="Hand an authorization over",
    status_code=201,
    responses=BODY_ANSWERS | _CREATED,
    openapi_extra=described(NewAuthorization),
)
async def create_authorization(
    request: Request, services: ServicesDep, caller: Writer, response: Response
) -> AuthorizationDetail:
    """From now on it is renewed by the terms of its account. Harmless to repeat; captures and voids have to come here
    as well from now on."""
    wanted = await body_of(request, NewAuthorization)
    tenant = caller.one_tenant()
    try:
        workflow_id, first = await hand_over(services, tenant, _handed_over(wanted), wanted.actor or caller.name)
    except NotKnown:
        raise ApiError(
            422,
            "unknown_account",
            f"account: There is no account {wanted.account} that can hold money on cards.",
            "Name one of your accounts at such a provider; GET /setup/provider-accounts lists them.",
        ) from None
    except CannotBeHandedOver as error:
        wrong = error.found[0]
        raise ApiError(422, "invalid_request", f"{wrong.field}: {wrong.message}", wrong.what_to_do) from None
    except OtherwiseKnown:
        raise ApiError(
            409,
            "known_otherwise",
            "This hold is looked after already, under other names or with another time.",
            "Read it to see which; names that went to the provider cannot be changed.",
        ) from None
    row = await asyncio.to_thread(services.authorization_list.get, workflow_id)
    if row is None:
        raise LookupError("an authorization that was handed over cannot be found")
    response.status_code = 201 if first else 200
    suffix = suffix_for(caller, tenant)
    response.headers["Location"] = authorization_path(row) + suffix
    return await _detail(services, row, suffix)


@router.get("/authorizations", summary="List authorizations")
def list_authorizations(
    request: Request,
    services: ServicesDep,
    caller: Reader,
    account: Annotated[str, Query(max_length=200, description="Only those of this provider account.")] = "",
    status: Annotated[AuthorizationStatus | None, Query(description="Only those at this status.")] = None,
    is_open: Annotated[bool | None, Query(description="Only those that are not over, or only others.")] = None,
    problem: Annotated[str, Query(max_length=100, description="Only those whose gravest problem is this code.")] = "",
    needs_human: Annotated[bool | None, Query(description="Only those that need somebody, or only others.")] = None,
    text: Annotated[str, Query(max_length=100, description="Part of a name of the case, or of a hold's id.")] = "",
    deadline_before: Annotated[
        AwareDatetime | None, Query(description="Only those whose hold runs out before this instant.")
    ] = None,
    sort: Annotated[AuthorizationSort, Query(description="By deadline, or last changed first.")] = (
        AuthorizationSort.DEADLINE
    ),
    after: Annotated[str | None, Query(max_length=2000, description="Where the page before ended.")] = None,
    limit: Annotated[int, Query(ge=1, le=200, description="Authorizations per page.")] = 50,
) -> AuthorizationPageView:
    """What runs out first stands first, page by page: follow `next`."""
    before = _utc(deadline_before)
    filters = AuthorizationFilter(account, status or "", problem, needs_human, is_open, text, before)
    try:
        page = services.authorization_list.list_authorizations(
            caller.tenant, filters, after=after, limit=limit, sort=sort
        )
    except (BadCursor, RecursionError, StatementError) as error:
        if isinstance(error, StatementError) and not isinstance(error.orig, ValueError | OverflowError):
            raise
        raise ApiError(
            422,
            "bad_cursor",
            "The parameter `after` is no place in this list.",
            "Follow the address in `next` as it is, or start again without `after`.",
        ) from None
    following = str(request.url.include_query_params(after=page.after).query) if page.after else None
    return AuthorizationPageView(
        authorizations=[item(one, suffix_for(caller, one.tenant)) for one in page.rows],
        next=f"/authorizations?{following}" if following else None,
    )


@router.get("/authorizations/{account:part}/{reference:part}", summary="Read one authorization")
async def read_authorization(
    services: ServicesDep, caller: Reader, account: Account, reference: Reference
) -> AuthorizationDetail:
    """Its holds, what was asked of it, what failed, and why it waits, in German and English."""
    row = await asyncio.to_thread(find_authorization, services, caller.one_tenant(), account, reference)
    return await _detail(services, row, suffix_for(caller, row.tenant))


def find_authorization(services: Services, tenant: str, account: str, reference: str) -> AuthorizationRow:
    """The authorization, or 404 with a hint."""
    known = bool(account and reference)
    workflow_id = authorization_workflow_id(tenant, account, reference) if known else ""
    row = services.authorization_list.get(workflow_id)
    if row is None:
        raise unknown_authorization()
    return row


def unknown_authorization() -> ApiError:
    return ApiError(
        404,
        "unknown_authorization",
        "There is no such authorization here.",
        "Check the account and the provider's id of the first hold, percent-encoded; POST /authorizations hands one "
        "over. GET /authorizations?text=… finds it by a part of its names.",
    )


async def _detail(services: Services, row: AuthorizationRow, suffix: str) -> AuthorizationDetail:
    stored = await asyncio.to_thread(services.authorization_list.state, row.workflow_id)
    state = stored or AuthorizationState(row.workflow_id)
    terms = state.terms
    if state.registered is None:
        terms = await asyncio.to_thread(services.terms.current, row.tenant, row.account)
    told, live, reachable = await _explained(services, row, state)
    because = why(told, live=live, reachable=reachable)
    return detail(row, state, because, _terms.dump_python(terms, mode="json"), suffix)


async def _explained(
    services: Services, row: AuthorizationRow, state: AuthorizationState
) -> tuple[HoldExplanation | None, bool, bool]:
    """The explanation, whether the authorization gave it itself, and whether the workflow server was reachable."""
    try:
        told = await services.hold_messenger.explain(row.workflow_id)
    except TemporalUnreachable:
        return await asyncio.to_thread(_from_stored, services, row, state), False, False
    if told is not None:
        return told, True, True
    return await asyncio.to_thread(_from_stored, services, row, state), False, True


def _from_stored(services: Services, row: AuthorizationRow, state: AuthorizationState) -> HoldExplanation:
    now = services.now() + services.clocks.offset(row.tenant)
    return explain(state, services.settings.timing.pacing, now)


def _handed_over(wanted: NewAuthorization) -> HandedOver:
    card = wanted.card
    return HandedOver(
        account=wanted.account,
        reference=wanted.reference,
        case_reference=wanted.case_reference,
        payout_reference=wanted.payout_reference,
        amount_minor=wanted.amount_minor or 0,
        currency=wanted.currency or "",
        held_at=_utc(wanted.held_at),
        instrument=Instrument(
            token=card.token.get_secret_value(),
            brand=card.brand,
            expires=card.expires,
            scheme_reference=card.scheme_reference,
        )
        if card is not None
        else Instrument(),
    )


def _utc(instant: datetime | None) -> datetime | None:
    return instant.astimezone(UTC) if instant is not None else None
