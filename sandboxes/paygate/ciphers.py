"""The two ways in which a message is encrypted, and the signature inside it. Knows no field names."""

import binascii
import hashlib
import hmac
from enum import StrEnum

from cryptography.hazmat.decrepit.ciphers.algorithms import Blowfish
from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC, ECB

ENCODING = "iso-8859-1"  # one byte per character, so that a length in characters is one in bytes
BLOWFISH_BLOCK, AES_BLOCK = 8, 16


class Scheme(StrEnum):
    """How a merchant's messages are encrypted; decided per merchant, in both directions."""

    BLOWFISH = "blowfish"
    AES = "aes"


class Padding(StrEnum):
    """What fills the last block; receivers cut at the length and do not look at it."""

    ZERO = "zero"
    PKCS7 = "pkcs7"


class Unreadable(Exception):
    """The message cannot be decrypted with what is known of the merchant."""


def decrypt(scheme: Scheme, password: str, length: int, data: str) -> str:
    """The first `length` characters of the plaintext.

    Raises Unreadable for a message in the other scheme, for bad hex and for a length beyond the end.
    """
    if ("-" in data) is not (scheme is Scheme.AES):
        raise Unreadable(f"this is not a message in {scheme.value}")
    vector, _, body = data.rpartition("-")
    try:
        iv, sealed = bytes.fromhex(vector), binascii.unhexlify(body)
        if not sealed or len(sealed) % _block(scheme) or length > len(sealed):
            raise Unreadable("the length does not fit the data")
        plain = _run(_cipher(scheme, password, iv).decryptor(), sealed)
    except (ValueError, binascii.Error) as error:
        raise Unreadable("the data cannot be read") from error
    return plain[:length].decode(ENCODING)


def encrypt(scheme: Scheme, password: str, text: str, *, padding: Padding, iv: bytes) -> tuple[int, str]:
    """Length and data of `text`, lower-case hex. `iv` (16 bytes) is used by AES only."""
    plain = text.encode(ENCODING, "replace")
    missing = -len(plain) % _block(scheme)
    if padding is Padding.PKCS7:
        missing = missing or _block(scheme)
        filled = plain + bytes([missing]) * missing
    else:
        filled = plain + bytes(missing)
    sealed = _run(_cipher(scheme, password, iv).encryptor(), filled).hex()
    return len(plain), f"{iv.hex()}-{sealed}" if scheme is Scheme.AES else sealed


def sign(key: str, *parts: str) -> str:
    """The signature over `parts` joined by asterisks, upper-case hex."""
    message = "*".join(parts).encode(ENCODING, "replace")
    return hmac.new(key.encode(ENCODING, "replace"), message, hashlib.sha256).hexdigest().upper()


def signed_by(key: str, given: str, *parts: str) -> bool:
    """Whether `given` is the signature over `parts`, in either case; takes equally long for every wrong one."""
    wanted = sign(key, *parts).encode()
    return hmac.compare_digest(given.upper().encode(ENCODING, "replace"), wanted)


def _block(scheme: Scheme) -> int:
    return AES_BLOCK if scheme is Scheme.AES else BLOWFISH_BLOCK


def _cipher(scheme: Scheme, password: str, iv: bytes) -> Cipher[CBC] | Cipher[ECB]:
    key = password.encode(ENCODING, "replace")
    return Cipher(AES(key), CBC(iv)) if scheme is Scheme.AES else Cipher(Blowfish(key), ECB())


def _run(context: CipherContext, data: bytes) -> bytes:
    return context.update(data) + context.finalize()
