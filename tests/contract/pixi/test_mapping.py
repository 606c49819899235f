"""The tables: which line status means what, and what each complaint of an answer means for reads and effects."""

import itertools

import pytest

from adapters.pixi import mapping
from adapters.pixi.envelope import parse
from adapters.pixi.mapping import Group
from adapters.pixi.trouble import Kind, Trouble
from domain import reasons
from domain.errors import Misconfigured, Rejected, Transient
from domain.facts import Phase
from domain.outcomes import Outcome
from tests.contract.pixi.envelopes import answer, fault, message, result_code, row_set


@pytest.mark.parametrize(
    ("statuses", "phase"),
    [
        ("HAL HAL", Phase.HELD),
        ("NEW", Phase.HELD),
        ("HAL STO AUS", Phase.HELD),
        ("HAL ANG", Phase.OPEN),
        ("BES", Phase.OPEN),
        ("FUT AUS", Phase.OPEN),
        ("EIN", Phase.OPEN),
        ("AUS RET", Phase.CLOSED),
        ("STO NLB", Phase.CLOSED),
        ("MIN AUS", Phase.CLOSED),
        ("", Phase.OPEN),
        ("XYZ AUS", Phase.OPEN),
    ],
)
def test_the_phase_follows_from_the_lines(statuses: str, phase: Phase) -> None:
    """Held, open and closed come from the line statuses alone; what nobody knows keeps an order open."""
    assert mapping.phase_of(mapping.group_of(one) for one in statuses.split()) is phase


def test_every_known_status_has_a_group() -> None:
    """All eleven statuses are sorted, and none falls to the default by accident."""
    known = ["NEW", "HAL", "ANG", "BES", "FUT", "EIN", "AUS", "RET", "MIN", "STO", "NLB"]
    assert {one: mapping.group_of(one) for one in known}.keys() == mapping._GROUPS.keys()
    assert mapping.group_of("nlb") is Group.CANCELLED


@pytest.mark.parametrize(
    ("stream", "kind"),
    [
        (message(0, 8153) + row_set([{"A": "1"}]), None),
        (message(10, 5701), None),
        (message(11, 50_000) + row_set([{"A": "1"}]), Kind.REFUSED),
        (message(16, 50_000) + result_code(0), Kind.REFUSED),
        (message(13, 1205) + result_code(-3), Kind.ROLLED_BACK),
        (message(17, 1105), Kind.SERVER_ERROR),
        (message(16, 1) + message(20, 2), Kind.SERVER_ERROR),
        (result_code(1), Kind.REFUSED),
        (row_set([{"ReturnCode": "OK", "ErrorMessage": ""}]), None),
        (row_set([{"ReturnCode": "INFO", "ErrorMessage": "already locked"}]), None),
        (row_set([{"ReturnCode": "ERROR", "ErrorMessage": "no"}]), Kind.REFUSED),
        (row_set([{"ReturnCode": "ERROR", "AffectedRows": "0"}]), Kind.REFUSED),
        (row_set([{"StatusCode": "ERROR", "ErrorMsg": "no"}]), Kind.REFUSED),
        (row_set([{"Status": "ERROR", "Message": "no"}]), Kind.REFUSED),
        (row_set([{"Status": "ERROR", "Info": "no"}]), Kind.REFUSED),
        (row_set([{"ErrorNr": "200", "ErrorMessage": ""}]), None),
        (row_set([{"ErrorNr": "404", "ErrorMessage": "no"}]), Kind.NOT_FOUND),
        (row_set([{"ErrorNr": "500", "ErrorMessage": "no"}]), Kind.REFUSED),
        (row_set([{"Result": "0"}]), None),
        (row_set([{"Result": "1"}]), Kind.REFUSED),
        (row_set([{"A": "1"}]) + row_set([{"ReturnCode": "ERROR", "ErrorMsg": "x"}], no=2), Kind.REFUSED),
        (row_set([{"Status": "HAL", "OrderNr": "1"}]), None),
        (row_set([{"Status": "Err", "Error": "x", "Request": "y", "Response": "z", "XMLLogKey": "1"}]), None),
    ],
)
def test_each_layer_of_an_answer_is_heard(stream: str, kind: Kind | None) -> None:
    """Warnings pass, errors count even beside rows, and each family of status columns is known."""
    assert mapping.trouble_in(parse(answer(stream), "pixiX"), 200) is kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Procedure pixiX has no parameter Y", Kind.MALFORMED),
        ("The method does not exist", Kind.MALFORMED),
        ("There is insufficient memory: out of memory", Kind.SERVER_ERROR),
        ("Login failed for user 'x'", Kind.MISCONFIGURED),
        ("Transaction was deadlocked, error 1205", Kind.ROLLED_BACK),
    ],
)
def test_a_fault_is_final_unless_the_server_broke(text: str, kind: Kind) -> None:
    """Wrong requests stay wrong; lack of memory and a deadlock pass."""
    assert mapping.trouble_in(parse(fault(text), "pixiX"), 500) is kind


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (200, None),
        (302, Kind.BAD_ANSWER),
        (400, Kind.MALFORMED),
        (401, Kind.MISCONFIGURED),
        (403, Kind.MISCONFIGURED),
        (404, Kind.MISCONFIGURED),
        (408, Kind.NO_ANSWER),
        (429, Kind.RATE),
        (500, Kind.SERVER_ERROR),
        (502, Kind.SERVER_ERROR),
        (503, Kind.SERVER_ERROR),
        (504, Kind.SERVER_ERROR),
    ],
)
def test_http_statuses_without_a_fault(status: int, kind: Kind | None) -> None:
    """Refused credentials are the tenant's affair, a broken gateway is not."""
    assert mapping.http_kind(status) is kind


