"""Makes a provider's stand-in misbehave as a described life says, by the stand-in's own scripts and faults."""

from typing import Any

from cli.hold_stage import HoldStage
from simulation.lives.scenario import Behaviour, Call, Trouble

_CALLS = {
    "stripe": {
        Call.AUTHORIZE: "payment_intents.confirm",
        Call.CAPTURE: "payment_intents.capture",
        Call.VOID: "payment_intents.cancel",
        Call.REFUND: "refunds.create",
        Call.READ: "payment_intents.retrieve",
    },
    "computop": {
        Call.AUTHORIZE: "direct",
        Call.CAPTURE: "capture",
        Call.VOID: "reverse",
        Call.REFUND: "credit",
        Call.READ: "inquire",
    },
}
_FAULTS = {Trouble.LOST_ANSWER: "drop_after", Trouble.LOST_REQUEST: "refuse", Trouble.OUTAGE: "refuse"}


def misbehave(stage: HoldStage, behaviour: Behaviour) -> str:
    """Arm it; returns the id of the armed fault, '' where it is a script. `RefusedByStandIn` for unknown codes."""
    if behaviour.trouble is Trouble.OUTAGE:
        return _arm(stage, {"call": "*", "kind": _FAULTS[behaviour.trouble], "times": -1})
    assert behaviour.call is not None
    call = _CALLS[stage.provider][behaviour.call]
    counted = {"call": call, "times": behaviour.times, "skip": behaviour.skip}
    if behaviour.trouble is not Trouble.DECLINE:
        return _arm(stage, {**counted, "kind": _FAULTS[behaviour.trouble]})
    if stage.provider == "computop":
        extra = {"code_ext": behaviour.advice} if behaviour.advice else {}
        stage.call("POST", "/scripts", **counted, code=behaviour.code, **extra)
        return ""
    if behaviour.call is Call.AUTHORIZE:
        outcomes = ["approve"] * behaviour.skip + [behaviour.code] * behaviour.times
        stage.call("POST", "/outcomes", outcomes=outcomes, off_session=True)
        return ""
    refusal = {"status": 400, "code": behaviour.code, "message": "Refused as the described life wants it."}
    return _arm(stage, {**counted, "kind": "special", "name": "error", "params": refusal})


def _arm(stage: HoldStage, fault: dict[str, Any]) -> str:
    return str(stage.call("POST", "/faults", **fault)["id"])
