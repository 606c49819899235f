"""Lines of a file's bytes, one at a time: CRLF and LF mixed, with or without an end of line at the end."""

from collections.abc import Iterator

BOM = b"\xef\xbb\xbf"
CRLF = b"\r\n"


def lines(content: bytes) -> Iterator[tuple[int, bytes]]:
    """The lines that are not blank with their 1-based number, without their ends; a byte order mark is skipped.

    Walks over `content` once and holds one line at a time.
    """
    start, number = len(BOM) if content.startswith(BOM) else 0, 0
    while start < len(content):
        end = content.find(b"\n", start)
        stop = end if end >= 0 else len(content)
        number += 1
        line = content[start:stop].rstrip(b"\r")
        if line.strip():
            yield number, line
        start = stop + 1


def text_of(line: bytes, *, marked: bool) -> str:
    """A line as text: ISO-8859-1, or UTF-8 where the file is `marked` as such and the line really is."""
    if marked:
        try:
            return line.decode("utf-8")
        except UnicodeDecodeError:
            pass
    return line.decode("iso-8859-1")
