"""Paygate in the suite: a merchant of the sandbox, steered through its control routes."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from adapters.computop import PaygateAccount, PaygateHolds, PaygateTimeouts
from domain.authorization.declines import Decline
from domain.authorization.facts import HoldStanding
from domain.authorization.ports import Case, HoldProvider, Instrument
from domain.authorization.schemes import Scheme
from paygate.envelope import Key
from paygate.envelope import Scheme as Cipher
from tests.contract.holds.stand import AMOUNT, Call, Effect, Fault, Held, Traits
from tests.support.ports import free_port
from tests.support.sandbox_process import start_sandbox

SLOW_SECONDS, IMPATIENT_SECONDS = 1.2, 0.4
BRANDS = {
    Scheme.VISA: "VISA",
    Scheme.MASTERCARD: "MasterCard",
    Scheme.AMEX: "AMEX",
    Scheme.DINERS: "DINERS",
    Scheme.DISCOVER: "Discover",
    Scheme.CARTES_BANCAIRES: "CBN",
}
PAGES = {Call.AUTHORIZE: "direct", Call.CAPTURE: "capture", Call.VOID: "reverse", Call.REFUND: "credit"}
DECLINES = {
    Decline.BY_ISSUER: "21000305",
    Decline.TEMPORARY: "21000396",
    Decline.UNREACHABLE: "21000391",
    Decline.FUNDS: "21000351",
    Decline.NEVER: "21000343",
    Decline.CUSTOMER: "21000302",
    Decline.DATA: "21000333",
    Decline.AMOUNT: "21000364",
    Decline.PROVIDER: "21000330",
    Decline.DUPLICATE: "21000394",
    Decline.OTHER: "21000399",
}
FAULTS: dict[Fault, dict[str, Any]] = {
    Fault.LOST: {"kind": "drop_after"},
    Fault.GARBLED: {"kind": "malformed"},
    Fault.ERROR_AFTER: {"kind": "status_after", "status": 503},
    Fault.SLOW: {"kind": "delay", "seconds": SLOW_SECONDS},
    Fault.NEVER_ARRIVED: {"kind": "refuse"},
    Fault.ERROR: {"kind": "status", "status": 503},
}
TRAITS = Traits(
    declines=frozenset(DECLINES), pending=frozenset(Call) - {Call.READ}, tells_scheme_reference=False, undoes=True
)
REFUSAL = "21000312"  # says nothing of what the books would say too


@dataclass
class PaygateStand:
    """One merchant. `settings` are those of the sandbox's account."""

    name: str
    url: str
    http: httpx.Client
    settings: dict[str, Any] = field(default_factory=dict)
    traits: Traits = TRAITS
    offset: timedelta = timedelta()

    def __post_init__(self) -> None:
        self._adapters: list[PaygateHolds] = []
        self._expected: set[str] = set()
        self._seeds = 0
        self._made = self._put("", {"code_ext": True, **self.settings})
        self.provider = self.adapter(self.merchant())

    @property
    def account(self) -> str:
        return "main"

    def merchant(self, **changed: Any) -> PaygateAccount:
        """How our side reaches this merchant."""
        account = PaygateAccount(
            name="main",
            merchant_id=self._made["merchant_id"],
            key=Key.of(Cipher(self._made["cipher"]), self._made["password"]),
            mac_password=self._made["hmac_key"],
            base_url=self.url,
            timeouts=PaygateTimeouts(read_seconds=15.0),
        )
        return replace(account, **changed)

    def adapter(self, merchant: PaygateAccount | None) -> PaygateHolds:
        """An adapter that knows this merchant as the account `main`, or no account at all."""
        known = {} if merchant is None else {"main": merchant}
        made = PaygateHolds(known.__getitem__, clock=self.now)
        self._adapters.append(made)
        return made

    def impatient(self) -> HoldProvider:
        return self.adapter(self.merchant(timeouts=PaygateTimeouts(read_seconds=IMPATIENT_SECONDS)))

    def unreachable(self) -> HoldProvider:
        return self.adapter(self.merchant(base_url=f"http://127.0.0.1:{free_port()}"))

    def misconfigured(self) -> Mapping[str, HoldProvider]:
        self.expect("wrong_mac")
        return {
            "unknown merchant": self.adapter(self.merchant(merchant_id="nobody")),
            "wrong cipher password": self.adapter(self.merchant(key=Key.of(Cipher.BLOWFISH, "not the password"))),
            "wrong cipher": self.adapter(self.merchant(key=Key.of(Cipher.AES, "0123456789abcdef"))),
            "wrong HMAC password": self.adapter(self.merchant(mac_password="not the hmac password")),
            "unknown account": self.adapter(None),
        }

    def expect(self, rule: str) -> None:
        """This rule is broken on purpose."""
        self._expected.add(rule)

    def secrets(self) -> tuple[str, ...]:
        cards = {one["pcnr"] for one in self.payments()}
        return (self._made["password"], self._made["hmac_key"], *sorted(cards))

    # --- what happens outside

    def first_hold(self, amount_minor: int = AMOUNT, currency: str = "EUR", scheme: Scheme = Scheme.VISA) -> Held:
        return self.seed(amount_minor=amount_minor, currency=currency, brand=BRANDS[scheme])

    def seed(self, **facts: Any) -> Held:
        """A checkout of the sandbox, with whatever it can be told."""
        self._seeds += 1
        names = {"trans_id": f"{self.name}-{self._seeds:03}", "ref_nr": f"INV-{self._seeds}"}
        made = self.post("payments", {"amount_minor": AMOUNT, **names, **facts})
        return Held(self.case_of(made), made["pay_id"], made["authorized_minor"] or AMOUNT)

    @staticmethod
    def case_of(payment: Mapping[str, Any]) -> Case:
        """The case that a payment of the sandbox begins."""
        return Case(
            first_hold_id=payment["pay_id"],
            currency=payment["currency"],
            case_reference=payment["trans_id"],
            payout_reference=payment["ref_nr"],
            held_at=datetime.fromisoformat(payment["created"]),
            instrument=Instrument(
                token=payment["pcnr"],
                brand=payment["brand"],
                expires=payment["card_expiry"],
                scheme_reference=payment["scheme_reference_id"],
            ),
        )

    def bring_about(self, standing: HoldStanding) -> Held:
        match standing:
            case HoldStanding.PENDING:
                self.script("direct", "61000309")
            case HoldStanding.DECLINED:
                self.script("direct", "21000305")
            case HoldStanding.MISSING:
                return replace(self.first_hold(), hold_id="0123456789abcdef0123456789abcdef")
            case _:
                pass
        held = self.first_hold()
        match standing:
            case HoldStanding.CAPTURED:
                self.by_hand(Call.CAPTURE, held, AMOUNT)
            case HoldStanding.VOIDED:
                self.by_hand(Call.VOID, held, AMOUNT)
            case HoldStanding.LAPSED:
                self.lapse(held)
            case _:
                pass
        return held

    def not_ours(self) -> Mapping[str, Held]:
        held = self.first_hold()
        neighbour = PaygateStand(f"{self.name}x", self.url, self.http)
        self._adapters += neighbour._adapters
        return {
            "never made": self.bring_about(HoldStanding.MISSING),
            "another merchant's": replace(held, hold_id=neighbour.first_hold().hold_id),
            "another provider's": replace(held, hold_id="pi_3MtwBwLkdIwHu7ix28a3tqPa"),
            "of strange characters": replace(held, hold_id="../../capture.aspx?PayID=%31&Amount=1"),
            "empty": replace(held, hold_id=""),
        }

    def by_hand(self, call: Call, held: Held, amount_minor: int) -> None:
        self.post(f"payments/{held.hold_id}/{PAGES[call]}", {"amount_minor": amount_minor})

    def lapse(self, held: Held) -> None:
        ends = datetime.fromisoformat(self.payment(held.hold_id)["expires"])
        self.forward(ends - self.now() + timedelta(minutes=1))

    def forward(self, by: timedelta) -> None:
        self.offset += by
        self._put("clock", {"offset_seconds": self.offset.total_seconds()})

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offset

    # --- what Paygate says next

    def script(self, page: str, code: str, **more: Any) -> None:
        self.post("scripts", {"call": page, "code": code, **more})

    def decline_next(self, decline: Decline, *, advised_against: bool = False) -> str:
        code = DECLINES[decline]
        self.script("direct", code, **({"code_ext": "04"} if advised_against else {}))
        return code

    def refuse_next(self, call: Call) -> str:
        for page in _pages(call):
            self.script(page, REFUSAL)
        return REFUSAL

    def leave_open(self, call: Call) -> None:
        for page in _pages(call):
            self.script(page, "61000309")

    def decide(self, hold_id: str, *, succeeds: bool) -> None:
        self.post(f"payments/{hold_id}/finish", {"code": "0000" if succeeds else "0305"})

    def disturb(self, call: Call, fault: Fault, *, times: int = 1) -> None:
        pages = ("inquire*",) if call is Call.READ else _pages(call)
        for page in pages:
            self.fault(page, times=times, **FAULTS[fault])

    def fault(self, page: str, **more: Any) -> None:
        self.post("faults", {"call": page, **more})

    # --- what came of it

    def effects(self) -> list[Effect]:
        return [_effect(one) for one in self.happened() if one["kind"] != "lapsed" and one["origin"] == "api"]

    def happened(self) -> list[dict[str, Any]]:
        """Everything that moved money or a hold, as the sandbox tells it."""
        return self._get("effects")

    def traffic(self) -> list[str]:
        return ["look" if one["call"].startswith("inquire") else "send" for one in self.requests()]

    def requests(self, page: str = "") -> list[dict[str, Any]]:
        """What reached Paygate's pages, with `fields` in clear."""
        return [one for one in self._get("log") if page in ("", one["call"])]

    def newest_hold(self, held: Held) -> str:
        return str(self.payments(held.case.case_reference)[-1]["pay_id"])

    def violations(self) -> list[str]:
        return [f"{one['rule']} {one}" for one in self.broken() if one["rule"] not in self._expected]

    def broken(self) -> list[dict[str, Any]]:
        """The rules of Paygate's that were broken, as the sandbox tells it."""
        return self._get("violations")

    def payments(self, trans_id: str = "") -> list[dict[str, Any]]:
        return self._get(f"payments?trans_id={trans_id}")

    def payment(self, pay_id: str) -> dict[str, Any]:
        return dict(self.http.get(self._at(f"payments/{pay_id}")).raise_for_status().json())

    async def close(self) -> None:
        for adapter in self._adapters:
            await adapter.close()

    def post(self, what: str, body: dict[str, Any]) -> dict[str, Any]:
        return dict(self.http.post(self._at(what), json=body).raise_for_status().json())

    def _put(self, what: str, body: dict[str, Any]) -> dict[str, Any]:
        return dict(self.http.put(self._at(what), json=body).raise_for_status().json())

    def _get(self, what: str) -> list[dict[str, Any]]:
        return list(self.http.get(self._at(what)).raise_for_status().json())

    def _at(self, what: str) -> str:
        return f"{self.url}/control/accounts/{self.name}/{what}".rstrip("/")


class PaygateHouse:
    """The running sandbox."""

    def __init__(self) -> None:
        self._process = start_sandbox("sandboxes.paygate")
        self._http = httpx.Client(trust_env=False, timeout=30.0)

    def stand(self, name: str, **settings: Any) -> PaygateStand:
        return PaygateStand(name, self._process.url, self._http, settings)

    def stop(self) -> None:
        self._http.close()
        self._process.stop()


def _pages(call: Call) -> tuple[str, ...]:
    """An undone capture is a refund too."""
    return ("credit", "reverse") if call is Call.REFUND else (PAGES[call],)


def _effect(told: Mapping[str, Any]) -> Effect:
    call = {"authorized": Call.AUTHORIZE, "captured": Call.CAPTURE, "credited": Call.REFUND}.get(
        told["kind"], Call.VOID
    )
    undone = told.get("undone") == "capture"
    return Effect(Call.REFUND if undone else call, told["pay_id"], told["amount_minor"], undone)
