"""Who may do what: bearer tokens with scopes, mostly bound to one tenant. Tokens live in real time."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Query, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer, SecurityScopes

from storage.tokens import PREFIX, ApiToken
from web.edge.errors import ApiError
from web.services import ServicesDep

READ = "orders:read"
WRITE = "orders:write"

_bearer = HTTPBearer(auto_error=False, scheme_name="token", description=f"An API token, `{PREFIX}…`.")
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="holdfast"'}


@dataclass(frozen=True)
class Caller:
    """Who asks, and for which tenant; `tenant` None: for all of them."""

    token: ApiToken
    tenant: str | None

    @property
    def name(self) -> str:
        return self.token.label

    def one_tenant(self) -> str:
        """The tenant of a request about one order."""
        if self.tenant is None:
            raise ApiError(
                422,
                "tenant_missing",
                "This token is good for several tenants.",
                "Say whose order you mean: add ?tenant= to the address.",
            )
        return self.tenant

    def may_see(self, tenant: str) -> bool:
        return self.token.tenant in (None, tenant)


def authenticated(
    services: ServicesDep,
    needed: SecurityScopes,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
    tenant: Annotated[
        str | None, Query(max_length=100, description="Needed only with a token that is good for several tenants.")
    ] = None,
) -> Caller:
    """The caller, if the token is valid, has the scope and is meant for the tenant."""
    if credentials is None:
        raise ApiError(
            401,
            "token_missing",
            "This request carries no API token.",
            f"Send the header `Authorization: Bearer {PREFIX}…`; an operator creates tokens.",
            _CHALLENGE,
        )
    token = services.tokens.find(credentials.credentials, services.now())
    if token is None:
        raise ApiError(
            401,
            "token_invalid",
            "This API token is not known, has expired or was deactivated.",
            "Ask an operator for a new token.",
            _CHALLENGE,
        )
    for scope in needed.scopes:
        if scope not in token.scopes:
            raise ApiError(
                403,
                "scope_missing",
                f"This API token lacks the scope {scope}.",
                f"Ask an operator for a token with the scope {scope}.",
            )
    if token.tenant is not None and tenant not in (None, token.tenant):
        raise ApiError(
            403,
            "other_tenant",
            "This API token is bound to another tenant.",
            "Leave out ?tenant=, or use a token of that tenant.",
        )
    return Caller(token, token.tenant or tenant)


Reader = Annotated[Caller, Security(authenticated, scopes=[READ])]
Writer = Annotated[Caller, Security(authenticated, scopes=[WRITE])]
