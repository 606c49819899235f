"""Nothing personal and no key is kept where it is not needed: histories, logs, mails and tables hold none of it."""

import asyncio
import base64
import random
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from cli.stage import Stage
from storage.database import Database
from storage.tables import metadata
from storage.tokens import Tokens
from tests.crash.business import Business
from tests.crash.chaos import until
from tests.crash.shop import ALL_PLANS, CODES, TOTAL, Plan, Takes, first_losses, hand_over, losses, pay
from tests.support.stack import Stack

pytestmark = [pytest.mark.crash, pytest.mark.timeout(1200)]

DONE_WITHIN = 400.0
TENANT = "private"
FIXTURES = Path(__file__).parents[1] / "replay"
SEALED = "secrets"

CUSTOMER = {
    "first_name": "Xaverine",
    "last_name": "Quittenbaum",
    "street": "Zwetschgenwinkel",
    "city": "Holunderstetten",
    "email": "xaverine@quittenbaum.example",
    "phone": "0176-99118822",
}
CUSTOMER_IBAN = "DE89370400440532013000"
# what the provider tells payers to transfer to
SHOP_IBAN, SHOP_BIC, HOLDER = "DE02120300000000202051", "BYLADEM1001", "Kontoinhaberei Rosenrot GmbH"
TALKATIVE = f"Die Kundin {CUSTOMER['first_name']} {CUSTOMER['last_name']} ({CUSTOMER['email']}) mit {CUSTOMER_IBAN}"

GOOD_ONES = (
    "card expert",
    "card standard",
    "prepayment, returned",
    "paylater in parts",
    "card standard, cancelled",
    "invoice",
    "secured invoice, returned",
)
GOOD = tuple(one for one in ALL_PLANS if one.name in GOOD_ONES)
TOO_LITTLE = Plan("amount differs", "K", "card", Takes.NOTHING)
FOREIGN = Plan("type that is not supported", "K", "sepa-direct-debit", Takes.NOTHING, state="charged")
REFUSED = Plan("capture is refused", "K", "card", Takes.NOTHING)


def needles(stack: Stack, stage: Stage) -> dict[str, str]:
    """What must be found nowhere, by what it is."""
    keys = stage.call("GET", stage.unzer)
    secret = keys["private_key"]
    account = stage.role.erp_account
    token = Tokens(stack.stores.db).add("privacy", frozenset({"orders:read"}), tenant=TENANT)
    api = f"{stack.places.url(stack.places.starter)}/orders"
    httpx.get(api, headers={"Authorization": f"Bearer {token}"}, timeout=30, trust_env=False).raise_for_status()
    hooks = httpx.get(
        f"{stack.places.url(stack.places.unzer)}/v1/webhooks", auth=(secret, ""), timeout=30, trust_env=False
    )
    callback = str(hooks.json()["events"][0]["url"]).rsplit("/", 1)[1]
    personal = {f"customer's {name}": value for name, value in CUSTOMER.items()}
    return {
        **personal,
        "customer's IBAN": CUSTOMER_IBAN,
        "shop's IBAN": SHOP_IBAN,
        "shop's BIC": SHOP_BIC,
        "account holder": HOLDER,
        "provider's key": secret,
        "provider's key in a header": base64.b64encode(f"{secret}:".encode()).decode(),
        "ERP's password in a header": base64.b64encode(f"pixi{account}:sandbox".encode()).decode(),
        "callback token": callback,
        "API token": token,
        "master key": stack.settings.master_key.get_secret_value(),
    }


def place_all(stage: Stage, business: Business) -> None:
    """Orders that go well, orders that fail, and systems outside that say too much when they fail."""
    rng = random.Random(6)
    note = f"Bitte an {CUSTOMER['last_name']}, {CUSTOMER_IBAN}"
    payer = {"firstname": CUSTOMER["first_name"], "lastname": CUSTOMER["last_name"], "email": CUSTOMER["email"]}
    seeds: dict[str, dict[str, Any]] = {
        TOO_LITTLE.name: {"amount_minor": TOTAL - 100},
        FOREIGN.name: {"type_data": {"iban": CUSTOMER_IBAN, "holder": CUSTOMER["last_name"]}},
    }
    for number, plan in enumerate((*GOOD, TOO_LITTLE, FOREIGN, REFUSED), start=1):
        name, order_nr = f"p{number}", 700_000 + number
        payment_id = pay(stage, plan, name, customer=payer, **seeds.get(plan.name, {}))
        about = {"OrderNr": str(order_nr)}
        if plan in GOOD:
            first_losses(stage, payment_id)
        if plan is REFUSED:
            params = {"code": "COR.800.100.151"}
            stage.arm(stage.unzer, call="capture", kind="special", name="decline", params=params, times=-1,
                      match={"payment_id": payment_id})  # fmt: skip
        if plan in (TOO_LITTLE, FOREIGN):  # a definite refusal, which a person has to see
            fault = {"name": "soap_fault", "params": {"subcode": "Oops", "text": TALKATIVE}}
            stage.arm(stage.pixi, call="pixiPaySetAuthorizationStatus", kind="special", match=about, **fault)
        fault = {"name": "class16", "params": {"text": TALKATIVE}}
        stage.arm(stage.pixi, call="pixiGetOrderHeader", kind="special", match=about, **fault)
        stage.arm(stage.pixi, call="pixiGetOrderline", kind="malformed", match=about)
        order = hand_over(stage, plan, name, payment_id, order_nr, customer=CUSTOMER, shop_note=note)
        if plan in GOOD:
            losses(rng, stage, order)
        business.placed.append(order)


