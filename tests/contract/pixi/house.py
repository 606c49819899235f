"""One sandbox account as a test uses it: its control routes, its connection, and what our adapter did to it."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx

from adapters.pixi import Limits, PixiConnection, PixiErp
from domain.outcomes import OperationResult
from domain.ports import (
    BankDataRequest,
    BankDetails,
    BookRequest,
    Candidate,
    CommentRequest,
    Earlier,
    ErpComment,
    LockRequest,
    PollCursor,
    PolledCode,
    ReleaseRequest,
)

NOON = datetime(2027, 3, 3, 11, 0, tzinfo=UTC)
FIRST = Earlier()
AGAIN = Earlier(sends=1)
ASK_ONLY = Earlier(sends=1, may_send=False)
COMMENT = ErpComment("Zahlung geprüft", "[hf:ABCD2345]")
PASSWORD = "geheim-Ä"
BANK = BankDetails("Zahlungsempfänger GmbH", "DE89370400440532013000", "COBADEFFXXX", "X1YX.ZETC.8QYQ")


def free() -> None:
    """A permit that lets everything pass."""


@dataclass
class House:
    """An account of the sandbox, its clock standing at noon."""

    url: str
    name: str
    settings: dict[str, Any] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    read_timeout: float = 5.0
    password: str = PASSWORD
    refused: bool = False  # whether a list of the last round was refused

    def __post_init__(self) -> None:
        self._http = httpx.Client(base_url=f"{self.url}/control/accounts", trust_env=False, timeout=60)
        self._put("", {"password": PASSWORD, **self.settings})
        self.clock(NOON)
        self.erp = PixiErp(self.connection, limits=self.limits)

    def connection(self, name: str) -> PixiConnection:
        base = f"{self.url}/soap/pixi{self.name}/"
        return PixiConnection(
            name, base, f"pixi{self.name}", self.password, connect_timeout=2.0, read_timeout=self.read_timeout
        )

    def close(self) -> None:
        self.erp.close()
        self._http.close()

    # --- control routes

    def _put(self, path: str, body: dict[str, Any]) -> Any:
        return self._http.put(self.name + path, json=body).raise_for_status().json()

    def post(self, path: str, body: Any = None) -> Any:
        return self._http.post(self.name + path, json=body if body is not None else {}).raise_for_status().json()

    def get(self, path: str) -> Any:
        return self._http.get(self.name + path).raise_for_status().json()

    def patch(self, path: str, body: dict[str, Any]) -> Any:
        return self._http.patch(self.name + path, json=body).raise_for_status().json()

    def disarm(self) -> None:
        """Take back every fault that is still armed."""
        self._http.delete(self.name + "/faults").raise_for_status()

    def clock(self, instant: datetime) -> None:
        self._put("/clock", {"instant": instant.isoformat(), "frozen": True})

    def order(self, **fields: Any) -> str:
        """Import an order with a payment id; returns its number."""
        wanted = {"kk_id": "s-pay-1", "payment_code": "K", **fields}
        return str(self.post("/orders", wanted)["order_nr"])

    def ship(self, order_no: str, **fields: Any) -> str:
        """Ship what can be shipped; returns the number of the invoice."""
        return str(self.post(f"/orders/{order_no}/ship", fields)["invoice_nr"])

    def shipped(self, **fields: Any) -> tuple[str, str]:
        """An order that went out at once, and its invoice."""
        order_no = self.order(**{"status": "ANG", **fields})
        return order_no, self.ship(order_no)

    def fault(self, call: str, kind: str, **more: Any) -> None:
        self.post("/faults", {"call": call, "kind": kind, **more})

    def special(self, call: str, name: str, *, times: int = 1, skip: int = 0, **params: Any) -> None:
        self.fault(call, "special", name=name, times=times, skip=skip, params=params)

    def effects(self) -> list[str]:
        """What changed, in order."""
        return [one["kind"] for one in self.get("/effects")]

    def calls(self) -> Counter[str]:
        return Counter(one["call"] for one in self.get("/log"))

    def bodies(self, call: str) -> list[str]:
        return [one["body"] for one in self.get("/log") if one["call"] == call]

    def state_of(self, order_no: str) -> dict[str, Any]:
        return dict(self.get(f"/orders/{order_no}"))

    def comments(self, order_no: str) -> list[str]:
        return [one["text"] for one in self.state_of(order_no)["comments"]]

    # --- the adapter, in short

    def release(self, order_no: str, earlier: Earlier = FIRST, permit: Any = free, **fields: Any) -> OperationResult:
        request = {"payment_id": "s-pay-1", "lock": False, "lock_reason": "", "comment": COMMENT, **fields}
        return self.erp.release("c", ReleaseRequest(order_no, **request), earlier, permit)

    def lock(self, order_no: str, locked: bool = True, earlier: Earlier = FIRST, permit: Any = free) -> OperationResult:
        return self.erp.set_lock("c", LockRequest(order_no, locked, "waits", COMMENT), earlier, permit)

    def bank_data(
        self, order_no: str, details: BankDetails = BANK, earlier: Earlier = FIRST, permit: Any = free
    ) -> OperationResult:
        return self.erp.write_bank_data("c", BankDataRequest(order_no, details, COMMENT), earlier, permit)

    def address(self, order_no: str) -> dict[str, str]:
        """The order's billing address as the database keeps it."""
        return dict(self.state_of(order_no)["address"])

    def book(
        self,
        order_no: str,
        invoice_no: str,
        amount_minor: int = 1000,
        earlier: Earlier = FIRST,
        permit: Any = free,
        **fields: Any,
    ) -> OperationResult:
        wanted = {"currency": "EUR", "event": "UZE", "capture_reference": "s-chg-1", "comment": COMMENT, **fields}
        request = BookRequest(order_no, invoice_no, amount_minor, **wanted)
        return self.erp.book("c", request, earlier, permit)

    def book_credit(
        self, order_no: str, credit_no: str, amount_minor: int = 1000, earlier: Earlier = FIRST, **fields: Any
    ) -> OperationResult:
        wanted = {"event": "UZR", "capture_reference": "s-cnl-1", "credit": True, **fields}
        return self.book(order_no, credit_no, amount_minor, earlier, **wanted)

    def returned(self, **fields: Any) -> tuple[str, str]:
        """An order that went out and came back, and its credit note."""
        order_no, _ = self.shipped()
        return order_no, str(self.post(f"/orders/{order_no}/return", fields)["invoice_nr"])

    def comment(
        self, order_no: str, comment: ErpComment = COMMENT, earlier: Earlier = FIRST, permit: Any = free
    ) -> OperationResult:
        return self.erp.comment("c", CommentRequest(order_no, comment), earlier, permit)

    def snapshot(self, order_no: str, permit: Any = free) -> Any:
        return self.erp.snapshot("c", order_no, NOON, permit)

    def page(
        self,
        cursor: PollCursor = PollCursor(),
        codes: str = "K",
        now: datetime = NOON,
        permit: Any = free,
        told: Collection[Candidate] = (),
    ) -> Any:
        """One page; `told` are candidates that nothing needs to be told about again."""
        wanted, known = [PolledCode("DEM", code) for code in codes], {(one.order_no, one.mark) for one in told}

        def seen(found: Sequence[Candidate]) -> set[str]:
            return {one.order_no for one in found if (one.order_no, one.mark) in known}

        return self.erp.candidates("c", wanted, cursor, now, permit, seen)

    def round(
        self,
        cursor: PollCursor = PollCursor(),
        codes: str = "K",
        now: datetime = NOON,
        told: Collection[Candidate] = (),
    ) -> Any:
        """All pages of one round: the candidates by number, and the cursor at its end."""
        found: dict[str, Any] = {}
        self.refused = False
        while True:
            page = self.page(cursor, codes, now, told=told)
            self.refused = self.refused or page.refused
            found.update((one.order_no, one) for one in page.candidates)
            cursor = page.cursor
            if not page.more:
                return found, cursor
