"""A merchant with one account at the stand-in of Stripe or Paygate, the customers who pay there, and what the merchant
asks Holdfast to do with their holds. The demo and `holdfast simulate` play on it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from cli.wiring import Stores, mac_secret
from domain.authorization.facts import Action, Origin
from domain.authorization.ports import Instrument
from domain.authorization.schemes import Scheme
from domain.authorization.state import AuthorizationState
from domain.authorization.terms import AuthorizationTerms
from domain.parties import ProviderAccount
from simulation.clock import NO_AUTHORITIES, SandboxClock
from storage.authorizations import StartedAuthorization
from storage.values import to_json
from workflows.messages import AuthorizationStart, Care, HoldMessage, HoldReply, NewTerms, PickUp
from workflows.sending_holds import AuthorizationSender, KnownAuthorization

CARDS: Mapping[str, Mapping[Scheme, str]] = {
    "stripe": {
        Scheme.VISA: "pm_card_visa",
        Scheme.MASTERCARD: "pm_card_mastercard",
        Scheme.AMEX: "pm_card_amex",
        Scheme.DISCOVER: "pm_card_discover",
        Scheme.DINERS: "pm_card_diners",
        Scheme.OTHER: "pm_card_jcb",
    },
    "computop": {
        Scheme.VISA: "VISA",
        Scheme.MASTERCARD: "MasterCard",
        Scheme.AMEX: "AMEX",
        Scheme.DISCOVER: "Discover",
        Scheme.DINERS: "DINERS",
        Scheme.CARTES_BANCAIRES: "CBN",
    },
}


class RefusedByStandIn(RuntimeError):
    """A hook of a stand-in said no; the text is its answer."""


@dataclass(frozen=True)
class Purchase:
    """What a customer pays for. `case` is the merchant's name of it, `features` what is asked for at Stripe."""

    case: str
    amount_minor: int
    currency: str = "EUR"
    scheme: Scheme = Scheme.VISA
    features: tuple[str, ...] = ()


