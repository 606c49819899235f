"""Authorizations over the JSON API: handed over, asked of, listed, read, forecast."""

from datetime import timedelta
from typing import Any

import pytest
from httpx import AsyncClient

from domain.authorization.explain import HoldExplanation
from domain.authorization.facts import Action, ActionAsked, ActionKind, ActionSettled
from domain.operations import Note
from tests.web.world import T0, World
from web.relay import Relayed, relay_once
from workflows.messages import Care

NO_GRACE = timedelta(0)
ADDRESS = "/authorizations/cards/pi_1"
PSEUDO = "0123456789012345"
REAL = "4111111111111111"


@pytest.fixture
def cards(world: World) -> World:
    """The merchant has an account at each provider of holds."""
    world.add_hold_account()
    world.add_hold_account("paygate", provider="computop")
    world.add_hold_account("theirs", tenant="rival")
    return world


def new(**changes: Any) -> dict[str, Any]:
    return {"account": "cards", "reference": "pi_1", "case_reference": "order-1"} | changes


async def test_an_authorization_is_handed_over_once(cards: World, shop: AsyncClient) -> None:
    """201 with its address, 200 when it was there, 409 under other names; its workflow is begun once."""
    first = await shop.post("/authorizations", json=new())
    assert first.status_code == 201, first.text
    assert first.headers["location"] == ADDRESS
    body = first.json()
    assert (body["status"], body["case_reference"], body["provider"]) == ("waiting", "order-1", "stripe")
    assert body["why"]["waits_for"]["en"]
    assert body["terms"]["renew_after_days"] == 7
    again = await shop.post("/authorizations", json=new())
    assert (again.status_code, again.json()["reference"]) == (200, "pi_1")
    assert cards.holds.begun == ["authorization/acme/cards/pi_1"]
    other = await shop.post("/authorizations", json=new(case_reference="order-2"))
    assert (other.status_code, other.json()["error"]["code"]) == (409, "known_otherwise")
    assert (await shop.get(ADDRESS)).json()["case_reference"] == "order-1"


async def test_it_begins_later_when_nobody_answers(cards: World, shop: AsyncClient) -> None:
    """It is taken in while Temporal is away, and the relay starts it."""
    cards.holds.down = True
    answer = await shop.post("/authorizations", json=new())
    assert (answer.status_code, answer.json()["why"]["temporal_reachable"]) == (201, False)
    cards.holds.down = False
    assert await relay_once(cards.services, grace=NO_GRACE) == Relayed(messages=1)
    assert cards.holds.begun == ["authorization/acme/cards/pi_1"]
    assert await relay_once(cards.services, grace=NO_GRACE) == Relayed()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"reference": "s-pay-1"}, "reference: This is no id of a hold at stripe."),
        ({"reference": "pi_1_secret_abc"}, "reference"),
        ({"account": "theirs"}, "account"),
        ({"account": "unzer-acme"}, "account"),
        ({"account": "nobody"}, "account"),
        ({"account": "paygate"}, "reference"),
        ({"account": "paygate", "reference": "0" * 32}, "currency"),
        ({"account": "paygate", "reference": "0" * 32, "currency": "EUR"}, "card.token"),
        ({"account": "paygate", "reference": "0" * 32, "case_reference": "", "currency": "EUR"}, "case_reference"),
        ({"card": {"token": REAL}}, "card number"),
        ({"card": {"token": "4111 1111 1111 1111"}}, "card number"),
        ({"card": {"token": "t", "cvc": "123"}}, "cvc"),
        ({"amount_minor": 0}, "amount_minor"),
        ({"amount_minor": 19.95}, "amount_minor"),
        ({"amount_minor": "1995"}, "amount_minor"),
        ({"amount_minor": 100}, "currency"),
        ({"currency": "euro"}, "currency"),
        ({"held_at": "2027-03-01T10:00:00Z"}, "held_at"),
        ({"held_at": "2027-03-01T08:00:00"}, "held_at"),
        ({"case_reference": "Bestellung ü"}, "case_reference"),
        ({"payout_reference": "a&b"}, "payout_reference"),
        ({"terms": {}}, "terms"),
    ],
)
async def test_what_cannot_be_handed_over(cards: World, shop: AsyncClient, changes: dict[str, Any], says: str) -> None:
    """422 with the field, and nothing is stored."""
    answer = await shop.post("/authorizations", json=new(**changes))
    assert answer.status_code == 422, answer.text
    assert says in answer.json()["error"]["message"]
    assert REAL not in answer.text
    assert (await shop.get("/authorizations")).json()["authorizations"] == []
    assert cards.holds.begun == []


