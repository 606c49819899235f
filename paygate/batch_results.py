"""Result files: the batch file with a status and a code behind each record, under the name of the processed phase.

HEAD and FOOT stay as they were, for count and sum are about the same records. Records are repeated byte for byte, wrong
ones too, so that a merchant finds each of them again.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import zip_longest

from paygate.batch import Batch
from paygate.batch_records import BadRecord, Record, read_record
from paygate.codes import Code, Wrong, parameter_code
from paygate.errors import PaygateError, Refusal
from paygate.lines import BOM, CRLF, text_of

_STATUS = re.compile(r"[A-Za-z_]{1,50}")


@dataclass(frozen=True)
class Result:
    """What became of one record."""

    status: str
    code: Code

    def __post_init__(self) -> None:
        if not _STATUS.fullmatch(self.status):
            raise PaygateError(
                Refusal.FILE_RESULTS, "A status has 1 to 50 letters or underscores, such as OK or FAILED."
            )


def write_results(batch: Batch, results: Iterable[Result]) -> Iterator[bytes]:
    """The lines of the result file of `batch`, each with its CRLF; one result per record, in the order of the file.

    Raises PaygateError (file-results) at the end if there were fewer or more results than records: write to a
    temporary place first.
    """
    yield (BOM if batch.marked else b"") + str(batch.head).encode("ascii") + CRLF
    for line, result in zip_longest(batch.lines(), results):
        if line is None or result is None:
            raise PaygateError(Refusal.FILE_RESULTS, "Each record of a batch file needs exactly one result.")
        yield line[1] + f",{result.status},{result.code}".encode("ascii") + CRLF
    yield str(batch.foot).encode("ascii") + CRLF


def read_results(batch: Batch) -> Iterator[tuple[Record | BadRecord, Result | None]]:
    """The records of a processed file, opened as a batch, with what became of each; None where that is unreadable.

    The last two fields of a line are its result, whatever stands before them. Raises nothing.
    """
    for number, (line, raw) in enumerate(batch.lines(), start=1):
        text = text_of(raw, marked=batch.marked)
        front, *result = text.rsplit(",", 2)
        try:
            status, code = result
            known = Result(status, Code(code))
        except (PaygateError, ValueError):
            code_of_line = parameter_code(Wrong.MISSING, "0092")
            yield BadRecord(number, line, code_of_line, "The status and the code are missing."), None
        else:
            yield read_record(front, batch.head.version, number, line), known
