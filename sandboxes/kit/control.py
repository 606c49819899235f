"""Control routes that every sandbox has under `/control`; each sandbox adds its own hooks beside them."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, ConfigDict

from sandboxes.kit.account import Account
from sandboxes.kit.faults import Fault


class ClockChange(BaseModel):
    """Either `offset_seconds` (follow real time) or `instant` (+ `frozen`); `hold` stops own events meanwhile."""

    model_config = ConfigDict(extra="forbid")

    offset_seconds: float | None = None
    instant: datetime | None = None
    frozen: bool = False
    hold: bool | None = None


def control_router(
    find: Callable[[str], Account | None], every: Callable[[], list[Account]], save: Callable[[Account], None]
) -> APIRouter:
    """Routes for clocks, faults, the request log, effects, violations, state and own events of an account."""
    router = APIRouter(prefix="/control", tags=["control"])

    def account(name: str) -> Account:
        found = find(name)
        if found is None:
            raise HTTPException(404, f"no account {name!r}; create it with PUT /control/accounts/{name}")
        return found

    @router.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    @router.get("/accounts")
    async def accounts() -> list[str]:
        return [one.name for one in every()]

    @router.get("/accounts/{name}/clock")
    async def read_clock(name: str) -> dict[str, object]:
        return account(name).clock.dump()

    @router.put("/accounts/{name}/clock")
    async def set_clock(name: str, change: ClockChange) -> dict[str, object]:
        found = account(name)
        if change.hold is not None:
            found.set_hold(change.hold)
        try:
            if change.instant is not None:
                found.clock.set(change.instant, frozen=change.frozen)
            elif change.offset_seconds is not None:
                found.clock.follow(change.offset_seconds)
        except ValueError as error:
            raise HTTPException(422, str(error)) from error
        save(found)
        return found.clock.dump()

    @router.post("/accounts/{name}/faults", status_code=201)
    async def arm(name: str, fault: Fault) -> Fault:
        return account(name).faults.arm(fault)

    @router.get("/accounts/{name}/faults")
    async def armed(name: str) -> list[Fault]:
        return account(name).faults.armed()

    @router.delete("/accounts/{name}/faults", status_code=204)
    async def disarm(name: str) -> None:
        account(name).faults.clear()

    @router.delete("/accounts/{name}/faults/{fault_id}", status_code=204)
    async def disarm_one(name: str, fault_id: str) -> None:
        if not account(name).faults.disarm(fault_id):
            raise HTTPException(404, f"The fault {fault_id!r} is not armed (any more).")

    @router.get("/accounts/{name}/log")
    async def log(name: str) -> list[dict[str, Any]]:
        return list(account(name).log)

    @router.delete("/accounts/{name}/log", status_code=204)
    async def clear_log(name: str) -> None:
        account(name).log.clear()

    @router.get("/accounts/{name}/effects")
    async def effects(name: str, after: int = 0) -> list[dict[str, Any]]:
        return account(name).effects[after:]

    @router.get("/accounts/{name}/violations")
    async def violations(name: str) -> list[dict[str, Any]]:
        return account(name).violations

    @router.get("/accounts/{name}/state")
    async def state(name: str) -> dict[str, Any]:
        return account(name).dump()

    @router.get("/accounts/{name}/events")
    async def events(name: str) -> dict[str, Any]:
        found = account(name)
        due = found.next_event()
        return {"next": due.isoformat() if due else None, "pending": found.pending_events()}

    @router.post("/accounts/{name}/events/release")
    async def release(name: str) -> dict[str, int]:
        found = account(name)
        done = await found.release_events()
        save(found)
        return {"done": done}

    return router
