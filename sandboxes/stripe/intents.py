"""PaymentIntents are made and changed; attempts on the card are in `confirming`, what follows a hold in `holds`."""

from typing import Any

from sandboxes.stripe import wire
from sandboxes.stripe.confirming import Attempt, ask_issuer, begin, prepare
from sandboxes.stripe.declines import Decline
from sandboxes.stripe.errors import invalid, missing_object
from sandboxes.stripe.holds import increment, unexpected
from sandboxes.stripe.model import ACTION, CONFIRMATION, PAYMENT_METHOD, Intent
from sandboxes.stripe.params import merged, names
from sandboxes.stripe.people import card_refused, check_usable, customer_of, elsewhere, method_of
from sandboxes.stripe.programs import Outcome
from sandboxes.stripe.side import Side
from sandboxes.stripe.verdicts import verdict

HIGHEST = 99_999_999
CURRENCIES = names(
    "aed ars aud bgn brl cad chf clp cny czk dkk eur gbp hkd huf idr ils inr isk jpy krw "
    "mxn myr nok nzd php pln ron sek sgd thb try twd uah usd vnd zar"
)
LOWEST = {"chf": 50, "czk": 1500, "dkk": 250, "eur": 50, "gbp": 30, "huf": 17500, "jpy": 50, "nok": 300, "pln": 200}
LOWEST |= {"ron": 200, "sek": 300, "usd": 50, "krw": 100, "mxn": 1000, "hkd": 400}
ONLY_WITH_CONFIRM = ("error_on_requires_action", "mandate_data", "off_session", "return_url")


def check_amount(amount: int, currency: str, param: str = "amount") -> None:
    """Raises ApiError for what no card payment may be over."""
    if amount < 1:
        raise invalid("This value must be at least 1.", param, code="parameter_invalid_integer")
    if amount > HIGHEST:
        raise invalid("Amount must have no more than 8 digits.", param, code="amount_too_large")
    lowest = LOWEST.get(currency, 50)
    if amount < lowest:
        raise invalid(f"Amount must be at least {lowest} {currency}.", param, code="amount_too_small")


def create(side: Side, params: dict[str, Any], forced: Outcome | None = None) -> Intent:
    """A new payment, confirmed at once when the request asks for it."""
    confirm = params.get("confirm", False)
    for name in ONLY_WITH_CONFIRM:
        if name in params and not confirm:
            raise invalid(f"{name} can be used only together with confirm=true.", name)
    if "automatic_payment_methods" in params and "allowed_payment_method_types" in params:
        raise invalid(
            "automatic_payment_methods and allowed_payment_method_types exclude each other.",
            "allowed_payment_method_types",
            code="parameters_exclusive",
        )
    currency = params["currency"].lower()
    if currency not in CURRENCIES:
        raise invalid(f"Invalid currency: {currency}", "currency")
    check_amount(params["amount"], currency)
    intent = _draft(side, params, currency)
    attempt: Attempt | None = None
    if confirm:
        attempt = prepare(side, intent, params)
    elif params.get("payment_method"):
        method = method_of(side, params["payment_method"])
        check_usable(side, method, intent.customer, off_session=False)
        intent.payment_method, intent.status = method.id, CONFIRMATION
    side.intents[intent.id] = intent
    side.emit("payment_intent.created", wire.intent(side, intent))
    if attempt is not None:
        begin(side, intent, params, attempt)
        ask_issuer(side, intent, attempt, forced)
    return intent


