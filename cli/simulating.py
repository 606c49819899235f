"""Plays described lives on real parts of their own: Temporal server, worker, SQL and the providers' stand-ins, started
for the purpose and gone afterwards. Each life is a tenant with a clock of its own, so several play side by side."""

import asyncio
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, cast

from pydantic import SecretStr
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client

from cli.hold_stage import CustomersHold, HoldStage, Purchase, RefusedByStandIn
from cli.launcher import CannotStart, Launcher
from cli.misbehaving import misbehave
from cli.order_stage import OrderStage
from cli.processes import LISTENERS, LOOPBACK, Places, embedded_processes, in_memory
from cli.simulated import connected, queues_of
from cli.stage import SIMULATED_POLL
from cli.wiring import Stores
from domain.authorization.facts import ActionAsked, AuthorizationFact, Origin
from domain.authorization.terms import AuthorizationTerms
from domain.parties import MailSecurity, MailSettings, Tenant
from settings import Profile, Settings
from simulation.driver import Driver
from simulation.lives.scenario import DASHBOARD, OF_ORDER, Behaviour, Event, Scenario, Trouble, Wish
from simulation.lives.timeline import Life, Refusal
from simulation.server import free_port, server_command
from simulation.skipping import Skipper
from simulation.steps import At
from storage.migrate import migrate
from storage.orders import Orders
from storage.secrets import new_master_key
from workflows import messages
from workflows.messages import Answer
from workflows.sending import WorkflowSender
from workflows.sending_holds import AuthorizationSender

SIDE_BY_SIDE = 4
FACTS = 100_000
LINGER = timedelta(seconds=10)
BEFORE = timedelta(seconds=2)  # clocks stand that much before the payment, so that everything is ready for it
OURS = ("worker", "starter")  # need the tables of the database
PROCESSES = {"stripe": "stripe", "computop": "paygate"}


@dataclass(frozen=True)
class World:
    """Running parts, and the way to them."""

    places: Places
    settings: Settings
    stores: Stores
    launcher: Launcher


class BeginsTooEarly(Exception):
    """A life begins in the past; the text says what to do."""


@contextmanager
def world(folder: Path, providers: Collection[str], *, orders: bool = False) -> Iterator[World]:
    """Everything that lives at these providers need, started in `folder` and stopped at the end, whatever happens. With
    `orders` the ERP too, and what lets an order hear of its hold.

    Raises `CannotStart` when something does not get ready.
    """
    places = Places(folder, **{one: free_port() for one in LISTENERS})
    settings = Settings(
        database_url=f"sqlite:///{folder / 'holdfast.db'}",
        temporal_address=f"{LOOPBACK}:{places.temporal}",
        master_key=SecretStr(new_master_key()),
        profile=Profile.EMBEDDED,
        starter_port=places.starter,
    )
    needed = {"worker", "mailbox", *(PROCESSES[one] for one in providers), *(("pixi", "starter") if orders else ())}
    specs = [in_memory(one) for one in embedded_processes(settings, places) if one.name in {"temporal", *needed}]
    server = server_command(port=places.temporal, headless=True)
    specs = [replace(one, argv=server) if one.name == "temporal" else one for one in specs]
    launcher = Launcher(places)
    try:
        started = [launcher.start(one) for one in specs if one.name not in OURS]
        migrate(settings.database_url)
        started += [launcher.start(one) for one in specs if one.name in OURS]
        for one in started:
            launcher.wait_healthy(one)
        stores = Stores.open(settings)
        try:
            yield World(places, settings, stores, launcher)
        finally:
            stores.close()
    finally:
        launcher.stop()


async def play_all(
    parts: World,
    scenarios: Sequence[Scenario],
    finished: Callable[[Life], None] = lambda life: None,
    side_by_side: int = SIDE_BY_SIDE,
) -> list[Life]:
    """Every life, some side by side, in the order given; `finished` hears of each as soon as it is over."""
    client = await connected(parts.settings, parts.stores)
    await _at_work(parts, client)
    slots = asyncio.Semaphore(side_by_side)

    async def one(number: int, scenario: Scenario) -> Life:
        async with slots:
            life = await play(parts, client, scenario, f"life{number}")
            finished(life)
            return life

    async def watch() -> None:
        while True:
            parts.launcher.check()
            await asyncio.sleep(1)

    watching = asyncio.create_task(watch())
    lives = asyncio.gather(*(one(number, scenario) for number, scenario in enumerate(scenarios, 1)))
    try:
        either: list[asyncio.Future[Any]] = [watching, lives]
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if not lives.done():
            watching.result()
        return await lives
    finally:
        for task in (watching, lives):
            task.cancel()
        await asyncio.gather(watching, lives, return_exceptions=True)
        await asyncio.sleep(0.5)  # the native threads must be idle before the loop ends


