"""Texts as messages may have them, for generated examples."""

import string
from dataclasses import replace

from hypothesis import strategies as st

from paygate.batch_records import Action, Record, Version

LATIN = st.text(st.characters(max_codepoint=0xFF), max_size=300)
# printable ISO-8859-1 without what separates fields of a message or of a file
PRINTABLE = [chr(code) for code in (*range(0x20, 0x7F), *range(0xA0, 0x100)) if chr(code) not in ",&"]
ASCII = [character for character in PRINTABLE if character.isascii()]
TRANS_IDS = st.text(st.sampled_from(PRINTABLE), min_size=1, max_size=64)
REF_NRS = st.text(st.sampled_from(ASCII), max_size=30)
PAY_IDS = st.text(st.sampled_from(string.ascii_letters + string.digits), min_size=32, max_size=32)
MERCHANTS = st.from_regex(r"[A-Za-z0-9_@+][A-Za-z0-9_@+.\-]{0,29}", fullmatch=True)
CURRENCIES = st.text(st.sampled_from(string.ascii_uppercase), min_size=3, max_size=3)
CODES = st.text(st.sampled_from(string.ascii_letters + string.digits), min_size=8, max_size=8)


def records(version: Version) -> st.SearchStrategy[list[Record]]:
    """Records that a file of this version may hold, numbered from 1."""
    plain = st.builds(
        Record,
        number=st.just(0),
        action=st.sampled_from(Action),
        amount_minor=st.integers(0, 9_999_999_999),
        currency=CURRENCIES,
        trans_id=TRANS_IDS,
        ref_nr=REF_NRS,
        pay_id=PAY_IDS,
    )
    finishing = plain.map(lambda one: replace(one, action=Action.CAPTURE, finish_auth=True))
    one = st.one_of(plain, finishing) if version is Version.V1_4 else plain
    return st.lists(one, max_size=20).map(
        lambda found: [replace(record, number=number) for number, record in enumerate(found, start=1)]
    )
