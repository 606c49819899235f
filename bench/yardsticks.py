"""What the whole path is measured against: a minimal workflow, one with as many activities as a happy order, and one
with as many timers and activities as a hold that is renewed.

Their activities return constants. Nothing here touches SQL, SOAP or HTTP.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

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


@dataclass(frozen=True)
class Rounds:
    """`due`: when the first round is (UTC); the others follow at once. A new run begins after so many `per_run`."""

    due: datetime
    left: int
    per_run: int = 10


@workflow.defn(name="BenchBareHold")
class BareHold:
    """The timer, the three regular and the one local activity of each renewal."""

    @workflow.run
    async def run(self, rounds: Rounds) -> float:
        for number in range(min(rounds.left, rounds.per_run)):
            wait = rounds.due - workflow.now() if number == 0 else timedelta(0)
            await workflow.sleep(max(wait, timedelta(milliseconds=10)))
            for _ in range(3):
                await workflow.execute_activity(
                    constant, CONSTANT, task_queue=FIRST_QUEUE, start_to_close_timeout=LIMIT
                )
            await workflow.execute_local_activity(own, CONSTANT, start_to_close_timeout=LIMIT)
        if rounds.left > rounds.per_run:
            workflow.continue_as_new(Rounds(rounds.due, rounds.left - rounds.per_run, rounds.per_run))
        return (workflow.now() - rounds.due).total_seconds()
