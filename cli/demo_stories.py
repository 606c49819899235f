"""The demo orders: what happens to each, when, and how it must end by the rules."""

from dataclasses import dataclass, field
from datetime import timedelta

CODES = {"card_later": "K", "card_now": "S", "prepayment": "V", "paylater": "R"}


@dataclass(frozen=True)
class Act:
    """Something the world does `after` the story began: a hook of a sandbox with its body."""

    after: timedelta
    what: str  # ship, cancel, return, receipt, complete, expire, fault
    body: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class End:
    """How a story must end: sums in minor units in the order in which they took effect, mails by error number.

    Credit notes are booked with a negative sum.
    """

    captured: tuple[int, ...] = ()
    given_back: tuple[int, ...] = ()  # refunds, and holds or claims given up
    booked: tuple[int, ...] = ()
    locked: bool = False
    released: bool = True
    mails: tuple[int, ...] = ()
    status: str = "settled"


@dataclass(frozen=True)
class Story:
    """One demo order. `payment` is the seed of the provider's payment, None for an order without payment id."""

    name: str
    title: str
    code: str
    payment: dict[str, object] | None
    end: End
    acts: tuple[Act, ...] = ()
    prices: tuple[int, ...] = (4990, 2500, 2500)
    by_hand: bool = False  # made in the ERP, shop number `P` and the ERP's number


def _day(days: float, what: str, **body: object) -> Act:
    return Act(timedelta(days=days), what, body)


def _paid(type_: str, state: str, amount_minor: int = 9990) -> dict[str, object]:
    return {"type": type_, "state": state, "amount_minor": amount_minor, "currency": "EUR"}


STORIES = (
    Story(
        "card-expert",
        "Card at shipping",
        CODES["card_later"],
        _paid("card", "authorized"),
        End(captured=(9990,), booked=(9990,)),
        (_day(2, "ship"),),
    ),
    Story(
        "card-two-parcels",
        "Card, two parcels",
        CODES["card_later"],
        _paid("card", "authorized"),
        End(captured=(4990, 5000), booked=(4990, 5000)),
        (_day(1, "ship", lines=[1]), _day(4, "ship")),
    ),
    Story(
        "paypal-standard",
        "PayPal at release",
        CODES["card_now"],
        _paid("paypal", "authorized"),
        End(captured=(9990,), booked=(9990,)),
        (_day(3, "ship"),),
    ),
    Story(
        "applepay-in-shop",
        "Apple Pay in the shop",
        CODES["card_now"],
        _paid("applepay", "charged"),
        End(booked=(9990,)),
        (_day(2, "ship"),),
    ),
    Story(
        "prepayment",
        "Prepayment, paid",
        CODES["prepayment"],
        _paid("prepayment", "waiting"),
        End(booked=(9990,)),
        (_day(5, "receipt", amount_minor=9990), _day(7, "ship")),
    ),
    Story(
        "prepayment-in-parts",
        "Prepayment in two parts",
        CODES["prepayment"],
        _paid("prepayment", "waiting"),
        End(booked=(9990,)),
        (
            _day(4, "receipt", amount_minor=5000),
            _day(9, "receipt", amount_minor=4990),
            _day(11, "ship"),
        ),
    ),
    Story(
        "prepayment-overdue",
        "Prepayment, not paid",
        CODES["prepayment"],
        _paid("prepayment", "waiting"),
        End(locked=True, mails=(1031,), status="waiting_transfer"),
    ),
    Story(
        "paylater-two-invoices",
        "Paylater, two invoices",
        CODES["paylater"],
        _paid("paylater-invoice", "authorized"),
        End(captured=(4990, 5000), booked=(4990, 5000)),
        (_day(2, "ship", lines=[1]), _day(6, "ship")),
    ),
    Story(
        "amount-differs",
        "Card, 1 EUR too little",
        CODES["card_later"],
        _paid("card", "authorized", 9890),
        End(locked=True, mails=(2017,), status="blocked"),
    ),
    Story(
        "no-payment-id",
        "No payment id",
        CODES["card_later"],
        None,
        End(locked=True, mails=(2014,), status="blocked"),
    ),
    Story(
        "pending-at-import",
        "Card, pending at first",
        CODES["card_later"],
        _paid("card", "pending"),
        End(captured=(9990,), booked=(9990,)),
        (_day(0.1, "complete"), _day(2, "ship")),
    ),
    Story(
        "expired",
        "Card, hold lapsed",
        CODES["card_later"],
        _paid("card", "authorized"),
        End(mails=(2039,), status="shipping"),
        (_day(8, "expire"), _day(9, "ship")),
    ),
    Story(
        "answer-lost",
        "Card, answer lost",
        CODES["card_later"],
        _paid("card", "authorized"),
        End(captured=(9990,), booked=(9990,)),
        (_day(1.9, "fault", call="capture", kind="drop_after"), _day(2, "ship")),
    ),
    Story(
        "cancelled-paid",
        "Cancelled after capture",
        CODES["card_now"],
        _paid("card", "authorized"),
        End(captured=(9990,), given_back=(9990,), status="cancelled"),
        (_day(2, "cancel"),),
    ),
    Story(
        "cancelled-held",
        "Cancelled before shipping",
        CODES["card_later"],
        _paid("paypal", "authorized"),
        End(given_back=(9990,), status="cancelled"),
        (_day(2, "cancel"),),
    ),
    Story(
        "line-cancelled",
        "Card, a line cancelled",
        CODES["card_later"],
        _paid("card", "authorized"),
        End(captured=(4990, 2500), given_back=(2500,), booked=(4990, 2500)),
        (_day(1, "ship", lines=[1]), _day(3, "cancel", lines=[3]), _day(4, "ship")),
    ),
    Story(
        "returned",
        "Card, two lines returned",
        CODES["card_later"],
        _paid("card", "authorized"),
        End(captured=(4990, 5000), given_back=(4990, 2500), booked=(4990, 5000, -7490)),
        (_day(1, "ship", lines=[1]), _day(2, "ship"), _day(10, "return", lines=[1, 2])),
    ),
    Story(
        "prepayment-cancelled",
        "Prepayment, a line cancelled",
        CODES["prepayment"],
        _paid("prepayment", "waiting"),
        End(given_back=(2500,), booked=(7490,)),
        (_day(1, "cancel", lines=[3]), _day(5, "receipt", amount_minor=7490), _day(6, "ship")),
    ),
    Story(
        "invoice",
        "Old invoice, paid late",
        CODES["paylater"],
        _paid("invoice", "waiting"),
        End(booked=(9990,)),
        (_day(2, "ship"), _day(12, "receipt", amount_minor=9990)),
    ),
    Story(
        "invoice-secured",
        "Old secured invoice",
        CODES["paylater"],
        _paid("invoice-secured", "waiting"),
        End(given_back=(2500,), booked=(4990, 2500)),
        (_day(2, "ship", lines=[1]), _day(3, "cancel", lines=[3]), _day(4, "ship")),
    ),
    Story(
        "made-by-hand",
        "Exchange order",
        CODES["card_later"],
        None,
        End(released=False, status=""),
        by_hand=True,
    ),
)

LAST_DAY = timedelta(days=16)
