"""What will become of the holds if nobody does anything: which end when, which are renewed, and what that is worth."""

from datetime import date, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from domain.authorization.forecast import Fate, ForecastEvent, forecast
from web.edge.paths import joined
from web.services import ServicesDep
from web.shop_api.access import Reader
from web.shop_api.orders import suffix_for
from workflows.ids import parse_authorization_workflow_id

LONGEST_DAYS = 400
MOST_EVENTS = 5000

router = APIRouter(tags=["Authorizations"])


class Coming(BaseModel):
    """One thing that will happen: `renewed`, `split`, `hope_run`, or `ends`, with the reason why nothing follows.
    `told`: the provider named that deadline; otherwise it is an estimate."""

    at: datetime
    fate: Fate
    account: str
    reference: str
    case_reference: str
    amount_minor: int
    currency: str
    told: bool
    why: str
    links: dict[str, str]


class ComingDay(BaseModel):
    """A Berlin day in one currency: how many holds are renewed or end, and their amounts in minor units."""

    day: date
    currency: str
    renewed: int
    renewed_minor: int
    ending: int
    ending_minor: int


class Sum(BaseModel):
    """The whole span in one currency."""

    currency: str
    renewed: int
    renewed_minor: int
    ending: int
    ending_minor: int


class ForecastView(BaseModel):
    """Everything until `until`, earliest first. Sums and days count all of it; `events` are the first ones, `more` says
    whether there are others."""

    until: datetime
    sums: list[Sum]
    days: list[ComingDay]
    events: list[Coming]
    more: bool


@router.get("/forecast", summary="What will become of the holds")
def read_forecast(
    services: ServicesDep,
    caller: Reader,
    days: Annotated[int, Query(ge=1, le=LONGEST_DAYS, description="How many days to look ahead.")] = 30,
    account: Annotated[str, Query(max_length=200, description="Only of this provider account.")] = "",
    limit: Annotated[int, Query(ge=0, le=MOST_EVENTS, description="How many events to list.")] = 500,
) -> ForecastView:
    """Assumes that every renewal succeeds."""
    tenant = caller.one_tenant()
    until = services.now() + services.clocks.offset(tenant) + timedelta(days=days)
    found = forecast(services.authorization_list.open_states(tenant, account), until)
    suffix = suffix_for(caller, tenant)
    return ForecastView(
        until=until,
        sums=[Sum(currency=one, **vars(totals)) for one, totals in found.by_currency().items()],
        days=[ComingDay(day=day, currency=one, **vars(totals)) for (day, one), totals in found.days.items()],
        events=[_coming(one, suffix) for one in found.events[:limit]],
        more=len(found.events) > limit,
    )


def _coming(event: ForecastEvent, suffix: str) -> Coming:
    account = parse_authorization_workflow_id(event.workflow_id).account
    return Coming(
        at=event.at,
        fate=event.fate,
        account=account,
        reference=event.reference,
        case_reference=event.case_reference,
        amount_minor=event.amount_minor,
        currency=event.currency,
        told=event.told,
        why=event.why,
        links={"authorization": joined("authorizations", account, event.reference) + suffix},
    )
