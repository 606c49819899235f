"""One page of the order list, for API and pages alike."""

from sqlalchemy.exc import StatementError

from storage.orders import OrderFilter, OrderPage
from storage.paging import BadCursor
from web.services import Services


def list_page(
    services: Services, tenant: str | None, filters: OrderFilter, *, after: str | None, limit: int
) -> OrderPage:
    """Raises `BadCursor` for every cursor that is none of ours, however well it is made up."""
    try:
        return services.orders.list_orders(tenant, filters, after=after, limit=limit)
    except RecursionError:
        raise BadCursor("the cursor is nested too deeply") from None
    except StatementError as error:
        if after is None or not isinstance(error.orig, ValueError | OverflowError):
            raise
        raise BadCursor("the cursor names no instant") from None
