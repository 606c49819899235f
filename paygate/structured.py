"""Structured values of a message (`card`, `credentialOnFile`): compact JSON in base64, so that no `&` breaks a pair."""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import NoReturn

from paygate.errors import PaygateError, Refusal

# A first authorization with the customer present, and a later one without: the value of `credentialOnFile`.
CREDENTIAL_INITIAL: Mapping[str, object] = {"type": {"unscheduled": "CIT"}, "initialPayment": True}
CREDENTIAL_FOLLOW_UP: Mapping[str, object] = {"type": {"unscheduled": "MIT"}, "initialPayment": False}


def encode(value: Mapping[str, object]) -> str:
    """The value as one field carries it; names keep their order, text beyond ASCII is escaped.

    Raises PaygateError (structured) for what JSON cannot express.
    """
    try:
        text = json.dumps(dict(value), separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        raise PaygateError(
            Refusal.STRUCTURED, "A structured value is made of texts, numbers, lists and names."
        ) from None
    return base64.b64encode(text.encode("ascii")).decode("ascii")


def decode(text: str) -> dict[str, object]:
    """The object inside a field; missing padding at the end is tolerated. Of a name that comes twice the last counts.

    Raises PaygateError (structured) for anything that is no JSON object in base64.
    """
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
        value = json.loads(raw.decode("utf-8"), parse_constant=_refuse)
    except (binascii.Error, ValueError, RecursionError):
        raise PaygateError(
            Refusal.STRUCTURED, "A structured value must be a JSON object in UTF-8, encoded as base64."
        ) from None
    if not isinstance(value, dict):
        raise PaygateError(
            Refusal.STRUCTURED, "A structured value must be a JSON object, not a list or a single value."
        )
    return value


def is_follow_up(credential: Mapping[str, object]) -> bool:
    """Whether a `credentialOnFile` says that the merchant acts without the customer: unscheduled, or in a series."""
    kind = credential.get("type")
    if not isinstance(kind, Mapping):
        return False
    return kind.get("unscheduled") == "MIT" or ("recurring" in kind and credential.get("initialPayment") is False)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)
