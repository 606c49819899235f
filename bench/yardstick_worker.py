"""The worker process of the yardsticks, with the settings of the real one: `python -m bench.yardstick_worker`."""

import asyncio
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from datetime import timedelta

from temporalio.worker import PollerBehaviorAutoscaling, Worker

from bench import yardsticks
from settings import Settings
from worker import BUILD_ID, CACHED_WORKFLOWS, connect, workflow_runner


async def main() -> int:
    """Work until SIGTERM."""
    settings = Settings()
    stop = asyncio.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(one, stop.set)
    client = await connect(settings, ())
    with ThreadPoolExecutor(settings.worker_concurrency + 16) as threads:
        workers = [
            Worker(
                client,
                build_id=BUILD_ID,
                task_queue=yardsticks.WORKFLOW_QUEUE,
                workflows=[yardsticks.Minimal, yardsticks.Bare, yardsticks.BareHold],
                activities=[yardsticks.own],
                activity_executor=threads,
                max_cached_workflows=CACHED_WORKFLOWS,
                disable_eager_activity_execution=True,
                workflow_runner=workflow_runner(),
                workflow_task_poller_behavior=PollerBehaviorAutoscaling(),
                graceful_shutdown_timeout=timedelta(seconds=20),
            ),
            *(
                Worker(
                    client,
                    build_id=BUILD_ID,
                    task_queue=queue,
                    activities=[yardsticks.constant],
                    activity_executor=threads,
                    max_concurrent_activities=settings.worker_concurrency,
                    activity_task_poller_behavior=PollerBehaviorAutoscaling(),
                    graceful_shutdown_timeout=timedelta(seconds=20),
                )
                for queue in (yardsticks.FIRST_QUEUE, yardsticks.SECOND_QUEUE)
            ),
        ]
        async with AsyncExitStack() as running:
            for worker in workers:
                await running.enter_async_context(worker)
            await stop.wait()
    await asyncio.sleep(0.5)  # the native threads must be idle before the interpreter ends
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
