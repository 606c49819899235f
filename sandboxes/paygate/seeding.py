"""Payments as they come out of a shop's checkout, made by a test: the customer was there, the card is stored."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from sandboxes.paygate.account import PaygateAccount
from sandboxes.paygate.authorizing import CardUse, begin
from sandboxes.paygate.cards import DEFAULT_EXPIRY, CardData, luhn, made_up_number
from sandboxes.paygate.model import AUTHORIZE, SALE, Payment
from sandboxes.paygate.steps import SEED, Wanted

Brand = Literal["VISA", "MasterCard", "AMEX", "DINERS", "Discover", "CBN"]


class Seed(BaseModel):
    """Body of `POST /control/accounts/{a}/payments`: a first authorization with the customer present."""

    model_config = ConfigDict(extra="forbid")

    amount_minor: Annotated[int, Field(gt=0, lt=10**10)]
    currency: str = "EUR"
    brand: Brand = "VISA"
    trans_id: Annotated[str, Field(max_length=64)] = ""
    ref_nr: Annotated[str, Field(max_length=30)] = ""
    card_number: Annotated[str, Field(pattern=r"^([1-9]\d{11,18})?$")] = ""  # made up from brand and TransID when empty
    card_expiry: Annotated[str, Field(pattern=r"^20\d\d(0[1-9]|1[0-2])$")] = DEFAULT_EXPIRY
    capture: Annotated[str, Field(pattern=r"^(AUTO|MANUAL|[1-9]\d{0,2})$")] = "MANUAL"  # or hours
    order_desc: str = ""  # `Test:0305` makes it fail
    user_data: str = ""


def seed(account: PaygateAccount, wanted: Seed) -> Payment:
    """The payment that a checkout would have left. Raises ValueError for a value that no checkout accepts."""
    if wanted.currency not in account.settings.currencies:
        raise ValueError(f"the merchant takes no {wanted.currency}")
    if wanted.card_number and not luhn(wanted.card_number):
        raise ValueError("the card number's check digit is wrong")
    trans_id = wanted.trans_id or f"{account.name}-{len(account.payments) + 1}"
    number = wanted.card_number or made_up_number(wanted.brand, f"{account.name}:{trans_id}")
    request = Wanted(
        "direct",
        SEED,
        trans_id=trans_id,
        ref_nr=wanted.ref_nr,
        amount=wanted.amount_minor,
        currency=wanted.currency,
        order_desc=wanted.order_desc,
        user_data=wanted.user_data,
    )
    brand = "" if wanted.card_number else wanted.brand
    use = CardUse(CardData(number, wanted.card_expiry, brand))
    kind = SALE if wanted.capture == "AUTO" else AUTHORIZE
    payment, _ = begin(account, request, use, capture=wanted.capture, kind=kind)
    account.touch()
    return payment
