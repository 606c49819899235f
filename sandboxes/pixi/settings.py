"""How one account is set up: credentials, version profile, shops, payment types, booking events and switches."""

from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator


class Profile(StrEnum):
    """Release lines that differ in what can be called."""

    LOU46 = "LOU46"
    AVA = "AVA"
    CURRENT = "current"

    def has(self, since: "Profile") -> bool:
        order = list(Profile)
        return order.index(self) >= order.index(since)


class Shop(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: str = Field(pattern=r"^[A-Za-z0-9]{1,3}$")
    name: str = ""
    currency: str = "EUR"


class PaymentType(BaseModel):
    model_config = ConfigDict(extra="forbid")

    code: str = Field(min_length=1, max_length=1)
    text: str
    xml_tag: str
    hold: bool = True  # orders come in on HOLD; without it they are released at once
    paid: bool = False  # orders come in with the paid flag, and so do their invoices
    clears: bool = False  # a payment is booked by itself as soon as an invoice is written


class BookingEvent(BaseModel):
    """A kind of booking of the customer account; its sign is fixed here, whatever amount is sent."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(min_length=1, max_length=3)
    sign: int
    text: str = ""

    @field_validator("sign", mode="before")
    @classmethod
    def _plus_or_minus(cls, value: Any) -> int:
        signs = {"+": 1, "-": -1, 1: 1, -1: -1, "positive": 1, "negative": -1}
        if value not in signs:
            raise ValueError("the sign is 1 or -1")
        return signs[value]


def _payment_types() -> list[PaymentType]:
    rows = [
        ("K", "Kreditkarte", "UZCC"),
        ("A", "Apple Pay", "UZAPL"),
        ("P", "PayPal", "UZPPL"),
        ("V", "Vorkasse", "UZPPY"),
        ("R", "Rechnung", "UZIVC"),
        ("S", "Rechnung gesichert", "UZIVS"),
        ("L", "Paylater Rechnung", "UZPIV"),
        ("T", "SOFORT", "UZSFT"),
        ("I", "iDEAL", "UZIDL"),
        ("E", "EPS", "UZEPS"),
        ("D", "Lastschrift gesichert", "UZSDS"),
    ]
    return [PaymentType(code=code, text=text, xml_tag=tag) for code, text, tag in rows]


def _events() -> list[BookingEvent]:
    return [
        BookingEvent(id="UZE", sign=1, text="unzer Einzug"),
        BookingEvent(id="UZR", sign=-1, text="unzer Rückzahlung"),
    ]


class AccountSettings(BaseModel):
    """Everything `PUT /control/accounts/{name}` takes; `user` is filled in from the account's name when empty."""

    model_config = ConfigDict(extra="forbid")

    user: str = ""
    password: str = "sandbox"
    profile: Profile = Profile.CURRENT
    shops: list[Shop] = Field(default_factory=lambda: [Shop(id="DEM", name="Demoshop")], min_length=1)
    payment_types: list[PaymentType] = Field(default_factory=_payment_types)
    events: list[BookingEvent] = Field(default_factory=_events)
    # switches: how this database behaves where nobody outside knows for certain
    # "call" not installed, "call.column" not returned, "call(parameter)" not known
    without: list[str] = Field(default_factory=list)
    order_check: bool = True  # parameters out of order are a fault
    code_page: bool = True  # text columns lose what Windows-1252 lacks
    row_set_style: Literal["microsoft", "any"] = "microsoft"  # how the WSDL declares SqlRowSet
    credit_sign: Literal["positive", "negative"] = "positive"  # sign of a credit note's total
    booking_sign: Literal["event", "as_sent"] = "event"  # what decides the sign of a manual booking
    capture_answer: Literal["none", "row"] = "none"  # what pixiPaySetInvoiceCapture answers
    totals_without_cancelled: bool = False  # pixiGetOrderTotals leaves cancelled lines out
