"""What is asked of one account, and what is told to it. Reads ask `look` first; changes ask the permit of their
operation, immediately before each request. Both ask SQL, so they are called in a thread."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

import httpx
import stripe
from stripe import StripeClient

from adapters.stripe_psp.answers import Body, CallFailed, Refused, Reply, bad_answer, identifier, rows
from adapters.stripe_psp.bodies import WITH_CHARGE
from adapters.stripe_psp.client import exchange
from adapters.stripe_psp.intent import INTENT_ID, OURS, Intent, intent_of
from domain.ports import SendPermit

PAGE = 100
MOST_PAGES = 100


def no_permit() -> None:
    """The permit of a request that needs none."""


@dataclass(frozen=True)
class Step:
    """One request that changes something. `name` and, where one request may become another, `variant` are its part of
    the idempotency key; `target` is the PaymentIntent that it is about, '' where it makes something."""

    name: str
    body: Mapping[str, Any] = field(repr=False)
    target: str = ""
    variant: str = ""


@dataclass(frozen=True)
class Calls:
    """One account for the time of one operation."""

    client: StripeClient = field(repr=False)
    clock: Callable[[], datetime] = field(repr=False)
    look: SendPermit = no_permit

    async def intent(self, key: str) -> Intent | None:
        """A PaymentIntent with its charge and card; None when the account has no such one.

        Raises CallFailed when no usable answer came, and what `look` raises.
        """
        if not INTENT_ID.fullmatch(key):
            return None
        v1 = self.client.v1
        answer = await self._ask(
            lambda: v1.payment_intents.retrieve_async(key, {"expand": [WITH_CHARGE, "payment_method"]})
        )
        return None if answer is None else intent_of(answer.body, answer.trace)

    async def authorized(self, customer: str, since: datetime | None, reference: str) -> tuple[Intent, ...]:
        """The customer's PaymentIntents since then that bear our reference, newest first. Lists are consistent at
        once, unlike the search. Raises as `intent` does."""
        payments = self.client.v1.payment_intents
        asked: dict[str, Any] = {"customer": customer, "expand": [f"data.{WITH_CHARGE}"]}
        if since is not None:
            asked["created"] = {"gte": int(since.timestamp())}
        found = await self._listed(lambda page: payments.list_async(cast("Any", {**asked, **page})), reference)
        return tuple(intent_of(one) for one in found)

    async def refunds(self, intent: str, reference: str) -> tuple[Body, ...]:
        """The refunds of a PaymentIntent that bear our reference, newest first. Raises as `intent` does."""
        refunds = self.client.v1.refunds
        asked = {"payment_intent": intent}
        return await self._listed(lambda page: refunds.list_async(cast("Any", {**asked, **page})), reference)

    async def send(self, step: Step, key: str, permit: SendPermit) -> Reply | Refused:
        """Carry a step out under an idempotency key. Raises CallFailed, and what the permit raises."""
        await asyncio.to_thread(permit)
        return await exchange(lambda: self._request(step, key), self.clock)

    def _request(self, step: Step, key: str) -> Awaitable[stripe.StripeObject]:
        # the key belongs into the options: beside the parameters it would be sent as one, and a random one be used
        options: stripe.RequestOptions = {"idempotency_key": key}
        v1 = self.client.v1
        body = cast("Any", dict(step.body))
        match step.name:
            case "create":
                return v1.payment_intents.create_async(body, options)
            case "confirm":
                return v1.payment_intents.confirm_async(step.target, body, options)
            case "capture" | "release":
                return v1.payment_intents.capture_async(step.target, body, options)
            case "cancel":
                return v1.payment_intents.cancel_async(step.target, body, options)
            case "refund":
                return v1.refunds.create_async(body, options)
            case _:
                raise ValueError(f"there is no step {step.name}")

    async def _ask(self, question: Callable[[], Awaitable[stripe.StripeObject]]) -> Reply | None:
        """The answer to a question; None when it is about something that does not exist."""
        await asyncio.to_thread(self.look)
        answer = await exchange(question, self.clock)
        if isinstance(answer, Reply):
            return answer
        if answer.status == httpx.codes.NOT_FOUND:
            return None
        raise bad_answer(answer.trace)

    async def _listed(
        self, page: Callable[[dict[str, Any]], Awaitable[stripe.StripeObject]], reference: str
    ) -> tuple[Body, ...]:
        """Those rows of a list that bear our reference, from all of its pages."""
        found: list[Body] = []
        cursor: dict[str, Any] = {"limit": PAGE}
        for _ in range(MOST_PAGES):
            asked = dict(cursor)
            answer = await self._ask(lambda asked=asked: page(asked))  # type: ignore[misc]
            if answer is None:
                return ()
            listed = rows(answer.body)
            found += [one for one in listed if _reference_of(one) == reference]
            if answer.body.get("has_more") is not True or not listed:
                return tuple(found)
            cursor["starting_after"] = identifier(listed[-1], "id")
        raise CallFailed(bad_answer().reason, sent=True)


def _reference_of(row: Body) -> str:
    metadata = row.get("metadata")
    told = metadata.get(OURS) if isinstance(metadata, Mapping) else None
    return told if isinstance(told, str) else ""
