"""Results that a test has decided in advance: which request they meet, and what is answered then."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from sandboxes.paygate.codes import SUCCESS, complete, pending

Call = Literal["direct", "capture", "reverse", "credit"]


class Script(BaseModel):
    """One scripted result. It meets actions that pass the rules: what is refused by state stays refused.

    With `nth` it meets that action alone, counted per call and within `pay_id`, `trans_id` or the account; without,
    it meets the next `times` (-1 = all) after `skip`. The first script that meets decides.
    """

    model_config = ConfigDict(extra="forbid")

    call: Call
    pay_id: str = ""
    trans_id: str = ""
    nth: Annotated[int, Field(ge=1)] | None = None
    times: Annotated[int, Field(ge=-1)] = 1
    skip: Annotated[int, Field(ge=0)] = 0
    code: str = SUCCESS  # eight characters, or the four of the reason; `6…` is pending
    code_ext: Annotated[str, Field(max_length=10)] = ""
    error_text: str = ""
    final_code: str = SUCCESS  # what a pending action becomes
    final_after_seconds: Annotated[float, Field(ge=0)] | None = None  # by the account's clock; None = by control route
    ignored_by_issuer: bool = False  # reverse: answered OK, the hold stays until it runs out
    id: str = ""

    @field_validator("code", "final_code")
    @classmethod
    def _full(cls, code: str) -> str:
        return complete(code)

    @field_validator("final_code")
    @classmethod
    def _final(cls, code: str) -> str:
        if pending(code):
            raise ValueError("a pending action ends in a code that is final")
        return code

    def meets(self, call: str, pay_id: str, trans_id: str) -> bool:
        return self.call == call and self.pay_id in ("", pay_id) and self.trans_id in ("", trans_id)


class ScriptBook:
    """The scripts of one account in the order in which they were given."""

    def __init__(self) -> None:
        self._scripts: list[Script] = []
        self._serial = 0

    def add(self, script: Script) -> Script:
        self._serial += 1
        kept = script.model_copy(update={"id": f"script-{self._serial}"})
        if kept.times != 0:
            self._scripts.append(kept)
        return kept

    def every(self) -> list[Script]:
        return list(self._scripts)

    def clear(self) -> None:
        self._scripts.clear()

    def remove(self, script_id: str) -> bool:
        left = [one for one in self._scripts if one.id != script_id]
        removed = len(left) < len(self._scripts)
        self._scripts = left
        return removed

    def take(self, call: str, *, pay_id: str, trans_id: str, nth: dict[str, int]) -> Script | None:
        """The script for this action, counted down. `nth` has its number within payment, TransID and account."""
        for script in self._scripts:
            if not script.meets(call, pay_id, trans_id):
                continue
            if script.nth is not None:
                scope = "payment" if script.pay_id else "trans_id" if script.trans_id else "account"
                if nth[scope] != script.nth:
                    continue
                self._scripts.remove(script)
                return script
            if script.skip > 0:
                script.skip -= 1
                continue
            if script.times > 0:
                script.times -= 1
                if script.times == 0:
                    self._scripts.remove(script)
            return script
        return None

    def dump(self) -> dict[str, object]:
        return {"serial": self._serial, "scripts": [one.model_dump() for one in self._scripts]}

    def restore(self, data: dict[str, object]) -> None:
        """Take over what `dump` returned."""
        scripts = data["scripts"]
        assert isinstance(scripts, list)
        self._serial = int(str(data["serial"]))
        self._scripts = [Script.model_validate(one) for one in scripts]
