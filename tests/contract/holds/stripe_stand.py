"""Stripe in the suite: a merchant of the sandbox, steered through its control routes."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import cycle
from typing import Any

import httpx

from adapters.stripe_psp.account import StripeAccount
from adapters.stripe_psp.adapter import StripeHolds
from domain.authorization.declines import Decline
from domain.authorization.facts import HoldStanding
from domain.authorization.ports import Case, HoldProvider
from domain.authorization.schemes import Scheme
from tests.contract.holds.stand import AMOUNT, Call, Effect, Fault, Held, Traits
from tests.contract.stripe.merchant import Merchant
from tests.support.ports import free_port
from tests.support.sandbox_process import start_sandbox

SLOW_SECONDS, IMPATIENT_SECONDS = 1.2, 0.4
CARDS = {
    Scheme.VISA: ("pm_card_visa", "pm_card_de", "pm_card_at", "pm_card_ch", "pm_card_gb", "pm_card_fr", "pm_card_jp"),
    Scheme.MASTERCARD: ("pm_card_mastercard",),
    Scheme.AMEX: ("pm_card_amex",),
    Scheme.DISCOVER: ("pm_card_discover",),
    Scheme.DINERS: ("pm_card_diners",),
}
REQUESTS = {
    Call.READ: "payment_intents.retrieve",  # the first question of each operation
    Call.AUTHORIZE: "payment_intents.confirm",
    Call.CAPTURE: "payment_intents.capture",
    Call.VOID: "payment_intents.cancel",
    Call.REFUND: "refunds.create",
}
DECLINES = {
    Decline.BY_ISSUER: "generic_decline",
    Decline.TEMPORARY: "processing_error",
    Decline.UNREACHABLE: "issuer_not_available",
    Decline.FUNDS: "insufficient_funds",
    Decline.NEVER: "lost_card",
    Decline.CUSTOMER: "authentication_required",
    Decline.DATA: "expired_card",
    Decline.AMOUNT: "invalid_amount",
    Decline.PROVIDER: "blocked",
    Decline.DUPLICATE: "duplicate_transaction",
    Decline.OTHER: "call_issuer",
}
CATEGORY_1 = "14"  # Visa: never again
REFUSAL = "account_closed"  # says nothing of what the books would say too
FAULTS: dict[Fault, dict[str, Any]] = {
    Fault.LOST: {"kind": "drop_after"},
    Fault.GARBLED: {"kind": "malformed"},
    Fault.ERROR_AFTER: {"kind": "status_after", "status": 503},
    Fault.SLOW: {"kind": "delay", "seconds": SLOW_SECONDS},
    Fault.NEVER_ARRIVED: {"kind": "refuse"},
    Fault.ERROR: {"kind": "status", "status": 503},
}
TRAITS = Traits(declines=frozenset(DECLINES), tells_deadline=True, tells_lapse=True)
UNKNOWN_INTENT = "pi_3MtwBwLkdIwHu7ix28a3tqPa"


class StripeStand:
    """One account of the sandbox, its test side."""

    traits = TRAITS
    account = "main"

    def __init__(self, name: str, url: str, http: httpx.Client) -> None:
        self._merchant = Merchant.create(http, url, name)
        self._adapters: list[StripeHolds] = []
        self._offset = timedelta()
        self._cards = {scheme: cycle(tokens) for scheme, tokens in CARDS.items()}
        self._cases = 0
        self.provider = self._adapter(self._merchant.account())

    def _adapter(self, account: StripeAccount | None) -> StripeHolds:
        known = {} if account is None else {"main": account}
        made = StripeHolds(known.__getitem__, clock=self.now)
        self._adapters.append(made)
        return made

    def impatient(self) -> HoldProvider:
        return self._adapter(self._merchant.account(timeout_seconds=IMPATIENT_SECONDS))

    def unreachable(self) -> HoldProvider:
        return self._adapter(self._merchant.account(base_url=f"http://127.0.0.1:{free_port()}"))

    def misconfigured(self) -> Mapping[str, HoldProvider]:
        self._merchant.configure(
            restricted_keys=[{"key": f"rk_test_{self._merchant.name}", "permissions": {"balance": "read"}}],
            expired_keys=[f"sk_test_{self._merchant.name}old"],
        )
        keys = {
            "unknown key": "sk_test_nobody",
            "expired key": f"sk_test_{self._merchant.name}old",
            "key without permissions": f"rk_test_{self._merchant.name}",
            "publishable key": f"pk_test_{self._merchant.name}",
            "live key and foreign address": f"sk_live_{self._merchant.name}",
            "no key": "",
        }
        wrong: dict[str, HoldProvider] = {
            what: self._adapter(self._merchant.account(secret_key=key)) for what, key in keys.items()
        }
        return {**wrong, "unknown account": self._adapter(None)}

    def secrets(self) -> tuple[str, ...]:
        methods = {str(one["payment_method"]) for one in self._merchant.payments()}
        keys = (f"{kind}_{self._merchant.name}" for kind in ("sk_test", "rk_test", "sk_live"))
        return (*keys, *sorted(methods - {""}))

    # --- what happens outside

    def first_hold(self, amount_minor: int = AMOUNT, currency: str = "EUR", scheme: Scheme = Scheme.VISA) -> Held:
        return self._seed("authorized", amount_minor, currency, scheme)

    def _seed(
        self, state: str, amount_minor: int = AMOUNT, currency: str = "EUR", scheme: Scheme = Scheme.VISA
    ) -> Held:
        self._cases += 1
        made = self._merchant.seed(amount_minor, currency=currency.lower(), card=next(self._cards[scheme]), state=state)
        case = Case(made["payment_intent"], currency, f"{self._merchant.name}-{self._cases}", f"INV-{self._cases}")
        return Held(case, made["payment_intent"], amount_minor)

    def bring_about(self, standing: HoldStanding) -> Held:
        match standing:
            case HoldStanding.PENDING:
                return self._seed("requires_action")
            case HoldStanding.DECLINED:
                return self._seed("declined")
            case HoldStanding.CAPTURED:
                return self._seed("captured")
            case HoldStanding.MISSING:
                return replace(self.first_hold(), hold_id=UNKNOWN_INTENT)
            case _:
                held = self.first_hold()
        if standing is HoldStanding.VOIDED:
            self.by_hand(Call.VOID, held, AMOUNT)
        elif standing is HoldStanding.LAPSED:
            self.lapse(held)
        return held

    def not_ours(self) -> Mapping[str, Held]:
        held = self.first_hold()
        neighbour = Merchant.create(self._merchant.http, self._merchant.url, f"{self._merchant.name}x")
        return {
            "never made": self.bring_about(HoldStanding.MISSING),
            "another merchant's": replace(held, hold_id=neighbour.hold()),
            "the live side's": replace(held, hold_id=self._merchant.hold(mode="live")),
            "another provider's": replace(held, hold_id="0123456789abcdef0123456789abcdef"),
            "a client secret": replace(held, hold_id=f"{held.hold_id}_secret_{'x' * 25}"),
            "of strange characters": replace(held, hold_id="../payment_intents?limit=1&x=%31"),
            "empty": replace(held, hold_id=""),
        }

    def by_hand(self, call: Call, held: Held, amount_minor: int) -> None:
        if call is Call.VOID:
            self._merchant.happens(held.hold_id, "cancel")
        else:
            self._merchant.happens(held.hold_id, call.value, amount_minor=amount_minor)

    def lapse(self, held: Held) -> None:
        ends = datetime.fromisoformat(self._merchant.payment(held.hold_id)["capture_before"])
        self.forward(ends - self.now() + timedelta(minutes=1))

    def forward(self, by: timedelta) -> None:
        self._offset += by
        self._merchant.forward(self._offset)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._offset

    # --- what the provider says next

    def decline_next(self, decline: Decline, *, advised_against: bool = False) -> str:
        code = DECLINES[decline]
        told: dict[str, Any] = {"decline": code}
        if advised_against:
            told["network_decline_code"] = CATEGORY_1
        self._merchant.lay_down(told)
        return "generic_decline" if code == "blocked" else code

    def refuse_next(self, call: Call) -> str:
        """Twice: a refusal that was not heard is refused still when the same request comes again."""
        self._merchant.fault("special", REQUESTS[call], name="error", params={"code": REFUSAL}, times=2)
        return REFUSAL

    def leave_open(self, call: Call) -> None:
        raise NotImplementedError("Stripe decides about cards at once")

    def decide(self, hold_id: str, *, succeeds: bool) -> None:
        raise NotImplementedError("Stripe decides about cards at once")

    def disturb(self, call: Call, fault: Fault, *, times: int = 1) -> None:
        self._merchant.fault(call=REQUESTS[call], times=times, **FAULTS[fault])

    # --- what came of it

    def effects(self) -> list[Effect]:
        return [_effect(one) for one in self._merchant.movements() if one["by"] == "api" and not _is_rest(one)]

    def traffic(self) -> list[str]:
        return ["look" if one["method"] == "GET" else "send" for one in self._merchant.log()]

    def newest_hold(self, held: Held) -> str:
        mine = [
            one["payment_intent"]
            for one in self._merchant.payments()
            if one["metadata"].get("holdfast_case") == held.case.case_reference
        ]
        return str([held.hold_id, *mine][-1])

    def violations(self) -> list[str]:
        return self._merchant.violations()

    async def close(self) -> None:
        for adapter in self._adapters:
            await adapter.close()


class StripeHouse:
    """The running sandbox."""

    def __init__(self) -> None:
        self._process = start_sandbox("sandboxes.stripe")
        self._http = httpx.Client(trust_env=False, timeout=30.0)

    def stand(self, name: str) -> StripeStand:
        return StripeStand(name, self._process.url, self._http)

    def stop(self) -> None:
        self._http.close()
        self._process.stop()


def _is_rest(told: Mapping[str, Any]) -> bool:
    """What a capture lets go is part of the capture."""
    return told["kind"] == "expired" or told.get("reason") == "captured"


def _effect(told: Mapping[str, Any]) -> Effect:
    call = {
        "authorized": Call.AUTHORIZE,
        "captured": Call.CAPTURE,
        "released": Call.VOID,
        "refunded": Call.REFUND,
    }[told["kind"]]
    return Effect(call, told["payment_intent"], told["amount_minor"])
