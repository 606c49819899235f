"""Bank data for the transfer: into the billing address while it can be changed, once, and nowhere else."""

import logging
from collections.abc import Callable
from dataclasses import replace

import pytest

from adapters.pixi import bank_data
from adapters.pixi.values import Row, RowSet
from domain import reasons
from domain.outcomes import Outcome
from tests.contract.pixi.house import AGAIN, ASK_ONLY, BANK, House

ASK = "pixiCanChangeAddress"
WRITE = "pixiChangeAddress"
READ = "pixiGetAddress"
SECRETS = (BANK.holder, BANK.iban, BANK.bic, BANK.reference)


def bank_fields(house: House, order_no: str) -> tuple[str, ...]:
    address = house.address(order_no)
    return (address["account_holder"], address["iban"], address["bic"], address["bank_name"])


@pytest.mark.rule("P23")
def test_the_four_fields_are_written_and_nothing_else(house: House) -> None:
    """Holder, IBAN, BIC and the reference as the bank's name; the rest of the address is not even mentioned."""
    order_no = house.order()
    before = house.address(order_no)
    result = house.bank_data(order_no)
    assert (result.outcome, result.evidence.found_by_reading) == (Outcome.SUCCEEDED, False)
    assert bank_fields(house, order_no) == SECRETS
    changed = {name for name, value in house.address(order_no).items() if value != before[name]}
    assert changed == {"account_holder", "iban", "bic", "bank_name"}
    assert house.effects() == ["address_changed", "comment"]
    (sent,) = house.bodies(WRITE)
    assert "nil" not in sent
    for name in ("Street", "LastName", "ZIP", "Email", "BLZ", "OrderNrExternal"):
        assert f"{name}>" not in sent


def test_what_stands_is_not_written_again(house: House) -> None:
    """Equal but for blanks and case of the IBAN: found by reading, with the comment and without a write."""
    order_no = house.order()
    house.bank_data(order_no)
    spaced = replace(BANK, iban="de89 3704 0044 0532 0130 00", bic="cobadeffxxx ")
    result = house.bank_data(order_no, spaced)
    assert (result.outcome, result.evidence.found_by_reading) == (Outcome.SUCCEEDED, True)
    assert house.effects() == ["address_changed", "comment", "comment"]
    assert house.calls()[WRITE] == 1


@pytest.mark.rule("P23")
def test_an_order_on_its_way_is_declined_without_a_comment(house: House) -> None:
    """Once a piece is in the box the address is final: a definite no, and the comment is left to the order."""
    order_no = house.order(status="EIN")
    result = house.bank_data(order_no)
    assert (result.outcome, result.reason) == (Outcome.DECLINED, reasons.ORDER_STATE)
    assert house.effects() == []
    assert house.calls()[WRITE] == 0


@pytest.mark.parametrize(
    "without", [ASK, WRITE, "pixiChangeAddress(BankName)", "pixiChangeAddress(IBAN)", "pixiChangeAddress(AddrType)"]
)
def test_an_erp_that_cannot_is_unsupported(make_house: Callable[..., House], without: str) -> None:
    """A missing call, or a field that the call does not know: nothing is written, a part of the data least of all."""
    house = make_house({"without": [without]})
    result = house.bank_data(house.order())
    assert (result.outcome, result.reason) == (Outcome.DECLINED, reasons.UNSUPPORTED)
    assert house.effects() == []


@pytest.mark.rule("P8")
@pytest.mark.parametrize("kind", ["drop_after", "status_after", "malformed"])
@pytest.mark.parametrize("call", [WRITE, "pixiCreateOrderComment"])
def test_a_lost_answer_writes_once(house: House, call: str, kind: str) -> None:
    """After a lost answer the address is read, even when it has become final in between."""
    order_no = house.order()
    house.fault(call, kind)
    assert house.bank_data(order_no).outcome is Outcome.UNKNOWN
    house.post(f"/orders/{order_no}/status", {"status": "EIN"})
    result = house.bank_data(order_no, earlier=AGAIN)
    assert (result.outcome, result.evidence.found_by_reading) == (Outcome.SUCCEEDED, True)
    assert house.effects() == ["address_changed", "comment"]


def test_asking_only_never_writes(house: House) -> None:
    """While an earlier request may still arrive, what is not found stays unknown, final address or not."""
    order_no = house.order(status="EIN")
    result = house.bank_data(order_no, earlier=ASK_ONLY)
    assert (result.outcome, result.reason) == (Outcome.UNKNOWN, reasons.TOO_EARLY)
    assert house.calls()[ASK] + house.calls()[WRITE] == 0


def test_a_yes_that_wrote_nothing_is_not_believed(house: House) -> None:
    """The ERP says yes and the address does not show it: unknown, without a comment."""
    order_no = house.order()
    house.special(WRITE, "warning_8153", takes_effect=False)
    result = house.bank_data(order_no)
    assert (result.outcome, result.reason) == (Outcome.UNKNOWN, reasons.BAD_ANSWER)
    assert house.effects() == []
    assert house.bank_data(order_no, earlier=AGAIN).outcome is Outcome.SUCCEEDED


