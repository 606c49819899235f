"""What the calls beside the payments take: customers, stored cards, charges, refunds, events."""

from sandboxes.stripe.params import (
    Hash,
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
from sandboxes.stripe.requests import ADDRESS, BILLING, EXPAND, PAGE

CHARGE_LIST = Hash(
    {**PAGE, "created": created_range, "customer": text, "payment_intent": text},
    unplayed=frozenset({"transfer_group"}),
)
REFUND_CREATE = Hash(
    {
        **EXPAND,
        "amount": integer,
        "charge": text,
        "metadata": metadata,
        "payment_intent": text,
        "reason": one_of("duplicate", "fraudulent", "requested_by_customer"),
    },
    unplayed=names("currency customer instructions_email origin refund_application_fee reverse_transfer"),
)
REFUND_LIST = Hash({**PAGE, "charge": text, "created": created_range, "payment_intent": text})

CUSTOMER_CREATE = Hash(
    {
        **EXPAND,
        **dict.fromkeys(("description", "email", "name", "phone"), clearable),
        "address": ADDRESS,
        "metadata": metadata,
        "payment_method": text,
        "preferred_locales": list_of(text),
        "shipping": Hash({"address": ADDRESS, "name": text, "phone": clearable}, ("address", "name"), clear=True),
    },
    unplayed=names(
        "balance business_name cash_balance individual_name invoice_prefix invoice_settings "
        "next_invoice_sequence source tax tax_exempt tax_id_data test_clock validate"
    ),
)
CUSTOMER_LIST = Hash({**PAGE, "created": created_range, "email": text}, unplayed=frozenset({"test_clock"}))

METHOD_CREATE = Hash(
    {
        **EXPAND,
        "allow_redisplay": one_of("always", "limited", "unspecified"),
        "billing_details": BILLING,
        "card": Hash(
            {"token": text},
            needed=("token",),
            unplayed=names("cvc exp_month exp_year networks number"),
        ),
        "metadata": metadata,
        "type": one_of("card"),
    },
    needed=("type", "card"),
    unplayed=frozenset({"customer", "payment_method", "radar_options"}),
)
METHOD_ATTACH = Hash({**EXPAND, "customer": text}, ("customer",), unplayed=frozenset({"customer_account"}))
METHOD_LIST = Hash(
    {**PAGE, "customer": text, "type": one_of("card")},
    unplayed=frozenset({"allow_redisplay", "customer_account"}),
)

EVENT_LIST = Hash({**PAGE, "created": created_range, "delivery_success": flag, "type": text, "types": list_of(text)})
