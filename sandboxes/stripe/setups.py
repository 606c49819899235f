"""SetupIntents: the customer agrees that a card is stored for payments without being there."""

from typing import Any

from sandboxes.stripe import wire
from sandboxes.stripe.confirming import next_action
from sandboxes.stripe.declines import Decline
from sandboxes.stripe.errors import ApiError, invalid, missing_object
from sandboxes.stripe.model import ACTION, CONFIRMATION, PAYMENT_METHOD, SUCCEEDED, PaymentMethod, SetupIntent
from sandboxes.stripe.params import merged
from sandboxes.stripe.people import attach, card_refused, check_usable, customer_of, elsewhere, method_of
from sandboxes.stripe.side import Side
from sandboxes.stripe.verdicts import verdict


def create(side: Side, params: dict[str, Any]) -> SetupIntent:
    """A new setup, confirmed at once when the request asks for it."""
    confirm_now = params.get("confirm", False)
    for name in ("mandate_data", "return_url"):
        if name in params and not confirm_now:
            raise invalid(f"{name} can be used only together with confirm=true.", name)
    key = side.ids.new("seti")
    allowed = params.get("allowed_payment_method_types")
    setup = SetupIntent(
        id=key,
        created=side.account.now(),
        client_secret=side.ids.new(f"{key}_secret", 25),
        usage=params.get("usage", "off_session"),
        customer=customer_of(side, params["customer"]).id if "customer" in params else "",
        description=params.get("description"),
        metadata=merged({}, params.get("metadata")),
        card_options=dict(params.get("payment_method_options", {}).get("card", {})),
        automatic=params.get("automatic_payment_methods") or (None if allowed else {"enabled": True}),
        allowed_types=["card"] if allowed is not None else None,
    )
    method = _method(side, setup, params)
    if method is not None:
        setup.payment_method, setup.status = method.id, CONFIRMATION
    side.setups[setup.id] = setup
    side.emit("setup_intent.created", wire.setup_intent(side, setup))
    if confirm_now:
        confirm(side, setup, params)
    return setup


def _method(side: Side, setup: SetupIntent, params: dict[str, Any]) -> PaymentMethod | None:
    named = params.get("payment_method", setup.payment_method)
    if not named:
        return None
    method = method_of(side, named)
    check_usable(side, method, setup.customer, off_session=False)
    return method


def confirm(side: Side, setup: SetupIntent, params: dict[str, Any]) -> None:
    """Ask the issuer. Raises ApiError (402, remembered) when it refuses."""
    method = _method(side, setup, params)
    if setup.status not in (PAYMENT_METHOD, CONFIRMATION) or method is None:
        raise ApiError(
            400,
            f"You cannot confirm this SetupIntent: its status is {setup.status}, "
            f"its payment method is {setup.payment_method or 'missing'}.",
            code="setup_intent_unexpected_state",
            kept=True,
            setup_intent=wire.setup_intent(side, setup),
        )
    setup.payment_method = method.id
    setup.card_options.update(params.get("payment_method_options", {}).get("card", {}))
    setup.return_url = params.get("return_url", "")
    answer = _verdict(side, setup, method)
    if answer == "authenticate":
        setup.status, setup.action = ACTION, next_action(side, setup.id, setup.return_url)
        side.emit("setup_intent.requires_action", wire.setup_intent(side, setup))
    elif isinstance(answer, Decline):
        raise _refuse(side, setup, method, answer)
    else:
        _finish(side, setup, method)


def _verdict(side: Side, setup: SetupIntent, method: PaymentMethod, *, authenticated: bool = False) -> Any:
    """Cards that are refused only when they are charged can be set up."""
    facts = {"call": "setup_intents", "customer": setup.customer, "payment_method": method.id, "card": method.token}
    ask = setup.card_options.get("request_three_d_secure") in ("any", "challenge")
    answer = verdict(
        side, method, {**facts, "metadata": setup.metadata}, off_session=False, authenticated=authenticated, ask=ask
    )
    later = isinstance(answer, Decline) and bool(method.card.declines) and not method.card.declines_attach
    return "approve" if later else answer


def authenticated(side: Side, setup: SetupIntent, *, success: bool) -> None:
    """The customer has authenticated, or has failed to. Raises ValueError when nobody waits for that."""
    method = side.methods.get(setup.payment_method)
    if setup.status != ACTION or method is None:
        raise ValueError(f"the setup is {setup.status}")
    setup.action = None
    if not success:
        failure = Decline(
            "setup_intent_authentication_failure", message="The provided PaymentMethod has failed authentication."
        )
        _refuse(side, setup, method, failure)
        return
    answer = _verdict(side, setup, method, authenticated=True)
    if isinstance(answer, Decline):
        _refuse(side, setup, method, answer)
    else:
        _finish(side, setup, method)


def _finish(side: Side, setup: SetupIntent, method: PaymentMethod) -> None:
    setup.status, setup.last_error = SUCCEEDED, None
    if setup.customer:
        attach(side, method, setup.customer, set_up=setup.usage == "off_session")
    side.emit("setup_intent.succeeded", wire.setup_intent(side, setup))


def _refuse(side: Side, setup: SetupIntent, method: PaymentMethod, failure: Decline) -> ApiError:
    setup.status, setup.payment_method = PAYMENT_METHOD, ""
    setup.last_error = wire.card_error(side, failure, "", method)
    side.emit("setup_intent.setup_failed", wire.setup_intent(side, setup))
    return card_refused(side, failure, "", method, setup_intent=wire.setup_intent(side, setup))


def setup_of(side: Side, key: str) -> SetupIntent:
    found = side.setups.get(key)
    if found is None:
        raise missing_object("setupintent", key, "intent", elsewhere=elsewhere(side, "setups", key))
    return found