def test_rows_lost_while_reading_are_asked_for_again(house: House) -> None:
    """An empty answer about the address is not taken for an empty address."""
    order_no = house.order()
    house.bank_data(order_no)
    house.special(READ, "empty_diffgram")
    assert house.bank_data(order_no).evidence.found_by_reading


@pytest.mark.parametrize(
    ("call", "name", "outcome", "reason"),
    [
        (WRITE, "return_code", Outcome.DECLINED, reasons.REFUSED),
        (WRITE, "deadlock_1205", Outcome.NOT_SENT, reasons.ROLLED_BACK),
        (ASK, "deadlock_1205", Outcome.NOT_SENT, reasons.ROLLED_BACK),
        (READ, "class16", Outcome.DECLINED, reasons.REFUSED),
    ],
)
def test_a_failure_has_its_outcome(house: House, call: str, name: str, outcome: Outcome, reason: str) -> None:
    """An ERROR row is a definite no, undone work was not sent."""
    house.special(call, name)
    result = house.bank_data(house.order())
    assert (result.outcome, result.reason) == (outcome, reason)
    assert house.effects() == []


@pytest.mark.parametrize("without", [READ, "pixiGetOrderHeader.AddrKey", "pixiGetAddress.IBAN"])
def test_an_address_that_cannot_be_read_is_written_once_more(make_house: Callable[..., House], without: str) -> None:
    """Writing the same again changes nothing, and the answer has to do."""
    house = make_house({"without": [without]})
    order_no = house.order()
    house.fault(WRITE, "drop_after")
    assert house.bank_data(order_no).outcome is Outcome.UNKNOWN
    assert house.bank_data(order_no, earlier=AGAIN).outcome is Outcome.SUCCEEDED
    assert house.effects() == ["address_changed", "comment"]


@pytest.mark.parametrize("without", ["pixiGetAddress.AccountHolder", "pixiChangeAddress(AccountHolder)"])
def test_the_holders_column_may_be_another(make_house: Callable[..., House], without: str) -> None:
    """Read under another name it is found there; where nothing takes it, the data are not written at all."""
    house = make_house({"without": [without]})
    expected = Outcome.SUCCEEDED if "(" not in without else Outcome.DECLINED
    assert house.bank_data(house.order()).outcome is expected


def test_long_and_foreign_texts_are_kept_as_the_database_can(house: House) -> None:
    """Fifty characters of the reference at most, and what the code page lacks is not written for ever."""
    order_no = house.order()
    odd = replace(BANK, holder="Łódź 🎉 " + "H" * 80, reference="R" * 49 + " " + "S" * 20)
    assert house.bank_data(order_no, odd).outcome is Outcome.SUCCEEDED
    assert house.address(order_no)["bank_name"] == "R" * 49
    assert house.bank_data(order_no, odd).evidence.found_by_reading


def test_a_missing_bic_clears_what_stood_there(house: House) -> None:
    """The bank of another account must not stand beside this IBAN."""
    order_no = house.order()
    house.bank_data(order_no)
    assert house.bank_data(order_no, replace(BANK, bic="")).outcome is Outcome.SUCCEEDED
    assert bank_fields(house, order_no)[2] == ""


def test_an_unknown_order_is_not_found(house: House) -> None:
    """A definite no."""
    assert house.bank_data("4711").reason == reasons.NOT_FOUND


def test_bank_data_show_nowhere(
    house: House, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever happens, results, logs, errors and comments tell nothing of them."""
    caplog.set_level(logging.DEBUG)
    told: list[str] = []
    for call in (ASK, WRITE, READ):
        for fault in ({"kind": "malformed"}, {"kind": "status", "status": 500}, {"kind": "special", "name": "class16"}):
            order_no = house.order()
            house.fault(call, **fault)  # type: ignore[arg-type]
            told += [repr(house.bank_data(order_no)), repr(house.bank_data(order_no, earlier=AGAIN))]
            told += house.comments(order_no)
            house.disarm()
    logged = capsys.readouterr().out
    assert "pixi.call" in logged
    told += [logged, caplog.text, repr(BANK)]
    for secret in SECRETS:
        assert not any(secret in text for text in told)


@pytest.mark.parametrize(
    ("stored", "stands"),
    [
        (BANK.holder, True),
        (BANK.holder[:20], True),
        (BANK.holder[:19], False),
        ("", False),
        ("Erika Mustermann", False),
    ],
)
def test_a_holder_may_be_kept_in_part(stored: str, stands: bool) -> None:
    """How long the column is nobody knows: a long beginning is the whole, a short one may be somebody else."""
    data = RowSet(frozenset({"accountholder"}), (Row({"AccountHolder": stored}),))
    assert bank_data._holder_stands(data, BANK.holder) is stands