async def test_the_names_of_a_card_are_sealed(cards: World, shop: AsyncClient) -> None:
    """They reach the provider's adapter and nothing else."""
    card = {"token": PSEUDO, "brand": "VISA", "expires": "202912", "scheme_reference": "MTK1"}
    given = new(account="paygate", reference="A" * 32, currency="EUR", card=card)
    answer = await shop.post("/authorizations", json=given)
    assert answer.status_code == 201, answer.text
    instrument = cards.services.authorizations.instrument(f"authorization/acme/paygate/{'A' * 32}")
    assert (instrument.token, instrument.brand, instrument.expires) == (PSEUDO, "VISA", "202912")
    assert PSEUDO not in answer.text
    with cards.database.read() as sql:
        stored = sql.exec_driver_sql("SELECT start FROM authorizations_started").scalars().all()
    assert not [one for one in stored if PSEUDO in one]


@pytest.mark.parametrize(
    ("path", "body", "action"),
    [
        ("capture", {}, Action(ActionKind.CAPTURE)),
        ("capture", {"amount_minor": 0}, Action(ActionKind.CAPTURE, 0)),
        (
            "capture",
            {"amount_minor": 1995, "currency": "EUR", "final": True, "patient": True, "document": "R1"},
            Action(ActionKind.CAPTURE, 1995, final=True, patient=True, reference="R1"),
        ),
        ("void", {}, Action(ActionKind.VOID)),
        ("reverse", {}, Action(ActionKind.REVERSE)),
        ("refund", {"amount_minor": 5}, Action(ActionKind.REFUND, 5)),
        ("stop-renewal", {}, Action(ActionKind.STOP_RENEWAL)),
    ],
)
async def test_an_action_reaches_the_authorization(
    cards: World, shop: AsyncClient, path: str, body: dict[str, Any], action: Action
) -> None:
    """202 with an operation that says what became of it; who asked stays in our own SQL."""
    workflow_id = cards.add_authorization()
    answer = await shop.post(f"{ADDRESS}/{path}", json={"request_id": "r", "actor": "Anna"} | body)
    assert answer.status_code == 202, answer.text
    told = answer.json()
    assert (told["answer"], told["operation_id"]) == ("accepted", f"{workflow_id}/message/r")
    assert [(one, heard.action, heard.actor) for one, heard in cards.holds.asked] == [(workflow_id, action, "")]
    became = (await shop.get(told["links"]["operation"])).json()
    assert (became["state"], became["wish"], became["actor"]) == ("accepted", action.kind.value, "Anna")
    assert became["links"]["authorization"] == ADDRESS
    again = await shop.post(f"{ADDRESS}/{path}", json={"request_id": "r"} | body)
    assert (again.status_code, again.json()["answer"]) == (202, "already")
    assert len(cards.holds.asked) == 1


@pytest.mark.parametrize(("path", "care"), [("look-again", Care.LOOK_AGAIN), ("mark-solved", Care.MARK_SOLVED)])
async def test_an_operator_cares(cards: World, shop: AsyncClient, path: str, care: Care) -> None:
    """By the same way."""
    cards.add_authorization()
    answer = await shop.post(f"{ADDRESS}/{path}", headers={"Idempotency-Key": "k"})
    assert answer.status_code == 202, answer.text
    assert [heard.care for _, heard in cards.holds.asked] == [care]