@pytest.mark.parametrize(
    ("kind", "outcome", "reason"),
    [
        (Kind.UNREACHABLE, Outcome.NOT_SENT, reasons.UNREACHABLE),
        (Kind.MISCONFIGURED, Outcome.NOT_SENT, reasons.MISCONFIGURED),
        (Kind.RATE, Outcome.NOT_SENT, reasons.RATE),
        (Kind.ROLLED_BACK, Outcome.NOT_SENT, reasons.ROLLED_BACK),
        (Kind.REFUSED, Outcome.DECLINED, reasons.REFUSED),
        (Kind.NOT_FOUND, Outcome.DECLINED, reasons.NOT_FOUND),
        (Kind.MALFORMED, Outcome.DECLINED, reasons.REFUSED),
        (Kind.NO_ANSWER, Outcome.UNKNOWN, reasons.NO_ANSWER),
        (Kind.BAD_ANSWER, Outcome.UNKNOWN, reasons.BAD_ANSWER),
        (Kind.SERVER_ERROR, Outcome.UNKNOWN, reasons.SERVER_ERROR),
    ],
)
def test_what_a_failure_means_for_an_effect(kind: Kind, outcome: Outcome, reason: str) -> None:
    """Only what certainly did not leave us or was undone is not sent, only a definite no is declined."""
    result = mapping.outcome_of(kind)
    assert (result.outcome, result.reason) == (outcome, reason)


@pytest.mark.parametrize(("kind", "doubt"), list(itertools.product(Kind, (True, False))))
def test_a_failed_look_settles_nothing_once_something_may_have_happened(kind: Kind, doubt: bool) -> None:
    """With doubt every failed read leaves the effect unknown; without, no failed read makes it so."""
    assert (mapping.outcome_of_looking(kind, doubt=doubt).outcome is Outcome.UNKNOWN) is doubt


@pytest.mark.parametrize("kind", Kind)
def test_reads_raise_the_errors_of_the_port(kind: Kind) -> None:
    """Credentials stop the tenant, a definite no is not repeated, everything else may be."""
    final = {Kind.REFUSED, Kind.NOT_FOUND, Kind.MALFORMED}
    expected = Misconfigured if kind is Kind.MISCONFIGURED else Rejected if kind in final else Transient
    assert type(mapping.read_error(Trouble(kind, "pixiX"))) is expected
