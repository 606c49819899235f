"""What a test or demo may set on a merchant."""

import hashlib
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from sandboxes.paygate.ciphers import Padding, Scheme

Acquirer = Literal["GICC", "CB2A", "CardComplete", "RBI", "Omnipay", "Cofidis", "EVO", "Clearhaus"]
CURRENCIES = ["EUR", "CHF", "USD", "GBP", "PLN", "SEK", "DKK", "NOK", "CZK", "JPY"]


class MerchantSettings(BaseModel):
    """Body of `PUT /control/accounts/{a}`; everything may be left out."""

    model_config = ConfigDict(extra="forbid")

    merchant_id: Annotated[str, Field(max_length=30)] = ""  # the account's name when empty
    cipher: Scheme = Scheme.BLOWFISH
    password: str = ""  # of the cipher; derived from the merchant id when empty
    hmac_key: str = ""  # likewise
    mac_required: bool = True  # false: a request without MAC is carried out; a wrong one is refused all the same
    answer_hex: Literal["lower", "upper"] = "lower"
    answer_padding: Padding = Padding.ZERO
    answer_names: Literal["usual", "mixed"] = "usual"  # mixed: other capitals, other order, one unknown parameter
    etm: bool = False  # the merchant has booked the extended transaction management
    acquirer: Acquirer = "GICC"
    unique_trans_ids: bool = False  # a TransID that is known already is refused by `direct`
    small_amounts: bool = False  # captures below 100 minor units are agreed
    code_ext: bool = False  # CodeExt and ErrorText are part of the answers
    pre_authorization: bool = False  # holds of Mastercard last thirty days
    validity_days: dict[str, Annotated[float, Field(gt=0)]] = Field(default_factory=dict)  # see `validity`
    issuer_ignores_reversals: bool = False  # OK is answered, and the hold runs out by itself
    check_scheme_references: bool = True  # an unknown schemeReferenceID is declined
    currencies: list[str] = Field(default_factory=lambda: list(CURRENCIES))
    amount_auth: Literal["authorized", "bookable"] = "authorized"  # what `inquire` gives; bookable: open + captured
    inquire_details: bool = False  # `inquire` also gives what the authorization gave
    reset: bool = False  # forget payments, cards, scripts, effects and violations

    def of(self, name: str) -> "MerchantSettings":
        """The settings of the account `name` with everything filled in that follows from it."""
        merchant = self.merchant_id or name
        digest = hashlib.sha256(merchant.encode()).hexdigest()
        filled = {
            "merchant_id": merchant,
            "password": self.password or digest[:16],
            "hmac_key": self.hmac_key or digest[16:48],
            "reset": False,
        }
        return self.model_copy(update=filled)

    @model_validator(mode="after")
    def _password_fits(self) -> "MerchantSettings":
        length = len(self.password)
        if not self.password:
            return self
        if self.cipher is Scheme.AES and length not in (16, 24, 32):
            raise ValueError("an AES password has 16, 24 or 32 characters")
        if self.cipher is Scheme.BLOWFISH and not 4 <= length <= 56:
            raise ValueError("a Blowfish password has 4 to 56 characters")
        return self
