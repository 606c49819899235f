"""Registrations, and notifications on their way: copies, order, losses, retries, hold."""

from tests.sandboxes.unzer.conftest import Receiver, Shop, code, until

MODE = "/webhook-mode"


def test_registrations(shop: Shop) -> None:
    """One event answers with the object, several with a list; unknown and repeated ones are refused."""
    url = "https://merchant.example/hook"
    one = shop.post("webhooks", url=url, event="payment").json()
    assert one == {"id": "s-whk-1", "url": url, "event": "payment"}
    two = shop.post("webhooks", url=url, eventList=["charge", "authorize.succeeded"]).json()["events"]
    assert [hook["event"] for hook in two] == ["charge", "authorize.succeeded"]
    assert shop.get("webhooks")["events"] == [one, *two]
    assert code(shop.post("webhooks", url=url, event="charge")) == "API.510.310.009"
    assert code(shop.post("webhooks", url=url, event="wishes")) == "API.500.300.999"
    changed = shop.api.put("/v1/webhooks/s-whk-1", json={"url": url + "2", "event": "charge"}).json()
    assert changed == {"id": "s-whk-1", "url": url + "2", "event": "payment"} == shop.get("webhooks/s-whk-1")
    assert shop.api.delete("/v1/webhooks/s-whk-1").json() == {"id": "s-whk-1"}
    assert code(shop.api.get("/v1/webhooks/s-whk-1")) == "API.510.310.008"
    assert shop.api.delete("/v1/webhooks").json() == {"events": two}
    assert code(shop.api.delete("/v1/webhooks")) == "API.510.310.008"


async def test_a_notification_says_what_happened(shop: Shop, receiver: Receiver) -> None:
    """JSON as text/plain with event, public key, payment and the address of the transaction."""
    shop.webhook(receiver.url, "charge")
    payment = shop.seed("card")
    shop.capture(payment, amount=1)
    await receiver.until(1)
    url = f"https://sbx-api.unzer.com/v1/payments/{payment}/charges/s-chg-1"
    expected = {"event": "charge.succeeded", "publicKey": f"s-pub-{shop.name}", "retrieveUrl": url}
    assert receiver.got == [{**expected, "paymentId": payment}]
    assert receiver.types[0].startswith("text/plain")


async def test_the_events_of_a_life(shop: Shop, receiver: Receiver) -> None:
    """Every step of a payment is told, through the API and through hooks."""
    shop.webhook(receiver.url, "authorize", "charge", "payment", "chargeback")
    payment = shop.seed("card")
    shop.capture(payment, amount=40)
    shop.post(f"payments/{payment}/authorize/cancels")
    shop.post(f"payments/{payment}/charges/s-chg-1/cancels", amount=10)
    shop.hook(payment, "chargeback", charge="s-chg-1", amount_minor=500)
    shop.hook(payment, "review")
    expired = shop.seed("card")
    shop.hook(expired, "expire")
    pending = shop.seed("paypal", state="pending")
    shop.hook(pending, "complete")
    declined = shop.seed("paypal", state="pending")
    shop.hook(declined, "fail")
    assert await receiver.until(20) == [
        *("authorize.succeeded", "payment.pending", "charge.succeeded", "payment.partly"),
        *("authorize.canceled", "payment.completed", "charge.canceled", "chargeback", "payment.chargeback"),
        *("payment.payment_review", "authorize.succeeded", "payment.pending", "authorize.expired"),
        *("authorize.pending", "payment.pending", "authorize.succeeded"),
        *("authorize.pending", "payment.pending", "authorize.failed", "payment.canceled"),
    ]


async def test_a_subscription_gets_only_its_events(shop: Shop, receiver: Receiver) -> None:
    """A single event, a group and `all` are told apart; another key pair hears nothing."""
    pair = {"private_key": f"s-priv-{shop.name}2", "public_key": f"s-pub-{shop.name}2"}
    shop.configure(further_key_pairs=[pair])
    for path, event in (("single", "payment.completed"), ("group", "charge"), ("every", "all")):
        shop.webhook(f"{receiver.url}/{path}", event)
    shop.seed("card", public_key=pair["public_key"], state="charged")
    shop.seed("card", state="charged")
    await until(lambda: all(one["state"] == "delivered" for one in shop.control.get("/deliveries").json()))
    told = [(one["webhook_id"], one["body"]["event"]) for one in shop.control.get("/deliveries").json()]
    assert sorted(told) == [
        ("s-whk-1", "payment.completed"),
        ("s-whk-2", "charge.succeeded"),
        ("s-whk-3", "charge.succeeded"),
        ("s-whk-3", "payment.completed"),
        ("s-whk-3", "types"),
    ]


async def test_duplicates(shop: Shop, receiver: Receiver) -> None:
    """Every notification comes as often as the mode says."""
    shop.webhook(receiver.url, "charge")
    shop.control.put(MODE, json={"duplicates": 2})
    shop.capture(shop.seed("card"), amount=1)
    assert await receiver.until(3) == ["charge.succeeded"] * 3
    await until(lambda: shop.control.get("/events").json() == {"next": None, "pending": 0})