class HoldStage:
    """One tenant's account at a provider's stand-in. Instants are UTC, amounts minor units."""

    def __init__(self, provider: str, url: str, tenant: str, stores: Stores, sender: AuthorizationSender) -> None:
        self.provider = provider
        self.tenant = tenant
        self.account = f"{tenant}-{provider}"
        self._url = url
        self._stores = stores
        self._sender = sender
        self._http = httpx.Client(timeout=60, trust_env=False, verify=NO_AUTHORITIES)

    def close(self) -> None:
        self._http.close()

    def clock(self) -> SandboxClock:
        """The clock of the account, for the driver of simulated time."""
        return SandboxClock(self._url, self.account)

    def call(self, method: str, path: str, **body: Any) -> Any:
        """One request to a hook of the account; `RefusedByStandIn` with its answer when it says no."""
        url = f"{self._url}/control/accounts/{self.account}{path}"
        answer = self._http.request(method, url, json=body if method in ("PUT", "POST") else None)
        if answer.is_error:
            raise RefusedByStandIn(f"{method} {url} answered {answer.status_code}: {answer.text[:300]}")
        return answer.json() if answer.content else None

    # -- before the play

    def set_up(self, **settings: Any) -> None:
        """Open the account at the provider and enter it into the directory, unless an earlier start did."""
        told = self.call("PUT", "", **settings)
        directory, vault, ref = self._stores.directory, self._stores.secrets, f"{self.tenant}/{self.provider}"
        if directory.provider_account(self.account) is not None:
            return
        public, options = "", {}
        if self.provider == "computop":
            public, options = told["merchant_id"], {"cipher": told["cipher"]}
            vault.put(ref, told["password"])
            vault.put(mac_secret(ref), told["hmac_key"])
        else:
            vault.put(ref, f"sk_test_{''.join(one for one in self.account if one.isalnum())}")
        directory.put_provider_account(
            ProviderAccount(self.account, self.tenant, self.provider, self._url, public, ref, options)
        )

    # -- during the play

    async def sell(self, purchase: Purchase, terms: AuthorizationTerms, at: datetime) -> "CustomersHold":
        """A customer pays at the checkout at this instant, and Holdfast takes the hold over at once."""
        hold_id, instrument = await asyncio.to_thread(self.pay, purchase)
        start = AuthorizationStart(
            self.tenant,
            self.provider,
            self.account,
            hold_id,
            terms,
            case_reference=purchase.case,
            payout_reference=purchase.case,
            amount_minor=purchase.amount_minor,
            currency=purchase.currency,
            held_at=at if self.provider == "computop" else None,
        )
        hold = self.known(start)
        started = StartedAuthorization(
            hold.workflow_id,
            self.tenant,
            self.provider,
            self.account,
            hold_id,
            purchase.case,
            purchase.case,
            to_json(start),
            start.held_at,
        )
        await asyncio.to_thread(self._stores.authorizations.begin, started, instrument, at)
        await self._sender.begin(KnownAuthorization(start), PickUp("begin"))
        return hold

    def known(self, start: AuthorizationStart) -> "CustomersHold":
        """A hold that was taken over before."""
        return CustomersHold(self, start, self._stores, self._sender)

    def pay(self, purchase: Purchase) -> tuple[str, Instrument]:
        """A customer pays at the checkout; the provider's id of the hold, and what the card is called there."""
        card = CARDS[self.provider][purchase.scheme]
        if self.provider == "stripe":
            paid = self.call(
                "POST",
                "/payments",
                amount_minor=purchase.amount_minor,
                currency=purchase.currency.lower(),
                card=card,
                features=list(purchase.features),
            )
            return paid["payment_intent"], Instrument()
        paid = self.call(
            "POST",
            "/payments",
            amount_minor=purchase.amount_minor,
            currency=purchase.currency,
            brand=card,
            trans_id=purchase.case,
            ref_nr=purchase.case,
        )
        instrument = Instrument(
            token=paid["pcnr"],
            brand=paid["brand"],
            expires=paid["card_expiry"],
            scheme_reference=paid["scheme_reference_id"],
        )
        return paid["pay_id"], instrument

    # -- after the play

    def effects(self) -> list[dict[str, Any]]:
        """Everything that took effect at the provider, oldest first."""
        found: list[dict[str, Any]] = self.call("GET", "/effects")
        return found

    def violations(self) -> list[dict[str, Any]]:
        """Requests that broke a rule of the provider."""
        found: list[dict[str, Any]] = self.call("GET", "/violations")
        return found


class CustomersHold:
    """A hold that Holdfast looks after, as the merchant sees it."""

    def __init__(
        self, stage: HoldStage, start: AuthorizationStart, stores: Stores, sender: AuthorizationSender
    ) -> None:
        self.stage = stage
        self.start = start
        self._stores = stores
        self._sender = sender

    @property
    def workflow_id(self) -> str:
        return KnownAuthorization(self.start).workflow_id

    async def ask(self, request_id: str, action: Action, origin: Origin = Origin.API) -> HoldReply:
        """The merchant wants something done; the answer says whether it will be."""
        return await self._act(HoldMessage(request_id, action, origin=origin))

    async def look_again(self, request_id: str) -> HoldReply:
        """An operator asks to look at everything again."""
        return await self._act(HoldMessage(request_id, care=Care.LOOK_AGAIN))

    async def change_terms(self, terms: AuthorizationTerms) -> None:
        """The merchant agreed on other terms."""
        await self._sender.change_terms(self.workflow_id, NewTerms(f"terms-{terms.version}", terms))

    def state(self) -> AuthorizationState | None:
        """What was recorded last, None before anything was."""
        return self._stores.authorizations.load(self.workflow_id)

    async def _act(self, message: HoldMessage) -> HoldReply:
        return await self._sender.act(self.workflow_id, message, self._again)

    def _again(self) -> KnownAuthorization:
        return KnownAuthorization(self.start, self._stores.authorizations.recall(self.workflow_id))
