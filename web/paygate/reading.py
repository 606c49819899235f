"""From a request to the fields of a merchant: who it is, what he says, and that it is he who says it.

Whatever cannot be read, or is not signed rightly, is answered alike: nobody learns whether a MerchantID exists.
"""

from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from paygate import mac
from paygate.envelope import Key, Scheme, open_fields
from paygate.errors import PaygateError
from paygate.fields import Fields
from storage.form_access import FormAccessBook, FormMerchant

ENCODING = "iso-8859-1"
_MOST_PARAMETERS = 100


class Unreadable(Exception):
    """Nobody's message; `why` is a code for the log and nothing that was sent."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Form:
    """A message that is proved to be the merchant's."""

    merchant: FormMerchant
    key: Key = field(repr=False)
    fields: Fields


def clear_parameters(body: bytes, query: str) -> Fields:
    """The parameters around a message: of the body, or of the address where there is none. Raises `Unreadable`."""
    text = body.decode(ENCODING) if body.strip() else query
    try:
        pairs = parse_qsl(text, keep_blank_values=True, encoding=ENCODING, max_num_fields=_MOST_PARAMETERS)
    except ValueError:
        raise Unreadable("too-many-parameters") from None
    found = Fields(tuple(pairs))
    if {"merchantid", "len", "data"} & set(found.doubled):
        raise Unreadable("parameter-twice")
    return found


def opened(forms: FormAccessBook, clear: Fields) -> Form:
    """The message inside, of the merchant who signed it. Raises `Unreadable`, and `Misconfigured` without a key."""
    merchant_id = clear.get("MerchantID")
    why = "unknown-merchant"
    for merchant in forms.merchants(merchant_id):
        try:
            key = Key.of(Scheme(merchant.cipher), merchant.password)
            fields = open_fields(clear, key)
            genuine = mac.request_is_genuine(fields, merchant.mac_password)
        except PaygateError as error:
            why = error.code.value
            continue
        if not genuine:
            why = "wrong-mac"
        elif fields.get("MerchantID") not in ("", merchant_id):
            why = "other-merchant"
        else:
            return Form(merchant, key, fields)
    raise Unreadable(why)
