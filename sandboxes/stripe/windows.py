"""How long a hold lasts and which features a card has on request. Spans are seconds."""

from sandboxes.stripe.cards import Card

DAY = 86_400
SHORT_VISA = 4 * DAY + 18 * 3600  # a payment the merchant starts
EXTENDED_VISA = 29 * DAY + 18 * 3600
USUAL, EXTENDED = 7 * DAY, 30 * DAY
JAPANESE = frozenset({"visa", "mastercard", "jcb", "diners", "discover"})
OVERCAPTURE_PERCENT = 15

_BRANDS: dict[str, frozenset[str]] = {
    "extended_authorization": frozenset({"visa", "mastercard", "amex", "discover"}),
    "incremental_authorization": frozenset({"visa", "mastercard", "amex", "discover", "unionpay"}),
    "multicapture": frozenset({"visa", "mastercard", "amex", "discover", "diners", "cartes_bancaires"}),
    "overcapture": frozenset({"visa", "mastercard", "amex", "discover"}),
}


def granted(
    card: Card, options: dict[str, str | None], features: list[str], *, off_session: bool, manual: bool
) -> dict[str, bool]:
    """Which features a charge gets: asked for, given to the account, known to the brand, and held at all.

    Visa extends only holds that the customer started.
    """
    found: dict[str, bool] = {}
    for name, brands in _BRANDS.items():
        asked = options.get(f"request_{name}") == "if_available"
        found[name] = asked and manual and name in features and card.enterprise and card.brand in brands
    if off_session and card.brand == "visa":
        found["extended_authorization"] = False
    return found


def window(brand: str, *, off_session: bool, extended: bool, japan: bool) -> int:
    """Seconds from the authorization to the end of the hold. `japan`: a Japanese account in yen."""
    if extended:
        return EXTENDED_VISA if brand == "visa" else EXTENDED
    if japan and brand in JAPANESE:
        return EXTENDED
    if brand == "visa" and off_session:
        return SHORT_VISA
    return USUAL


def most_capturable(amount: int, *, overcapture: bool) -> int:
    """The highest amount that can be taken from a hold over `amount`."""
    return amount + amount * OVERCAPTURE_PERCENT // 100 if overcapture else amount