async def test_a_request_id_stands_for_one_action(cards: World, shop: AsyncClient) -> None:
    """Another amount under the same id is a conflict and not a second capture."""
    cards.add_authorization()
    await shop.post(f"{ADDRESS}/capture", json={"request_id": "r", "amount_minor": 100})
    answer = await shop.post(f"{ADDRESS}/capture", json={"request_id": "r", "amount_minor": 200})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "request_id_reused")
    assert len(cards.holds.asked) == 1


async def test_a_refusal_says_from_when_on(cards: World, shop: AsyncClient) -> None:
    """In words; a repetition hears the same."""
    cards.add_authorization()
    cards.holds.refuse_with = ("one_a_day", T0 + timedelta(hours=16))
    first = await shop.post(f"{ADDRESS}/capture", json={"request_id": "r"})
    cards.holds.refuse_with = ("", None)
    again = await shop.post(f"{ADDRESS}/capture", json={"request_id": "r"})
    assert (first.status_code, first.json()["error"]["code"]) == (409, "one_a_day")
    assert "2027-03-02T01:00:00+00:00" in first.json()["error"]["what_to_do"]
    assert again.json() == first.json()


async def test_what_was_not_heard_is_sent_again(cards: World, shop: AsyncClient) -> None:
    """503, stored, and delivered once."""
    cards.add_authorization()
    cards.holds.down = True
    answer = await shop.post(f"{ADDRESS}/capture", json={"request_id": "r"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "temporal_unavailable")
    cards.holds.down = False
    assert await relay_once(cards.services, grace=NO_GRACE) == Relayed(messages=1)
    again = await shop.post(f"{ADDRESS}/capture", json={"request_id": "r"})
    assert (again.status_code, again.json()["answer"]) == (202, "already")
    assert len(cards.holds.asked) == 1


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("capture", {"amount_minor": -1}),
        ("capture", {"amount_minor": 1.5}),
        ("capture", {"amount_minor": "100"}),
        ("capture", {"currency": "USD"}),
        ("capture", {"sum": 5}),
        ("void", {"amount_minor": 5}),
        ("refund", {"final": True}),
    ],
)
async def test_a_wrong_body_moves_nothing(cards: World, shop: AsyncClient, path: str, body: dict[str, Any]) -> None:
    """422, and the authorization hears nothing."""
    cards.add_authorization()
    answer = await shop.post(f"{ADDRESS}/{path}", json={"request_id": "r"} | body)
    assert answer.status_code == 422, answer.text
    assert cards.holds.asked == []


async def test_an_outcome_is_waited_for(cards: World, shop: AsyncClient) -> None:
    """With `wait` the answer tells the end of the action, as the operation does."""
    asked = ActionAsked("r", Action(ActionKind.CAPTURE, 0), T0)
    workflow_id = cards.add_authorization("pi_1", asked, ActionSettled(T0, "r", "nothing_held"))
    answer = await shop.post(f"{ADDRESS}/capture", params={"wait": 20}, json={"request_id": "r", "amount_minor": 0})
    action = answer.json()["action"]
    assert (action["state"], action["reason"], action["asked_minor"]) == ("not_sent", "nothing_held", 0)
    assert action["reason_text"]["de"] == "es ist nichts reserviert"
    became = (await shop.get(f"/operations/{workflow_id}/message/r")).json()
    assert (became["state"], became["reason"]) == ("not_sent", "nothing_held")


async def test_an_authorization_explains_itself(cards: World, shop: AsyncClient) -> None:
    """Chain, actions, problems, terms; what it waits for comes from itself, or is worked out when it cannot say."""
    cards.add_authorization()
    cards.holds.explanation = HoldExplanation(
        "held",
        Note.of("wait_renewal", amount="100.00 EUR", until=T0.isoformat()),
        capturable_minor=10_000,
        capture_from=T0,
        ends_on="2027-08-28",
    )
    told = (await shop.get(ADDRESS)).json()
    why = told["why"]
    assert (why["live"], why["ends_on"], why["capturable_minor"]) == (True, "2027-08-28", 10_000)
    assert why["waits_for"]["de"] != why["waits_for"]["en"]
    assert [(one["hold_id"], one["amount_minor"], one["end"]) for one in told["chain"]] == [("pi_1", 10_000, None)]
    assert told["terms"]["max_age_days"] == 180
    cards.holds.down = True
    stored = (await shop.get(ADDRESS)).json()
    assert (stored["why"]["live"], stored["why"]["temporal_reachable"]) == (False, False)
    assert stored["why"]["waits_for"]["code"] == "wait_renewal"
    journal = (await shop.get(told["links"]["journal"])).json()
    assert [one["kind"] for one in journal["facts"]] == ["Registered", "HoldRead"]


