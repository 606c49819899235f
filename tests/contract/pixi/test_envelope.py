"""Answers are read by local names, whatever their order, and nothing but a readable answer counts as one."""

from decimal import Decimal

import pytest

from adapters.pixi.envelope import parse
from adapters.pixi.trouble import Kind, Trouble
from tests.contract.pixi.envelopes import (
    SOAP_12,
    answer,
    envelope,
    fault,
    message,
    result_code,
    row_set,
)


def test_rows_have_their_columns_by_any_case_and_without_padding() -> None:
    """Column names match whatever their case, and blank-padded texts are stripped."""
    rows = parse(answer(row_set([{"ccpPayID": "s-pay-1", "Country": "D  "}]) + result_code(0)), "pixiX").rows
    assert (rows[0].text("CCPPAYID"), rows[0].text("country")) == ("s-pay-1", "D")


def test_a_null_column_is_absent_but_declared() -> None:
    """A column that is declared and missing in the row is NULL, one that is not declared does not exist."""
    data = parse(answer(row_set([{"OrderNr": "1"}], columns="OrderNr ShipDate")), "pixiX").data
    assert data.rows[0].text("ShipDate") == ""
    assert (data.declares("shipdate"), data.declares("Paid")) == (True, False)


def test_a_nil_column_is_null() -> None:
    """A gateway's explicit nil reads as the absent column."""
    body = answer(row_set([{"A": "1"}])).replace(b"<A>1</A>", b'<A xsi:nil="true">1</A>')
    assert parse(body, "pixiX").rows[0].text("A") == ""


@pytest.mark.parametrize("stream", ["", result_code(0), row_set([]) + result_code(0), row_set([], columns="OrderNr")])
def test_an_empty_result_has_no_rows(stream: str) -> None:
    """An empty diffgram, a missing row set and an empty stream are all empty answers."""
    read = parse(answer(stream), "pixiX")
    assert (read.rows, read.result_code, read.fault) == ((), 0, None)


def test_several_row_sets_stay_apart() -> None:
    """Data and a second set of status columns are two sets, each in its own namespace."""
    read = parse(answer(row_set([{"A": "1"}, {"A": "2"}]) + row_set([{"ReturnCode": "OK"}], no=2)), "pixiX")
    assert [len(one.rows) for one in read.sets] == [2, 1]
    assert read.sets[1].rows[0].text("ReturnCode") == "OK"


def test_messages_and_return_value_are_read_in_any_order() -> None:
    """Messages may stand before the rows and the return value anywhere."""
    read = parse(answer(result_code(3) + message(0, 8153) + row_set([{"A": "1"}]) + message(16, 50_000)), "pixiX")
    assert [(one.severity, one.number) for one in read.messages] == [(0, 8153), (16, 50_000)]
    assert (read.result_code, len(read.rows)) == (3, 1)


def test_a_message_keeps_no_text() -> None:
    """What a message says may quote a customer, so it is not kept."""
    assert "Erika" not in repr(parse(answer(message(16, 245, "converting 'Erika Mustermann'")), "pixiX"))


def test_a_scalar_function_answers_with_text() -> None:
    """A scalar answer is the plain text of the result."""
    read = parse(
        envelope("<method:pixiXResponse><method:pixiXResult>1</method:pixiXResult></method:pixiXResponse>"), "pixiX"
    )
    assert read.scalar == "1"


def test_output_parameters_stand_beside_the_result() -> None:
    """Output parameters are siblings of the result."""
    read = parse(answer(result_code(0), outputs="<method:Total>12</method:Total>"), "pixiX")
    assert read.outputs == (("Total", "12"),)


def test_unknown_parts_of_the_stream_are_passed_over() -> None:
    """A row count, or a part nobody has seen yet, disturbs nothing."""
    extra = '<r:SqlRowCount><c xmlns="urn:x">1</c></r:SqlRowCount><q xmlns="urn:y" xsi:type="xsd:none"/>'
    assert len(parse(answer(extra + row_set([{"A": "1"}])), "pixiX").rows) == 1


def test_a_document_inside_a_column_stays_text() -> None:
    """XML carried in a column is escaped text, and markup in a column is kept as markup."""
    inner = "<ORDER><ORDER_ID>1</ORDER_ID></ORDER>"
    assert parse(answer(row_set([{"Request": inner}])), "pixiX").rows[0].text("Request") == inner
    unescaped = answer(row_set([{"Request": "X"}])).replace(b">X<", f">{inner}<".encode())
    assert "ORDER_ID>1<" in parse(unescaped, "pixiX").rows[0].text("Request")


