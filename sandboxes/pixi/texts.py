"""What the database's text columns do to a text: code page and the characters XML cannot carry."""

import re

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xml_safe(text: str) -> str:
    """The text without characters that XML 1.0 forbids."""
    return _NOT_XML.sub("", text)


def stored(text: str, *, code_page: bool) -> str:
    """The text as a `varchar` column keeps it: what Windows-1252 lacks becomes `?`."""
    return text.encode("cp1252", "replace").decode("cp1252") if code_page else text
