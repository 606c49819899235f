"""The order's workflow as it was before orders gave anything back by themselves."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from tests.workflows.world import World
    from workflows import messages
    from workflows.messages import ErpPicture, OrderStart
    from workflows.order import OrderWorkflow


@workflow.defn(name=messages.ORDER)
class OlderOrderWorkflow(OrderWorkflow):
    """Knows of no rules but the first: its starts name none, and it never changes over."""

    @workflow.init
    def __init__(self, start: OrderStart) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: OrderStart) -> None:
        await super().run(start)

    def _adopt_rules(self) -> None:
        """As it was: nothing."""


async def begin(world: World, queue: str) -> None:
    """What the older version's poller did with a new order."""
    picture = world.picture()
    await world.client.start_workflow(
        messages.ORDER,
        world.order_start(rules=1),
        id=world.known().workflow_id,
        task_queue=queue,
        start_signal="erp_reported",
        start_signal_args=[ErpPicture(picture.digest, picture)],
    )