def test_card_and_bank_columns_are_dropped() -> None:
    """Card and bank data never get past the parser."""
    row = {"CcCardNr": "4111111111111111", "CardCVC": "123", "IBAN": "DE89370400440532013000", "OrderNr": "7"}
    read = parse(answer(row_set([row])), "pixiX")
    assert dict(read.rows[0]) == {"ordernr": "7"}
    assert "cardcvc" not in read.data.columns


@pytest.mark.parametrize("namespace", ["http://schemas.xmlsoap.org/soap/envelope/", SOAP_12])
def test_faults_of_both_versions_are_found(namespace: str) -> None:
    """A fault is found by its local name in either SOAP namespace."""
    body = fault("Unknown method").replace(b"http://schemas.xmlsoap.org/soap/envelope/", namespace.encode())
    read = parse(body, "pixiX").fault
    assert read is not None
    assert "sender" in read.codes
    assert "unknown method" in read.text


@pytest.mark.parametrize(
    "wrap",
    [
        lambda inner: inner.replace("method:", "").replace('xmlns=""', ""),
        lambda inner: inner.replace("method:pixiXResult", "return"),
        lambda inner: inner.replace("pixiXResponse", "PIXIXRESPONSE"),
    ],
)
def test_other_wrappers_of_gateways_are_understood(wrap) -> None:  # type: ignore[no-untyped-def]
    """Missing namespaces, a PHP-style `return` and another case make no difference."""
    body = answer(row_set([{"A": "1"}])).decode()
    head, _, rest = body.partition("<SOAP-ENV:Body>")
    assert len(parse(f"\n \ufeff{head}<SOAP-ENV:Body>{wrap(rest)}".lstrip("\n ").encode(), "pixiX").rows) == 1


def test_a_diffgram_without_its_row_set_is_read() -> None:
    """A gateway that unwraps the row set still hands over the rows."""
    bare = (
        '<d:diffgram xmlns:d="urn:schemas-microsoft-com:xml-diffgram-v1"><SqlRowSet1><row><A>1</A></row></SqlRowSet1>'
        "</d:diffgram>"
    )
    assert parse(answer(bare), "pixiX").rows[0].text("A") == "1"


def test_leading_blank_lines_do_not_matter() -> None:
    """PHP scripts like to answer with empty lines in front of the XML declaration."""
    assert parse(b"\r\n\n" + answer(result_code(0)), "pixiX").result_code == 0


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"   ",
        b"<html><body>Login</body></html>",
        b"Fatal error: Uncaught SoapFault",
        b'<<"half an ans',
        envelope(""),
        envelope("<method:pixiYResponse/>"),
        b"<Envelope/>",
        answer(result_code(0))[:-30],
        answer("<r:SqlResultCode>many</r:SqlResultCode>"),
        b"\xff\xfe<\x00",
        b'<?xml version="1.0" encoding="klingon"?><a/>',
    ],
)
def test_what_is_no_answer_is_a_bad_answer(body: bytes) -> None:
    """Another page, a cut answer, an answer to something else: none of them is an empty result."""
    with pytest.raises(Trouble) as caught:
        parse(body, "pixiX")
    assert caught.value.kind is Kind.BAD_ANSWER


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_and_document_types_are_refused(encoding: str) -> None:
    """No document type gets in, in any encoding, so no entity can grow or reach out."""
    text = (
        f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE a [<!ENTITY x "y"><!ENTITY f SYSTEM "file:///etc/passwd">]>'
        "<Envelope><Body><pixiXResponse><pixiXResult>&x;&f;</pixiXResult></pixiXResponse></Body></Envelope>"
    )
    with pytest.raises(Trouble):
        parse(text.encode(encoding), "pixiX")


def test_a_document_type_inside_a_column_is_only_text() -> None:
    """The shop's XML may carry a document type; as the text of a column it does no harm."""
    assert parse(answer(row_set([{"R": "<!DOCTYPE x>"}])), "pixiX").rows[0].text("R") == "<!DOCTYPE x>"


def test_a_huge_column_needs_the_huge_switch() -> None:
    """Whole documents in one column are read only where they are expected."""
    body = answer(row_set([{"Request": "x" * 11_000_000}]))
    assert len(parse(body, "pixiX", huge=True).rows[0].text("Request")) == 11_000_000
    with pytest.raises(Trouble):
        parse(body, "pixiX")


def test_ten_thousand_rows_are_read() -> None:
    """A list has no upper bound of its own."""
    body = answer(row_set([{"OrderlineKey": str(n), "Price": "1.0000"} for n in range(10_000)]))
    rows = parse(body, "pixiX").rows
    assert (len(rows), rows[-1].decimal("price")) == (10_000, Decimal("1.0000"))
