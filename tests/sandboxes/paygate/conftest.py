"""One Paygate process for the session, a merchant of its own for every test, and a small client of the tests' own."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode

import httpx
import pytest
from cryptography.hazmat.decrepit.ciphers.algorithms import Blowfish
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC, ECB

from tests.support.sandbox_process import SandboxProcess, start_sandbox

QUIET: dict[str, Any] = {"trust_env": False, "timeout": 30, "verify": False}  # no TLS on the loopback address
START = "2026-12-01T09:00:00+00:00"
MIT = {"type": {"unscheduled": "MIT"}, "initialPayment": False}
CIT = {"type": {"unscheduled": "CIT"}, "initialPayment": True}


def in_base64(value: object) -> str:
    return base64.b64encode(json.dumps(value, separators=(",", ":")).encode()).decode()


def seal(plain: str, password: str, *, aes: bool = False, pad: int | None = 0, iv: bytes = bytes(range(16))) -> str:
    """Data of a message. `pad` is the byte that fills the last block, None for PKCS#7."""
    size = 16 if aes else 8
    raw = plain.encode("iso-8859-1")
    missing = size - len(raw) % size if pad is None else -len(raw) % size
    raw += bytes([missing if pad is None else pad]) * missing
    key = password.encode("iso-8859-1")
    coder = (Cipher(AES(key), CBC(iv)) if aes else Cipher(Blowfish(key), ECB())).encryptor()
    sealed = (coder.update(raw) + coder.finalize()).hex()
    return f"{iv.hex()}-{sealed}" if aes else sealed


def unseal(length: int, data: str, password: str) -> str:
    vector, _, body = data.rpartition("-")
    key = password.encode("iso-8859-1")
    cipher = Cipher(AES(key), CBC(bytes.fromhex(vector))) if vector else Cipher(Blowfish(key), ECB())
    coder = cipher.decryptor()
    return (coder.update(bytes.fromhex(body)) + coder.finalize())[:length].decode("iso-8859-1")


def signature(key: str, *parts: str) -> str:
    return hmac.new(key.encode(), "*".join(parts).encode("iso-8859-1"), hashlib.sha256).hexdigest().upper()


class Answer(dict[str, str]):
    """The fields of an answer by lower-case name, readable in any spelling."""

    def __getitem__(self, name: str) -> str:
        return super().__getitem__(name.lower())

    def __contains__(self, name: object) -> bool:
        return super().__contains__(str(name).lower())

    @property
    def outcome(self) -> tuple[str, str]:
        return self["Status"], self["Code"]


def pairs(plain: str) -> Answer:
    return Answer({part.split("=", 1)[0].lower(): part.split("=", 1)[1] for part in plain.split("&")})


