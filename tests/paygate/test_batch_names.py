"""Names of batch files: both orders, three phases, a counter of three digits, MerchantIDs that may end in digits."""

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paygate.batch_names import BatchName, Order, Phase, read_name
from paygate.errors import PaygateError, Refusal
from tests.paygate.texts import MERCHANTS

DAY = date(2026, 12, 1)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        (BatchName(Phase.TRANSFERRED, DAY, 1, "shop"), "T20261201001shop.dat"),
        (BatchName(Phase.WORKED_ON, DAY, 1, "shop", Order.MERCHANT_FIRST), "W20261201shop001.dat"),
        (BatchName(Phase.PROCESSED, DAY, 999, "shop_7"), "P20261201999shop_7.dat"),
    ],
)
def test_known_names(name: BatchName, written: str) -> None:
    """By SFTP the counter comes first, in an upload by hand the merchant."""
    assert str(name) == written
    assert read_name(written, name.merchant_id) == name


@given(st.builds(BatchName, st.sampled_from(Phase), st.dates(), st.integers(1, 999), MERCHANTS, st.sampled_from(Order)))
def test_what_is_written_is_read(name: BatchName) -> None:
    """With its order given a name has one reading, whatever digits the MerchantID has."""
    assert read_name(str(name), name.merchant_id, name.order) == name


def test_an_ambiguous_name_is_taken_as_from_sftp() -> None:
    """Digits could be read either way; the order by which the file came decides, and without it that of SFTP."""
    assert read_name("T2026120112112.dat", "12").counter == 121
    assert read_name("T2026120112112.dat", "12", Order.MERCHANT_FIRST).counter == 112


def test_results_keep_everything_but_the_phase() -> None:
    """The processed file is found beside the one that was sent."""
    sent = read_name("T20261201shop001.dat", "shop")
    assert str(sent.in_phase(Phase.PROCESSED)) == "P20261201shop001.dat"


@pytest.mark.parametrize(
    "name",
    [
        "",
        "T20261201000shop.dat",
        "T20261201shop000.dat",
        "T20261301001shop.dat",
        "T20260229001shop.dat",
        "X20261201001shop.dat",
        "t20261201001shop.dat",
        "T20261201001shop.csv",
        "T20261201001shop.dat\n",
        "T20261201001other.dat",
        "T2026120101shop.dat",
        "T20261201٠٠١shop.dat",
        "T20261201001../shop.dat",
        "../T20261201001shop.dat",
    ],
)
def test_other_names_are_refused(name: str) -> None:
    """Another merchant's file, a day that does not exist, a counter outside its range, a path."""
    with pytest.raises(PaygateError) as refused:
        read_name(name, "shop")
    assert refused.value.code is Refusal.FILE_NAME


@pytest.mark.parametrize(("counter", "merchant"), [(0, "shop"), (1000, "shop"), (1, "a/b")])
def test_a_name_that_nobody_could_read_is_not_made(counter: int, merchant: str) -> None:
    """Neither a counter beyond a day's files nor a merchant that is a path."""
    with pytest.raises(PaygateError):
        BatchName(Phase.TRANSFERRED, DAY, counter, merchant)


@given(st.text(), st.text())
def test_any_name_is_read_or_refused(name: str, merchant: str) -> None:
    """No other error."""
    with suppress(PaygateError):
        assert read_name(name, merchant).merchant_id == merchant
