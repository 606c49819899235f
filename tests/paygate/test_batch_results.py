"""Result files: each record again with what became of it, under the same head and foot."""

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paygate.batch import Head, open_batch, write_batch
from paygate.batch_records import BadRecord, Record, Version
from paygate.batch_results import Result, read_results, write_results
from paygate.codes import SUCCESS, Code
from paygate.errors import FileRefused, PaygateError, Refusal
from tests.paygate.texts import CODES, records
from tests.paygate.vectors import PAY_ID

SHOP = "test_merchant"
HEAD = f"HEAD,{SHOP},20261201,1.4"
GOOD = f"CC,Capture,4000,EUR,order-1001,INV-1001,{PAY_ID},Y"
BAD = f"CC,Capture,40.00,EUR,order-1002,INV,1002,{PAY_ID}"
OK = Result("OK", SUCCESS)


def test_a_known_file() -> None:
    """The head, each record with status and code, the same foot; a wrong record is repeated as it came."""
    batch = open_batch(f"{HEAD}\n{GOOD}\n\n{BAD}\nFOOT,2,4000".encode(), SHOP)
    _, bad = batch.records()
    assert isinstance(bad, BadRecord)
    written = b"".join(write_results(batch, [OK, Result("FAILED", bad.code)]))
    assert written.decode() == (f"{HEAD}\r\n{GOOD},OK,00000000\r\n{BAD},FAILED,{bad.code}\r\nFOOT,2,4000\r\n")
    first, second = read_results(open_batch(written, SHOP))
    assert first[1] == OK
    assert isinstance(first[0], Record)
    assert first[0].finish_auth
    assert isinstance(second[0], BadRecord)
    assert second[1] == Result("FAILED", bad.code)


@settings(deadline=None)  # many texts per example: on a busy machine one takes its time
@given(
    st.sampled_from(Version).flatmap(lambda version: st.tuples(st.just(version), records(version))),
    st.lists(st.builds(Result, st.sampled_from(["OK", "FAILED", "AUTHORIZE_REQUEST"]), CODES.map(Code)), min_size=20),
)
def test_what_is_written_is_read(file: tuple[Version, list[Record]], results: list[Result]) -> None:
    """Records and results of a whole file, in their order, with FinishAuth and without."""
    version, given_records = file
    batch = open_batch(b"".join(write_batch(Head(SHOP, date(2026, 12, 1), version), given_records)), SHOP)
    expected = list(zip(given_records, results, strict=False))
    written = b"".join(write_results(batch, [result for _, result in expected]))
    assert list(read_results(open_batch(written, SHOP))) == expected


def test_a_marked_file_stays_marked() -> None:
    """Records are repeated byte for byte, so whoever reads the results must read them as they were sent."""
    batch = open_batch(b"\xef\xbb\xbf" + f"{HEAD}\n{GOOD.replace('order', 'Grün')}\nFOOT,1,4000".encode(), SHOP)
    ((record, _),) = read_results(open_batch(b"".join(write_results(batch, [OK])), SHOP))
    assert isinstance(record, Record)
    assert record.trans_id == "Grün-1001"


@pytest.mark.parametrize("count", [0, 1, 3])
def test_each_record_needs_its_result(count: int) -> None:
    """A result that is missing would be taken for the next record's."""
    batch = open_batch(f"{HEAD}\n{GOOD}\n{GOOD}\nFOOT,2,8000".encode(), SHOP)
    with pytest.raises(PaygateError) as refused:
        list(write_results(batch, [OK] * count))
    assert refused.value.code is Refusal.FILE_RESULTS


@pytest.mark.parametrize("status", ["", "O,K", "OK\r\n", "x" * 51, "0"])
def test_a_status_is_a_word(status: str) -> None:
    """It cannot add a field or a line."""
    with pytest.raises(PaygateError) as refused:
        Result(status, SUCCESS)
    assert refused.value.code is Refusal.FILE_RESULTS


@pytest.mark.parametrize("line", ["x", "x,OK", GOOD, f"{GOOD},OK,0", f"{GOOD},,00000000"])
def test_a_line_without_a_result_is_shown(line: str) -> None:
    """A record whose result cannot be read has an unknown outcome: it is neither done nor failed."""
    total = 4000 if line.startswith("CC") else 0
    ((record, result),) = read_results(open_batch(f"{HEAD}\n{line}\nFOOT,1,{total}".encode(), SHOP))
    assert isinstance(record, BadRecord)
    assert result is None
    assert (record.number, record.line, str(record.code)) == (1, 2, "40100092")


@given(st.lists(st.text("CcaptureOK,0123456789Y\r\xe4"), max_size=5))
def test_any_result_file_is_read_or_refused(found: list[str]) -> None:
    """No other error."""
    with suppress(FileRefused):
        content = "\n".join([HEAD, *found, f"FOOT,{len(found)},0"]).encode("iso-8859-1")
        batch = open_batch(content, SHOP)
        assert len(list(read_results(batch))) == batch.foot.count
