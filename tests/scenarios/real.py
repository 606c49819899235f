"""Plays a scenario on real parts: workflows on a real server, sandboxes, mail server and callbacks as processes.

Each row is a tenant of its own with a clock of its own, so that several live side by side. Comments arrive as texts
in the ERP; the templates of the wording are turned into patterns to tell which comment it was.
"""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from string import Formatter
from typing import Any

import httpx
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode

from cli.stage import Code, Stage
from domain import wording
from domain.facts import Wish
from domain.money import in_major_units
from domain.order_state import OrderState
from domain.summary import status_of
from simulation.clock import SandboxClock
from simulation.driver import Driver
from simulation.skipping import Skipper
from simulation.steps import At, Poller
from tests.scenarios import script
from tests.scenarios.script import ALWAYS, TAGS, Action, Expect, Scenario, differences, instant, start_of
from tests.support.stack import Stack
from workflows.ids import erp_poll_workflow_id, order_workflow_id
from workflows.messages import Answer, ErpPicture, Message
from workflows.sending import KnownOrder, WorkflowSender

FIRST_NUMBER = 100_001
PATIENCE = timedelta(seconds=120)
MADE_UP = "s-pay-404"
CALLS = {
    ("provider", "read"): "read_payment",
    ("provider", "capture"): "capture",
    ("provider", "void"): "reversal",
    ("provider", "refund"): "refund",
    ("provider", "shipment"): "shipment",
    ("erp", "bank_data"): "pixiChangeAddress",
    ("erp", "release"): "pixiPaySetAuthorizationStatus",
    ("erp", "lock"): "pixiSetOrderShippingLock",
    ("erp", "unlock"): "pixiSetOrderShippingLock",
    ("erp", "book"): "pixiPaySetInvoiceCapture",
    ("erp", "comment"): "pixiCreateOrderComment",
}
REFUSALS: dict[str, dict[str, Any]] = {
    "provider": {"kind": "special", "name": "decline", "params": {"code": "COR.800.100.152"}},
    "erp": {"kind": "special", "name": "class16", "params": {"text": "refused"}},
}


