"""Reading XML of others: no document type, no entities, no network; errors become one of ours."""

from xml.parsers import expat

from lxml import etree

from adapters.pixi.trouble import Kind, Trouble

_BLANK = b" \t\r\n"
_MARK = b"\xef\xbb\xbf"
_PROLOGUE = 64 * 1024  # longer ones are nobody's answer


class _Seen(Exception):
    """Ends the look at the prologue."""


def read_xml(body: bytes, *, huge: bool = False) -> etree._Element:
    """The root element. `huge` lifts the parser's bounds for answers that carry whole documents in one column."""
    body = body.lstrip(_BLANK).removeprefix(_MARK).lstrip(_BLANK)
    if not body:
        raise Trouble(Kind.BAD_ANSWER, "empty")
    _refuse_document_type(body)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=huge,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Trouble(Kind.BAD_ANSWER, "no XML") from error


def _refuse_document_type(body: bytes) -> None:
    """Entities need a document type, and that stands before the first element: there alone is looked."""

    def document_type(*_: object) -> None:
        raise Trouble(Kind.BAD_ANSWER, "a document type")

    def element(*_: object) -> None:
        raise _Seen

    look = expat.ParserCreate()
    look.StartDoctypeDeclHandler = document_type
    look.StartElementHandler = element
    try:
        look.Parse(body[:_PROLOGUE], False)
    except _Seen:
        return
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise Trouble(Kind.BAD_ANSWER, "no XML") from error
    raise Trouble(Kind.BAD_ANSWER, "no element")


def local(element: etree._Element) -> str:
    """The element's name without its namespace."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""
