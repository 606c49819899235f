"""What can go wrong with one request, before `mapping` says what it means for a read and for an effect."""

from enum import Enum, auto

from domain.errors import HoldfastError


class Kind(Enum):
    """The ways a request fails, told apart by whether it may have taken effect."""

    UNREACHABLE = auto()  # no connection: nothing left us
    MISCONFIGURED = auto()  # address, certificate or credentials are refused
    RATE = auto()  # refused because of too many requests
    ROLLED_BACK = auto()  # the database undid its work and says so
    REFUSED = auto()  # a definite no
    NOT_FOUND = auto()  # a definite no: there is no such record
    MALFORMED = auto()  # a definite no: the request itself is wrong
    NO_ANSWER = auto()  # sent, and the connection ended without an answer
    BAD_ANSWER = auto()  # sent, and the answer cannot be read
    SERVER_ERROR = auto()  # sent, and the other side broke while working on it


class Trouble(HoldfastError):
    """One request failed. The text names method and kind, never what an answer said (it may hold personal data)."""

    def __init__(self, kind: Kind, what: str = "") -> None:
        super().__init__(f"{kind.name.lower()}: {what}" if what else kind.name.lower())
        self.kind = kind
        self.writing = False


class Incomplete(Trouble):
    """The answer leaves out what must be there: an order without lines or totals. Asked again it may be whole."""

    def __init__(self, what: str) -> None:
        super().__init__(Kind.BAD_ANSWER, what)