class RealRun:
    """One row on its own tenant."""

    def __init__(self, stack: Stack, scenario: Scenario, number: int) -> None:
        self.stack = stack
        self.scenario = scenario
        self.tenant = f"row{number}"
        self.start = start_of(scenario.season, datetime.now(UTC).date()).astimezone(UTC)
        self.stage: Stage
        self.driver: Driver
        self.client: Client
        self.payment_id = ""
        self.order_no = str(FIRST_NUMBER)
        self._seeded = 0  # effects of the shop before the order begins
        self._serial = 0

    # -- the play

    async def play(self) -> None:
        """Set the stage, let everything happen at its time, compare the complete lists."""
        self.client = await self.stack.client()
        await asyncio.to_thread(self._prepare)
        async with httpx.AsyncClient(trust_env=False, timeout=60) as http:
            self.driver = await self._begin(http)
            await self._live()
        await self._expect(self.scenario.end)
        self._expect_order()
        assert not self.stage.violations(), "a request in the quiet window of the ERP"

    async def _live(self) -> None:
        events = [
            At(instant(self.start, moment).astimezone(UTC), type(action).__name__, partial(self._do, action))
            for moment, action in self.scenario.script
        ]
        imported = self.start + self.scenario.order.imported_after
        events.append(At(imported, "import", partial(asyncio.to_thread, self._import)))
        last = max(one.instant for one in events)
        await self.driver.run_until(last + self.scenario.lasts, events)

    async def _begin(self, http: httpx.AsyncClient) -> Driver:
        """The driver of this tenant; its poller runs from now on."""
        role, places = self.stage.role, self.stack.places
        await self._sender().start_poller(role.tenant, role.connection)
        clocks = (
            SandboxClock(places.url(places.pixi), role.erp_account, client=http),
            SandboxClock(places.url(places.unzer), role.provider_account, client=http),
        )

        async def queues_empty() -> bool:
            answer = await http.get(f"{places.url(places.starter)}/internal/queues")
            return bool(answer.raise_for_status().json()["empty"])

        return Driver(
            self.client,
            Skipper(self.client),
            role.tenant,
            self.stack.stores.clocks,
            clocks,
            [Poller(erp_poll_workflow_id(role.tenant, role.connection), clocks[0])],
            queues_empty,
            patience=PATIENCE,
        )

    async def save_histories(self, folder: Path) -> None:
        """Every run of the order and of its poller, for replays."""
        folder.mkdir(parents=True, exist_ok=True)
        query = f"Tenant = '{self.tenant}'"
        async for one in self.client.list_workflows(query):
            history = await self.client.get_workflow_handle(one.id, run_id=one.run_id).fetch_history()
            name = re.sub(r"[^a-z0-9]+", "-", f"{self.scenario.name} {one.workflow_type} {one.run_id[:8]}".lower())
            text = history.to_json()
            await asyncio.to_thread((folder / f"{name}.json").write_text, text)

    def _prepare(self) -> None:
        setup, order = self.scenario.setup, self.scenario.order
        settings = {"late_settle": setup.late_settle, "bank_data_for_prepayment": setup.bank_data_for_prepayment}
        code = Code(order.code, setup.tag or TAGS[order.code], setup.mode, settings)
        self.stage = self.stack.stage(self.tenant, codes=(code,), tolerance_minor=setup.tolerance)
        self.stack.stores.clocks.set_offset(self.tenant, self.start - datetime.now(UTC))
        copies = self.scenario.webhooks
        mode = {"lose": -1} if copies == 0 else {"duplicates": copies - 1}
        self.stage.call("PUT", f"{self.stage.unzer}/webhook-mode", **mode)
        for clock in (self.stage.pixi, self.stage.unzer):
            self.stage.call("PUT", f"{clock}/clock", instant=self.start.isoformat(), hold=True)
        if not setup.active:
            self._switch(active=False)
        self._pay()

    def _pay(self) -> None:
        payment = self.scenario.payment
        if payment is None:
            return
        self.payment_id = self.stage.seed_payment(
            type=payment.type, state=payment.state, amount_minor=payment.amount, currency=payment.currency
        )
        if payment.captured:
            self._capture_by_hand(payment.captured)
        self._seeded = len(self.stage.effects(self.stage.unzer))

    def _import(self) -> None:
        order = self.scenario.order
        ids = {"known": self.payment_id, "none": None, "made up": MADE_UP}
        self.stage.import_order(
            order_nr=FIRST_NUMBER,
            order_nr_external=order.number.format(nr=FIRST_NUMBER),
            payment_code=order.code,
            kk_id=ids[order.payment],
            currency=order.currency,
            status=order.status,
            ship_cost_minor=order.ship_cost,
            xml_tag=order.tag or None,
            lines=[
                {
                    "sku": f"A{number}",
                    "name": "Artikel",
                    "qty": line.qty,
                    "price_exact": in_major_units(line.price, order.currency),
                }
                for number, line in enumerate(order.lines, 1)
            ],
        )

    # -- what is seen

    async def _expect(self, wanted: Expect) -> None:
        state = await self._state()
        problems = sorted(one.code for one in state.open_problems()) if state else []
        seen = await asyncio.to_thread(self._seen, tuple(problems), status_of(state).value if state else "")
        assert not (found := differences(wanted, seen)), f"{self.driver.now():%d.%m. %H:%M}Z: {found}"

    async def _state(self) -> OrderState | None:
        try:
            state: OrderState = await self._order().query("state", result_type=OrderState)
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return None
            raise
        return state

    def _seen(self, problems: tuple[str, ...], status: str) -> Expect:
        return Expect(
            erp=tuple(self._erp_label(one) for one in self._erp_effects()),
            provider=tuple(self._provider_label(one) for one in self._provider_effects()),
            mails=tuple(error_number(one["subject"]) for one in self.stage.mails()),
            problems=problems,
            status=status,
        )

    def _expect_order(self) -> None:
        told = [(one["at"], self._erp_label(one)) for one in self._erp_effects()]
        told += [(one["at"], self._provider_label(one)) for one in self._provider_effects()]
        rest = iter([label for _, label in sorted(told, key=lambda one: datetime.fromisoformat(one[0]))])
        for wanted in self.scenario.in_this_order:
            assert wanted in rest, f"{wanted} does not follow in {told}"

    def _erp_effects(self) -> list[dict[str, Any]]:
        return self.stage.effects(self.stage.pixi)

    def _provider_effects(self) -> list[dict[str, Any]]:
        return self.stage.effects(self.stage.unzer)[self._seeded :]

    def _documents(self) -> dict[str, str]:
        """The ERP's numbers by ours: R1, R2 … and G1, G2 …"""
        counted = {"R": 0, "G": 0}
        found = {}
        for document in self.stage.order(self.order_no)["invoices"]:
            kind = document["type"]
            counted[kind] += 1
            found[document["invoice_nr"]] = f"{kind}{counted[kind]}"
        return found

    def _erp_label(self, effect: dict[str, Any]) -> str:
        match effect["kind"]:
            case "capture_reported" | "booking":
                number = self._documents()[effect["invoice_nr"]]
                amount = in_major_units(abs(effect["amount_minor"]), "EUR")  # its log counts hundredths of any currency
                if "." not in in_major_units(0, self.scenario.order.currency):
                    amount = amount.removesuffix(".00")
                return f"book {number} {amount} {effect['event']}"
            case "address_changed":
                return "bank data"
            case "comment":
                return f"comment {comment_label(effect['text'])}"
            case kind:
                return str(kind)

    def _provider_label(self, effect: dict[str, Any]) -> str:
        kind = {"reversal": "void"}.get(effect["kind"], str(effect["kind"]))
        if kind not in ("capture", "void", "refund"):
            return kind
        amount = in_major_units(effect["amount_minor"], effect["currency"])
        if not effect["payment_reference"]:
            return f"{kind} by hand {amount}"
        if kind != "capture":
            return f"{kind} {amount}"
        invoice = effect["invoice_id"]
        return f"capture {self._documents()[invoice] if invoice else 'order'} {amount}"

    # -- what happens

    async def _do(self, action: Action) -> None:
        match action:
            case Expect():
                await self._expect(action)
            case script.Tell(wish, refused, times):
                await self._tell(Wish(wish), refused, times)
            case script.CancelWorkflow():
                await self._order().cancel()
            case script.RepeatPicture(times):
                for _ in range(times):
                    await self._report((await self._pictures())[-1])
            case script.OldPicture():
                await self._report((await self._pictures())[0])
            case script.Webhook(times):
                await asyncio.to_thread(self._call_back, times)
            case _:
                await asyncio.to_thread(self._happen, action)

    def _happen(self, action: Action) -> None:
        match action:
            case script.Arm(system, call, how, times):
                self._arm(system, call, how, times)
            case script.Disarm(system):
                self.stage.call("DELETE", f"{self._base(system)}/faults")
            case script.SwitchConfiguration(active):
                self._switch(active=active)
            case script.MerchantCaptures(amount):
                self._capture_by_hand(amount)
            case script.MerchantRefunds(amount):
                self._refund_by_hand(amount)
            case (
                script.Receipt()
                | script.CompletePayment()
                | script.FailPayment()
                | script.ExpireHold()
                | script.Chargeback()
            ):
                self._at_payment(action)
            case _:
                self._at_order(action)

    def _at_payment(self, action: Action) -> None:
        at = partial(self.stage.at_payment, self.payment_id)
        match action:
            case script.Receipt(amount):
                at("receipt", amount_minor=amount)
            case script.CompletePayment():
                at("complete")
            case script.FailPayment():
                at("fail")
            case script.ExpireHold():
                at("expire")
            case script.Chargeback(amount):
                at("chargeback", amount_minor=amount)
            case _:
                raise AssertionError(f"nobody plays {action}")

    def _at_order(self, action: Action) -> None:
        at = partial(self.stage.at_order, self.order_no)
        match action:
            case script.Ship(lines, total):
                at("ship", lines=lines and list(lines), total_minor=total)
            case script.CancelLines(lines, undeliverable):
                at("cancel-lines", lines=lines and list(lines), status="NLB" if undeliverable else "STO")
            case script.Return(lines, shipping, fee, total, settled):
                at(
                    "return",
                    lines=lines and list(lines),
                    refund_shipping=shipping,
                    fee_minor=fee,
                    total_minor=total,
                    settled=settled,
                )
            case script.Reopen(lines):
                at("status", lines=list(lines), status="ANG")
            case script.HoldAgain():
                lines = tuple(one["line"] for one in self.stage.order(self.order_no)["lines"] if one["status"] == "ANG")
                at("status", lines=list(lines), status="HAL")
            case script.PersonUnlocks():
                at("lock", locked=False)
            case script.PersonSettles(document):
                number = next(nr for nr, ours in self._documents().items() if ours == document)
                self.stage.call("POST", f"{self.stage.pixi}/invoices/{number}/settle")
            case script.CreditNote(amount):
                at("credit", amount_minor=amount)
            case script.EnterPaymentId():
                self.stage.call("PATCH", f"{self.stage.pixi}/orders/{self.order_no}", kk_id=self.payment_id)
            case _:
                raise AssertionError(f"nobody plays {action}")

    def _base(self, system: script.System) -> str:
        return self.stage.pixi if system is script.System.ERP else self.stage.unzer

    def _arm(self, system: script.System, call: str, how: script.How, times: int) -> None:
        faults: dict[script.How, dict[str, Any]] = {
            script.How.REFUSED: REFUSALS[system.value],
            script.How.EXPIRED: {"kind": "special", "name": "decline", "params": {"code": "COR.700.300.400"}},
            script.How.LOST_ANSWER: {"kind": "drop_after"},
            script.How.LOST_REQUEST: {"kind": "status", "status": 503},
        }
        # what is read is asked for more than once before it counts as unreadable
        often = ALWAYS if call == "read" else times
        self.stage.arm(self._base(system), call=CALLS[system.value, call], times=often, **faults[how])

    def _switch(self, *, active: bool) -> None:
        directory = self.stack.stores.directory
        directory.set_active(f"{self.tenant}-{self.scenario.order.code}", active)

    def _key(self) -> tuple[str, str]:
        return str(self.stage.call("GET", self.stage.unzer)["private_key"]), ""

    def _provider_url(self) -> str:
        return self.stack.places.url(self.stack.places.unzer)

    def _capture_by_hand(self, amount: int) -> None:
        url = f"{self._provider_url()}/v1/payments/{self.payment_id}/charges"
        body = {"amount": in_major_units(amount, "EUR")}
        httpx.post(url, json=body, auth=self._key(), trust_env=False, timeout=30).raise_for_status()

    def _refund_by_hand(self, amount: int) -> None:
        url = f"{self._provider_url()}/v1/payments/{self.payment_id}/charges/s-chg-1/cancels"
        body = {"amount": in_major_units(amount, "EUR")}
        httpx.post(url, json=body, auth=self._key(), trust_env=False, timeout=30).raise_for_status()

    def _call_back(self, times: int) -> None:
        """What the provider would post, from outside."""
        known = httpx.get(f"{self._provider_url()}/v1/webhooks", auth=self._key(), trust_env=False, timeout=30).json()
        url = (known["events"][0] if "events" in known else known)["url"]
        home = f"{self._provider_url()}/v1/payments/{self.payment_id}"
        body = {"event": "payment.pending", "publicKey": "", "retrieveUrl": home, "paymentId": self.payment_id}
        with httpx.Client(trust_env=False, timeout=30) as caller:
            for _ in range(times):
                caller.post(url, json=body, headers={"content-type": "text/plain;charset=UTF-8"}).raise_for_status()

    # -- messages

    def _order(self) -> WorkflowHandle[Any, Any]:
        return self.client.get_workflow_handle(self._workflow_id())

    def _workflow_id(self) -> str:
        return order_workflow_id(self.tenant, self.stage.role.connection, self.order_no)

    def _sender(self) -> WorkflowSender:
        settings = self.stack.settings
        return WorkflowSender(self.client, settings.timing.pacing, settings.profile.value)

    def _known(self) -> KnownOrder:
        found = self.stack.stores.known_order(self._workflow_id())
        assert found is not None
        return found

    async def _tell(self, wish: Wish, refused: str, times: int) -> None:
        self._serial += 1
        message = Message(f"request-{self._serial}", wish)
        for number in range(times):
            reply = await self._sender().tell(self._workflow_id(), message, self._known)
            answers = {Answer.REFUSED} if refused else {Answer.ACCEPTED}
            if number:  # the server itself remembers an update's answer for a while
                answers |= {Answer.ALREADY}
            assert reply.answer in answers, reply
            assert reply.reason == refused

    async def _report(self, picture: ErpPicture) -> None:
        known = await asyncio.to_thread(self._known)
        await self._sender().report(known, picture)

    async def _pictures(self) -> list[ErpPicture]:
        """Every picture that the order was told, oldest first."""
        found = []
        async for event in self._order().fetch_history_events():
            if event.event_type != EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED:
                continue
            signal = event.workflow_execution_signaled_event_attributes
            if signal.signal_name == "erp_reported":
                decoded = await self.client.data_converter.decode(list(signal.input.payloads), [ErpPicture])
                found.append(decoded[0])
        return found


