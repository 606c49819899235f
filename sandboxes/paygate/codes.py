"""Answer codes: eight characters, severity, module (three) and reason (four).

Reasons of module 100 are `03` and the two-digit answer of the acquirer. Reasons of the parameter modules name the
field by its number in `fields.NUMBERS`.
"""

SUCCESS = "00000000"
UNREADABLE = "40010001"
CARDS = "2100"
CURRENCY_OF_ANOTHER = CARDS + "0312"
AMOUNT_NOT_ALLOWED = CARDS + "0313"
INVALID_CARD = CARDS + "0314"
NOTHING_TO_REFER_TO = CARDS + "0321"
CARD_EXPIRED = CARDS + "0333"
CARD_UNKNOWN = CARDS + "0356"
OTHER_CARD = CARDS + "0357"
ABOVE_OPEN = CARDS + "0364"
NOTHING_OPEN = CARDS + "0380"
STILL_RUNNING = CARDS + "0309"
SERVICE_NOT_AGREED = CARDS + "0312"
PENDING = "61000309"

MISSING, FORMAT, NOT_ALLOWED, TOO_SHORT, TOO_LONG, EMPTY = "4010", "4011", "4012", "4013", "4014", "4015"
UNKNOWN_VALUE, ALREADY_PRESENT = "2016", "2017"

REASONS = {
    "0302": "call for voice authorization",
    "0304": "card not accepted",
    "0305": "declined by the authorization system",
    "0309": "still being processed",
    "0312": "invalid transaction",
    "0313": "amount not allowed",
    "0314": "invalid card",
    "0321": "no transaction to refer to",
    "0330": "format error",
    "0333": "card expired",
    "0334": "manipulation suspected",
    "0343": "card stolen",
    "0351": "funds insufficient",
    "0356": "card unknown",
    "0357": "not the card of the referenced transaction",
    "0362": "card blocked",
    "0364": "amount above the referenced transaction",
    "0378": "authorization revoked by the cardholder",
    "0379": "all recurring authorizations revoked by the cardholder",
    "0380": "amount no longer available",
    "0391": "issuer not reachable",
    "0396": "processing not possible at the moment",
}
MODULES = {
    "001": "UnexpectedError",
    "010": "parameter missing",
    "011": "parameter has a wrong format",
    "012": "parameter not allowed",
    "013": "parameter too short",
    "014": "parameter too long",
    "015": "parameter without a value",
    "016": "value unknown",
    "017": "value already present",
}


def succeeded(code: str) -> bool:
    return code.startswith("0")


def pending(code: str) -> bool:
    return code.startswith("6")


def complete(code: str) -> str:
    """A code of eight characters; a reason of four alone is a decline of the card module, `0000` the success.

    Raises ValueError for anything else.
    """
    if len(code) == 4 and code.isalnum() and code.isascii():
        return SUCCESS if code == "0000" else CARDS + code
    if len(code) == 8 and code.isalnum() and code.isascii() and code[0] in "0246":
        return code
    raise ValueError(f"{code!r} is no answer code: eight characters, or the four of the reason")


def description(code: str) -> str:
    """A text for a person; no client may depend on it."""
    if succeeded(code):
        return "success"
    if pending(code):
        return "pending"
    return MODULES.get(code[1:4]) or REASONS.get(code[4:]) or "declined"
