"""Terms of authorizations: what was agreed on for a provider account, every version of it, and who was told."""

from datetime import datetime, time, timedelta
from typing import Annotated, Literal

import structlog
from fastapi import APIRouter, BackgroundTasks, Path, Response
from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from domain.authorization.terms import (
    AuthorizationTerms,
    Channel,
    DayZone,
    Guard,
    HopePer,
    HopeScope,
    Preset,
    RenewalOrder,
)
from domain.authorization.terms_change import TermsVersion
from domain.tenant_config import Language
from web.edge.bodies import BODY_ANSWERS, described
from web.messenger import TemporalUnreachable
from web.services import Services, ServicesDep
from web.setup_api.common import CONFLICT, EDITED, Administrator, IfMatch, body_as, expected_version, first_put, tagged

log = structlog.get_logger()
router = APIRouter(tags=["Setup: terms of authorizations"])

Account = Annotated[str, Path(max_length=200, description="Id of the provider account, percent-encoded.")]
Flag = Annotated[bool, Field(strict=True)]
Days = Annotated[int, Field(strict=True)]
_DEFAULTS = AuthorizationTerms()


# a JSON schema's own format "time" wants a zone, which a wall time has not
WallTime = Annotated[
    time, WithJsonSchema({"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?$"})
]


class Terms(BaseModel):
    """The settings. Durations are written as in ISO 8601 (`PT3M`, `PT12H`), times as Berlin wall time.

    `renew_after_days`: null for no renewal; other than 6 to 13 only with `override_interval`. `max_age_days`: 180 at
    most. `realtime`: the split of a remainder within minutes, failures then by mail only. `channel`: how the merchant
    hears of failures. `hope_run`: one more attempt in the next night. `guard`: what is done about a hold that its card
    scheme guarantees for less than the interval.
    """

    model_config = ConfigDict(extra="forbid")

    renew_after_days: Days | None = _DEFAULTS.renew_after_days
    max_age_days: Days = _DEFAULTS.max_age_days
    split: Flag = _DEFAULTS.split
    realtime: Flag = _DEFAULTS.realtime
    channel: Channel = _DEFAULTS.channel
    hope_run: Flag = _DEFAULTS.hope_run
    hope_scope: HopeScope = _DEFAULTS.hope_scope
    hope_per: HopePer = _DEFAULTS.hope_per
    wider_hope_reasons: Annotated[
        tuple[Annotated[str, Field(max_length=50)], ...], Field(max_length=20, strict=False)
    ] = _DEFAULTS.wider_hope_reasons
    respect_advice: Flag = _DEFAULTS.respect_advice
    report_final_only: Flag = _DEFAULTS.report_final_only
    report_stops: Flag = _DEFAULTS.report_stops
    tell_success: Flag = _DEFAULTS.tell_success
    order: RenewalOrder = _DEFAULTS.order
    guard: Guard = _DEFAULTS.guard
    override_interval: Flag = _DEFAULTS.override_interval
    small_amounts: Flag = _DEFAULTS.small_amounts
    preset: Preset = _DEFAULTS.preset
    day_zone: DayZone = _DEFAULTS.day_zone
    nightly_from: WallTime = _DEFAULTS.nightly_from
    split_after: timedelta = _DEFAULTS.split_after
    capture_after: timedelta = _DEFAULTS.capture_after
    deadline_margin: timedelta = _DEFAULTS.deadline_margin
    warn_before: timedelta = _DEFAULTS.warn_before
    language: Language = Field(default=_DEFAULTS.language, description="Left out: the tenant's.")


class TermsView(BaseModel):
    """What holds now. Version 0: nothing was agreed on, the defaults hold."""

    account: str
    version: int
    terms: Terms


class SavedTerms(TermsView):
    """`changed` is false when it stood there like that already; then nobody is told."""

    changed: bool


class Version(BaseModel):
    """One version, when (UTC) and by whom it was made, and how many authorizations were open then. `confirmation`:
    what has become of the mail about it; `confirmed_at`: when the mail server took it."""

    version: int
    created_at: datetime
    created_by: str
    open_authorizations: int
    confirmation: Literal["open", "sent", "refused"]
    confirmed_at: datetime | None
    terms: Terms


class History(BaseModel):
    """Oldest first; the defaults are no version."""

    versions: list[Version]


@router.get("/setup/authorization-terms/{account:part}", summary="Read the terms of an account", responses=CONFLICT)
def read_terms(services: ServicesDep, caller: Administrator, account: Account, response: Response) -> TermsView:
    """For accounts at providers whose holds are renewed."""
    found = services.administration.terms.get(caller.one_tenant(), account)
    tagged(response, found.version)
    return TermsView(account=account, version=found.version, terms=_told(found))


@router.put(
    "/setup/authorization-terms/{account:part}",
    summary="Agree on other terms",
    responses=EDITED | BODY_ANSWERS,
    openapi_extra=described(Terms),
)
def put_terms(
    services: ServicesDep,
    caller: Administrator,
    account: Account,
    wanted: Annotated[Terms, body_as(Terms)],
    response: Response,
    after: BackgroundTasks,
    if_match: IfMatch = None,
) -> SavedTerms:
    """What is left out takes its default. The tenant's recipient gets a mail that tells the change, and open
    authorizations follow the new terms from their next decision on; nothing is renewed at once because of it. Of what
    cannot be, `fields` names every reason."""
    tenant, expected = caller.one_tenant(), expected_version(if_match, without=0)
    entered = {name: getattr(wanted, name) for name in wanted.model_fields_set}
    with first_put(if_match):
        saved = services.administration.terms.save(tenant, account, entered, by=caller.name, expected=expected)
    if saved.changed:
        after.add_task(_announce, services, tenant, account)
    tagged(response, saved.terms.version)
    return SavedTerms(account=account, version=saved.terms.version, terms=_told(saved.terms), changed=saved.changed)


@router.get(
    "/setup/authorization-terms/{account:part}/history",
    summary="Show every version of the terms of an account",
    responses=CONFLICT,
)
def read_history(services: ServicesDep, caller: Administrator, account: Account) -> History:
    """Who changed what, and when."""
    found = services.administration.terms.history(caller.one_tenant(), account)
    return History(versions=[_version(one) for one in found])


async def _announce(services: Services, tenant: str, account: str) -> None:
    """Have the change told at once; where that fails, a worker sees to it within a minute."""
    try:
        await services.hold_messenger.terms_changed(tenant, account)
    except TemporalUnreachable as error:
        log.warning("terms.told_later", tenant=tenant, account=account, reason=str(error))


def _told(terms: AuthorizationTerms) -> Terms:
    return Terms(**{name: getattr(terms, name) for name in Terms.model_fields})


def _version(one: TermsVersion) -> Version:
    return Version(
        version=one.terms.version,
        created_at=one.created_at,
        created_by=one.created_by,
        open_authorizations=one.open_authorizations,
        confirmation=one.confirmation.value,
        confirmed_at=one.confirmed_at,
        terms=_told(one.terms),
    )