def error_number(subject: str) -> int:
    """The error number in a mail's subject, which stands after the tenant in brackets."""
    found = re.match(r"\[[^\]]*\] (\d{4}) ", subject)
    assert found, subject
    return int(found[1])


def comment_label(text: str) -> str:
    """A comment in the ERP as rows write it: its code, and the problem that it names."""
    for code, pattern, named in PATTERNS:
        found = pattern.fullmatch(text)
        if found is not None:
            words = found.groupdict().get(named or "")
            return f"{code} {CAUSES[words]}" if words else code
    return f"?? {text}"


CAUSES = {text.german: code for code, text in wording.CAUSES.items()}


def _patterns() -> list[tuple[str, re.Pattern[str], str]]:
    """One pattern per comment; the more literal text it has the earlier it is tried."""
    found: list[tuple[int, str, re.Pattern[str], str]] = []
    for code, text in wording.COMMENTS.items():
        parts, named, literal = [], "", 0
        for words, name, kind, _ in Formatter().parse(text.german):
            parts.append(re.escape(words))
            literal += len(words)
            if name:
                parts.append(f"(?P<{name}>.+?)")
                named = name if kind == "problem" else named
        pattern = re.compile(r"[\d.]{10}, \d\d:\d\d Uhr: " + "".join(parts) + r"(?: \[hf:\w+\])?", re.DOTALL)
        found.append((-literal, code, pattern, named))
    return [(code, pattern, named) for _, code, pattern, named in sorted(found, key=lambda one: one[:2])]


PATTERNS = _patterns()
