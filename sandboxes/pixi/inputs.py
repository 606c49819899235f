"""What the hooks accept. Money is integer minor units; `null` lines mean all that fit."""

from typing import Annotated, Literal

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field

from sandboxes.pixi.state import LINE_STATUSES

LineStatus = Annotated[str, Field(pattern="^(" + "|".join(LINE_STATUSES) + ")$")]
VAT_LETTERS = {19: "H", 7: "L", 0: "N"}


def _letter(value: object) -> object:
    return VAT_LETTERS.get(value, value) if isinstance(value, int) else value


class Input(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class LineIn(Input):
    """One ordered position; `price` is the gross price of one piece in minor units.

    `price_exact` is the same as a decimal string with up to four digits ("33.3333") and wins over `price`.
    """

    sku: str = "SKU-1"
    name: str = "Item"
    qty: int = 1
    price: int = Field(default=1000, validation_alias=AliasChoices("price", "price_minor"))
    price_exact: str | None = Field(default=None, pattern=r"^-?\d+(\.\d{1,4})?$")
    vat: Annotated[Literal["H", "L", "N"], BeforeValidator(_letter)] = "H"  # or the rate: 19, 7, 0
    bundle: str = ""  # lines with the same name belong together: one that cannot be delivered takes the others along
    status: LineStatus | None = None


class CustomerIn(Input):
    """The buyer; the same `external_nr` in the same shop is the same customer."""

    key: int | None = None
    external_nr: str | None = None
    first_name: str = "Erika"
    last_name: str = "Mustermann"
    salutation: str = "Frau"
    care_of: str = ""
    street: str = "Heidestraße"
    house_nr: str = "17"
    zip: str = "51147"
    city: str = "Köln"
    country: str = "D"
    phone: str = ""
    email: str = "erika@example.com"
    locked: bool = False


class OrderIn(Input):
    order_nr: int | None = None
    order_nr_external: str | None = None
    shop_id: str | None = None
    payment_code: str | None = None
    kk_id: str | None = None
    xml_kk_id: str | None = None  # the payment id in the import XML, when it differs from the header's
    currency: str | None = None
    lines: list[LineIn] = Field(default_factory=lambda: [LineIn()])
    ship_cost_minor: int = 0
    discount_minor: int = 0
    customer: CustomerIn = Field(default_factory=CustomerIn)
    xml_tag: str | None = None
    status: LineStatus | None = None  # without it HAL, or ANG where the payment type does not hold orders
    locked: bool = False
    shop_note: str | None = None


class Pick(Input):
    """A line by its number within the order; without `qty` the whole line."""

    line: int
    qty: int | None = Field(default=None, ge=1)


def _picks(value: object) -> object:
    return [{"line": one} if isinstance(one, int) else one for one in value] if isinstance(value, list) else value


Picks = Annotated[list[Pick] | None, BeforeValidator(_picks)]


class ShipIn(Input):
    lines: Picks = None
    ship_cost: bool = True  # put the shipping cost not yet invoiced on this invoice
    total_minor: int | None = None  # an invoice whose total was changed by hand


class CancelIn(Input):
    lines: Picks = None
    status: Literal["STO", "NLB"] = "STO"


class StatusIn(Input):
    lines: Picks = None
    status: LineStatus


class ReturnIn(Input):
    lines: Picks = None
    refund_shipping: bool | int = False  # true = all of it, a number = that much
    fee: int = Field(default=0, validation_alias=AliasChoices("fee", "fee_minor"))
    voucher_minor: int = 0
    settled: bool = False  # a person already matched it
    total_minor: int | None = None


class CreditIn(Input):
    """A credit note made by hand; `lines` are positions of the order that it lists, whatever became of them."""

    amount_minor: int = Field(gt=0)
    note: str = ""
    settled: bool = False
    lines: Picks = None


class InvoiceIn(Input):
    """An invoice made by hand: it bills no position of the order, with `sku` an article and otherwise a text."""

    amount_minor: int = Field(gt=0)
    note: str = ""
    sku: str | None = None
    shipped: bool = False
    settled: bool = False


class SettleIn(Input):
    """Without an amount all that is open."""

    amount_minor: int | None = Field(default=None, gt=0)


class ReopenIn(Input):
    """Without lines every cancelled one."""

    lines: Picks = None


class ExchangeIn(Input):
    """What goes out instead; `returned` are the positions that came back, without it all that did."""

    lines: list[LineIn] = Field(default_factory=lambda: [LineIn()])
    returned: Picks = None
    status: LineStatus = "ANG"


class ImportStatusIn(Input):
    """Changes the order's entry in the import log; `remove` deletes it."""

    status: str | None = None
    error: str | None = None
    request: str | None = None
    response: str | None = None
    remove: bool = False


class OrderChange(Input):
    """What a person may change in an order; fields left out stay."""

    kk_id: str | None = None
    payment_code: str | None = None
    shop_note: str | None = None
    fail_tries: int | None = None


class LockIn(Input):
    locked: bool = True
    reason: str = ""


class CommentIn(Input):
    text: str
    user: str = "Sachbearbeiter"
