"""Where unzer reports that something happened. Its reports are unsigned: the address carries a long random token.

Whatever a report says, it only means that its payment has to be looked at.
"""

import asyncio
from datetime import timedelta
from ipaddress import ip_address, ip_network
from typing import Annotated

import structlog
from fastapi import APIRouter, Path, Request
from starlette.responses import PlainTextResponse

from domain.parties import ProviderAccount
from web.callbacks.unreadable import keep_unreadable
from web.callbacks.unzer_delivery import Delivery, read_delivery
from web.edge.errors import no_such_page
from web.services import Services, ServicesDep

log = structlog.get_logger()

PROVIDER = "unzer"
ALLOW_LIST = "callback_sources"  # option of the account: addresses or networks, separated by commas

router = APIRouter(tags=["Callbacks"])


@router.post(
    "/callbacks/v1.0/unzer/{tenant:part}/{token:part}",
    summary="Report of the payment provider",
    response_class=PlainTextResponse,
    openapi_extra={"requestBody": {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def take_delivery(
    request: Request,
    services: ServicesDep,
    tenant: Annotated[str, Path(max_length=200)],
    token: Annotated[str, Path(max_length=200, description="As registered with the account.")],
) -> PlainTextResponse:
    """Stored and answered at once; worked on later. A wrong token finds nothing here."""
    account = await asyncio.to_thread(services.directory.account_by_callback_token, token)
    if account is None or account.tenant != tenant or account.provider != PROVIDER:
        raise no_such_page()
    if not _may_send(account, request.client.host if request.client else ""):
        log.warning("callback.source_refused", tenant=tenant, account=account.id)
        raise no_such_page()
    await asyncio.to_thread(_store, services, account, await request.body())
    return PlainTextResponse("ok")


def _store(services: Services, account: ProviderAccount, body: bytes) -> None:
    delivery = read_delivery(body)
    bound = log.bind(tenant=account.tenant, account=account.id, size=len(body))
    if delivery is None:
        keep_unreadable(services.database, account, body, services.now())
        bound.warning("callback.unreadable")
        return
    owner = _owner(services, account, delivery)
    if owner is None:
        bound.warning("callback.unknown_key", news=delivery.event)
        return
    if not delivery.payment_id:
        bound.info("callback.no_payment", news=delivery.event)
        return
    services.inbox.append(
        owner.tenant,
        owner.provider,
        delivery.payment_id,
        delivery.event,
        body.decode("utf-8", "replace"),
        services.now(),
        timedelta(seconds=services.settings.timing.relay_merge),
    )
    bound.info("callback.stored", news=delivery.event, payment=delivery.payment_id)


def _owner(services: Services, account: ProviderAccount, delivery: Delivery) -> ProviderAccount | None:
    """The tenant's account that the report is about; without a key, the account whose address it came to."""
    if delivery.public_key in ("", account.public_key):
        return account
    accounts = services.directory.provider_accounts(account.tenant)
    mine = (one for one in accounts if one.provider == PROVIDER and one.public_key == delivery.public_key)
    return next(mine, None)


def _may_send(account: ProviderAccount, source: str) -> bool:
    """Whether the peer's address is allowed; headers of proxies are not believed."""
    allowed = [one.strip() for one in account.options.get(ALLOW_LIST, "").split(",") if one.strip()]
    if not allowed:
        return True
    try:
        address = ip_address(source)
        return any(address in ip_network(one, strict=False) for one in allowed)
    except ValueError:
        return False