def _draft(side: Side, params: dict[str, Any], currency: str) -> Intent:
    customer = customer_of(side, params["customer"]).id if "customer" in params else ""
    allowed = params.get("allowed_payment_method_types")
    if allowed is not None and "card" not in allowed:
        raise invalid(
            "None of the allowed payment methods can be used: this sandbox plays cards.", "allowed_payment_method_types"
        )
    key = side.ids.new("pi")
    return Intent(
        id=key,
        created=side.account.now(),
        amount=params["amount"],
        currency=currency,
        client_secret=side.ids.new(f"{key}_secret", 25),
        capture_method=params.get("capture_method", "automatic_async"),
        customer=customer,
        confirmation_method=params.get("confirmation_method", "automatic"),
        setup_future_usage=params.get("setup_future_usage") or "",
        description=params.get("description"),
        receipt_email=params.get("receipt_email"),
        shipping=params.get("shipping"),
        statement_descriptor=params.get("statement_descriptor"),
        statement_descriptor_suffix=params.get("statement_descriptor_suffix"),
        metadata=merged({}, params.get("metadata")),
        card_options=dict(params.get("payment_method_options", {}).get("card", {})),
        automatic=_automatic(params),
        allowed_types=["card"] if allowed is not None else None,
    )


_DESCRIBED = ("description", "receipt_email", "shipping", "statement_descriptor", "statement_descriptor_suffix")


def _automatic(params: dict[str, Any]) -> dict[str, Any] | None:
    """The dashboard chooses the methods unless the request lists them."""
    if "allowed_payment_method_types" in params:
        return None
    given = params.get("automatic_payment_methods", {"enabled": True})
    return {"allow_redirects": "always", **given} if given.get("enabled") else None


def confirm(side: Side, intent: Intent, params: dict[str, Any], forced: Outcome | None = None) -> None:
    attempt = prepare(side, intent, params)
    begin(side, intent, params, attempt)
    ask_issuer(side, intent, attempt, forced)


def update(side: Side, intent: Intent, params: dict[str, Any]) -> None:
    """Change a payment. Once it is held, taken or given up only texts and metadata can change."""
    shaping = [name for name in params if name not in (*_DESCRIBED, "metadata", "expand")]
    if shaping and intent.status not in (PAYMENT_METHOD, CONFIRMATION, ACTION):
        raise unexpected(
            side, intent, f"{shaping[0]} cannot be changed because this PaymentIntent's status is {intent.status}."
        )
    if "amount" in params:
        check_amount(params["amount"], intent.currency)
    customer = customer_of(side, params["customer"]).id if "customer" in params else intent.customer
    if "payment_method" in params:
        method = method_of(side, params["payment_method"])
        check_usable(side, method, customer, off_session=False)
        intent.payment_method, intent.status = method.id, CONFIRMATION
    intent.customer = customer
    intent.amount = params.get("amount", intent.amount)
    intent.capture_method = params.get("capture_method", intent.capture_method)
    if "setup_future_usage" in params:
        intent.setup_future_usage = params["setup_future_usage"] or ""
    intent.card_options.update(params.get("payment_method_options", {}).get("card", {}))
    for name in _DESCRIBED:
        if name in params:
            setattr(intent, name, params[name])
    intent.metadata = merged(intent.metadata, params.get("metadata"))


def raise_hold(side: Side, intent: Intent, params: dict[str, Any], forced: Outcome | None = None) -> None:
    """Increment an authorization; the issuer may refuse, and the hold stays as it was."""
    check_amount(params["amount"], intent.currency)
    method = side.method_of(intent)
    if method is not None and intent.status == "requires_capture":
        facts: dict[str, Any] = {"call": "increment", "customer": intent.customer, "payment_intent": intent.id}
        facts |= {"payment_method": method.id, "card": method.token, "metadata": intent.metadata}
        planned = forced or side.programs.next({**facts, "off_session": intent.off_session}) or "approve"
        answer = verdict(side, method, facts, off_session=True, forced=planned, authenticated=True)
        if isinstance(answer, Decline):
            raise card_refused(side, answer, intent.latest_charge, method, payment_intent=wire.intent(side, intent))
    increment(side, intent, params["amount"])
    for name in ("description", "statement_descriptor"):
        if name in params:
            setattr(intent, name, params[name])
    intent.metadata = merged(intent.metadata, params.get("metadata"))


def intent_of(side: Side, key: str) -> Intent:
    found = side.intents.get(key)
    if found is None:
        raise missing_object("payment_intent", key, "intent", elsewhere=elsewhere(side, "intents", key))
    return found
