"""Faults armed by a test: what the client sees, and what stands afterwards."""

import httpx
import pytest

from tests.sandboxes.pixi.access import Access


def lock(pixi: Access, nr: int) -> str:
    return pixi.envelope("pixiSetOrderShippingLock", {"OrderNr": nr, "Locked": 1})


def test_refuse_closes_before_anything_happens(pixi: Access) -> None:
    """A refused connection ends without an answer and without an effect; the next request works."""
    nr = pixi.order()
    pixi.arm(call="pixiSetOrderShippingLock", kind="refuse")
    with pytest.raises(httpx.TransportError):
        pixi.send(lock(pixi, nr))
    assert (pixi.kinds(), pixi.show(nr)["locked"]) == ([], False)
    assert pixi.send(lock(pixi, nr)).row["ReturnCode"] == "OK"


def test_drop_after_leaves_the_effect(pixi: Access) -> None:
    """The connection dies without a byte although the order is locked; asking again finds it locked."""
    nr = pixi.order()
    pixi.arm(call="pixiSetOrderShippingLock", kind="drop_after")
    with pytest.raises(httpx.RemoteProtocolError):
        pixi.send(lock(pixi, nr))
    assert (pixi.kinds(), pixi.show(nr)["locked"]) == (["lock"], True)
    assert pixi.send(lock(pixi, nr)).row["ReturnCode"] == "INFO"
    assert pixi.kinds() == ["lock"]


def test_status_faults(pixi: Access) -> None:
    """503 before has no effect, 503 after has one; neither is a SOAP answer."""
    nr = pixi.order()
    pixi.arm(call="pixiSetOrderShippingLock", kind="status", status=503)
    assert pixi.send(lock(pixi, nr)).status == 503
    assert pixi.kinds() == []
    pixi.arm(call="pixiSetOrderShippingLock", kind="status_after", status=504)
    assert pixi.send(lock(pixi, nr)).status == 504
    assert pixi.kinds() == ["lock"]


def test_malformed(pixi: Access) -> None:
    """A malformed answer cannot be parsed, and the effect stands."""
    nr = pixi.order()
    pixi.arm(call="pixi*", kind="malformed")
    reply = pixi.send(lock(pixi, nr))
    assert (reply.status, "Envelope" in reply.text) == (200, False)
    assert pixi.kinds() == ["lock"]


def test_slow_answers(pixi: Access) -> None:
    """A client that does not wait for a slow answer finds the effect in place."""
    nr = pixi.order()
    pixi.arm(call="pixiSetOrderShippingLock", kind="delay", seconds=30)
    with pytest.raises(httpx.ReadTimeout):
        pixi.send(lock(pixi, nr), timeout=0.5)
    assert pixi.kinds() == ["lock"]


def test_faults_match_on_facts(pixi: Access) -> None:
    """A fault for one order or invoice leaves the others alone, whatever the parameter is called."""
    one, invoice = pixi.shipped()
    other = pixi.order()
    pixi.arm(call="*", kind="status", status=500, match={"OrderNr": str(one)}, times=-1)
    pixi.arm(call="*", kind="status", status=502, match={"InvoiceNr": invoice})
    assert pixi.call("pixiGetOrderHeader", OrderNr=other).status == 200
    assert pixi.call("pixiGetOrderHeader", OrderNr=one).status == 500
    assert pixi.call("pixiGetOrderline", OrderNR=one).status == 500
    assert pixi.call("pixiGetInvoiceLines", InvoiceNr=invoice).status == 502
    pixi.hook("/faults", method="DELETE")
    assert pixi.call("pixiGetOrderHeader", OrderNr=one).status == 200


def test_one_fault_is_taken_back_alone(pixi: Access) -> None:
    """The others stay armed; what is not armed cannot be taken back."""
    nr = pixi.order()
    first, second = (pixi.arm(call="pixiGetOrderHeader", kind="status", status=code) for code in (500, 502))
    pixi.hook(f"/faults/{first['id']}", method="DELETE")
    assert pixi.try_hook(f"/faults/{first['id']}", method="DELETE").status_code == 404
    assert [one["id"] for one in pixi.hook("/faults", method="GET")] == [second["id"]]
    assert pixi.call("pixiGetOrderHeader", OrderNr=nr).status == 502


def test_warning_8153(pixi: Access) -> None:
    """A class 0 warning precedes the rows, which are complete, and a write takes effect."""
    nr = pixi.order()
    pixi.arm(call="pixiSetOrderShippingLock", kind="special", name="warning_8153")
    reply = pixi.send(lock(pixi, nr))
    assert [(one["Class"], one["Number"]) for one in reply.messages] == [("0", "8153")]
    assert (reply.row["ReturnCode"], reply.result_code, pixi.kinds()) == ("OK", 0, ["lock"])


