"""Between 00:00 and 04:00 Berlin wall time nobody may call; who does is recorded and still answered."""

import pytest

from tests.sandboxes.pixi.access import Access


@pytest.mark.parametrize(
    ("instant", "quiet"),
    [
        ("2026-01-14T22:59:59+00:00", False),  # 23:59:59 in winter
        ("2026-01-14T23:00:00+00:00", True),
        ("2026-01-15T02:59:59+00:00", True),
        ("2026-01-15T03:00:00+00:00", False),
        ("2026-07-14T22:00:00+00:00", True),  # midnight in summer
        ("2026-07-15T02:00:00+00:00", False),
        # the night in March has three of these four hours
        ("2026-03-28T22:59:59+00:00", False),
        ("2026-03-28T23:00:00+00:00", True),
        ("2026-03-29T01:30:00+00:00", True),
        ("2026-03-29T01:59:59+00:00", True),
        ("2026-03-29T02:00:00+00:00", False),
        # the night in October has five
        ("2026-10-24T21:59:59+00:00", False),
        ("2026-10-24T22:00:00+00:00", True),
        ("2026-10-25T00:30:00+00:00", True),
        ("2026-10-25T01:30:00+00:00", True),
        ("2026-10-25T02:59:59+00:00", True),
        ("2026-10-25T03:00:00+00:00", False),
    ],
)
def test_edges(pixi: Access, instant: str, quiet: bool) -> None:
    """The window follows the wall clock on plain days and in both nights in which the clock is moved."""
    pixi.clock(instant)
    assert pixi.call("pixiGetShops").status == 200
    found = [(one["rule"], one["call"]) for one in pixi.hook("/violations", method="GET")]
    assert found == ([("quiet_window", "pixiGetShops")] if quiet else [])


def test_only_calls_count(pixi: Access) -> None:
    """Reading the WSDL at night is fine, a call that is refused or unreadable is not."""
    pixi.clock("2026-01-15T00:00:00+00:00")
    pixi.http.get(f"{pixi.endpoint}?wsdl", auth=pixi.auth)
    assert pixi.hook("/violations", method="GET") == []
    pixi.send(pixi.envelope("pixiGetShops", {}), auth=("x", "y"))
    pixi.send("<broken")
    assert [one["call"] for one in pixi.hook("/violations", method="GET")] == ["pixiGetShops", "(unreadable)"]


def test_wall_time_in_the_doubled_hour(pixi: Access) -> None:
    """Orders of the doubled hour are found from its first minute on, and none is lost at the end of the window."""
    for instant in ("2026-10-25T00:30:00+00:00", "2026-10-25T01:30:00+00:00"):  # both 02:30 in Berlin
        pixi.clock(instant)
        pixi.order()
    pixi.clock("2026-10-25T03:00:00+00:00")
    rows = pixi.call("pixiGetChangedOrders", DateTimeFrom="2026-10-24T23:55:00").rows
    assert [row["UpdateDate"] for row in rows] == ["2026-10-25T02:30:00.000"] * 2
