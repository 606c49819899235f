"""Each way a request can fail, played by the sandbox, and the outcome it leads to."""

from collections.abc import Callable

import pytest

from adapters.pixi import PixiConnection, PixiErp
from domain import reasons
from domain.errors import Misconfigured, Rejected, Transient
from domain.outcomes import Outcome
from domain.ports import CommentRequest, Earlier
from tests.contract.pixi.house import AGAIN, COMMENT, FIRST, NOON, House, free
from tests.support.ports import free_port

WRITE = "pixiCreateOrderComment"
READ = "pixiGetOrderHeader"


@pytest.mark.parametrize(
    ("fault", "outcome", "reason"),
    [
        ({"kind": "drop_after"}, Outcome.UNKNOWN, reasons.NO_ANSWER),
        ({"kind": "refuse"}, Outcome.UNKNOWN, reasons.NO_ANSWER),
        ({"kind": "malformed"}, Outcome.UNKNOWN, reasons.BAD_ANSWER),
        ({"kind": "status", "status": 503}, Outcome.UNKNOWN, reasons.SERVER_ERROR),
        ({"kind": "status_after", "status": 502}, Outcome.UNKNOWN, reasons.SERVER_ERROR),
        ({"kind": "status", "status": 429}, Outcome.NOT_SENT, reasons.RATE),
        ({"kind": "status", "status": 401}, Outcome.NOT_SENT, reasons.MISCONFIGURED),
        ({"kind": "status", "status": 400}, Outcome.DECLINED, reasons.REFUSED),
        ({"kind": "special", "name": "class16"}, Outcome.DECLINED, reasons.REFUSED),
        (
            {"kind": "special", "name": "class16", "params": {"class": 20}},
            Outcome.UNKNOWN,
            reasons.SERVER_ERROR,
        ),
        ({"kind": "special", "name": "result_code"}, Outcome.DECLINED, reasons.REFUSED),
        ({"kind": "special", "name": "return_code"}, Outcome.DECLINED, reasons.REFUSED),
        ({"kind": "special", "name": "deadlock_1205"}, Outcome.NOT_SENT, reasons.ROLLED_BACK),
        ({"kind": "special", "name": "soap_fault"}, Outcome.UNKNOWN, reasons.SERVER_ERROR),
        (
            {"kind": "special", "name": "soap_fault", "params": {"subcode": "ParametersError", "text": "no"}},
            Outcome.DECLINED,
            reasons.REFUSED,
        ),
        ({"kind": "special", "name": "warning_8153"}, Outcome.SUCCEEDED, ""),
        ({"kind": "special", "name": "empty_diffgram"}, Outcome.SUCCEEDED, ""),
        ({"kind": "special", "name": "no_row_set"}, Outcome.SUCCEEDED, ""),
        ({"kind": "special", "name": "output_params", "params": {"Total": 1}}, Outcome.SUCCEEDED, ""),
    ],
)
def test_a_failure_of_an_effect_has_its_outcome(
    house: House, fault: dict[str, object], outcome: Outcome, reason: str
) -> None:
    """What certainly had no effect is told apart from what may have had one, and warnings are no failures."""
    order_no = house.order()
    house.fault(WRITE, **fault)  # type: ignore[arg-type]
    result = house.comment(order_no)
    assert (result.outcome, result.reason) == (outcome, reason)
    if outcome in (Outcome.DECLINED, Outcome.NOT_SENT):
        assert house.effects() == []


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"kind": "drop_after"}, Transient),
        ({"kind": "malformed"}, Transient),
        ({"kind": "status", "status": 503}, Transient),
        ({"kind": "status", "status": 401}, Misconfigured),
        ({"kind": "special", "name": "deadlock_1205"}, Transient),
        ({"kind": "special", "name": "class16", "params": {"class": 17}}, Transient),
        ({"kind": "special", "name": "class16"}, Rejected),
        ({"kind": "special", "name": "soap_fault"}, Transient),
        ({"kind": "special", "name": "soap_fault", "params": {"text": "no parameter X"}}, Rejected),
    ],
)
def test_a_failure_of_a_read_has_its_error(house: House, fault: dict[str, object], error: type[Exception]) -> None:
    """Reads tell what may be repeated from what the tenant or Holdfast must mend; errors beside rows count."""
    order_no = house.order()
    house.fault(READ, **fault)  # type: ignore[arg-type]
    with pytest.raises(error):
        house.snapshot(order_no)
    assert house.snapshot(order_no) is not None


