"""Texts as the database can keep them: no control characters, nothing beyond Windows-1252, bounded."""

import re
import unicodedata

COMMENT_LIMIT = 4_000
CODE_PAGE = "cp1252"

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff\U0001f3fb-\U0001f3ff]")
# characters with a good stand-in that decomposing does not find
_STAND_INS = str.maketrans(
    {
        "\u2010": "-",
        "\u2011": "-",
        "\u2012": "-",
        "\u2015": "-",
        "\u2212": "-",
        "\u2192": "->",
        "\u2190": "<-",
        "\u2194": "<->",
        "\u2264": "<=",
        "\u2265": ">=",
        "\u2260": "<>",
        "\u2032": "'",
        "\u2033": '"',
        "\u2028": "\n",
        "\u2029": "\n",
        "ł": "l",
        "Ł": "L",
        "đ": "d",
        "Đ": "D",
        "ħ": "h",
        "ı": "i",
        "ẞ": "SS",
        "ŋ": "n",
        "ĸ": "k",
    }
)


def clean(text: str) -> str:
    """The text in characters that XML and the code page carry; what has no stand-in becomes `?`."""
    visible = _INVISIBLE.sub("", _CONTROL.sub("", unicodedata.normalize("NFC", text)))
    return "".join(_carried(character) for character in visible.translate(_STAND_INS))


def _carried(character: str) -> str:
    if _fits(character):
        return character
    plain = "".join(part for part in unicodedata.normalize("NFKD", character) if not unicodedata.combining(part))
    return plain if plain and _fits(plain) else "?"


def _fits(text: str) -> bool:
    try:
        text.encode(CODE_PAGE)
    except UnicodeEncodeError:
        return False
    return True


def cut(text: str, limit: int) -> str:
    """The cleaned text in at most `limit` characters."""
    cleaned = clean(text).strip()
    return cleaned if len(cleaned) <= limit else cleaned[: limit - 3].rstrip() + "..."


def with_tag(text: str, tag: str, limit: int = COMMENT_LIMIT) -> str:
    """Text and tag; a text that is too long is cut, the tag never."""
    if not tag:
        return cut(text, limit)
    return f"{cut(text, limit - len(tag) - 1)} {tag}".strip()
