"""An attempt on a card: checked first, then approved, refused, or handed to the customer."""

from dataclasses import dataclass
from typing import Any

from sandboxes.stripe import wire
from sandboxes.stripe.declines import Decline, authentication_required
from sandboxes.stripe.errors import ApiError, invalid
from sandboxes.stripe.holds import book, cancel, unexpected
from sandboxes.stripe.model import (
    ACTION,
    CAPTURE,
    CONFIRMATION,
    PAYMENT_METHOD,
    SUCCEEDED,
    Charge,
    Intent,
    PaymentMethod,
)
from sandboxes.stripe.people import attach, card_refused, check_usable, method_of
from sandboxes.stripe.programs import Outcome
from sandboxes.stripe.side import Side
from sandboxes.stripe.verdicts import verdict
from sandboxes.stripe.windows import granted, window

OFF_SESSION = {"true": True, "one_off": True, "recurring": True, "false": False}


@dataclass(frozen=True)
class Attempt:
    """A checked attempt that may go to the issuer."""

    method: PaymentMethod
    off_session: bool = False
    error_on_action: bool = False
    return_url: str = ""


def prepare(side: Side, intent: Intent, params: dict[str, Any]) -> Attempt:
    """Check a confirmation without changing the payment. Raises ApiError, which no key remembers."""
    if intent.status not in (PAYMENT_METHOD, CONFIRMATION):
        raise unexpected(
            side,
            intent,
            f"You cannot confirm this PaymentIntent because its status is {intent.status}. It can be confirmed when "
            f"its status is {PAYMENT_METHOD} or {CONFIRMATION}.",
        )
    asked = params.get("off_session", "false")
    if asked not in OFF_SESSION:
        raise invalid("Invalid off_session: must be a boolean", "off_session")
    off_session = OFF_SESSION[asked]
    options = {**intent.card_options, **(params.get("payment_method_options", {}).get("card", {}))}
    usage = params.get("setup_future_usage", intent.setup_future_usage)
    if usage and options.get("stored_credential_usage"):
        raise invalid(
            "stored_credential_usage cannot be combined with setup_future_usage.",
            "payment_method_options[card][stored_credential_usage]",
            code="parameters_exclusive",
        )
    named = params.get("payment_method", intent.payment_method)
    if not named:
        raise unexpected(
            side,
            intent,
            "You cannot confirm this PaymentIntent because it has no payment method. Name one to confirm it.",
        )
    method = method_of(side, named)
    check_usable(side, method, intent.customer, off_session=off_session)
    _check_redirects(side, intent, params, off_session=off_session)
    return Attempt(method, off_session, params.get("error_on_requires_action", False), params.get("return_url", ""))


def _check_redirects(side: Side, intent: Intent, params: dict[str, Any], *, off_session: bool) -> None:
    """Methods of the dashboard may redirect: without a way back they must be excluded."""
    never = (intent.automatic or {}).get("allow_redirects") == "never"
    if never or intent.allowed_types or params.get("return_url") or off_session:
        return
    if side.account.settings.dashboard_redirects:
        raise invalid(
            "The payment methods of your dashboard apply here, and some of them redirect. Send a return_url, or "
            " automatic_payment_methods[allow_redirects]=never, or allowed_payment_method_types.",
            "return_url",
            code="parameter_missing",
        )


def begin(side: Side, intent: Intent, params: dict[str, Any], attempt: Attempt) -> None:
    """Take over what came with the confirmation."""
    intent.card_options.update(params.get("payment_method_options", {}).get("card", {}))
    for name in ("capture_method", "receipt_email", "shipping"):
        if name in params:
            setattr(intent, name, params[name])
    if "setup_future_usage" in params:
        intent.setup_future_usage = params["setup_future_usage"] or ""
    intent.payment_method = attempt.method.id
    intent.off_session, intent.return_url = attempt.off_session, attempt.return_url


def ask_issuer(side: Side, intent: Intent, attempt: Attempt, forced: Outcome | None = None) -> None:
    """The attempt itself. Raises ApiError (402, remembered) when it is refused; the payment has changed then, too."""
    answer = _verdict(side, intent, attempt.method, attempt.off_session, forced=forced)
    if answer == "authenticate" and attempt.error_on_action:
        answer = authentication_required()
    if answer == "authenticate":
        intent.status, intent.action = ACTION, next_action(side, intent.id, attempt.return_url)
        side.emit("payment_intent.requires_action", wire.intent(side, intent))
    elif isinstance(answer, Decline):
        raise refuse(side, intent, attempt.method, answer)
    else:
        approve(side, intent, attempt.method)


def _verdict(
    side: Side,
    intent: Intent,
    method: PaymentMethod,
    off_session: bool,
    *,
    authenticated: bool = False,
    forced: Outcome | None = None,
) -> Any:
    facts = {
        "call": "payment_intents",
        "customer": intent.customer,
        "payment_method": method.id,
        "payment_intent": intent.id,
        "card": method.token,
        "metadata": intent.metadata,
    }
    return verdict(
        side,
        method,
        facts,
        off_session=off_session,
        authenticated=authenticated,
        ask=intent.card_options.get("request_three_d_secure") in ("any", "challenge"),
        exempt=bool(intent.card_options.get("moto")),
        forced=forced,
    )


