"""ERP connections: proved when they are saved, switched on and off, never deleted."""

from datetime import datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from administration.connections import ConnectionView as Found
from administration.connections import WantedConnection as Wanted
from web.edge.bodies import BODY_ANSWERS, described
from web.services import ServicesDep
from web.setup_api.common import (
    CONFLICT,
    EDITED,
    Administrator,
    HintView,
    IfMatch,
    body_as,
    expected_version,
    first_put,
    hints_of,
    later,
    secret,
    tagged,
)

router = APIRouter(tags=["Setup: ERP connections"])

Name = Annotated[str, Path(max_length=200, description="Name of the ERP connection.")]


class MissingCallView(BaseModel):
    """A call that the ERP's database lacks, and what cannot be done without it."""

    call: str
    lost: str


class ConnectionView(BaseModel):
    """An ERP connection. Its password is kept and never shown.

    `state`: whether the ERP has taken the credentials; `reason` is a code for why not. Instants are UTC.
    `missing_calls` is null when the ERP was never asked.
    """

    tenant: str
    name: str
    base_url: str
    username: str
    active: bool
    poll_interval_seconds: int
    ca_file: str
    version: int
    state: Literal["proven", "unverified", "refused"]
    reason: str
    checked_at: datetime | None
    proven_at: datetime | None
    next_check_at: datetime | None
    missing_calls: list[MissingCallView] | None
    hints: list[HintView]


class ConnectionList(BaseModel):
    connections: list[ConnectionView]


class WantedConnection(BaseModel):
    """What is left out stays as it is; a new connection needs address, user and password, another server the password
    again."""

    model_config = ConfigDict(extra="forbid")

    base_url: Annotated[str, Field(max_length=500)] | None = None
    username: Annotated[str, Field(max_length=200)] | None = None
    password: Annotated[SecretStr, Field(max_length=500)] | None = None
    poll_interval_seconds: Annotated[int, Field(strict=True, ge=1, le=86_400)] | None = None
    ca_file: Annotated[str, Field(max_length=500)] | None = None


class ShopView(BaseModel):
    id: str
    name: str


class PaymentTypeView(BaseModel):
    """`xml_tag` is '' where the ERP does not tell it."""

    code: str
    text: str
    xml_tag: str


class Offer(BaseModel):
    """What can be chosen. `fresh` is false when the ERP could not be asked now and an earlier answer has to do."""

    shops: list[ShopView]
    payment_types: list[PaymentTypeView]
    as_of: datetime
    fresh: bool


@router.get("/setup/connections", summary="List ERP connections", responses=CONFLICT)
def list_connections(services: ServicesDep, caller: Administrator) -> ConnectionList:
    """Those that are switched off too."""
    found = services.administration.connections.all(caller.one_tenant())
    return ConnectionList(connections=[_view(one) for one in found])


@router.get("/setup/connections/{name:part}", summary="Read an ERP connection", responses=CONFLICT)
def read_connection(services: ServicesDep, caller: Administrator, name: Name, response: Response) -> ConnectionView:
    """With what is known of its credentials."""
    return _told(services.administration.connections.get(caller.one_tenant(), name), response)


@router.put(
    "/setup/connections/{name:part}",
    summary="Add or change an ERP connection",
    responses=EDITED | BODY_ANSWERS,
    openapi_extra=described(WantedConnection),
)
def put_connection(
    services: ServicesDep,
    caller: Administrator,
    name: Name,
    wanted: Annotated[WantedConnection, body_as(WantedConnection)],
    response: Response,
    if_match: IfMatch = None,
) -> ConnectionView:
    """The ERP is asked with these credentials; what it refuses is not saved. While it cannot be asked (every night from
    00:00 to 04:00, Berlin time) the connection is saved as unverified and proved afterwards."""
    expected = expected_version(if_match, without=0)
    seconds = wanted.poll_interval_seconds
    asked = Wanted(
        name,
        wanted.base_url,
        wanted.username,
        secret(wanted.password),
        timedelta(seconds=seconds) if seconds is not None else None,
        wanted.ca_file,
    )
    with first_put(if_match):
        connections = services.administration.connections
        return _told(connections.save(caller.one_tenant(), asked, by=caller.name, expected=expected), response)


@router.post("/setup/connections/{name:part}/verify", summary="Prove the credentials now", responses=CONFLICT)
def verify_connection(services: ServicesDep, caller: Administrator, name: Name, response: Response) -> ConnectionView:
    """`state` says what the ERP answered."""
    return _told(services.administration.connections.verify(caller.one_tenant(), name, by=caller.name), response)


def _switch(path: str, active: bool, summary: str, description: str) -> None:
    """Add the address that switches connections on or off."""

    @router.post(
        f"/setup/connections/{{name:part}}/{path}",
        name=f"{path}_connection",
        summary=summary,
        description=description,
        responses=CONFLICT,
    )
    def switched(services: ServicesDep, caller: Administrator, name: Name, response: Response) -> ConnectionView:
        connections = services.administration.connections
        return _told(connections.set_active(caller.one_tenant(), name, active, by=caller.name), response)


_switch("activate", True, "Switch a connection on", "Its configurations come back with it.")
_switch(
    "deactivate",
    False,
    "Switch a connection off",
    "Nothing is sent for its orders any more, whatever their configurations say.",
)


@router.get(
    "/setup/connections/{name:part}/offer",
    summary="Shops and payment types to choose from",
    responses=CONFLICT | later("The ERP"),
)
def read_offer(services: ServicesDep, caller: Administrator, name: Name) -> Offer:
    """The ERP is asked now, if that is possible."""
    found = services.administration.connections.offered(caller.one_tenant(), name)
    return Offer(
        shops=[ShopView(id=one.id, name=one.name) for one in found.offer.shops],
        payment_types=[
            PaymentTypeView(code=one.code, text=one.text, xml_tag=one.xml_tag) for one in found.offer.payment_types
        ],
        as_of=found.at,
        fresh=found.fresh,
    )


def _told(found: Found, response: Response) -> ConnectionView:
    tagged(response, found.connection.revision)
    return _view(found)


def _view(found: Found) -> ConnectionView:
    connection, check = found.connection, found.check
    missing = None
    if check.offer is not None:
        missing = [MissingCallView(call=one.call, lost=one.lost) for one in check.offer.missing]
    return ConnectionView(
        tenant=connection.tenant,
        name=connection.name,
        base_url=connection.base_url,
        username=connection.username,
        active=connection.active,
        poll_interval_seconds=int(connection.poll_interval.total_seconds()),
        ca_file=connection.ca_file,
        version=connection.revision,
        state=check.state.value,
        reason=check.reason,
        checked_at=check.checked_at,
        proven_at=check.proven_at,
        next_check_at=check.due_at,
        missing_calls=missing,
        hints=hints_of(found.hints),
    )
