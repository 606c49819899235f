"""Outcomes a test has laid down for the next attempts on a card, one after the other."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from sandboxes.stripe.declines import NAMES, Decline, decline


class CustomDecline(BaseModel):
    """A refusal in full; what is left out is as the card network would word `decline`."""

    model_config = ConfigDict(extra="forbid")

    decline: str = "generic_decline"
    advice_code: str | None = None
    network_decline_code: str | None = None
    network_advice_code: str | None = None
    blocked: bool = False

    @field_validator("decline")
    @classmethod
    def _known(cls, name: str) -> str:
        if name not in NAMES:
            raise ValueError(f"unknown decline {name!r}, one of {', '.join(NAMES)}")
        return name

    def worded(self, brand: str) -> Decline:
        """The refusal for a card of `brand`."""
        found = decline(self.decline, brand).dump()
        for name in ("advice_code", "network_decline_code", "network_advice_code"):
            if getattr(self, name) is not None:
                found[name] = getattr(self, name)
        found["blocked"] = found["blocked"] or self.blocked
        return Decline(**found)


Outcome = str | CustomDecline
WORDS = ("approve", "authenticate", "card")


class Program(BaseModel):
    """Body of `POST /control/accounts/{a}/outcomes`.

    Each matching attempt takes the next of `outcomes`: `approve`, `authenticate` (the customer is asked), `card` (as
    the card itself would answer), the name of a decline, or a decline in full. The other fields narrow what matches.
    """

    model_config = ConfigDict(extra="forbid")

    outcomes: Annotated[list[Outcome], Field(min_length=1)]
    rounds: Annotated[int, Field(ge=-1)] = 1  # how often the list is played; -1 = until it is taken away
    customer: str = ""
    payment_method: str = ""
    payment_intent: str = ""
    card: str = ""  # a token such as `pm_card_visa`
    off_session: bool | None = None
    metadata: dict[str, str] = Field(default_factory=dict)  # of the payment intent
    call: Literal["", "payment_intents", "setup_intents", "increment"] = ""
    mode: Literal["test", "live"] = "test"
    id: str = ""
    played: int = 0

    @field_validator("outcomes")
    @classmethod
    def _words(cls, outcomes: list[Outcome]) -> list[Outcome]:
        for one in outcomes:
            if isinstance(one, str) and one not in (*WORDS, *NAMES):
                raise ValueError(f"unknown outcome {one!r}, one of {', '.join((*WORDS, *NAMES))}")
        return outcomes

    def meets(self, facts: dict[str, Any]) -> bool:
        named = ("customer", "payment_method", "payment_intent", "card", "call")
        if any(getattr(self, name) not in ("", facts.get(name)) for name in named):
            return False
        if self.off_session is not None and self.off_session != facts.get("off_session"):
            return False
        metadata = facts.get("metadata", {})
        return all(metadata.get(key) == value for key, value in self.metadata.items())

    @property
    def over(self) -> bool:
        return self.rounds != -1 and self.played >= self.rounds * len(self.outcomes)


class Programs:
    """The programs of one side, in the order in which they were laid down; the first that meets an attempt plays."""

    def __init__(self) -> None:
        self._serial = 0
        self._open: list[Program] = []

    def add(self, program: Program) -> Program:
        self._serial += 1
        made = program.model_copy(update={"id": f"outcomes-{self._serial}", "played": 0})
        if not made.over:
            self._open.append(made)
        return made

    def open(self) -> list[Program]:
        return list(self._open)

    def clear(self) -> None:
        self._open.clear()

    def next(self, facts: dict[str, Any]) -> Outcome | None:
        """The outcome of this attempt, or None when nothing was laid down for it."""
        for program in self._open:
            if program.meets(facts):
                outcome = program.outcomes[program.played % len(program.outcomes)]
                program.played += 1
                if program.over:
                    self._open.remove(program)
                return outcome
        return None

    def dump(self) -> dict[str, Any]:
        return {"serial": self._serial, "open": [one.model_dump() for one in self._open]}

    def restore(self, data: dict[str, Any]) -> None:
        self._serial = int(data["serial"])
        self._open = [Program.model_validate(one) for one in data["open"]]