async def test_lists_are_paged_and_searched(cards: World, shop: AsyncClient) -> None:
    """What runs out first stands first; each page follows the one before."""
    for number in range(5):
        cards.add_authorization(f"pi_{number}", deadline=T0 + timedelta(days=7 - number))
    first = (await shop.get("/authorizations", params={"limit": 3})).json()
    second = (await shop.get(first["next"])).json()
    names = [one["reference"] for page in (first, second) for one in page["authorizations"]]
    assert names == ["pi_4", "pi_3", "pi_2", "pi_1", "pi_0"]
    assert second["next"] is None

    async def found(**params: Any) -> list[str]:
        answer = await shop.get("/authorizations", params=params)
        assert answer.status_code == 200, answer.text
        return [one["reference"] for one in answer.json()["authorizations"]]

    assert await found(text="CASE-pi_2") == ["pi_2"]
    assert await found(deadline_before=(T0 + timedelta(days=4)).isoformat()) == ["pi_4"]
    assert await found(status="held", account="cards", is_open=True) == names
    assert await found(is_open=False) == []
    assert await found(account="paygate") == []
    assert len(await found(sort="changed")) == 5
    wrong = await shop.get("/authorizations", params={"after": "nonsense"})
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (422, "bad_cursor")


async def test_nobody_sees_or_moves_another_tenants(cards: World) -> None:
    """Not by list, by name or by operation; and reading is not writing."""
    workflow_id = cards.add_authorization()
    async with cards.shop(tenant="rival") as rival:
        assert (await rival.get("/authorizations")).json()["authorizations"] == []
        assert (await rival.get(ADDRESS)).status_code == 404
        assert (await rival.post(f"{ADDRESS}/void", json={"request_id": "r"})).status_code == 404
        assert (await rival.get(f"/operations/{workflow_id}/message/r")).status_code == 404
        assert (await rival.get("/forecast")).json()["events"] == []
    async with cards.shop("orders:read") as reader:
        assert (await reader.post(f"{ADDRESS}/void", json={"request_id": "r"})).status_code == 403
        assert (await reader.post("/authorizations", json=new())).status_code == 403
    assert cards.holds.asked == []


async def test_what_will_become_of_the_holds(cards: World, shop: AsyncClient) -> None:
    """Which are renewed, which end and why, with sums by day and currency; the list may be cut, the sums never."""
    cards.add_authorization("pi_1")
    cards.add_authorization("pi_2", renewable=False, currency="USD")
    told = (await shop.get("/forecast", params={"days": 8})).json()
    ends = [one for one in told["events"] if one["fate"] == "ends"]
    assert [(one["reference"], one["why"], one["told"]) for one in ends] == [("pi_2", "not_renewable", True)]
    assert {one["currency"]: (one["renewed"], one["ending_minor"]) for one in told["sums"]} == {
        "EUR": (1, 0),
        "USD": (0, 10_000),
    }
    assert sum(one["renewed_minor"] for one in told["days"]) == 10_000
    assert (await shop.get(ends[0]["links"]["authorization"])).json()["reference"] == "pi_2"
    cut = (await shop.get("/forecast", params={"days": 8, "limit": 1})).json()
    assert (len(cut["events"]), cut["more"], cut["sums"]) == (1, True, told["sums"])
    assert (await shop.get("/forecast", params={"days": 0})).status_code == 422
