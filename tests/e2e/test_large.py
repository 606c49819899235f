"""Large things: an order of thousands of lines, a body of ten megabytes at every endpoint, many open orders."""

import re
from collections import Counter
from datetime import timedelta

import httpx
import pytest

from tests.e2e.conftest import MakeLife
from tests.e2e.life import HOUR, Done, Life
from tests.support.stack import Stack

PRICE = 13
BODY = b"x" * 10_000_000


@pytest.mark.parametrize("count", [1_500, pytest.param(10_000, marks=pytest.mark.long)])
async def test_an_order_of_thousands_of_lines(begin: MakeLife, count: int) -> None:
    """Released, delivered in two parcels, each captured and booked exactly; its picture stays a small message."""
    life, shipped_first = await begin(f"large-{count}"), count * 2 // 5
    paid = life.pay(amount=count * PRICE)
    lines = [{"sku": f"ART-{number}", "qty": 1, "price": PRICE} for number in range(count)]
    order = life.order(payment_id=paid, lines=lines)
    await life.pass_by(HOUR)
    assert life.done(order) == Done(releases=1, status="released")
    life.ship(order, *range(1, shipped_first + 1))
    await life.pass_by(HOUR)
    first, rest = shipped_first * PRICE, (count - shipped_first) * PRICE
    assert life.done(order) == Done((first,), (first,), releases=1, status="shipping")
    life.ship(order)
    await life.pass_by(HOUR)
    assert life.done(order) == Done((first, rest), (first, rest), releases=1, status="settled")
    client = await life.stack.client()
    history = await client.get_workflow_handle(life.workflow_id(order)).fetch_history()
    assert max(event.ByteSize() for event in history.events) < 16_000


def test_the_starter_refuses_ten_megabytes_everywhere(stack: Stack) -> None:
    """Every route but that of batch files, which has a limit of its own, answers 413 whatever the method, and serves
    the next request as if nothing had been."""
    base = stack.places.url(stack.places.starter)
    with httpx.Client(base_url=base, timeout=120, trust_env=False) as http:
        paths = http.get("/openapi.json").json()["paths"]
        assert paths.pop("/batches")
        asked = [(method.upper(), re.sub(r"\{[^}]*\}", "x", path)) for path in paths for method in paths[path]]
        assert any(method == "POST" for method, _ in asked)
        for method, path in [*asked, ("POST", "/"), ("POST", "/no/such/page")]:
            assert http.request(method, path, content=BODY).status_code == 413, (method, path)
        assert http.get("/health").status_code == 200


@pytest.mark.parametrize(
    ("system", "path"),
    [
        ("pixi", "/soap/pixiDEM/"),
        ("pixi", "/tms/pixi/"),
        ("pixi", "/control/accounts/x/orders"),
        ("unzer", "/v1/payments/authorize"),
        ("unzer", "/v1/payments/charges"),
        ("unzer", "/v1/customers"),
        ("unzer", "/v1/webhooks"),
        ("unzer", "/control/accounts/x/payments"),
        ("mailbox", "/control/faults"),
    ],
)
def test_a_sandbox_survives_ten_megabytes(stack: Stack, system: str, path: str) -> None:
    """Answered as a mistake of the sender, and the sandbox goes on."""
    base = stack.places.url(getattr(stack.places, system))
    answer = httpx.post(f"{base}{path}", content=BODY, timeout=120, trust_env=False)
    assert 400 <= answer.status_code < 500
    assert httpx.get(f"{base}/control/health", timeout=60, trust_env=False).status_code == 200


async def test_a_poll_costs_no_more_with_fifty_open_orders_than_with_five(begin: MakeLife) -> None:
    """Requests per poll grow with what changed and not with what is open; counted in the ERP's own log."""
    life = await begin("many")
    for _ in range(5):
        life.order()
    few = await _calls_of_three_polls(life)
    for _ in range(45):
        life.order()
    many = await _calls_of_three_polls(life)
    assert sum(few.values()) > 0
    assert many == few


async def _calls_of_three_polls(life: Life) -> Counter[str]:
    """The ERP's requests by call while nothing changes, after everything that came in was dealt with."""
    life.poll_every(timedelta(days=30))
    await life.pass_by(HOUR)
    known = len(life.stage.call("GET", f"{life.stage.pixi}/orders"))
    released = [one for one in life.stage.effects(life.stage.pixi) if one["kind"] == "release"]
    assert len(released) == known
    life.poll_every(timedelta(minutes=10))
    await life.look()
    await life.pass_by(timedelta(minutes=15))  # the poll after a change finds the change again
    life.stage.call("DELETE", f"{life.stage.pixi}/log")
    await life.pass_by(timedelta(minutes=30))
    calls = Counter(str(one["call"]) for one in life.log(life.stage.pixi))
    polls = calls["pixiGetChangedOrders"]  # on a busy machine one more or less falls into the span
    assert polls >= 2
    assert all(count % polls == 0 for count in calls.values()), calls
    return Counter({call: count // polls for call, count in calls.items()})
