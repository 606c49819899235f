"""The ERP asked about itself, for `administration.ports.ErpProbe`: the one place that knows which adapter answers."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime

from adapters.pixi.client import PixiClient
from adapters.pixi.clients import Session
from adapters.pixi.connection import Limits, PixiConnection
from adapters.pixi.trouble import Kind, Trouble
from administration.ports import ErpAccess
from domain import reasons
from domain.errors import Misconfigured, NotSent, Transient
from domain.ports import Slots
from domain.setup import MissingCall, PaymentType, Shop, Sign
from domain.windows import erp_is_quiet, erp_opens
from settings import Timing

_LOST = {
    "pixiGetShops": "shops cannot be chosen, so nothing can be configured.",
    "pixiGetPaymenttypes": "payment types cannot be chosen, so nothing can be configured.",
    "pixiPayGetOrdersToAuthorize": "held orders are not found, so nothing is released.",
    "pixiPayGetInvoicesToCapture": "invoices are found later, by looking at each order.",
    "pixiGetChangedOrders": "changes are found later, by looking at each order.",
    "pixiGetOrderHeader": "orders cannot be read.",
    "pixiGetOrderline": "the lines of orders cannot be read.",
    "pixiGetOrderTotals": "the totals of orders cannot be read.",
    "pixiGetInvoice": "invoices cannot be read.",
    "pixiImportFindXML": "the XML tag of orders cannot be checked.",
    "pixiPaySetAuthorizationStatus": "orders cannot be released.",
    "pixiSetOrderShippingLock": "orders cannot be locked.",
    "pixiCACreateManualBooking": "customer accounts cannot be balanced.",
    "pixiCreateOrderComment": "orders get no comments.",
}


class PixiProbe:
    """Asks one database after the other, with a place at the connection as every other request has.

    `now` is the present (UTC) of a tenant, `check` raises `NotSent` where the gate of a connection is closed.
    """

    def __init__(
        self,
        timing: Timing,
        slots: Slots,
        now: Callable[[str], datetime],
        check: Callable[[str, datetime], None],
    ) -> None:
        self._timing = timing
        self._slots = slots
        self._now = now
        self._check = check

    def prove(self, access: ErpAccess) -> None:
        with self._session(access) as session:
            if session.offers("pixiGetShops"):  # its description is behind the same credentials
                session.read("pixiGetShops")

    def shops(self, access: ErpAccess) -> Sequence[Shop]:
        with self._session(access) as session:
            rows = session.read("pixiGetShops").rows if session.offers("pixiGetShops") else ()
        found = (Shop(row.text("ShopID").strip(), row.text("ShopName").strip()) for row in rows)
        return tuple(one for one in found if one.id)

    def payment_types(self, access: ErpAccess) -> Sequence[PaymentType]:
        with self._session(access) as session:
            rows = session.read("pixiGetPaymenttypes").rows if session.offers("pixiGetPaymenttypes") else ()
        found = (
            PaymentType(row.text("Code").strip(), row.text("PaymentText").strip(), row.text("XMLTag").strip())
            for row in rows
        )
        return tuple(one for one in found if one.code)

    def missing_calls(self, access: ErpAccess) -> Sequence[MissingCall]:
        with self._session(access) as session:
            return tuple(MissingCall(call, lost) for call, lost in _LOST.items() if not session.offers(call))

    def event_signs(self, access: ErpAccess, events: Collection[str]) -> Mapping[str, Sign]:
        return {}  # no call tells; evidence from customer accounts comes with the full probe

    @contextmanager
    def _session(self, access: ErpAccess) -> Iterator[Session]:
        name = f"{access.tenant}/{access.name}"
        now = self._now(access.tenant)
        self._check(f"erp/{name}", now)
        connection = PixiConnection(
            name=name,
            base_url=access.base_url,
            user=access.username,
            password=access.password,
            ca_file=access.ca_file or None,
            connect_timeout=self._timing.http_connect,
            read_timeout=self._timing.erp_read,
        )
        slot = self._slots.hold(name)
        try:
            client = PixiClient(connection, Limits(), None)
            try:
                yield Session(client, lambda: self._leave(access.tenant), connection.currency)
            finally:
                client.close()
        except Trouble as trouble:
            if trouble.kind is Kind.MISCONFIGURED:
                raise Misconfigured(reasons.MISCONFIGURED) from None
            raise Transient(trouble.kind.name.lower()) from None
        finally:
            slot.release()

    def _leave(self, tenant: str) -> None:
        now = self._now(tenant)
        if erp_is_quiet(now):
            raise NotSent(reasons.QUIET_WINDOW, erp_opens(now))
