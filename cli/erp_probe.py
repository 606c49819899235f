"""The ERP asked about itself, for `administration.ports.ErpProbe`: the one place that knows which adapter answers."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime

from adapters.pixi import PixiProbe
from adapters.pixi.connection import PixiConnection
from administration.ports import ErpAccess
from domain.erp_probe import ErpFindings, ErpInstalled, ErpProfile
from domain.ports import Slots
from domain.setup import MissingCall, PaymentType, Shop, Sign
from domain.setup_check_wording import lost_text
from domain.tenant_config import Language
from settings import Timing


class ConnectionProbe:
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
        with self._asking(access) as (probe, name):
            probe.prove(name)

    def shops(self, access: ErpAccess) -> Sequence[Shop]:
        with self._asking(access) as (probe, name):
            return tuple(Shop(one.shop_id, one.name) for one in probe.shops(name))

    def payment_types(self, access: ErpAccess) -> Sequence[PaymentType]:
        with self._asking(access) as (probe, name):
            return tuple(PaymentType(one.code, one.text, one.xml_tag) for one in probe.payment_types(name))

    def missing_calls(self, access: ErpAccess) -> Sequence[MissingCall]:
        missing = self.installed(access).missing
        return tuple(
            MissingCall(one.call, f"cannot {lost_text(one.ability, Language.ENGLISH)}.")
            for one in missing
            if not one.parameter
        )

    def installed(self, access: ErpAccess) -> ErpInstalled:
        with self._asking(access) as (probe, name):
            return probe.installed(name)

    def profile(self, access: ErpAccess) -> ErpProfile:
        with self._asking(access) as (probe, name):
            return probe.profile(name)

    def findings(self, access: ErpAccess, shop_id: str, payment_code: str, events: Collection[str]) -> ErpFindings:
        with self._asking(access) as (probe, name):
            return probe.findings(name, shop_id, payment_code, tuple(events), self._now(access.tenant))

    def event_signs(
        self, access: ErpAccess, shop_id: str, payment_code: str, events: Collection[str]
    ) -> Mapping[str, Sign]:
        found = {}
        for seen in self.findings(access, shop_id, payment_code, events).events:
            positive = seen.on_invoices_positive + seen.on_credit_notes_positive
            negative = seen.on_invoices_negative + seen.on_credit_notes_negative
            if bool(positive) is not bool(negative):  # both would be no evidence
                found[seen.event] = Sign.POSITIVE if positive else Sign.NEGATIVE
        return found

    @contextmanager
    def _asking(self, access: ErpAccess) -> Iterator[tuple[PixiProbe, str]]:
        name = f"{access.tenant}/{access.name}"
        connection = PixiConnection(
            name=name,
            base_url=access.base_url,
            user=access.username,
            password=access.password,
            ca_file=access.ca_file or None,
            connect_timeout=self._timing.http_connect,
            read_timeout=self._timing.erp_read,
        )
        self._check(f"erp/{name}", self._now(access.tenant))
        slot = self._slots.hold(name)
        probe = PixiProbe(lambda _: connection, lambda: self._now(access.tenant), permits=lambda _: slot.renew)
        try:
            yield probe, name
        finally:
            probe.close()
            slot.release()
