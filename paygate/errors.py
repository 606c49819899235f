"""What the formats refuse: one exception with a stable code and an English sentence that says what to do.

A sentence never quotes a value of a message, for it may be a card's or a person's.
"""

from enum import StrEnum


class Refusal(StrEnum):
    """The stable codes. A name is never used for something else."""

    # keys and merchants
    KEY_LENGTH = "key-length"
    KEY_CHARACTERS = "key-characters"
    MERCHANT_ID = "merchant-id"
    # the envelope
    LENGTH_NOT_A_NUMBER = "length-not-a-number"
    LENGTH_BEYOND_DATA = "length-beyond-data"
    DATA_MISSING = "data-missing"
    DATA_NOT_HEX = "data-not-hex"
    DATA_ODD = "data-odd"
    DATA_BLOCKS = "data-blocks"
    DATA_IV = "data-iv"
    AES_FOR_BLOWFISH = "aes-for-blowfish"
    BLOWFISH_FOR_AES = "blowfish-for-aes"
    NOTHING_TO_SEAL = "nothing-to-seal"
    CHARACTERS = "characters"
    # the fields
    FIELD_NAME = "field-name"
    FIELD_TWICE = "field-twice"
    FIELD_VALUE = "field-value"
    NO_FIELDS = "no-fields"
    FORMAT_NOTATION = "format-notation"
    STRUCTURED = "structured"
    CODE = "code"
    # files
    FILE_NAME = "file-name"
    FILE_HEAD = "file-head"
    FILE_VERSION = "file-version"
    FILE_MERCHANT = "file-merchant"
    FILE_FOOT = "file-foot"
    FILE_COUNT = "file-count"
    FILE_SUM = "file-sum"
    FILE_RECORD = "file-record"
    FILE_RESULTS = "file-results"


class PaygateError(Exception):
    """The only exception that this package raises; `code` is for programs, the sentence for people."""

    def __init__(self, code: Refusal, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


class FileRefused(PaygateError):
    """A whole file is refused before any record counts; `line` is 1-based, `expected` says what belongs there."""

    def __init__(self, code: Refusal, line: int, expected: str) -> None:
        super().__init__(code, f"Line {line}: expected {expected}. Correct the file and send it again.")
        self.line = line
        self.expected = expected