def test_class16_beside_rows(pixi: Access) -> None:
    """An error message stands beside rows; a write that failed so has no effect, unless the fault says so."""
    nr = pixi.order()
    pixi.arm(call="pixiGetOrderHeader", kind="special", name="class16")
    read = pixi.call("pixiGetOrderHeader", OrderNr=nr)
    assert ([one["Class"] for one in read.messages], read.row["OrderNr"]) == (["16"], str(nr))
    pixi.arm(call="pixiSetOrderShippingLock", kind="special", name="class16")
    write = pixi.send(lock(pixi, nr))
    assert ([one["Class"] for one in write.messages], write.row["ReturnCode"], pixi.kinds()) == (["16"], "OK", [])
    pixi.arm(call="*", kind="special", name="class16", params={"takes_effect": True, "class": 17, "number": 701})
    assert pixi.send(lock(pixi, nr)).messages[0]["Number"] == "701"
    assert pixi.kinds() == ["lock"]


def test_result_code(pixi: Access) -> None:
    """A return value other than 0 is the only sign of this failure."""
    nr = pixi.order()
    pixi.arm(call="pixiPaySetAuthorizationStatus", kind="special", name="result_code", params={"code": 4})
    reply = pixi.call("pixiPaySetAuthorizationStatus", OrderNr=nr, Success=1, AuthID="s-pay-1")
    assert (reply.result_code, reply.messages, pixi.kinds()) == (4, [], [])


@pytest.mark.parametrize(("value", "effects"), [("ERROR", []), ("INFO", ["lock"])])
def test_return_code(pixi: Access, value: str, effects: list[str]) -> None:
    """ReturnCode ERROR without an effect, INFO with one."""
    nr = pixi.order()
    pixi.arm(call="pixiSetOrderShippingLock", kind="special", name="return_code", params={"value": value})
    assert (pixi.send(lock(pixi, nr)).row["ReturnCode"], pixi.kinds()) == (value, effects)


def test_return_code_where_there_is_none(pixi: Access) -> None:
    """A call without status columns can be made to answer them, declared in its schema."""
    nr = pixi.order()
    pixi.arm(call="pixiPaySetAuthorizationStatus", kind="special", name="return_code", params={"value": "ERROR"})
    reply = pixi.call("pixiPaySetAuthorizationStatus", OrderNr=nr, Success=1)
    assert reply.row["ReturnCode"] == "ERROR"
    assert {"ReturnCode", "ErrorMessage"} <= {one.get("name") for one in reply.named("element")}


def test_empty_and_missing_row_sets(pixi: Access) -> None:
    """The rows of an answer are lost, with or without their frame, though the write took effect."""
    nr = pixi.order()
    pixi.arm(call="pixiSetOrderShippingLock", kind="special", name="empty_diffgram")
    empty = pixi.send(lock(pixi, nr))
    assert (empty.rows, len(empty.named("SqlRowSet")), pixi.kinds()) == ([], 1, ["lock"])
    pixi.arm(call="pixiGetOrderHeader", kind="special", name="no_row_set")
    missing = pixi.call("pixiGetOrderHeader", OrderNr=nr)
    assert (len(missing.named("SqlRowSet")), missing.result_code) == (0, 0)


def test_deadlock_once(pixi: Access) -> None:
    """The first call is a deadlock's victim and changes nothing, its repetition succeeds."""
    nr = pixi.order()
    pixi.arm(call="pixiSetOrderShippingLock", kind="special", name="deadlock_1205")
    first = pixi.send(lock(pixi, nr))
    assert (first.messages[0]["Number"], first.messages[0]["Class"], first.rows, pixi.kinds()) == ("1205", "13", [], [])
    assert pixi.send(lock(pixi, nr)).row["ReturnCode"] == "OK"


def test_special_fault_on_a_scalar(pixi: Access) -> None:
    """A scalar function that fails answers a stream with the message."""
    pixi.arm(call="pixiCanChangeAddress", kind="special", name="deadlock_1205")
    assert pixi.call("pixiCanChangeAddress", OrderNr=1).messages[0]["Number"] == "1205"


def test_soap_fault_on_demand(pixi: Access) -> None:
    """A fault such as OutOfMemory can be asked for and has no effect."""
    nr = pixi.order()
    pixi.arm(call="pixiSetOrderShippingLock", kind="special", name="soap_fault", params={"subcode": "OutOfMemory"})
    reply = pixi.send(lock(pixi, nr))
    assert (reply.status, "OutOfMemory" in reply.fault, pixi.kinds()) == (500, True, [])


def test_misspelt_special_fault(pixi: Access) -> None:
    """A special fault that does not exist says so instead of passing unnoticed."""
    pixi.arm(call="*", kind="special", name="deadlok")
    assert "No special fault" in pixi.call("pixiGetShops").fault


def test_log_tells_what_happened(pixi: Access) -> None:
    """The log names call, facts, status, armed fault and number of rows."""
    nr = pixi.order()
    pixi.arm(call="pixiGetOrderHeader", kind="special", name="warning_8153", skip=1)
    for _ in range(2):
        pixi.call("pixiGetOrderHeader", OrderNr=nr)
    pixi.call("pixiNothing")
    log = pixi.hook("/log", method="GET")
    assert [(one["call"], one["status"], one["fault"]) for one in log] == [
        ("pixiGetOrderHeader", 200, ""),
        ("pixiGetOrderHeader", 200, "special: warning_8153"),
        ("pixiNothing", 500, ""),
    ]
    assert (log[0]["facts"], log[0]["rows"]) == ({"OrderNr": str(nr)}, 1)
