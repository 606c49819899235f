"""Failure files as they are written: names, ten fields, the reason in words."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from adapters.file_drop.layout import FailureFileLayout, own_name
from domain.authorization.declines import Decline
from domain.authorization.notices import FailureLine
from domain.authorization.operations import ExtensionKind
from domain.tenant_config import Language
from domain.wording.names import REASONS
from paygate.failure_file import Failure, read_failures, read_file_name
from paygate.merchants import is_merchant_id

DAY = date(2026, 11, 10)
AT = datetime(2026, 11, 10, 1, tzinfo=UTC)
LINE = FailureLine(
    "1-1", ExtensionKind.RENEWAL, 6000, "EUR", "order-1001", "INV-1001", "0123456789abcdef0123456789abcdef", AT,
    Decline.BY_ISSUER.value, "21000305",
)  # fmt: skip


def layout(**merchants: str) -> FailureFileLayout:
    return FailureFileLayout(lambda account: merchants.get(account, ""))


@pytest.mark.rule("R52")
def test_the_name_has_day_and_merchant() -> None:
    """The MerchantID of the provider account; where it has none, its own name."""
    assert layout(acct="shop_1").names("acme", "acct", DAY)[0] == "F20261110shop_1.dat"
    assert layout().names("acme", "acct", DAY)[0] == "F20261110acct.dat"


@pytest.mark.parametrize("account", ["unzer/acme", "ä" * 40, "", ".hidden", "a,b", "x" * 31, "\ud800"])
def test_every_account_has_a_name_that_no_other_has(account: str) -> None:
    """Whatever it is called, its files have names that can be read back."""
    names = layout().names("acme", account, DAY)
    assert all(read_file_name(one)[0] == DAY for one in names)
    assert is_merchant_id(own_name(account))
    assert own_name(account) != own_name(f"{account}2")
    assert names[-1] == f"F20261110{own_name(account)}.dat"


@pytest.mark.rule("R53")
def test_the_ten_fields() -> None:
    """As the document shows them."""
    content = layout().content([LINE, replace(LINE, extension=ExtensionKind.SPLIT)], Language.ENGLISH)
    first, second = content.decode("iso-8859-1").splitlines()
    assert first == (
        "CC,Renewal,6000,EUR,order-1001,INV-1001,0123456789abcdef0123456789abcdef,FAILED,21000305,"
        "declined by the authorization system"
    )
    assert second.startswith("CC,Splitting,")


@pytest.mark.rule("R57")
def test_a_hope_run_that_follows_is_told() -> None:
    """In Berlin time, and no comma tears the line apart."""
    hope = replace(LINE, hope_at=datetime(2026, 11, 11, 3, 15, tzinfo=UTC))
    (found,) = read_failures(layout().content([hope], Language.GERMAN))
    assert isinstance(found, Failure)
    assert found.description.endswith("noch ein Versuch: 11.11.2026  04:15 Uhr")


@pytest.mark.parametrize("reason", [*sorted(REASONS), "of another version"])
@pytest.mark.parametrize("code", ["", "card_declined", "21000305"])
def test_every_failure_is_a_line_that_is_read_back(reason: str, code: str) -> None:
    """A code of another form becomes one of eight characters; an unknown reason costs no line."""
    (found,) = read_failures(layout().content([replace(LINE, reason=reason, code=code)], Language.GERMAN))
    assert isinstance(found, Failure)
    assert len(found.code) == 8
    assert found.code == code or code != "21000305"