@pytest.mark.parametrize("kind", ["delay", "delay_before"])
def test_a_read_timeout_of_an_effect_is_unknown(make_house: Callable[..., House], kind: str) -> None:
    """An answer that comes too late leaves the effect unknown, and the repetition finds it."""
    house = make_house(read_timeout=0.6)
    order_no = house.order()
    house.comment(order_no)  # the WSDL is read by now
    house.fault(WRITE, kind, seconds=1.2)
    other = COMMENT.__class__("Später", "[hf:SPAETER2]")
    result = house.comment(order_no, other)
    assert (result.outcome, result.reason) == (Outcome.UNKNOWN, reasons.NO_ANSWER)


def nobody(name: str) -> PixiConnection:
    return PixiConnection(name, f"http://127.0.0.1:{free_port()}/soap/pixiX/", "u", "p", connect_timeout=1.0)


def test_a_refused_connection_is_not_sent() -> None:
    """Nobody listens: nothing left us."""
    result = PixiErp(nobody).comment("c", CommentRequest("1", COMMENT), FIRST, free)
    assert (result.outcome, result.reason) == (Outcome.NOT_SENT, reasons.UNREACHABLE)


def test_a_refused_connection_settles_no_doubt() -> None:
    """That nobody listens now says nothing about an earlier send."""
    result = PixiErp(nobody).comment("c", CommentRequest("1", COMMENT), AGAIN, free)
    assert (result.outcome, result.reason) == (Outcome.UNKNOWN, reasons.UNREACHABLE)


def test_a_refused_connection_makes_a_read_transient() -> None:
    """A read may be repeated when the other side is back."""
    with pytest.raises(Transient):
        PixiErp(nobody).snapshot("c", "1", NOON, free)


def test_wrong_credentials_stop_reads_and_effects(make_house: Callable[..., House]) -> None:
    """401 is the tenant's affair: reads raise, effects were not sent."""
    house = make_house(password="falsch")
    with pytest.raises(Misconfigured):
        house.snapshot("1")
    result = house.comment("1")
    assert (result.outcome, result.reason) == (Outcome.NOT_SENT, reasons.MISCONFIGURED)


def test_credentials_that_changed_are_used_at_once(make_house: Callable[..., House]) -> None:
    """A corrected password works without a restart."""
    house = make_house(password="falsch")
    order_no = house.order()
    with pytest.raises(Misconfigured):
        house.snapshot(order_no)
    house.password = "geheim-Ä"
    assert house.snapshot(order_no) is not None


def test_missing_settings_of_a_connection_are_not_sent() -> None:
    """A connection that cannot be resolved stops effects as a value and reads as an error."""

    def unknown(name: str) -> PixiConnection:
        raise Misconfigured("no such connection")

    erp = PixiErp(unknown)
    assert erp.comment("c", CommentRequest("1", COMMENT), FIRST, free).reason == reasons.MISCONFIGURED
    assert erp.comment("c", CommentRequest("1", COMMENT), Earlier(1), free).outcome is Outcome.UNKNOWN
    with pytest.raises(Misconfigured):
        erp.snapshot("c", "1", NOON, free)


@pytest.mark.parametrize("kind", ["drop_after", "status"])
def test_a_failed_look_before_the_first_write_is_not_sent(house: House, kind: str) -> None:
    """Nothing that changes anything has left us yet."""
    order_no = house.order()
    house.fault("pixiGetOrderline", kind)
    result = house.release(order_no)
    assert (result.outcome, result.reason) == (Outcome.NOT_SENT, reasons.UNREACHABLE)
    assert house.effects() == []


def test_a_failed_look_after_a_write_is_unknown(house: House) -> None:
    """The release is out and cannot be verified: only asking again tells."""
    order_no = house.order()
    house.fault("pixiGetOrderline", "drop_after", skip=1)
    assert house.release(order_no).outcome is Outcome.UNKNOWN
    assert house.release(order_no, AGAIN).outcome is Outcome.SUCCEEDED
    assert house.effects() == ["release", "comment"]


def test_a_failed_look_of_a_repetition_is_unknown(house: House) -> None:
    """A repetition that cannot even read is as unknown as before."""
    order_no, invoice_no = house.shipped()
    house.fault("pixiGetInvoice", "status")
    assert house.book(order_no, invoice_no, earlier=AGAIN).outcome is Outcome.UNKNOWN


def test_no_text_of_the_erp_gets_into_an_error(house: House) -> None:
    """What an error message quotes stays in the ERP."""
    order_no = house.order()
    house.special(READ, "class16", text="converting 'Erika Mustermann' failed")
    with pytest.raises(Rejected) as caught:
        house.snapshot(order_no)
    told = f"{caught.value!r} {caught.value.__cause__!r}"
    assert "Erika" not in told
    assert "Mustermann" not in told
