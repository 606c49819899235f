"""Tenants, for tokens that are good for all of them; others see their own."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from domain.parties import Tenant
from domain.tenant_config import Language
from web.edge.bodies import BODY_ANSWERS, described
from web.edge.errors import ApiError
from web.services import ServicesDep
from web.setup_api.common import Administrator, body_as

router = APIRouter(tags=["Setup: tenants"])

TenantId = Annotated[str, Path(max_length=100, description="Id of the tenant.")]


class TenantView(BaseModel):
    """A merchant. `language` is that of its mails and comments."""

    id: str
    name: str
    language: Literal["de", "en"]
    simulated: bool


class TenantList(BaseModel):
    tenants: list[TenantView]


class WantedTenant(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=200)]
    language: Literal["de", "en"] = "de"


@router.get("/setup/tenants", summary="List tenants")
def list_tenants(services: ServicesDep, caller: Administrator) -> TenantList:
    """Those that the token is good for."""
    found = services.administration.tenants.all()
    return TenantList(tenants=[_view(one) for one in found if caller.tenant in (None, one.id)])


@router.put(
    "/setup/tenants/{tenant_id:part}",
    summary="Add or rename a tenant",
    responses=BODY_ANSWERS,
    openapi_extra=described(WantedTenant),
)
def put_tenant(
    services: ServicesDep,
    caller: Administrator,
    tenant_id: TenantId,
    wanted: Annotated[WantedTenant, body_as(WantedTenant)],
) -> TenantView:
    """Needs a token that is good for all tenants. Nobody is deleted."""
    if caller.token.tenant is not None:
        raise ApiError(
            403,
            "other_tenant",
            "This API token is bound to one tenant.",
            "Ask an operator for a token that is good for all tenants, or to add the tenant.",
        )
    language = Language(wanted.language)
    return _view(services.administration.tenants.save(tenant_id, wanted.name, language, by=caller.name))


def _view(tenant: Tenant) -> TenantView:
    return TenantView(id=tenant.id, name=tenant.name, language=tenant.language.value, simulated=tenant.simulated)
