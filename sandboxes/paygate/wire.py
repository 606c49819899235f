"""The envelope of a message: three clear parameters around the encrypted `Key=Value` pairs, and the plain failure."""

import os
import re
from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from sandboxes.paygate.ciphers import AES_BLOCK, ENCODING, Unreadable, decrypt, encrypt
from sandboxes.paygate.codes import UNREADABLE
from sandboxes.paygate.settings import MerchantSettings

NO_PAY_ID = "0" * 32
FORM = f"application/x-www-form-urlencoded; charset={ENCODING}"
_NAME = re.compile(r"[A-Za-z0-9_]+")
_TEXT = re.compile(r"[\x20-\x7e\xa0-\xff\r\n\t]*")


async def clear_parameters(request: Request) -> dict[str, str]:
    """The clear parameters of a form post, or of the query string, by lower-case name."""
    raw = (await request.body()).decode(ENCODING) if request.method == "POST" else ""
    pairs = parse_qsl(raw or request.url.query, keep_blank_values=True, encoding=ENCODING)
    return {name.lower(): value for name, value in pairs}


def read(settings: MerchantSettings, clear: Mapping[str, str]) -> dict[str, str]:
    """The fields inside a message by lower-case name. Raises Unreadable."""
    length = clear.get("len", "")
    if not re.fullmatch(r"[0-9]{1,9}", length):
        raise Unreadable("Len is not a number")
    plain = decrypt(settings.cipher, settings.password, int(length), clear.get("data", ""))
    pairs = split(plain)
    if not pairs or not _TEXT.fullmatch(plain) or not all(_NAME.fullmatch(name) for name, _ in pairs):
        raise Unreadable("decrypted with another key")
    return {name.lower(): value for name, value in pairs}


def split(plain: str) -> list[tuple[str, str]]:
    """`Key=Value` pairs: cut at every `&` and then at the first `=`; nothing in a value is unescaped."""
    return [(name, value) for name, _, value in (part.partition("=") for part in plain.split("&") if part)]


def join(fields: Mapping[str, str]) -> str:
    return "&".join(f"{name}={value}" for name, value in fields.items())


def answer(settings: MerchantSettings, fields: Mapping[str, str]) -> Response:
    """The encrypted answer, in the spelling this merchant's settings ask for."""
    if settings.answer_names == "mixed":
        fields = _mixed(fields)
    length, data = encrypt(
        settings.cipher, settings.password, join(fields), padding=settings.answer_padding, iv=os.urandom(AES_BLOCK)
    )
    data = data.upper() if settings.answer_hex == "upper" else data
    return Response(f"Len={length}&Data={data}", media_type=FORM)


def plain_answer(fields: Mapping[str, str]) -> Response:
    """An answer that nobody encrypted, as some endpoints give."""
    return Response(join(fields).encode(ENCODING, "replace"), media_type=FORM)


def early_failure() -> Response:
    """What a request gets that could not be attributed to a merchant or not be read: plain text."""
    fields = {
        "PayID": NO_PAY_ID,
        "TransID": "na",
        "Status": "FAILED",
        "Description": "UnexpectedError",
        "Code": UNREADABLE,
    }
    return Response(join(fields), media_type="text/plain")


def _mixed(fields: Mapping[str, str]) -> dict[str, str]:
    """Another order, other capitals and a parameter nobody knows: clients have to take all three."""
    turned = {name.lower() if no % 2 else name.upper(): fields[name] for no, name in enumerate(reversed(list(fields)))}
    return {"Surprise": "1", **turned}
