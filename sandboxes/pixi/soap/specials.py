"""Faults that only this server can play, because they live inside an answer.

A fault that stands for a failed procedure leaves no effect unless `params.takes_effect` says so.
"""

from collections.abc import Callable

from sandboxes.kit.faults import Fault
from sandboxes.pixi.soap.procedure import Answer, Column, Message, Procedure
from sandboxes.pixi.soap.request import SoapFault
from sandboxes.pixi.soap.types import varchar

_STATUS = (Column("ReturnCode", varchar(5)), Column("ErrorMessage", varchar(255)))
_NULL_WARNING = Message(8153, "Warning: Null value is eliminated by an aggregate or other SET operation.", severity=0)
_DEADLOCK = Message(
    1205,
    "Transaction (Process ID 62) was deadlocked on lock resources with another process and has been chosen as the "
    "deadlock victim. Rerun the transaction.",
    severity=13,
    state=45,
)
DEADLOCK_RETURN_VALUE = -3


def _warning(answer: Answer, _fault: Fault, _procedure: Procedure) -> None:
    answer.messages.insert(0, _NULL_WARNING)


def _error_message(answer: Answer, fault: Fault, _procedure: Procedure) -> None:
    text = str(fault.params.get("text", "The procedure failed."))
    number, severity = int(fault.params.get("number", 50_000)), int(fault.params.get("class", 16))
    answer.messages.append(Message(number, text, severity=severity))


def _result_code(answer: Answer, fault: Fault, _procedure: Procedure) -> None:
    answer.result_code = int(fault.params.get("code", 1))


def _return_code(answer: Answer, fault: Fault, procedure: Procedure) -> None:
    value = str(fault.params.get("value", "ERROR"))
    answer.rows = [{"ReturnCode": value, "ErrorMessage": str(fault.params.get("text", f"armed: {value}"))}]
    if not any(column.name == "ReturnCode" for column in procedure.columns):
        answer.columns = _STATUS


def _empty_diffgram(answer: Answer, _fault: Fault, _procedure: Procedure) -> None:
    answer.rows = []


def _no_row_set(answer: Answer, _fault: Fault, _procedure: Procedure) -> None:
    answer.rows = None


def _deadlock(answer: Answer, _fault: Fault, _procedure: Procedure) -> None:
    answer.rows, answer.messages, answer.result_code = None, [_DEADLOCK], DEADLOCK_RETURN_VALUE


def _outputs(answer: Answer, fault: Fault, _procedure: Procedure) -> None:
    answer.outputs = {key: str(value) for key, value in fault.params.items() if key != "takes_effect"}


def _soap_fault(_answer: Answer, fault: Fault, _procedure: Procedure) -> None:
    raise SoapFault(str(fault.params.get("subcode", "OutOfMemory")), str(fault.params.get("text", "Out of memory.")))


_Change = Callable[[Answer, Fault, Procedure], None]
# name -> (what it does to the answer, whether a writing call takes effect)
_SPECIALS: dict[str, tuple[_Change, bool]] = {
    "warning_8153": (_warning, True),
    "class16": (_error_message, False),
    "result_code": (_result_code, False),
    "return_code": (_return_code, False),
    "empty_diffgram": (_empty_diffgram, True),
    "no_row_set": (_no_row_set, True),
    "deadlock_1205": (_deadlock, False),
    "output_params": (_outputs, True),
    "soap_fault": (_soap_fault, False),
}
NAMES = tuple(_SPECIALS)


def run_with(fault: Fault, procedure: Procedure, run: Callable[[], Answer]) -> Answer:
    """Run the procedure (or not) and change its answer as the fault says."""
    if fault.name not in _SPECIALS:
        raise SoapFault("UnknownFault", f"No special fault {fault.name!r}; there are {', '.join(NAMES)}.")
    change, effect = _SPECIALS[fault.name]
    if fault.name == "return_code" and fault.params.get("value") == "INFO":
        effect = True
    if procedure.writes and not bool(fault.params.get("takes_effect", effect)):
        answer = Answer(rows=[procedure.success] if procedure.success is not None else None)
    else:
        answer = run()
    change(answer, fault, procedure)
    return answer
