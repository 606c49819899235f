"""What a payment provider posts: stored, answered at once, and worth no more than a hint to look."""

import json
from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient, Response
from sqlalchemy import select
from structlog.testing import capture_logs

from domain.parties import ProviderAccount
from storage.tables import callback_inbox
from tests.web.world import CALLBACK_TOKEN, PUBLIC_KEY, World
from web.callbacks.unzer_delivery import read_delivery
from web.relay import hint_id, relay_once

ADDRESS = f"/callbacks/v1.0/unzer/acme/{CALLBACK_TOKEN}"
PAYMENT = "s-pay-90011"


def report(**changes: Any) -> bytes:
    """A report on a payment; None leaves a field out."""
    fields = {
        "event": "payment.completed",
        "publicKey": PUBLIC_KEY,
        "retrieveUrl": f"https://api.example/v1/payments/{PAYMENT}",
        "paymentId": PAYMENT,
    }
    return json.dumps({name: value for name, value in (fields | changes).items() if value is not None}).encode()


async def post(client: AsyncClient, body: bytes, address: str = ADDRESS) -> Response:
    """As the provider does it: JSON declared as plain text."""
    return await client.post(address, content=body, headers={"Content-Type": "text/plain"})


def route(world: World, payment_id: str = PAYMENT) -> str:
    """An order that has registered for the payment; returns its workflow id."""
    workflow_id = world.add_order("4711", payment_id=payment_id)
    world.services.inbox.register_route("acme", "unzer", payment_id, workflow_id, world.clock())
    return workflow_id


def kept(world: World) -> list[Any]:
    """Every stored delivery."""
    with world.database.read() as connection:
        return list(connection.execute(select(callback_inbox).order_by(callback_inbox.c.id)))


async def test_a_report_becomes_one_hint(world: World, anyone: AsyncClient) -> None:
    """Stored at once, passed on once the merge window is over, and then gone."""
    workflow_id = route(world)
    answer = await post(anyone, report())
    assert (answer.status_code, world.messenger.hints) == (200, [])
    assert (await relay_once(world.services)).marks == 0
    world.clock.forward(seconds=1)
    assert (await relay_once(world.services)).marks == 1
    assert (await relay_once(world.services)).marks == 0
    assert [one for one, _ in world.messenger.hints] == [workflow_id]
    assert kept(world)[0].event == "payment.completed"


async def test_ten_reports_in_any_order_are_one_look(world: World, anyone: AsyncClient) -> None:
    """The same report ten times and reversed: every delivery is kept, the order looks once."""
    route(world)
    events = [f"charge.{number}" for number in range(10)]
    for event in [*events, *reversed(events)]:
        assert (await post(anyone, report(event=event))).status_code == 200
    world.clock.forward(seconds=1)
    assert (await relay_once(world.services)).marks == 1
    assert len(world.messenger.hints) == 1
    assert len(kept(world)) == 20


async def test_a_report_for_an_order_not_yet_known_waits(world: World, anyone: AsyncClient) -> None:
    """It is delivered as soon as an order registers for the payment."""
    await post(anyone, report())
    world.clock.forward(days=1)
    assert (await relay_once(world.services)).marks == 0
    workflow_id = route(world)
    assert (await relay_once(world.services)).marks == 1
    assert [one for one, _ in world.messenger.hints] == [workflow_id]


async def test_a_report_during_the_look_is_another_look(world: World, anyone: AsyncClient) -> None:
    """A mark that grew after it was handed out is not cleared, and its hint has another request id."""
    route(world)
    await post(anyone, report())
    world.clock.forward(seconds=1)
    mark = world.services.inbox.due(world.clock())[0]
    await post(anyone, report())
    assert world.services.inbox.clear(mark) is False
    assert (await relay_once(world.services)).marks == 1
    assert world.messenger.hints[0][1].request_id != hint_id(mark)


@pytest.mark.parametrize(
    "body",
    [
        report(paymentId=None),
        report(paymentId=None, retrieveUrl=f"https://evil.example/v1/payments/{PAYMENT}/charges/s-chg-2"),
        report(paymentId="../../x"),
        report(publicKey=None),
        report(event=None, more={"a": [1]}),
        b"\xef\xbb\xbf" + report(),
        b"  " + report() + b"\n",
    ],
)
async def test_reports_are_read_tolerantly(world: World, anyone: AsyncClient, body: bytes) -> None:
    """A missing id is found in the path of the address; its host is of no interest."""
    route(world)
    assert (await post(anyone, body)).status_code == 200
    world.clock.forward(seconds=1)
    assert (await relay_once(world.services)).marks == 1


