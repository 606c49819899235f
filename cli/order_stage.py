"""An order in the ERP's stand-in that is paid by a hold: the shop's, the warehouse's and the customers' side of it, for
lives that `holdfast simulate` plays."""

from datetime import datetime
from typing import Any

import httpx

from cli.processes import Places
from cli.stage import INVOICE_EVENT, RETURN_EVENT
from cli.wiring import Stores
from domain.parties import Configuration, ErpConnection
from domain.tenant_config import AppMode, Language, OrderConfig
from simulation.clock import SandboxClock
from simulation.lives.scenario import Event, Wish
from simulation.lives.timeline import ErpMove
from simulation.steps import Poller
from storage.orders import Orders
from workflows.ids import erp_poll_workflow_id
from workflows.sending import WorkflowSender

CONNECTION, SHOP, CODE, TAG = "pixi", "SIM", "H", "HELDCARD"

_HOOKS = {Wish.SHIP: "ship", Wish.CANCEL_LINES: "cancel-lines", Wish.TAKE_BACK: "return"}
_SAID = {Wish.SHIP: "shipped", Wish.CANCEL_LINES: "cancelled", Wish.TAKE_BACK: "came back"}
_DONE = {"release": "order released", "lock": "order locked", "unlock": "order unlocked"}
_BOOKED = ("capture_reported", "booking")


class OrderStage:
    """One tenant's ERP with one order. Instants are UTC, amounts minor units."""

    def __init__(self, places: Places, stores: Stores, tenant: str, provider: str, account: str) -> None:
        self.tenant = tenant
        self._stores = stores
        self._url = places.url(places.pixi)
        self._control = f"{self._url}/control/accounts/{tenant}"
        self._provider, self._account = provider, account
        self._http = httpx.Client(timeout=60, trust_env=False)
        self._order_no = ""
        self._moves: list[ErpMove] = []

    def close(self) -> None:
        self._http.close()

    def clock(self) -> SandboxClock:
        """The clock of the ERP, for the driver of simulated time."""
        return SandboxClock(self._url, self.tenant)

    def poller(self) -> Poller:
        """The poller that has to be told when the ERP changed."""
        return Poller(erp_poll_workflow_id(self.tenant, CONNECTION), self.clock())

    def set_up(self, language: Language, poll_interval: Any) -> None:
        """The ERP's account, our connection to it, and a configuration whose orders are paid by holds."""
        types = [{"code": CODE, "text": TAG, "xml_tag": TAG}]
        shops = [{"id": SHOP, "name": self.tenant, "currency": "EUR"}]
        self._call("PUT", "", payment_types=types, shops=shops)
        directory, ref = self._stores.directory, f"{self.tenant}/pixi"
        self._stores.secrets.put(ref, "sandbox")
        directory.put_erp_connection(
            ErpConnection(
                tenant=self.tenant,
                name=CONNECTION,
                base_url=f"{self._url}/soap/pixi{self.tenant}/",
                username=f"pixi{self.tenant}",
                password_ref=ref,
                poll_interval=poll_interval,
            )
        )
        config = OrderConfig(
            configuration=f"{self.tenant}-{CODE}",
            version=1,
            provider=self._provider,
            provider_account=self._account,
            mode=AppMode.EXPERT,
            xml_tag=TAG,
            invoice_event=INVOICE_EVENT,
            return_event=RETURN_EVENT,
            language=language,
        )
        directory.put_configuration(Configuration(self.tenant, CONNECTION, SHOP, CODE, config))

    async def start(self, sender: WorkflowSender) -> None:
        """Have the ERP polled."""
        await sender.start_poller(self.tenant, CONNECTION)

    def place(self, payment_id: str, prices: tuple[int, ...]) -> None:
        """The shop hands the order to the ERP."""
        lines = [{"sku": f"ART-{number}", "qty": 1, "price": price} for number, price in enumerate(prices, 1)]
        placed = self._call(
            "POST",
            "/orders",
            order_nr_external=f"W-{self.tenant}",
            shop_id=SHOP,
            payment_code=CODE,
            kk_id=payment_id,
            xml_tag=TAG,
            lines=lines,
            customer={"external_nr": f"C-{self.tenant}"},
        )
        self._order_no = str(placed["order_nr"])

    def happen(self, event: Event, at: datetime) -> None:
        """The warehouse ships, somebody cancels, the customer sends back."""
        body: dict[str, Any] = {"lines": list(event.lines) or None}
        self._call("POST", f"/orders/{self._order_no}/{_HOOKS[event.wish]}", **body)
        told = ", ".join(f"line {one}" for one in event.lines) or "all that could be"
        self._moves.append(ErpMove(at, f"order: {_SAID[event.wish]} {told}"))

    def moves(self) -> tuple[ErpMove, ...]:
        """What people did, and what Holdfast did in the ERP."""
        ours = []
        for one in self._call("GET", "/effects"):
            at = datetime.fromisoformat(one["at"])
            if one["kind"] in _DONE:
                ours.append(ErpMove(at, _DONE[one["kind"]]))
            elif one["kind"] in _BOOKED:
                ours.append(ErpMove(at, "booked", int(one["amount_minor"]), f"invoice {one['invoice_nr']}"))
        return (*self._moves, *ours)

    def status(self) -> str:
        """Where the order stands."""
        found = Orders(self._stores.db).get_order(self.tenant, CONNECTION, self._order_no)
        return found.status if found is not None else ""

    def _call(self, method: str, path: str, **body: Any) -> Any:
        answer = self._http.request(method, f"{self._control}{path}", json=body if method != "GET" else None)
        if answer.is_error:
            raise RefusedByErp(f"{method} {path or '/'} at the ERP answered {answer.status_code}: {answer.text[:300]}")
        return answer.json() if answer.content else None


class RefusedByErp(RuntimeError):
    """The ERP's stand-in said no to something that a life wants; the text is its answer."""
