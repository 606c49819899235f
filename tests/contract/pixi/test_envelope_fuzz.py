"""Whatever comes back, reading it ends in rows or in one of our errors."""

import contextlib

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.pixi import mapping
from adapters.pixi.envelope import Answer, parse
from adapters.pixi.trouble import Kind, Trouble
from tests.contract.pixi.envelopes import answer, fault, message, result_code, row_set

_NAMES = st.sampled_from(["OrderNr", "Total", "ReturnCode", "Status", "Info", "Result", "ErrorNr", "Paid"])
_WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Co")), max_size=12)
_ROWS = st.lists(st.dictionaries(_NAMES, _WORDS, max_size=4), max_size=3)
_PARTS = st.lists(
    st.one_of(
        _ROWS.map(row_set),
        st.builds(message, st.integers(0, 25), st.integers(0, 99_999)),
        st.integers(-9, 9).map(result_code),
        st.sampled_from(["<x/>", "text", "<r:SqlRowSet/>", "<r:SqlMessage/>", "<r:SqlResultCode/>", "<row/>"]),
    ),
    max_size=5,
)


def _read(body: bytes) -> Answer | None:
    with contextlib.suppress(Trouble):
        return parse(body, "pixiX")
    return None


@given(st.binary(max_size=400))
def test_random_bytes_end_in_our_error(body: bytes) -> None:
    """Noise is never an answer and never an error of somebody else."""
    assert _read(body) is None


@settings(max_examples=120)
@given(_PARTS, st.integers(200, 599))
def test_any_stream_is_read_and_judged(parts: list[str], status: int) -> None:
    """Any order of any parts is read, and the judgement is one of our kinds; values end in values or our error."""
    read = _read(answer("".join(parts)))
    assert read is not None
    assert mapping.trouble_in(read, status) in (None, *Kind)
    for row in (row for one in read.sets for row in one.rows):
        for ask in (row.decimal, row.flag, row.instant, row.number):
            with contextlib.suppress(Trouble):
                ask("Total")


@settings(max_examples=120)
@given(st.data())
def test_a_damaged_answer_ends_in_rows_or_our_error(data: st.DataObject) -> None:
    """Bytes changed or cut out of a real answer never lead to anything but an answer or our error."""
    body = bytearray(data.draw(st.sampled_from([answer(row_set([{"Total": "1.0000"}]) + result_code(0)), fault("no")])))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(body) - 1))
        body[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    read = _read(bytes(body))
    assert read is None or isinstance(read, Answer)


@given(st.integers(0, 10_000))
def test_a_cut_answer_is_a_bad_answer(length: int) -> None:
    """An answer that ends too early is never taken for a shorter list."""
    body = answer(row_set([{"A": "1"}] * 5) + result_code(0))
    if length < len(body):
        assert _read(body[:length]) is None