def next_action(side: Side, key: str, return_url: str) -> dict[str, Any]:
    """Where the customer authenticates: a page of this sandbox."""
    url = f"{side.account.origin}/authenticate/{key}"
    if return_url:
        return {"type": "redirect_to_url", "redirect_to_url": {"url": url, "return_url": return_url}}
    return {"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect", "stripe_js": url}}


def authenticated(side: Side, intent: Intent, *, success: bool) -> None:
    """The customer has authenticated, or has failed to. Raises ValueError when nobody waits for that."""
    method = side.method_of(intent)
    if intent.status != ACTION or method is None:
        raise ValueError(f"the payment is {intent.status}")
    intent.action = None
    if not success:
        intent.failures += 1
        intent.status, intent.payment_method = PAYMENT_METHOD, ""
        error = wire.card_error(side, Decline("payment_intent_authentication_failure"), "", method)
        intent.last_error = {
            **error,
            "type": "invalid_request_error",
            "message": "The provided PaymentMethod has failed authentication. Use another one to try again.",
        }
        side.emit("payment_intent.payment_failed", wire.intent(side, intent))
        return
    answer = _verdict(side, intent, method, intent.off_session, authenticated=True)
    if isinstance(answer, Decline):
        refuse(side, intent, method, answer)
    else:
        approve(side, intent, method, authenticated=True)


def approve(side: Side, intent: Intent, method: PaymentMethod, *, authenticated: bool = False) -> None:
    """The issuer holds the amount; without manual capture it is taken at once."""
    settings, now = side.account.settings, side.account.now()
    manual = intent.capture_method == "manual" or intent.card_options.get("capture_method") == "manual"
    charge = _charge(side, intent, method)
    charge.authenticated = authenticated
    charge.features = granted(
        method.card, intent.card_options, list(settings.features), off_session=intent.off_session, manual=manual
    )
    charge.authorization_code = f"{int.from_bytes(charge.id[-6:].encode(), 'big') % 10**6:06d}"
    charge.network_transaction_id = f"{int.from_bytes(charge.id[-8:].encode(), 'big') % 10**15:015d}"
    intent.last_error = None
    _keep_method(side, intent, method)
    side.account.moved(side, "authorized", intent.amount, intent.currency, intent.id, off_session=intent.off_session)
    if not manual:
        intent.status, intent.amount_received = SUCCEEDED, intent.amount
        charge.captured, charge.amount_captured = True, intent.amount
        charge.balance_transaction = book(side, intent.amount, intent.currency, charge.id, "charge")
        side.account.moved(side, "captured", intent.amount, intent.currency, intent.id, final=True)
        side.emit("charge.succeeded", wire.charge(side, charge))
        side.emit("payment_intent.succeeded", wire.intent(side, intent))
        return
    charge.capture_before = now + window(
        method.card.brand,
        off_session=intent.off_session,
        extended=charge.features["extended_authorization"],
        japan=settings.country == "JP" and intent.currency == "jpy",
    )
    intent.status, intent.amount_capturable = CAPTURE, intent.amount
    side.plan(charge.capture_before, "hold", intent.id)
    side.emit("charge.succeeded", wire.charge(side, charge))
    side.emit("payment_intent.amount_capturable_updated", wire.intent(side, intent))


def _keep_method(side: Side, intent: Intent, method: PaymentMethod) -> None:
    usage = intent.card_options.get("setup_future_usage") or intent.setup_future_usage
    if usage in ("off_session", "on_session") and intent.customer:
        attach(side, method, intent.customer, set_up=usage == "off_session")
    elif not method.customer:
        method.used = True


def refuse(side: Side, intent: Intent, method: PaymentMethod, failure: Decline) -> ApiError:
    """The attempt is refused; returns the answer. After too many refusals the payment is cancelled."""
    charge = _charge(side, intent, method)
    charge.status, charge.failure = "failed", failure.dump()
    intent.status, intent.payment_method = PAYMENT_METHOD, ""
    intent.last_error = wire.card_error(side, failure, charge.id, method)
    intent.failures += 1
    side.emit("charge.failed", wire.charge(side, charge))
    side.emit("payment_intent.payment_failed", wire.intent(side, intent))
    if intent.failures >= side.account.settings.confirm_limit:
        cancel(side, intent, "automatic")
    return card_refused(side, failure, charge.id, method, payment_intent=wire.intent(side, intent))


def _charge(side: Side, intent: Intent, method: PaymentMethod) -> Charge:
    described = ("description", "receipt_email", "shipping", "statement_descriptor", "statement_descriptor_suffix")
    charge = Charge(
        id=side.ids.new("ch"),
        created=side.account.now(),
        amount=intent.amount,
        currency=intent.currency,
        payment_intent=intent.id,
        payment_method=method.id,
        customer=intent.customer,
        off_session=intent.off_session,
        metadata=dict(intent.metadata),
        options=dict(intent.card_options),
        described={name: getattr(intent, name) for name in described},
    )
    side.charges[charge.id] = charge
    intent.latest_charge = charge.id
    return charge