@dataclass
class Merchant:
    """One account: its control routes, and the API as its own client sees it."""

    url: str
    name: str
    control: httpx.Client = field(init=False)
    api: httpx.Client = field(init=False)
    password: str = ""
    hmac_key: str = ""
    serial: int = 0

    def __post_init__(self) -> None:
        self.control = httpx.Client(base_url=f"{self.url}/control/accounts/{self.name}", **QUIET)
        self.api = httpx.Client(base_url=self.url, **QUIET)

    def close(self) -> None:
        self.control.close()
        self.api.close()

    def configure(self, **settings: Any) -> dict[str, Any]:
        found = good(self.api.put(f"/control/accounts/{self.name}", json=settings))
        self.password, self.hmac_key = found["password"], found["hmac_key"]
        return found

    def clock(self, instant: str, *, frozen: bool = True, **more: Any) -> None:
        good(self.control.put("/clock", json={"instant": instant, "frozen": frozen, **more}))

    def seed(self, amount: int = 10000, **more: Any) -> dict[str, Any]:
        return good(self.control.post("/payments", json={"amount_minor": amount, "trans_id": "order-1", **more}))

    def hook(self, payment: dict[str, Any], what: str, **body: Any) -> dict[str, Any]:
        return good(self.control.post(f"/payments/{payment['pay_id']}/{what}", json=body))

    def payment(self, pay_id: str) -> dict[str, Any]:
        return good(self.control.get(f"/payments/{pay_id}"))

    def arm(self, call: str, kind: str, **more: Any) -> None:
        good(self.control.post("/faults", json={"call": call, "kind": kind, **more}))

    def script(self, call: str, code: str, **more: Any) -> dict[str, Any]:
        return good(self.control.post("/scripts", json={"call": call, "code": code, **more}))

    def effects(self) -> list[tuple[str, int]]:
        return [(one["kind"], one["amount_minor"]) for one in self.control.get("/effects").json()]

    def violations(self) -> list[str]:
        return [one["rule"] for one in self.control.get("/violations").json()]

    def plain(self, fields: dict[str, str]) -> str:
        return "&".join(f"{name}={value}" for name, value in fields.items())

    def signed(self, **fields: Any) -> dict[str, str]:
        """The fields as text with merchant and signature."""
        texts = {name: str(value) for name, value in fields.items() if value is not None}
        texts.setdefault("MerchantID", self.name)
        low = {name.lower(): value for name, value in texts.items()}
        parts = [low.get(name, "") for name in ("payid", "transid", "merchantid", "amount", "currency")]
        texts.setdefault("MAC", signature(self.hmac_key, *parts))
        return texts

    def envelope(self, fields: dict[str, str]) -> dict[str, str]:
        plain = self.plain(fields)
        return {"MerchantID": self.name, "Len": str(len(plain)), "Data": seal(plain, self.password)}

    def post(self, page: str, **fields: Any) -> httpx.Response:
        return self.api.post(f"/{page}.aspx", data=self.envelope(self.signed(**fields)))

    def read(self, answer: httpx.Response) -> Answer:
        """The fields of an answer, encrypted or not."""
        assert answer.status_code == 200, answer.text
        form = parse_qs(answer.text)
        if "Data" not in form:
            return pairs(answer.text)
        return pairs(unseal(int(form["Len"][0]), form["Data"][0], self.password))

    def call(self, page: str, **fields: Any) -> Answer:
        return self.read(self.post(page, **fields))

    def move(self, page: str, payment: dict[str, Any], amount: int, **more: Any) -> Answer:
        """A request about a payment with everything it needs and a ReqId of its own."""
        self.serial += 1
        base = {"PayID": payment["pay_id"], "TransID": payment["trans_id"], "RefNr": payment["ref_nr"] or None}
        money = {"Amount": amount, "Currency": payment["currency"], "ReqId": f"req-{self.serial}"}
        return self.call(page, **{**base, **money, **more})

    def renew_fields(self, payment: dict[str, Any], amount: int | None = None, **more: Any) -> dict[str, Any]:
        """A follow-up authorization, asked for by the merchant with the stored card."""
        self.serial += 1
        return {
            "TransID": payment["trans_id"],
            "RefNr": payment["ref_nr"] or None,
            "Amount": payment["authorized_minor"] if amount is None else amount,
            "Currency": payment["currency"],
            "MsgVer": "2.0",
            "Capture": "MANUAL",
            "ReqId": f"req-{self.serial}",
            "card": in_base64({"number": payment["pcnr"], "expiryDate": payment["card_expiry"]}),
            "credentialOnFile": in_base64(MIT),
            "schemeReferenceID": payment["scheme_reference_id"],
            **more,
        }

    def renew(self, payment: dict[str, Any], amount: int | None = None, **more: Any) -> Answer:
        return self.call("direct", **self.renew_fields(payment, amount, **more))

    def inquire(self, payment: dict[str, Any]) -> Answer:
        return self.call("inquire", PayID=payment["pay_id"], TransID=payment["trans_id"])

    def amounts(self, payment: dict[str, Any]) -> tuple[str, str, str, str]:
        found = self.inquire(payment)
        return found["AmountAuth"], found["AmountCap"], found["AmountCred"], found["LastStatus"]


def good(answer: httpx.Response) -> dict[str, Any]:
    assert answer.is_success, answer.text
    found: dict[str, Any] = answer.json()
    return found


def form(fields: dict[str, str]) -> str:
    return urlencode(fields)


def until(condition: Callable[[], bool], within: float = 20.0) -> None:
    """Wait for a condition; fails when it does not come true."""
    limit = time.monotonic() + within
    while not condition():
        assert time.monotonic() < limit, "the condition never came true"
        time.sleep(0.02)


@pytest.fixture(scope="session")
def sandbox() -> Iterator[SandboxProcess]:
    process = start_sandbox("sandboxes.paygate")
    yield process
    process.stop()


@pytest.fixture
def shop(sandbox: SandboxProcess, request: pytest.FixtureRequest) -> Iterator[Merchant]:
    """A new merchant, named after the test, whose clock stands still."""
    digest = hashlib.sha256(request.node.nodeid.encode()).hexdigest()[:12]
    found = Merchant(sandbox.url, f"shop_{digest}")
    found.configure()
    found.clock(START)
    yield found
    found.close()
