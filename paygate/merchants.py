"""MerchantIDs: up to 30 characters, and safe as a part of file and folder names."""

import re

from paygate.errors import PaygateError, Refusal

# The platform allows any special characters (ans..30). These few never separate: not paths, not fields, not MAC parts.
_MERCHANT_ID = re.compile(r"[A-Za-z0-9_@+][A-Za-z0-9_@+.\-]{0,29}")


def is_merchant_id(text: str) -> bool:
    """Whether `text` may be a MerchantID here: letters, digits and `_ @ + . -`, not beginning with `.` or `-`."""
    return _MERCHANT_ID.fullmatch(text) is not None


def check_merchant_id(text: str) -> str:
    """`text` itself if it may be a MerchantID. Raises PaygateError (merchant-id)."""
    if not is_merchant_id(text):
        raise PaygateError(
            Refusal.MERCHANT_ID,
            "A MerchantID has 1 to 30 letters, digits or _ @ + . - and begins with none of the last two.",
        )
    return text