@pytest.mark.parametrize(
    "body", [b"", b"x", b"{", b"[]", b"null", b'"s-pay-1"', b"\xff\x00", b"[" * 200_000, b'{"a": NaN']
)
async def test_garbage_is_kept_and_means_nothing(world: World, anyone: AsyncClient, body: bytes) -> None:
    """200, the raw text cut to a limit, and no mark."""
    assert (await post(anyone, body)).status_code == 200
    assert [one.event for one in kept(world)] == ["unreadable"]
    assert len(kept(world)[0].body) <= 65_536
    assert world.services.inbox.waiting() == ()


@pytest.mark.parametrize(
    "body",
    [
        report(publicKey="s-pub-other"),
        report(paymentId=None, retrieveUrl="https://api.example/v1/types/card/s-crd-1"),
        report(paymentId=None, retrieveUrl="http://[x"),
        report(paymentId=7, retrieveUrl=7),
    ],
)
async def test_what_concerns_no_payment_of_ours_is_dropped(world: World, anyone: AsyncClient, body: bytes) -> None:
    """An unknown key or another resource: 200, so that the provider does not repeat it, and nothing else."""
    assert (await post(anyone, body)).status_code == 200
    assert (kept(world), world.services.inbox.waiting()) == ([], ())


@pytest.mark.parametrize(
    "address",
    [
        "/callbacks/v1.0/unzer/acme/wrong-token-wrong-token",
        f"/callbacks/v1.0/unzer/rival/{CALLBACK_TOKEN}",
        f"/callbacks/v1.0/unzer/none/{CALLBACK_TOKEN}",
    ],
)
async def test_a_wrong_address_finds_nothing(world: World, anyone: AsyncClient, address: str) -> None:
    """404 like any address that does not exist, and nothing is kept."""
    answer = await post(anyone, report(), address)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
    assert kept(world) == []


async def test_a_report_for_another_account_of_the_tenant_counts(world: World, anyone: AsyncClient) -> None:
    """The key in the report says which account it is about."""
    second = ProviderAccount("unzer-two", "acme", "unzer", "https://provider.example", "s-pub-two")
    world.services.directory.put_provider_account(second)
    await post(anyone, report(publicKey="s-pub-two"))
    assert [one.payment_id for one in world.services.inbox.waiting()] == [PAYMENT]


@pytest.mark.parametrize(
    ("source", "status"),
    [("35.157.10.171", 200), ("10.1.2.3", 200), ("35.157.10.172", 404), ("::1", 404), ("testclient", 404)],
)
async def test_sources_can_be_limited(world: World, source: str, status: int) -> None:
    """Only listed addresses and networks; what a proxy's header claims is not believed."""
    world.add_account(callback_sources="35.157.10.171, 10.0.0.0/8")
    transport = ASGITransport(world.app, client=(source, 1))
    headers = {"X-Forwarded-For": "35.157.10.171"}
    async with AsyncClient(transport=transport, base_url="http://starter", headers=headers) as client:
        assert (await post(client, report())).status_code == status


async def test_a_wrong_allow_list_lets_nobody_in(world: World, anyone: AsyncClient) -> None:
    """A typing mistake closes the door instead of opening it."""
    world.add_account(callback_sources="everybody")
    assert (await post(anyone, report())).status_code == 404


def test_a_delivery_keeps_little() -> None:
    """Names are cut, whatever length they come in."""
    found = read_delivery(report(event="x" * 10_000))
    assert found is not None
    assert (len(found.event), found.payment_id) == (200, PAYMENT)


async def test_the_token_stands_in_no_log(anyone: AsyncClient) -> None:
    """Requests are logged by their route, not by their address."""
    with capture_logs() as logged:
        await post(anyone, report())
    assert {"callback.stored", "http.answered"} <= {one["event"] for one in logged}
    assert CALLBACK_TOKEN not in repr(logged)
