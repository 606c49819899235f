"""What the whole path is measured against: a minimal workflow, and one with as many activities as a happy order.

Their activities return constants. Nothing here touches SQL, SOAP or HTTP.
"""

from datetime import timedelta

from temporalio import activity, workflow

WORKFLOW_QUEUE = "bench-workflows"
FIRST_QUEUE, SECOND_QUEUE = "bench-first", "bench-second"
LIMIT = timedelta(seconds=60)
CONSTANT = "x" * 200


@activity.defn(name="bench_constant")
def constant(text: str) -> str:
    """Returns a constant."""
    return CONSTANT


@activity.defn(name="bench_own")
def own(text: str) -> str:
    """The same as a local activity."""
    return CONSTANT


@workflow.defn(name="BenchMinimal")
class Minimal:
    """One workflow task."""

    @workflow.run
    async def run(self, text: str) -> str:
        return text


@workflow.defn(name="BenchBare")
class Bare:
    """The four regular and two local activities of a happy order, on as many queues, in its sequence."""

    @workflow.run
    async def run(self, text: str) -> str:
        for _ in range(2):
            for queue in (FIRST_QUEUE, SECOND_QUEUE):
                text = await workflow.execute_activity(constant, text, task_queue=queue, start_to_close_timeout=LIMIT)
            text = await workflow.execute_local_activity(own, text, start_to_close_timeout=LIMIT)
        return text