async def test_shuffled_and_ordered(shop: Shop, receiver: Receiver) -> None:
    """Held notifications come in order by default, and in another order when they are shuffled."""
    shop.webhook(receiver.url, "charge")
    payment = shop.seed("card")
    orders = []
    for mode in ({"hold": True}, {"hold": True, "shuffle": True}):
        receiver.got.clear()
        shop.control.put(MODE, json=mode)
        for _ in range(8):
            shop.capture(payment, amount=1)
        assert shop.control.post("/events/release").json() == {"done": 8}
        orders.append([int(one["retrieveUrl"].rpartition("-")[2]) for one in receiver.got])
    assert orders[0] == list(range(1, 9))
    assert orders[1] != sorted(orders[1]) == list(range(9, 17))


async def test_lost_notifications(shop: Shop, receiver: Receiver) -> None:
    """The given number is never sent, later ones are."""
    shop.webhook(receiver.url, "charge")
    payment = shop.seed("card")
    shop.control.put(MODE, json={"lose": 2})
    for _ in range(3):
        shop.capture(payment, amount=1)
    await receiver.until(1)
    assert receiver.got[0]["retrieveUrl"].endswith("s-chg-3")
    states = [one["state"] for one in shop.control.get("/deliveries").json()]
    assert states[:2] == ["lost", "lost"]


async def test_retries_follow_the_clock_of_the_account(shop: Shop, receiver: Receiver) -> None:
    """Only 200 counts: three retries after 1–2, 5–6 and 10–11 minutes, then it is given up."""
    shop.clock(instant="2027-01-01T10:00:00+00:00", frozen=True, hold=True)
    shop.webhook(receiver.url, "charge")
    shop.capture(shop.seed("card"), amount=1)
    receiver.statuses = [500, 201, 404, 503, 200]
    due = []
    for _ in range(4):
        instant = shop.control.get("/events").json()["next"]
        due.append(instant[11:19])
        shop.clock(instant=instant, frozen=True)
        assert shop.control.get("/events").json()["pending"] == 1
        assert shop.control.post("/events/release").json() == {"done": 1}
    assert due == ["10:00:00", "10:01:30", "10:07:00", "10:17:30"]
    assert shop.control.get("/events").json() == {"next": None, "pending": 0}
    (delivery,) = shop.control.get("/deliveries").json()
    assert delivery["state"] == "given up"
    assert [one["outcome"] for one in delivery["attempts"]] == ["500", "201", "404", "503"]


async def test_a_frozen_clock_keeps_retries_waiting_until_it_moves(shop: Shop, receiver: Receiver) -> None:
    """Without hold the retry comes by itself as soon as the clock has been set far enough."""
    shop.clock(instant="2027-01-01T10:00:00+00:00", frozen=True)
    shop.webhook(receiver.url, "charge")
    receiver.statuses = [500]
    shop.capture(shop.seed("card"), amount=1)
    await receiver.until(1)
    await until(lambda: shop.control.get("/events").json()["next"] == "2027-01-01T10:01:30+00:00")
    shop.clock(instant="2027-01-01T10:01:29+00:00", frozen=True)
    assert shop.control.get("/events").json()["pending"] == 0
    shop.clock(instant="2027-01-01T10:01:30+00:00", frozen=True)
    assert await receiver.until(2) == ["charge.succeeded"] * 2


async def test_shortened_pauses(shop: Shop, receiver: Receiver) -> None:
    """Tests can have the retries within real seconds."""
    shop.control.put(MODE, json={"shortened_pauses": 0.01})
    shop.webhook(receiver.url, "charge")
    receiver.statuses = [500, 500]
    shop.capture(shop.seed("card"), amount=1)
    assert len(await receiver.until(3)) == 3


async def test_an_address_that_does_not_answer_in_time(shop: Shop, receiver: Receiver) -> None:
    """An answer that comes too late does not count."""
    shop.control.put(MODE, json={"timeout_seconds": 0.2})
    shop.webhook(receiver.url, "charge")
    receiver.silent.clear()
    shop.capture(shop.seed("card"), amount=1)
    await until(lambda: shop.control.get("/deliveries").json()[0]["attempts"] != [])
    receiver.silent.set()
    (delivery,) = shop.control.get("/deliveries").json()
    assert [one["outcome"] for one in delivery["attempts"]] == ["timeout"]
    assert delivery["state"] == "waiting"


async def test_a_dead_address_does_not_keep_others_waiting(shop: Shop, receiver: Receiver) -> None:
    """It is retried later while the notification of the other address arrives."""
    shop.webhook("http://127.0.0.1:9/closed", "charge")
    shop.webhook(receiver.url, "charge")
    shop.capture(shop.seed("card"), amount=1)
    await receiver.until(1)
    await until(lambda: any(one["attempts"] for one in shop.control.get("/deliveries").json() if ":9/" in one["url"]))
    assert [one["state"] for one in shop.control.get("/deliveries").json()] == ["delivered", "waiting"]


async def test_hold_keeps_everything_until_release(shop: Shop, receiver: Receiver) -> None:
    """With hold nothing is sent; a release awaits the deliveries; without hold the rest goes by itself."""
    shop.webhook(receiver.url, "charge")
    shop.clock(hold=True)
    payment = shop.seed("card")
    shop.capture(payment, amount=1)
    assert shop.control.get("/events").json()["pending"] == 1
    assert receiver.got == []
    shop.control.post("/events/release")
    assert len(receiver.got) == 1
    shop.capture(payment, amount=1)
    shop.clock(hold=False)
    await receiver.until(2)
