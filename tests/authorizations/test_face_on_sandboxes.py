"""Paygate's pages and batch files on real parts: starter, worker, Temporal, SQL, and both providers' stand-ins."""

import asyncio
import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from cli.wiring import mac_secret
from domain.parties import ProviderAccount, Tenant
from paygate import mac
from paygate.batch import Head, open_batch, write_batch
from paygate.batch_names import written_day
from paygate.batch_records import Action, Record, Version
from paygate.batch_results import read_results
from paygate.envelope import Key, Scheme, open_fields, seal
from paygate.fields import Fields, read, write
from storage.form_access import FormAccess
from storage.tokens import Tokens
from tests.support.stack import Stack

PATIENCE = 60.0
OK = ("OK", "00000000")
AMOUNT = 10_000
KEY = Key(Scheme.AES, b"0123456789abcdef")


@dataclass
class Shop:
    """A merchant whose integration points at the starter: an account at a provider, a customer's hold."""

    stack: Stack
    provider: str
    sandbox: str
    name: str
    merchant: str = ""
    key: Key = KEY
    mac_password: str = "face-mac-password"
    token: str = ""

    def control(self, method: str, path: str, **body: Any) -> Any:
        address = f"{self.sandbox}/control/accounts/{self.name}{path}"
        answer = httpx.request(method, address, json=None if method == "GET" else body, trust_env=False, timeout=30)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def set_up(self) -> None:
        stores, ref = self.stack.stores, f"{self.name}/key"
        stores.directory.put_tenant(Tenant(self.name, self.name))
        told, public, options = self.control("PUT", ""), "", {}
        if self.provider == "computop":
            public, options = told["merchant_id"], {"cipher": told["cipher"]}
            stores.secrets.put(ref, told["password"])
            stores.secrets.put(mac_secret(ref), told["hmac_key"])
            self.merchant, self.mac_password = public, told["hmac_key"]
            self.key = Key.of(Scheme(told["cipher"]), told["password"])
        else:
            stores.secrets.put(ref, f"sk_test_{self.name}")
        stores.directory.put_provider_account(
            ProviderAccount(self.name, self.name, self.provider, self.sandbox, public, ref, options)
        )
        if self.provider != "computop":
            self.merchant, given = f"{self.name}_forms", f"form/{self.name}"
            stores.forms.put(
                FormAccess(self.merchant, self.name, self.name, "aes", given),
                stores.secrets.seal(given, self.key.secret.decode()),
                stores.secrets.seal(mac_secret(given), self.mac_password),
            )

    def hold(self, case: str) -> str:
        """The customer pays, and the hold is handed over; its PayID."""
        body: dict[str, Any] = {"account": self.name, "case_reference": case, "amount_minor": AMOUNT, "currency": "EUR"}
        if self.provider == "computop":
            paid = self.control("POST", "/payments", amount_minor=AMOUNT, trans_id=case, ref_nr="INV-1")
            hold_id = pay_id = paid["pay_id"]
            body |= {"payout_reference": "INV-1", "held_at": datetime.now(UTC).isoformat()}
            body["card"] = {"token": paid["pcnr"], "brand": paid["brand"], "expires": paid["card_expiry"]}
            body["card"]["scheme_reference"] = paid["scheme_reference_id"]
        else:
            hold_id = self.control("POST", "/payments", amount_minor=AMOUNT)["payment_intent"]
            pay_id = hashlib.sha256(hold_id.encode()).hexdigest()[:32]
        answer = self.call("POST", "/authorizations", json=body | {"reference": hold_id})
        assert answer.status_code == 201, answer.text
        self._until(lambda: dict(self.form("inquire", pay_id, case).pairs).get("LastStatus") == "AUTHORIZED")
        return pay_id

    def call(self, method: str, path: str, **how: Any) -> httpx.Response:
        """The JSON API."""
        granted = frozenset({"orders:read", "orders:write"})
        self.token = self.token or Tokens(self.stack.stores.db).add("shop", granted, tenant=self.name)
        headers = {"Authorization": f"Bearer {self.token}"}
        address = f"{self.stack.settings.public_url}{path}"
        return httpx.request(method, address, headers=headers, trust_env=False, timeout=30, **how)

    def form(self, page: str, pay_id: str, case: str, **more: str) -> Fields:
        """One form, and the fields of its answer."""
        said = {"MerchantID": self.merchant, "PayID": pay_id, "TransID": case, **more}
        said["MAC"] = mac.sign_request(Fields(tuple(said.items())), self.mac_password)
        data = seal(write(said.items()), self.key).form(self.merchant)
        address = f"{self.stack.settings.public_url}/paygate/{page}.aspx"
        answer = httpx.post(address, data=data, trust_env=False, timeout=30)
        return open_fields(read(answer.text), self.key)

    def capture(self, pay_id: str, case: str, amount: int, req_id: str) -> tuple[str, str]:
        answer = self.form("capture", pay_id, case, Amount=str(amount), Currency="EUR", ReqId=req_id)
        return answer.get("Status"), answer.get("Code")

    def captured(self) -> list[int]:
        """What was captured at the provider, in order."""
        return [one["amount_minor"] for one in self.control("GET", "/effects") if one["kind"] == "captured"]

    def _until(self, holds: Any) -> None:
        until = datetime.now(UTC) + timedelta(seconds=PATIENCE)
        while not holds():
            time.sleep(0.1)
            assert datetime.now(UTC) < until, "it does not come"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Everything but the ERP."""
    folder = tmp_path_factory.mktemp("face")
    (folder / "batches").mkdir()
    with Stack.start(
        folder,
        without=("pixi", "unzer", "mailbox"),
        further=("stripe", "paygate"),
        batch_folder=str(folder / "batches"),
    ) as running:
        yield running


@pytest.fixture(params=["computop", "stripe"])
def shop(request: pytest.FixtureRequest, stack: Stack) -> Shop:
    """A merchant of one of the two providers."""
    place = stack.places.paygate if request.param == "computop" else stack.places.stripe
    made = Shop(stack, request.param, stack.places.url(place), f"face{request.param}")
    made.set_up()
    return made


async def test_a_merchant_points_his_integration_here(shop: Shop) -> None:
    """Captured and credited by form, the rest by a file in a folder, with one effect each at the provider."""
    await asyncio.to_thread(_a_day, shop)


def _a_day(shop: Shop) -> None:
    first, second = shop.hold("order-1"), shop.hold("order-2")
    for _ in range(2):
        assert shop.capture(first, "order-1", 4_000, "r1") == OK
    assert shop.form("credit", first, "order-1", Amount="1000", Currency="EUR", ReqId="r2").get("Code") == OK[1]
    assert shop.form("cancelauth", first, "order-1").get("Status") == "OK"
    said = shop.form("inquire", first, "order-1")
    assert (said.get("AmountCap"), said.get("AmountCred"), said.get("LastStatus")) == ("4000", "1000", "OK")
    today = date(2027, 3, 1)
    records = [
        Record(1, Action.CAPTURE, 2_500, "EUR", "order-2", "", second, finish_auth=True),
        Record(2, Action.CREDIT, 500, "EUR", "order-2", "", second),
        Record(3, Action.CREDIT, 5_000, "EUR", "order-1", "", first),
        Record(4, Action.CAPTURE, 1, "EUR", "order-9", "", first),
    ]
    content = b"".join(write_batch(Head(shop.merchant, today, Version.V1_4), records))
    folder = Path(shop.stack.settings.batch_folder) / shop.name
    folder.mkdir()
    name = f"{written_day(today)}001{shop.merchant}.dat"
    (folder / f"T{name}").write_bytes(content)
    shop._until((folder / f"P{name}").exists)
    results = read_results(open_batch((folder / f"P{name}").read_bytes(), shop.merchant))
    said_of = [(one.status, str(one.code)) for _, one in results if one is not None]
    other_case = "20160003" if shop.provider == "computop" else "20160001"
    assert said_of == [OK, OK, ("FAILED", "21000364"), ("FAILED", other_case)]
    assert sorted(shop.captured()) == [2_500, 4_000]
    (listed,) = shop.call("GET", "/batches").json()["batches"]
    assert (listed["state"], listed["failed"], listed["source"]) == ("finished", 2, "folder")
    assert shop.control("GET", "/violations") == []


@pytest.mark.parametrize("provider", ["computop"])
async def test_form_and_file_within_one_second(stack: Stack, provider: str) -> None:
    """Two captures of one payment at once: one effect, whichever comes first; the other one hears no."""
    shop = Shop(stack, provider, stack.places.url(stack.places.paygate), "facerace")
    await asyncio.to_thread(shop.set_up)
    pay_id = await asyncio.to_thread(shop.hold, "order-1")
    head = Head(shop.merchant, date(2027, 3, 1), Version.V1_2)
    content = b"".join(write_batch(head, [Record(1, Action.CAPTURE, 6_000, "EUR", "order-1", "", pay_id)]))
    name = f"T20270301001{shop.merchant}.dat"

    def by_file() -> str:
        batch = shop.call("POST", "/batches", params={"name": name}, content=content).json()
        shop._until(lambda: shop.call("GET", f"/batches/{batch['id']}").json()["state"] == "finished")
        return "FAILED" if shop.call("GET", f"/batches/{batch['id']}").json()["failed"] else "OK"

    by_form, in_file = await asyncio.gather(
        asyncio.to_thread(shop.capture, pay_id, "order-1", 6_000, "r1"), asyncio.to_thread(by_file)
    )
    assert sorted([by_form[0], in_file]) == ["FAILED", "OK"]
    assert shop.captured() == [6_000]
    assert shop.control("GET", "/violations") == []


async def test_starter_and_worker_die_in_the_middle_of_a_file(stack: Stack) -> None:
    """Killed while records are under way and started again: the file comes to its end, with one effect each."""
    shop = Shop(stack, "computop", stack.places.url(stack.places.paygate), "facekilled")
    await asyncio.to_thread(shop.set_up)
    await asyncio.to_thread(_killed, shop)


def _killed(shop: Shop) -> None:
    cases = [f"order-{number}" for number in range(1, 5)]
    holds = {case: shop.hold(case) for case in cases}
    records = []
    for number, (case, pay_id) in enumerate(holds.items()):
        records.append(Record(2 * number + 1, Action.CAPTURE, 5_000 + number, "EUR", case, "", pay_id))
        records.append(Record(2 * number + 2, Action.CREDIT, 1_000 + number, "EUR", case, "", pay_id))
    content = b"".join(write_batch(Head(shop.merchant, date(2027, 3, 1), Version.V1_4), records))
    name = f"T20270301001{shop.merchant}.dat"
    address = f"/batches/{shop.call('POST', '/batches', params={'name': name}, content=content).json()['id']}"
    shop._until(shop.captured)
    for process in ("starter", "worker"):
        (running,) = shop.stack.running(process)
        shop.stack.kill(running)
    for process in ("worker", "starter"):
        shop.stack.run(process)
    shop._until(lambda: shop.call("GET", address).json()["state"] == "finished")
    assert shop.call("GET", address).json()["failed"] == 0
    effects = [(one["kind"], one["amount_minor"]) for one in shop.control("GET", "/effects")]
    assert sorted(amount for kind, amount in effects if kind == "captured") == [5_000, 5_001, 5_002, 5_003]
    assert sorted(amount for kind, amount in effects if kind == "credited") == [1_000, 1_001, 1_002, 1_003]
