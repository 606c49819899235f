"""The envelope of a message: plaintext sealed as hexadecimal `Data`, cut at `Len` when it is opened.

Two ciphers, by a setting of the MerchantID: Blowfish in ECB mode, and AES in CBC mode with the IV in front. Neither
proves who sent a message; that is what the MAC inside is for. The plaintext is ISO-8859-1, so that a length in
characters and one in bytes are the same number.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from secrets import token_bytes

from cryptography.hazmat.decrepit.ciphers.algorithms import Blowfish
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES

from paygate.errors import PaygateError, Refusal
from paygate.fields import Fields, latin, read

_HEX = re.compile(r"[0-9A-Fa-f]*")
_NUMBER = re.compile(r"[0-9]+")
_LONGEST_NUMBER = 12  # digits without leading zeros; more than any message has bytes
_BLOWFISH_BLOCK, _AES_BLOCK = 8, 16


class Scheme(StrEnum):
    """Which cipher a MerchantID uses."""

    BLOWFISH = "blowfish"
    AES = "aes"


_KEY_LENGTHS = {Scheme.BLOWFISH: range(4, 57), Scheme.AES: (16, 24, 32)}
_KEY_WORDS = {
    Scheme.BLOWFISH: "A Blowfish password has 4 to 56 characters.",
    Scheme.AES: "An AES password has 16, 24 or 32 characters (AES-128, AES-192, AES-256).",
}


@dataclass(frozen=True)
class Key:
    """The encryption password of a MerchantID as raw bytes; it serves both directions and never shows in a repr."""

    scheme: Scheme
    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) not in _KEY_LENGTHS[self.scheme]:
            raise PaygateError(Refusal.KEY_LENGTH, _KEY_WORDS[self.scheme])

    @classmethod
    def of(cls, scheme: Scheme, password: str) -> "Key":
        """The key of a password. Raises PaygateError (key-length, key-characters)."""
        try:
            return cls(scheme, password.encode("iso-8859-1"))
        except UnicodeEncodeError:
            raise PaygateError(
                Refusal.KEY_CHARACTERS, "The encryption password has characters outside ISO-8859-1; copy it once more."
            ) from None


@dataclass(frozen=True)
class Sealed:
    """`Len` (bytes of the plaintext before padding) and `Data` of one message."""

    length: int
    data: str

    def form(self, merchant_id: str) -> dict[str, str]:
        """The three clear parameters of a request."""
        return {"MerchantID": merchant_id, "Len": str(self.length), "Data": self.data}

    def body(self) -> str:
        """The body of an answer; hexadecimal digits and a hyphen need no escaping."""
        return f"Len={self.length}&Data={self.data}"


def seal(plaintext: str, key: Key, random: Callable[[int], bytes] = token_bytes) -> Sealed:
    """Encrypt a message: Blowfish padded with zeros, AES with PKCS#7 behind a fresh IV of `random(16)`.

    Raises PaygateError: characters (something is outside ISO-8859-1), nothing-to-seal, data-iv (`random` gave too few
    or too many bytes).
    """
    clear = latin(plaintext, "The message")
    if not clear:
        raise PaygateError(Refusal.NOTHING_TO_SEAL, "An empty message cannot be sent; give it at least one field.")
    if key.scheme is Scheme.BLOWFISH:
        padded = clear + bytes(-len(clear) % _BLOWFISH_BLOCK)
        return Sealed(len(clear), _run(_blowfish(key), padded, encrypt=True).hex())
    iv = random(_AES_BLOCK)
    if len(iv) != _AES_BLOCK:
        raise PaygateError(Refusal.DATA_IV, "The source of randomness must give exactly the 16 bytes that were asked.")
    gap = _AES_BLOCK - len(clear) % _AES_BLOCK
    return Sealed(len(clear), f"{iv.hex()}-{_run(_aes(key, iv), clear + bytes([gap]) * gap, encrypt=True).hex()}")


def open_sealed(length: str, data: str, key: Key) -> str:
    """Decrypt a message and cut it at `length` (the `Len` as received); padding and the case of digits do not matter.

    A wrong key of the right cipher is not noticed here: the text is then noise, and reading its fields or checking
    its MAC fails.

    Raises PaygateError: length-not-a-number, length-beyond-data, data-missing, data-not-hex, data-odd, data-blocks,
    data-iv, aes-for-blowfish, blowfish-for-aes.
    """
    wanted = _length(length)
    if not (data := data.strip()):
        raise PaygateError(Refusal.DATA_MISSING, "Data is empty; send the encrypted message as hexadecimal digits.")
    if key.scheme is Scheme.BLOWFISH:
        if "-" in data:
            raise PaygateError(
                Refusal.AES_FOR_BLOWFISH,
                "Data has the form of AES (it contains a hyphen), but this MerchantID is set to Blowfish; use the same"
                " cipher on both sides.",
            )
        clear = _run(_blowfish(key), _blocks(data, _BLOWFISH_BLOCK), encrypt=False)
    else:
        front, hyphen, rest = data.partition("-")
        if not hyphen:
            raise PaygateError(
                Refusal.BLOWFISH_FOR_AES,
                "Data has the form of Blowfish (it contains no hyphen), but this MerchantID is set to AES; use the same"
                " cipher on both sides.",
            )
        iv = _bytes(front)
        if len(iv) != _AES_BLOCK:
            raise PaygateError(Refusal.DATA_IV, "Before the hyphen Data carries an IV of 16 bytes, as 32 digits.")
        clear = _run(_aes(key, iv), _blocks(rest, _AES_BLOCK), encrypt=False)
    if wanted > len(clear):
        raise PaygateError(
            Refusal.LENGTH_BEYOND_DATA,
            "Len is larger than what Data holds; Len is the length of the message before padding and encryption.",
        )
    return clear[:wanted].decode("iso-8859-1")


def open_fields(envelope: Fields, key: Key) -> Fields:
    """The fields inside an envelope that was itself read as fields (`Len` and `Data`, in any case).

    Raises PaygateError as `open_sealed` does, and no-fields where the message holds none, as behind a wrong key.
    """
    return read(open_sealed(envelope.get("Len"), envelope.get("Data"), key))


def _length(text: str) -> int:
    digits = text.strip()
    if not _NUMBER.fullmatch(digits):
        raise PaygateError(Refusal.LENGTH_NOT_A_NUMBER, "Len must be a whole number in decimal digits without a sign.")
    return int(digits.lstrip("0")[: _LONGEST_NUMBER + 1] or "0")


def _bytes(digits: str) -> bytes:
    if not _HEX.fullmatch(digits):
        raise PaygateError(Refusal.DATA_NOT_HEX, "Data has characters that are no hexadecimal digits.")
    if len(digits) % 2:
        raise PaygateError(
            Refusal.DATA_ODD, "Data has an odd number of hexadecimal digits; two make a byte, so one got lost."
        )
    return bytes.fromhex(digits)


def _blocks(digits: str, block: int) -> bytes:
    found = _bytes(digits)
    if not found or len(found) % block:
        raise PaygateError(
            Refusal.DATA_BLOCKS, f"Data is no multiple of {block} bytes, the cipher's block; it was cut, or not padded."
        )
    return found


def _blowfish(key: Key) -> Cipher[modes.ECB]:
    return Cipher(Blowfish(key.secret), modes.ECB())


def _aes(key: Key, iv: bytes) -> Cipher[modes.CBC]:
    return Cipher(AES(key.secret), modes.CBC(iv))


def _run(cipher: Cipher[modes.ECB] | Cipher[modes.CBC], blocks: bytes, *, encrypt: bool) -> bytes:
    context = cipher.encryptor() if encrypt else cipher.decryptor()
    return context.update(blocks) + context.finalize()