def haystacks(stack: Stack, stage: Stage) -> Iterator[tuple[str, bytes]]:
    """Everything that is searched, by where it lies; histories come from elsewhere."""
    for name in ("worker", "starter"):
        yield f"log of the {name}", (stack.places.folder / "logs" / f"{name}.log").read_bytes()
    for number, mail in enumerate(stage.mails(), start=1):
        yield f"mail {number}", repr(mail).encode()
    yield from tables(stack.stores.db)
    for path in sorted(stack.places.folder.glob("holdfast.db*")) + sorted(stack.places.folder.glob("temporal.db*")):
        yield f"file {path.name}", path.read_bytes()
    for path in sorted(FIXTURES.rglob("*.json*")):
        yield f"fixture {path.name}", path.read_bytes()


def pages(stack: Stack, token: str, order_numbers: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """What people and shops are shown of each order."""
    paths = ["/", "/?lang=en", "/orders"]
    for number in order_numbers:
        place = f"pixi/{number}"
        paths += [f"/ui/orders/{place}?tenant={TENANT}", f"/orders/{place}", f"/orders/{place}/journal"]
    home = stack.places.url(stack.places.starter)
    with httpx.Client(base_url=home, timeout=60, trust_env=False) as reader:
        for path in paths:
            shown = reader.get(path, headers={"Authorization": f"Bearer {token}"}).raise_for_status()
            yield f"page {path}", shown.content


def bank_data(stage: Stage, order_numbers: Iterable[str]) -> dict[str, str]:
    """What was written into the ERP: the references that transfers must carry, by their order."""
    written = {number: stage.order(number)["address"] for number in order_numbers}
    assert {one["iban"] for one in written.values()} == {SHOP_IBAN}, "not written, so nothing is proved"
    assert {one["bic"] for one in written.values()} == {SHOP_BIC}
    assert {one["account_holder"] for one in written.values()} == {HOLDER}
    found = {f"transfer reference of {number}": one["bank_name"] for number, one in written.items()}
    assert all(found.values())
    return found


def tables(db: Database) -> Iterator[tuple[str, bytes]]:
    """Every row of every table but the sealed one."""
    with db.read() as sql:
        for table in metadata.sorted_tables:
            if table.name != SEALED:
                for row in sql.execute(select(table)).mappings():
                    for column, value in row.items():
                        yield f"table {table.name}, column {column}", str(value).encode()


async def histories(stack: Stack) -> list[tuple[str, bytes]]:
    """Every event of every workflow, and what lists and pages show of it."""
    client, found = await stack.client(), []
    async for one in client.list_workflows():
        handle = client.get_workflow_handle(one.id, run_id=one.run_id)
        description = await handle.describe()
        found.append((f"description of {one.id}", description.raw_description.SerializeToString()))
        async for event in handle.fetch_history_events():
            found.append((f"history of {one.id}, event {event.event_id}", event.SerializeToString()))
    return found


def in_the_open(where: str, hay: bytes, wanted: dict[str, str]) -> list[str]:
    return [f"{what} in {where}" for what, needle in wanted.items() if needle.encode() in hay]


async def test_nothing_personal_and_no_key_is_kept(stack: Stack) -> None:
    """After good orders, failures and talkative errors, no name, address, IBAN or key is found in anything we keep."""
    stage = stack.stage(TENANT, simulated=False, poll_interval=timedelta(seconds=1), codes=CODES)
    stage.call("PUT", stage.unzer, merchant_name=HOLDER)
    wanted = await asyncio.to_thread(needles, stack, stage)
    business = Business(stack, stage, random.Random(6), lossy=False)
    await asyncio.to_thread(place_all, stage, business)
    await business.open(stack)
    good = {one.order_no for one in business.placed if one.plan in GOOD}
    bad = {one.order_no for one in business.placed if one.plan not in GOOD}

    def done() -> bool:
        business.work()
        statuses = business.statuses()
        mailed = {number for number in bad if any(number in one["subject"] for one in stage.mails())}
        ended = all(
            one.told_all and statuses.get(one.order_no) == one.plan.ends
            for one in business.placed
            if one.order_no in good
        )
        return mailed == bad and ended and not business.missing()

    await _told("the orders are not done, or failures were not mailed", done, business)
    outside = repr([stage.order(one) for one in good | bad]) + repr(stage.call("GET", f"{stage.unzer}/state"))
    for what in ("last_name", "email", "street"):
        assert CUSTOMER[what] in outside, "the outside does not know it, so nothing is proved"
    assert CUSTOMER_IBAN in outside
    told = [one.order_no for one in business.placed if "address_changed" in one.plan.changes]
    wanted |= await asyncio.to_thread(bank_data, stage, told)
    shown = await asyncio.to_thread(lambda: list(pages(stack, wanted["API token"], good | bad)))
    found: list[str] = []
    kept = await asyncio.to_thread(lambda: list(haystacks(stack, stage)))
    for where, hay in [*await histories(stack), *shown, *kept]:
        found += in_the_open(where, hay, wanted)
    assert sorted(set(found)) == []


async def _told(what: str, happened: Callable[[], bool], business: Business) -> None:
    try:
        await until(what, happened, DONE_WITHIN)
    except AssertionError as error:
        raise AssertionError("\n".join([str(error), *business.unsettled()])) from None
