"""The server is restarted in the middle of a simulated life."""

from datetime import timedelta
from pathlib import Path

from simulation.server import TemporalServer
from tests.simulation.conftest import a_life, connect, now
from tests.simulation.plays import DAY, Hold

CLOSE = timedelta(seconds=5)


async def test_skipped_clocks_outlive_a_restart(tmp_path: Path) -> None:
    """With a database file every clock stands where it stood, and the life goes on as if nothing had happened."""
    async with TemporalServer(db_file=tmp_path / "temporal.db") as server:
        life = a_life(await connect(server), "restarted")
        began = now()
        async with life.worker():
            await life.start("AuthorizationPlay", Hold(began, lives=60 * DAY), life.id("authorization"))
            await life.start("PollPlay", None, life.poller)
            driver = life.driver()
            await driver.run_until(began + 30 * DAY)
            await server.restart()
            await driver.run_until(began + 61 * DAY)
        renewed = life.log.of("authorize")
        assert len(renewed) == 8
        assert all(abs(at - began - timedelta(days=7 * (k + 1), hours=2)) < CLOSE for k, at in enumerate(renewed))
        assert life.log.furthest_apart() < CLOSE
