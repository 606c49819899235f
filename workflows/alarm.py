"""Waiting for an instant or for a message, with one timer that stays while its instant stays."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from temporalio import workflow


class Alarm:
    """The one timer of a workflow that looks again at its next due instant."""

    def __init__(self) -> None:
        self._timer: asyncio.Task[None] | None = None
        self._due: datetime | None = None

    async def wait(self, due: datetime | None, woken: Callable[[], bool]) -> None:
        """Until `due` (UTC) or until `woken`; a running timer stays when `due` did not change."""
        if self._timer is not None and self._due != due:
            self._timer.cancel()
            self._timer = None
        if due is None:
            await workflow.wait_condition(woken)
            return
        if self._timer is None:
            pause = max(due - workflow.now(), timedelta(milliseconds=1))
            summary = f"looks again at {due:%Y-%m-%d %H:%M}Z"
            self._timer = asyncio.create_task(workflow.sleep(pause, summary=summary))
            self._due = due
        timer = self._timer
        await workflow.wait_condition(lambda: woken() or timer.done())
        if timer.done():
            self._timer = None
