"""Looks at a connection before it carries orders: do the credentials work, what is installed, what do orders show."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from adapters.pixi import mapping, needs
from adapters.pixi.clients import Clients, Session
from adapters.pixi.connection import Limits, PixiConnection
from adapters.pixi.findings import read_findings
from adapters.pixi.trouble import Trouble
from domain import reasons
from domain.erp_probe import ErpAccess, ErpFindings, ErpInstalled, ErpPaymentType, ErpProfile, ErpShop
from domain.errors import NotSent
from domain.ports import SendPermit
from domain.windows import erp_is_quiet, erp_opens

Read = TypeVar("Read")
LOOK_BACK = timedelta(days=14)
_TAG_COLUMNS = ("XMLTag", "XmlTag", "XML_Tag", "PaymentTag", "Tag")


def _nothing_more(connection: str) -> SendPermit:
    return lambda: None


class PixiProbe:
    """Reads only, without an order; safe to share between threads.

    `clock` tells the time (UTC): before each request, and so in the quiet window too, it is asked whether anything may
    leave (rule P5). `permits` gives for a connection what else must allow it. Every method raises `Misconfigured` when
    the credentials, the address or a call that is needed are not right, `Transient` when no usable answer came,
    `Rejected` when the database refuses the question, `NotSent` when nothing may leave now.
    """

    def __init__(
        self,
        connections: Callable[[str], PixiConnection],
        clock: Callable[[], datetime],
        *,
        permits: Callable[[str], SendPermit] = _nothing_more,
        limits: Limits = Limits(),
    ) -> None:
        self._clients = Clients(connections, limits)
        self._clock = clock
        self._permits = permits
        self._limits = limits

    def close(self) -> None:
        """Close the connections; the next request opens new ones."""
        self._clients.close()

    def prove(self, connection: str) -> ErpAccess:
        """Ask something with the credentials, as cheap as can be: the shops, or the payment types where that is not
        installed."""

        def ask(session: Session) -> ErpAccess:
            if not session.offers("pixiGetShops") and session.offers("pixiGetPaymenttypes"):
                _payment_types(session)
                return ErpAccess()
            return ErpAccess(_shops(session))

        return self._read(connection, ask)

    def shops(self, connection: str) -> tuple[ErpShop, ...]:
        """The shops that the credentials see, by id."""
        return self._read(connection, _shops)

    def payment_types(self, connection: str) -> tuple[ErpPaymentType, ...]:
        """The payment types, by code."""
        return self._read(connection, _payment_types)

    def installed(self, connection: str) -> ErpInstalled:
        """What the database says now that it offers."""
        return self._read(connection, lambda session: needs.installed(session.offers, session.takes), afresh=True)

    def profile(self, connection: str) -> ErpProfile:
        """The release line, judged from what the database says now that it offers."""
        return self._read(connection, lambda session: needs.profile(session.offers, session.takes), afresh=True)

    def findings(
        self,
        connection: str,
        shop_id: str,
        payment_code: str,
        events: Sequence[str],
        now: datetime,
        look_back: timedelta = LOOK_BACK,
    ) -> ErpFindings:
        """What the orders and documents of the last `look_back` show; `events` are the booking events that are ours.
        About five lists and up to 40 single questions."""
        since = now - look_back
        return self._read(
            connection,
            lambda session: read_findings(session, shop_id, payment_code, events, since, self._limits),
        )

    def _read(self, connection: str, ask: Callable[[Session], Read], *, afresh: bool = False) -> Read:
        further = self._permits(connection)

        def permit() -> None:
            at = self._clock()
            if erp_is_quiet(at):
                raise NotSent(reasons.QUIET_WINDOW, erp_opens(at))
            further()

        try:
            session = self._clients.session(connection, permit)
            if afresh:
                session.read_description_afresh()
            return ask(session)
        except Trouble as trouble:
            raise mapping.read_error(trouble) from trouble


def _shops(session: Session) -> tuple[ErpShop, ...]:
    rows = session.read("pixiGetShops").rows
    found = {row.text("ShopID"): row.text("ShopName") for row in rows if row.text("ShopID")}
    return tuple(ErpShop(shop_id, found[shop_id]) for shop_id in sorted(found))


def _payment_types(session: Session) -> tuple[ErpPaymentType, ...]:
    rows = session.read("pixiGetPaymenttypes").rows
    found = {
        row.text("Code"): ErpPaymentType(row.text("Code"), row.text("PaymentText"), row.text(*_TAG_COLUMNS))
        for row in rows
        if row.text("Code")
    }
    return tuple(found[code] for code in sorted(found))
