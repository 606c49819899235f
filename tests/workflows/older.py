"""The order's workflow as it was with earlier generations of rules."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from domain.facts import RulesAdopted
    from tests.workflows.world import World
    from workflows import messages
    from workflows.messages import ErpPicture, OrderStart
    from workflows.order import OrderWorkflow


@workflow.defn(name=messages.ORDER)
class OlderOrderWorkflow(OrderWorkflow):
    """Lives by the rules that its start names (the first, where it names none), and never changes over."""

    @workflow.init
    def __init__(self, start: OrderStart) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: OrderStart) -> None:
        await super().run(start)

    def _adopt_rules(self) -> None:
        """As it was."""
        if self._state.rules < self._start.rules and self._state.seq:
            self._learn(RulesAdopted(workflow.now(), self._start.rules))


async def begin(world: World, queue: str, rules: int = 1) -> None:
    """What the older version's poller did with a new order."""
    picture = world.picture()
    await world.client.start_workflow(
        messages.ORDER,
        world.order_start(rules=rules),
        id=world.known().workflow_id,
        task_queue=queue,
        start_signal="erp_reported",
        start_signal_args=[ErpPicture(picture.digest, picture)],
    )