async def _at_work(parts: World, client: Client) -> None:
    """Until the worker takes work: what it takes to start belongs to no life."""
    queue = TaskQueue(name=messages.WORKFLOW_QUEUE)
    asked = DescribeTaskQueueRequest(
        namespace=client.namespace, task_queue=queue, task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW
    )
    while not (await client.workflow_service.describe_task_queue(asked)).pollers:
        parts.launcher.check()
        await asyncio.sleep(0.1)


async def play(parts: World, client: Client, scenario: Scenario, tenant: str) -> Life:
    """One life as a tenant of its own. Raises `BeginsTooEarly`, and what keeps the simulated clock from running."""
    began = time.monotonic()
    begins = scenario.begins(datetime.now(UTC))
    if begins < datetime.now(UTC):
        raise BeginsTooEarly(
            f"{scenario.name} begins in the past ({begins:%Y-%m-%d %H:%M}Z), and clocks only run ahead: write a later "
            f'date, or a time alone (begin = "12:00")'
        )
    player = await asyncio.to_thread(Player, parts, client, scenario, tenant, begins)
    try:
        life = await player.play()
    finally:
        player.close()
    return replace(life, seconds=time.monotonic() - began)


class Player:
    """One life that is being played."""

    def __init__(self, parts: World, client: Client, scenario: Scenario, tenant: str, begins: datetime) -> None:
        self._parts, self._client, self._scenario, self._tenant, self._begins = parts, client, scenario, tenant, begins
        settings, stores = parts.settings, parts.stores
        self._refusals: dict[str, Refusal] = {}
        self._armed: dict[Behaviour, str] = {}
        self._by_hand: list[tuple[datetime, str, int | None]] = []
        self._hold: CustomersHold | None = None
        self._asked = 0
        directory = stores.directory
        directory.put_tenant(Tenant(tenant, scenario.name[:100], scenario.terms.language, simulated=True))
        directory.put_mail_settings(
            MailSettings(
                tenant=tenant,
                host=LOOPBACK,
                port=parts.places.smtp,
                sender="holdfast@holdfast.example",
                recipient=f"payments@{tenant}.example",
                security=MailSecurity.NONE,
            )
        )
        stores.clocks.set_offset(tenant, begins - BEFORE - datetime.now(UTC))
        sender = AuthorizationSender(client, settings.timing.pacing, settings.profile.value)
        port = getattr(parts.places, PROCESSES[scenario.provider])
        self._stage = HoldStage(scenario.provider, parts.places.url(port), tenant, stores, sender)
        self._stage.set_up(**self._account())
        self._stage.call("PUT", "/clock", instant=(begins - BEFORE).isoformat(), hold=True)
        self._order = self._order_stage() if scenario.lines else None

    def _order_stage(self) -> OrderStage:
        scenario, stores = self._scenario, self._parts.stores
        order = OrderStage(self._parts.places, stores, self._tenant, scenario.provider, self._stage.account)
        order.set_up(scenario.terms.language, SIMULATED_POLL)
        if scenario.terms != AuthorizationTerms():
            stores.terms.put(self._tenant, self._stage.account, scenario.terms)
        return order

    @property
    def stage(self) -> HoldStage:
        return self._stage

    def close(self) -> None:
        self._stage.close()
        if self._order is not None:
            self._order.close()

    def _account(self) -> dict[str, object]:
        """What the provider's account is like."""
        scenario = self._scenario
        if scenario.provider == "stripe":
            return {"features": list(scenario.features)}
        advice = any(one.advice for one in scenario.behaviours)
        currencies = {} if scenario.currency == "EUR" else {"currencies": [scenario.currency]}
        return {"code_ext": advice, "small_amounts": scenario.terms.small_amounts, **currencies}

    async def play(self) -> Life:
        """Live it to its end, and gather what came of it."""
        scenario, begins = self._scenario, self._begins
        ends = scenario.ends(begins)
        clocks, outside = self._parts.stores.clocks, [self._stage.clock()]
        skipper = Skipper(self._client)
        if self._order is None:
            driver = Driver(self._client, skipper, self._tenant, clocks, outside, linger=LINGER)
            await driver.run_until(ends, self._events())
        else:
            settings = self._parts.settings
            outside.append(self._order.clock())
            await outside[-1].set(begins - BEFORE, hold=True)
            await self._order.start(WorkflowSender(self._client, settings.timing.pacing, settings.profile.value))
            async with queues_of(self._parts.places) as queues_empty:
                driver = Driver(
                    self._client,
                    skipper,
                    self._tenant,
                    clocks,
                    outside,
                    [self._order.poller()],
                    queues_empty,
                    linger=LINGER,
                )
                await driver.run_until(ends, self._events())
        return await asyncio.to_thread(self._life, ends)

    def _life(self, ends: datetime) -> Life:
        hold = self._hold
        state = hold.state() if hold is not None else None
        if hold is None or state is None:
            raise CannotStart(f"{self._scenario.name}: nothing was recorded of it; look at the worker's log")
        rows = Orders(self._parts.stores.db).facts(hold.workflow_id, limit=FACTS)
        facts = tuple((one.at, cast(AuthorizationFact, one.fact)) for one in rows if one.fact is not None)
        moves = self._order.moves() if self._order is not None else ()
        heard = {one.request_id for _, one in facts if isinstance(one, ActionAsked)}
        return Life(
            scenario=self._scenario,
            begins=self._begins,
            ends=ends,
            facts=facts,
            refusals=tuple(said for request_id, said in self._refusals.items() if request_id not in heard),
            by_hand=tuple(self._by_hand),
            state=state,
            effects=tuple(self._stage.effects()),
            violations=tuple(self._stage.violations()),
            erp=moves,
            booked=tuple(one.amount_minor for one in moves if one.text == "booked" and one.amount_minor is not None),
            order_status=self._order.status() if self._order is not None else "",
        )

    # -- what happens when

    def _events(self) -> list[At]:
        begins = self._begins
        events = [At(begins, "the customer pays", self._sell)]
        for one in self._scenario.behaviours:
            since = one.since.instant(begins)
            events.append(At(since, f"the provider: {one.trouble.value}", partial(self._misbehave, one)))
            over = since + timedelta(hours=one.hours)
            if one.trouble is Trouble.OUTAGE and over < self._scenario.ends(begins):
                events.append(At(over, "the provider works again", partial(self._behave, one)))
        for event in self._scenario.events:
            at = event.at.instant(begins)
            events.append(At(at, event.wish.value, partial(self._do, event, at)))
        return events

    async def _sell(self) -> None:
        scenario = self._scenario
        purchase = Purchase(
            f"{self._tenant}-order", scenario.amount_minor, scenario.currency, scenario.scheme, scenario.features
        )
        self._hold = await self._stage.sell(purchase, scenario.terms, self._begins)
        if self._order is not None:
            await asyncio.to_thread(self._order.place, self._hold.start.reference, scenario.lines)

    async def _do(self, event: Event, at: datetime) -> None:
        hold = self._hold
        assert hold is not None
        self._asked += 1
        request_id = f"request-{self._asked}"
        if event.wish in OF_ORDER:
            assert self._order is not None
            await asyncio.to_thread(self._order.happen, event, at)
        elif event.origin == DASHBOARD:
            await asyncio.to_thread(self._at_dashboard, hold, event, at)
        elif event.wish is Wish.LOOK_AGAIN:
            await hold.look_again(request_id)
        elif event.terms is not None:
            await hold.change_terms(event.terms)
        elif event.action is not None:
            reply = await hold.ask(request_id, event.action, Origin(event.origin))
            if reply.answer is Answer.REFUSED:
                self._refusals[request_id] = Refusal(at, event.action, reply.reason)

    def _at_dashboard(self, hold: CustomersHold, event: Event, at: datetime) -> None:
        """By hand at the provider, on the newest hold."""
        state = hold.state()
        newest = state.last.hold_id if state is not None and state.last is not None else hold.start.reference
        amount = event.action.amount_minor if event.action is not None else None
        stripe = self._scenario.provider == "stripe"
        what = {Wish.VOID: "cancel" if stripe else "reverse", Wish.REFUND: "refund" if stripe else "credit"}
        body = {} if event.wish is Wish.VOID else {"amount_minor": amount}
        try:
            self._stage.call("POST", f"/payments/{newest}/{what.get(event.wish, 'capture')}", **body)
        except RefusedByStandIn:
            self._by_hand.append((at, f"{event.wish.value}, refused by the provider,", amount))
        else:
            self._by_hand.append((at, event.wish.value, amount))

    async def _misbehave(self, behaviour: Behaviour) -> None:
        self._armed[behaviour] = await asyncio.to_thread(misbehave, self._stage, behaviour)

    async def _behave(self, behaviour: Behaviour) -> None:
        await asyncio.to_thread(self._stage.call, "DELETE", f"/faults/{self._armed[behaviour]}")
