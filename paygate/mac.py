"""The MAC of a message: HMAC-SHA-256 over five values joined with asterisks, under a password of its own.

It travels inside the encrypted data of requests, and of what is sent to the merchant's addresses. Ordinary answers to a
server carry none.
"""

import hashlib
import hmac

from paygate.errors import PaygateError, Refusal
from paygate.fields import Fields, latin

FIELD = "MAC"


def request_string(pay_id: str, trans_id: str, merchant_id: str, amount: str, currency: str) -> str:
    """What a request signs; a value that it does not have is empty, its asterisk stays."""
    return f"{pay_id}*{trans_id}*{merchant_id}*{amount}*{currency}"


def response_string(pay_id: str, trans_id: str, merchant_id: str, status: str, code: str) -> str:
    """What a notification or a redirect back signs; `merchant_id` is the message's `MID`."""
    return f"{pay_id}*{trans_id}*{merchant_id}*{status}*{code}"


def sign(text: str, password: str) -> str:
    """The MAC of a string, 64 hexadecimal digits in capitals.

    Raises PaygateError: key-length (empty password), key-characters (password outside ISO-8859-1), characters (text
    outside it).
    """
    if not password:
        raise PaygateError(Refusal.KEY_LENGTH, "The HMAC password is empty; enter the one of this MerchantID.")
    try:
        secret = password.encode("iso-8859-1")
    except UnicodeEncodeError:
        raise PaygateError(
            Refusal.KEY_CHARACTERS, "The HMAC password has characters outside ISO-8859-1; copy it once more."
        ) from None
    return hmac.new(secret, latin(text, "A signed value"), hashlib.sha256).hexdigest().upper()


def same(one: str, other: str) -> bool:
    """Whether two MACs are equal, in either case; takes the same time wherever they differ."""
    left, right = (mac.encode("utf-8", "backslashreplace").upper() for mac in (one, other))
    return hmac.compare_digest(left, right)


def sign_request(fields: Fields, password: str) -> str:
    """The MAC that a request with these fields must carry. Raises PaygateError as `sign` does."""
    named = (fields.get(name) for name in ("PayID", "TransID", "MerchantID", "Amount", "Currency"))
    return sign(request_string(*named), password)


def sign_response(fields: Fields, password: str) -> str:
    """The MAC that a notification with these fields must carry. Raises PaygateError as `sign` does."""
    named = (fields.get(name) for name in ("PayID", "TransID", "MID", "Status", "Code"))
    return sign(response_string(*named), password)


def request_is_genuine(fields: Fields, password: str) -> bool:
    """Whether a request carries its right MAC; a missing one is a wrong one. Raises as `sign`."""
    return same(sign_request(fields, password), fields.get(FIELD))


def response_is_genuine(fields: Fields, password: str) -> bool:
    """Whether a notification carries its right MAC; a missing one is a wrong one. Raises as `sign`."""
    return same(sign_response(fields, password), fields.get(FIELD))
