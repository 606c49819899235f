"""`holdfast up` and `holdfast demo` on one folder, stopped in every way and started again: nothing happens twice.

The tests of this module follow each other as the starts of one user do.
"""

import json
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from cli.main import embedded_settings
from cli.simulated import connected, driver_for
from cli.stage import Stage
from cli.wiring import Stores
from tests.e2e.commands import Command, first_of_free_ports
from tests.e2e.life import read_models

STORIES = ("--story", "card-expert", "--story", "prepayment-overdue")
STAYS = "Ctrl-C stops everything"


@dataclass
class House:
    """The user's folder, and what stood there when it was last looked at."""

    folder: Path
    port: int
    effects: dict[str, Any]

    def start(self, *arguments: str) -> Command:
        return Command.start(self.folder, self.port, *arguments, *STORIES)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return House(tmp_path_factory.mktemp("up") / "var", first_of_free_ports(), {})


@pytest.fixture
def commands(house: House) -> Iterator[list[Command]]:
    """What a test has started; killed should the test fail."""
    started: list[Command] = []
    yield started
    for one in started:
        one.kill()


def everything(command: Command) -> dict[str, Any]:
    """Every order, effect and mail in the sandboxes of a running Holdfast."""
    at = command.places
    addresses = {
        "orders": f"{at.url(at.pixi)}/control/accounts/DEM/orders",
        "ERP": f"{at.url(at.pixi)}/control/accounts/DEM/effects",
        "payments": f"{at.url(at.unzer)}/control/accounts/demo/effects",
        "mails": f"{at.url(at.mailbox)}/messages",
    }
    return {name: httpx.get(url, timeout=60, trust_env=False).json() for name, url in addresses.items()}


def test_sigterm_in_the_middle_of_the_play_stops_everything(house: House, commands: list[Command]) -> None:
    """Once the first order was released the play is ended: exit code 130, no process left, ports free."""
    up = house.start("up")
    commands.append(up)
    up.wait_for("100001 release")
    up.process.send_signal(signal.SIGTERM)
    assert up.end() == 130
    assert "Traceback" not in up.said()


def test_the_next_up_plays_on_shows_where_to_look_and_stays(house: House, commands: list[Command]) -> None:
    """Both orders end as the rules say, each address answers, and Ctrl-C in the terminal ends it with 0."""
    up = house.start("up")
    commands.append(up)
    up.wait_for(STAYS)
    assert "All 2 orders ended as the rules say." in up.said()
    at = up.places
    pages = [f"{at.url(at.starter)}/?lang=en", f"{at.url(at.starter)}/docs"]
    ports = (at.temporal_ui, at.mailbox, at.pixi, at.unzer, at.stripe, at.paygate, at.fileserver)
    pages += [at.url(one) for one in ports]
    for page in pages:
        assert page in up.said()
        assert httpx.get(page, timeout=60, trust_env=False, follow_redirects=True).status_code == 200
    found = everything(up)
    assert [one["order_nr_external"] for one in found["orders"]] == ["W-card-expert", "W-prepayment-overdue"]
    assert [one["kind"] for one in found["payments"]] == ["capture"]
    assert len(found["mails"]) == 1
    house.effects = found
    assert up.process.poll() is None
    up.press(signal.SIGINT)
    assert up.end() == 0
    assert "Traceback" not in up.said()


async def test_another_up_plays_nothing_twice_and_timers_go_on(house: House, commands: list[Command]) -> None:
    """Same orders, same effects, same tables; the prepayment that waits is read again after its three days.

    The terminal is closed in the end: nothing is left of it either.
    """
    up = house.start("up")
    commands.append(up)
    up.wait_for(STAYS)
    assert "have been played by an earlier start" in up.said()
    assert everything(up) == house.effects
    settings = embedded_settings(up.places)
    stores = Stores.open(settings)
    stage = Stage(up.places, stores)
    before = read_models(stores.db)
    driver = await driver_for(await connected(settings, stores), settings, up.places, stores, stage)
    stage.call("DELETE", f"{stage.unzer}/log")
    await driver.run_until(driver.now() + timedelta(days=3, minutes=1))
    read = [one["path"] for one in stage.call("GET", f"{stage.unzer}/log") if one["call"] == "read_payment"]
    waiting = str(stage.order("100002")["kk_id"])
    assert len(read) == 1
    assert waiting in read[0]
    assert everything(up) == house.effects
    after = read_models(stores.db)
    assert {name: len(rows) for name, rows in after.items()} == {name: len(rows) for name, rows in before.items()}
    stage.close()
    stores.close()
    up.press(signal.SIGHUP)
    assert up.end() == 0


def test_a_process_that_dies_stops_everything(house: House, commands: list[Command]) -> None:
    """While `up` stays the worker is killed: one sentence says so, the rest is stopped, exit code 1."""
    up = house.start("up")
    commands.append(up)
    up.wait_for(STAYS)
    at = up.places
    lock = f"{at.url(at.pixi)}/control/accounts/DEM/orders/100001/lock"
    assert httpx.post(lock, json={"locked": True}, timeout=60, trust_env=False).status_code == 200
    up.child("worker.py").kill()
    assert up.end() == 1
    assert f"worker was ended by SIGKILL; its last words are in {house.folder / 'logs' / 'worker.log'}" in up.said()
    assert "Traceback" not in up.said()


def test_demo_ends_with_one_when_an_order_ended_otherwise(house: House, commands: list[Command]) -> None:
    """Somebody has locked a demo order in the ERP: its row says NO, a sentence says what differs, exit code 1."""
    demo = house.start("demo")
    commands.append(demo)
    assert demo.end() == 1
    rows = {line.split()[0]: line.split()[-1] for line in demo.said().splitlines() if line.strip()[:6].isdigit()}
    assert "locked: True, expected False" in demo.said()
    assert rows["100002"] == "yes"


def test_logs_are_events_without_secrets(house: House) -> None:
    """After five starts every line of worker and starter is one JSON event, and no key or password stands in any."""
    master = (house.folder / "master.key").read_text()
    for name in ("worker", "starter"):
        text = (house.folder / "logs" / f"{name}.log").read_text(encoding="utf-8")
        events = [json.loads(line) for line in text.splitlines()]
        assert len(events) > 5
        assert all(one["event"] and one["level"] and one["timestamp"] for one in events)
        for secret in (master, "s-priv-", "sandbox:", "Basic ", "Bearer "):
            assert secret not in text
