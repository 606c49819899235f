"""What the calls on payments take; the others are in `merchant_requests`.

Names are those of the library's own parameter types; a test compares them. A parameter of the API that is not played
here is refused by name instead of being swallowed.
"""

from sandboxes.stripe.params import (
    Hash,
    Kind,
    anything,
    clearable,
    created_range,
    flag,
    integer,
    list_of,
    metadata,
    names,
    one_of,
    text,
)

EXPAND: dict[str, Kind] = {"expand": list_of(text)}
PAGE: dict[str, Kind] = {**EXPAND, "limit": integer, "starting_after": text, "ending_before": text}
CAPTURE_METHOD = one_of("automatic", "automatic_async", "manual")
USAGE = one_of("off_session", "on_session")
CREDENTIAL = one_of("installment", "recurring", "unscheduled")
ON_REQUEST = one_of("if_available", "never")
GONE = {"payment_method_types": "payment_method_types_no_longer_supported"}

ADDRESS = Hash(dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"), clearable), clear=True)
SHIPPING = Hash(
    {"address": ADDRESS, "name": text, "carrier": clearable, "phone": clearable, "tracking_number": clearable},
    needed=("address", "name"),
    clear=True,
)
BILLING = Hash({"address": ADDRESS, **dict.fromkeys(("email", "name", "phone", "tax_id"), clearable)})
AUTOMATIC = Hash({"enabled": flag, "allow_redirects": one_of("always", "never")}, needed=("enabled",))
ONLINE = Hash({"ip_address": text, "user_agent": text}, needed=("ip_address", "user_agent"))
ACCEPTANCE = Hash(
    {"type": one_of("offline", "online"), "accepted_at": integer, "offline": Hash({}, clear=True), "online": ONLINE},
    needed=("type",),
)
MANDATE = Hash({"customer_acceptance": ACCEPTANCE}, needed=("customer_acceptance",), clear=True)
CARD_OPTIONS = Hash(
    {
        "capture_method": one_of("manual", clear=True),
        "moto": flag,
        "network": text,
        "request_extended_authorization": ON_REQUEST,
        "request_incremental_authorization": ON_REQUEST,
        "request_multicapture": ON_REQUEST,
        "request_overcapture": ON_REQUEST,
        "request_three_d_secure": one_of("any", "automatic", "challenge"),
        "setup_credential_usage": CREDENTIAL,
        "setup_future_usage": one_of("none", "off_session", "on_session", clear=True),
        "stored_credential_usage": CREDENTIAL,
    },
    unplayed=names(
        "cvc_token installments mandate_options require_cvc_recollection "
        "statement_descriptor_suffix_kana statement_descriptor_suffix_kanji three_d_secure"
    ),
    clear=True,
)
OPTIONS = Hash({"card": CARD_OPTIONS}, unplayed=names("link paypal klarna sepa_debit card_present"))

_CONFIRMING: dict[str, Kind] = {
    "error_on_requires_action": flag,
    "mandate_data": MANDATE,
    "off_session": anything,  # a boolean or the words of earlier versions, see `confirming`
    "payment_method": text,
    "payment_method_options": OPTIONS,
    "return_url": text,
    "use_stripe_sdk": flag,
}
_DESCRIBED: dict[str, Kind] = {
    "description": clearable,
    "metadata": metadata,
    "receipt_email": clearable,
    "shipping": SHIPPING,
    "statement_descriptor": clearable,
    "statement_descriptor_suffix": clearable,
}
_UNPLAYED = names(
    "amount_details application_fee_amount confirmation_token customer_account "
    "excluded_payment_method_types hooks mandate on_behalf_of payment_details "
    "payment_method_configuration payment_method_data radar_options transfer_data "
    "transfer_group"
)
INTENT_CREATE = Hash(
    {
        **EXPAND,
        **_CONFIRMING,
        **_DESCRIBED,
        "allowed_payment_method_types": list_of(text),
        "amount": integer,
        "automatic_payment_methods": AUTOMATIC,
        "capture_method": CAPTURE_METHOD,
        "confirm": flag,
        "confirmation_method": one_of("automatic", "manual"),
        "currency": text,
        "customer": text,
        "setup_future_usage": USAGE,
    },
    needed=("amount", "currency"),
    unplayed=_UNPLAYED,
    removed=GONE,
)
INTENT_UPDATE = Hash(
    {
        **EXPAND,
        **_DESCRIBED,
        "amount": integer,
        "capture_method": CAPTURE_METHOD,
        "customer": text,
        "payment_method": text,
        "payment_method_options": OPTIONS,
        "setup_future_usage": one_of("off_session", "on_session", clear=True),
    },
    unplayed=(_UNPLAYED | {"allowed_payment_method_types", "currency"})
    - {"confirmation_token", "mandate", "on_behalf_of", "radar_options"},
    removed=GONE,
)
INTENT_CONFIRM = Hash(
    {
        **EXPAND,
        **_CONFIRMING,
        "capture_method": CAPTURE_METHOD,
        "receipt_email": clearable,
        "setup_future_usage": one_of("off_session", "on_session", clear=True),
        "shipping": SHIPPING,
    },
    unplayed=(_UNPLAYED | {"allowed_payment_method_types", "amount_to_confirm"})
    - {"application_fee_amount", "customer_account", "on_behalf_of", "transfer_data", "transfer_group"}
    - {"payment_method_configuration"},
    removed=GONE,
)
INTENT_CAPTURE = Hash(
    {
        **EXPAND,
        "amount_to_capture": integer,
        "final_capture": flag,
        "metadata": metadata,
        "statement_descriptor": clearable,
        "statement_descriptor_suffix": clearable,
    },
    unplayed=names("amount_details application_fee_amount hooks payment_details transfer_data"),
)
INTENT_CANCEL = Hash(
    {
        **EXPAND,
        "cancellation_reason": one_of("abandoned", "duplicate", "fraudulent", "requested_by_customer"),
    }
)
INTENT_INCREMENT = Hash(
    {**EXPAND, "amount": integer, "description": clearable, "metadata": metadata, "statement_descriptor": clearable},
    needed=("amount",),
    unplayed=names("amount_details application_fee_amount hooks payment_details transfer_data"),
)
INTENT_LIST = Hash({**PAGE, "created": created_range, "customer": text}, unplayed=frozenset({"customer_account"}))
INTENT_RETRIEVE = Hash({**EXPAND, "client_secret": text})
RETRIEVE = Hash(EXPAND)

_SETUP_OPTIONS = Hash(
    {
        "card": Hash(
            {
                "moto": flag,
                "network": text,
                "request_three_d_secure": one_of("any", "automatic", "challenge"),
                "setup_credential_usage": CREDENTIAL,
            },
            unplayed=frozenset({"mandate_options", "three_d_secure"}),
        )
    }
)
_SETTING_UP: dict[str, Kind] = {
    **EXPAND,
    "mandate_data": MANDATE,
    "payment_method": text,
    "payment_method_options": _SETUP_OPTIONS,
    "return_url": text,
    "use_stripe_sdk": flag,
}
_SETUP_UNPLAYED = frozenset({"confirmation_token", "excluded_payment_method_types", "payment_method_data"})
SETUP_CREATE = Hash(
    {
        **_SETTING_UP,
        "allowed_payment_method_types": list_of(text),
        "automatic_payment_methods": AUTOMATIC,
        "confirm": flag,
        "customer": text,
        "description": clearable,
        "metadata": metadata,
        "usage": USAGE,
    },
    unplayed=_SETUP_UNPLAYED
    | {"attach_to_self", "customer_account", "flow_directions", "on_behalf_of", "payment_method_configuration"}
    | {"single_use"},
    removed=GONE,
)
SETUP_CONFIRM = Hash(
    _SETTING_UP,
    unplayed=frozenset({"allowed_payment_method_types", "confirmation_token", "payment_method_data"}),
    removed=GONE,
)
