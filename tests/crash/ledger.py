"""Compares what took effect outside with what had to, and with what our own books say. Finds everything, then tells."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain, pairwise
from typing import Any

from sqlalchemy import select

from cli.stage import Stage
from domain import reasons
from domain.facts import OperationEnded
from domain.operations import operation_tag
from domain.outcomes import FINAL, Outcome
from sandboxes.kit.account import LOG_LIMIT
from storage.database import Database
from storage.records import rebuild
from storage.tables import READ_MODELS, journal_facts, operations
from storage.values import fact_from_json
from tests.crash.shop import BOOKINGS, MONEY_CALLS, TOTAL, Placed, Takes, said

TAG = re.compile(r"\[hf:[A-Z2-7]{8}\]")
COMMENT = "pixiCreateOrderComment"
CREDIT = "pixiCACreateManualBooking"
MONEY = ("capture", "void", "refund", "report_shipment")  # kinds of operations, in the order of MONEY_CALLS
WRITES = {
    "capture": ("capture",),
    "void": ("reversal", "refund"),  # a claim that is given up goes the way of a refund
    "refund": ("refund",),
    "report_shipment": ("shipment",),
    "write_bank_data": ("pixiChangeAddress",),
    "release": ("pixiPaySetAuthorizationStatus", "pixiReleaseOrder"),
    "book": ("pixiPaySetInvoiceCapture", "pixiCACreateManualBooking"),
}


@dataclass
class Books:
    """Everything that is known about a tenant at the end: effects and requests outside, operations and facts inside."""

    payments: list[dict[str, Any]]
    erp: list[dict[str, Any]]
    violations: list[dict[str, Any]]
    mails: list[dict[str, Any]]
    requests: dict[str, list[dict[str, Any]]]
    operations: list[Any]
    ended: list[OperationEnded]
    orders: dict[str, dict[str, Any]]
    standing: dict[str, dict[str, Any]]
    placed: dict[str, Placed]
    wrong: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, stage: Stage, db: Database, placed: Sequence[Placed]) -> "Books":
        prefix = f"order/{stage.role.tenant}/%"
        with db.read() as sql:
            rows = list(sql.execute(select(operations).where(operations.c.workflow_id.like(prefix))).all())
            facts = sql.execute(
                select(journal_facts.c.kind, journal_facts.c.payload)
                .where(journal_facts.c.workflow_id.like(prefix))
                .order_by(journal_facts.c.workflow_id, journal_facts.c.seq)
            ).all()
        told = [fact_from_json(one.kind, one.payload) for one in facts if one.kind == OperationEnded.__name__]
        return cls(
            payments=stage.effects(stage.unzer),
            erp=stage.effects(stage.pixi),
            violations=stage.violations(),
            mails=stage.mails(),
            requests={
                "unzer": stage.call("GET", f"{stage.unzer}/log"),
                "pixi": stage.call("GET", f"{stage.pixi}/log"),
            },
            operations=rows,
            ended=[one for one in told if isinstance(one, OperationEnded)],
            orders={one.order_no: stage.order(one.order_no) for one in placed},
            standing={one.payment_id: stage.payment(one.payment_id) for one in placed},
            placed={one.order_no: one for one in placed},
        )

    @property
    def unknowns(self) -> int:
        """How often an outcome was unknown at first."""
        return sum(one.result.outcome is Outcome.UNKNOWN for one in self.ended)

    @property
    def found_by_reading(self) -> int:
        return sum(bool(row.found_by_reading) for row in self.operations)

    @property
    def lost(self) -> dict[str, int]:
        """How many calls that move money or book a credit note took effect without an answer."""
        asked = Counter(one["call"] for log in self.requests.values() for one in log if one["fault"] == "drop_after")
        return {call: asked[call] for call in (*MONEY_CALLS, CREDIT)}

    def answered(self) -> list[str]:
        """What was answered at once, though the answer to the first of its kind had to be lost."""
        lost = {
            (one["call"], one["facts"].get("payment_id") or one["facts"].get("InvoiceNr"))
            for log in self.requests.values()
            for one in log
            if one["fault"] == "drop_after"
        }
        wanted = {(_call_of(one), one["payment_id"]) for one in self.payments}
        wanted |= {(CREDIT, number) for one in self.placed.values() for number in one.credits}
        return [f"{call} of {what} was answered" for call, what in sorted(wanted - lost)]

    # -- the outside

    def check(self, placed: Sequence[Placed]) -> list[str]:
        """Every difference between what happened and what had to happen, one sentence each."""
        self.wrong = []
        for order in placed:
            self._check_payment(order)
            self._check_erp(order)
        self._check_strangers(placed)
        self._check_operations()
        self._check_readings()
        return self.wrong

    def _check_payment(self, order: Placed) -> None:
        mine = [one for one in self.payments if one["payment_id"] == order.payment_id]
        found = sorted((one["kind"], str(one["invoice_id"] or ""), one["amount_minor"]) for one in mine)
        taken = [one for one in found if one[0] == "capture"]
        match order.plan.takes:
            case Takes.PER_INVOICE:
                wanted = sorted(("capture", *one) for one in self._totals(order, "R").items())
            case Takes.BEFORE_RELEASE:
                wanted = [("capture", "", TOTAL)]
            case Takes.NOTHING:
                wanted = []
        self._equal(f"{order}: captures at the provider", taken, wanted)
        given = sorted((one["kind"], one["amount_minor"]) for one in mine if one["kind"] != "capture")
        self._equal(f"{order}: what the provider gave back or heard", given, sorted(order.plan.gives))
        self._check_sums(order, mine)

    def _check_sums(self, order: Placed, mine: Sequence[dict[str, Any]]) -> None:
        """What the provider keeps of the money is what the ERP has booked, and no more went back than was taken."""
        sums = Counter[str]()
        for one in mine:
            sums[one["kind"]] += one["amount_minor"]
        taken = sums["capture"] + order.received_minor
        if sums["refund"] > taken:
            self.wrong.append(f"{order}: {sums['refund']} was refunded of {taken}")
        documents = self._totals(order, "R").values(), self._totals(order, "G").values()
        kept = self.standing[order.payment_id]["charged_minor"]
        self._equal(f"{order}: money kept and movements", kept, taken - sums["refund"])
        self._equal(f"{order}: money kept and bookings", kept, sum(documents[0]) - sum(documents[1]))

    def _check_erp(self, order: Placed) -> None:
        mine = [one for one in self.erp if str(one["order_nr"]) == order.order_no]
        found = sorted((one["invoice_nr"], abs(one["amount_minor"])) for one in mine if one["kind"] in BOOKINGS)
        self._equal(f"{order}: bookings", found, sorted(self._totals(order, "RG").items()))
        for document in self.orders[order.order_no]["invoices"]:
            self._equal(f"{order}: balance of {document['invoice_nr']}", document["balance_minor"], 0)
        states = Counter(one["kind"] for one in mine if one["kind"] not in (*BOOKINGS, "comment"))
        self._equal(f"{order}: releases and locks", states, Counter(order.plan.changes))
        self._equal(f"{order}: comments on what went back", said(mine), Counter(order.plan.says))
        tags = sorted(TAG.findall(" ".join(one["text"] for one in mine if one["kind"] == "comment")))
        ours = [row for row in self.operations if self._order_of(row) == order.order_no]
        moot = {operation_tag(row.id) for row in ours if self._is_moot(row)}
        wanted = sorted(
            tag
            for row in ours
            if row.kind not in (*MONEY, "mail")
            if (tag := operation_tag(row.id)) not in moot - set(tags)
        )
        self._equal(f"{order}: tags of comments", tags, wanted)
        self._equal(f"{order}: comments without a tag", sum(one["kind"] == "comment" for one in mine) - len(tags), 0)

    def _totals(self, order: Placed, types: str) -> dict[str, int]:
        """The magnitude of each invoice (R) or credit note (G)."""
        documents = self.orders[order.order_no]["invoices"]
        return {one["invoice_nr"]: abs(one["total_minor"]) for one in documents if one["type"] in types}

    def _check_strangers(self, placed: Sequence[Placed]) -> None:
        payments, numbers = {one.payment_id for one in placed}, {one.order_no for one in placed}
        strange = [one for one in self.payments if one["payment_id"] not in payments]
        strange += [one for one in self.erp if str(one["order_nr"]) not in numbers]
        self._equal("effects on nobody's order", strange, [])
        self._equal("requests against the ERP's rules", self.violations, [])
        self._equal("mails", [one["subject"] for one in self.mails], [])

    # -- our books

    def _check_operations(self) -> None:
        for row in self.operations:
            if self._is_moot(row):
                continue
            if row.outcome != Outcome.SUCCEEDED.value or row.executing:
                self.wrong.append(f"{row.id} stands at {row.outcome} ({row.reason}), executing: {row.executing}")
        ours = {
            row.key: (_last_part(row.evidence_reference), row.amount_minor)
            for row in self.operations
            if row.kind in MONEY and row.kind != "report_shipment"
        }
        outside: dict[str, tuple[str, int]] = {}
        for one in self.payments:
            if one["kind"] != "shipment":
                first, amount = outside.get(one["payment_reference"], (_last_part(one["path"]), 0))
                outside[one["payment_reference"]] = first, amount + one["amount_minor"]
        self._equal("movements in our books and at the provider", ours, outside)
        reports = sorted(
            self.placed[self._order_of(row)].payment_id for row in self.operations if row.kind == "report_shipment"
        )
        shipments = sorted(one["payment_id"] for one in self.payments if one["kind"] == "shipment")
        self._equal("reports of shipments in our books and at the provider", reports, shipments)
        books = sorted((row.subject, row.amount_minor) for row in self.operations if row.kind == "book")
        booked = sorted((one["invoice_nr"], abs(one["amount_minor"])) for one in self.erp if one["kind"] in BOOKINGS)
        self._equal("bookings in our books and in the ERP", books, booked)

    def _check_readings(self) -> None:
        """Whatever ended unknown was asked for: found by reading, or read before it was sent again."""
        last = {self._id(one): one.result.outcome for one in self.ended}
        for name in sorted({self._id(one) for one in self.ended if one.result.outcome is Outcome.UNKNOWN}):
            if last[name] not in FINAL:
                self.wrong.append(f"{name} was left {last[name]}")
        for row in self.operations:
            self._check_repetitions(row)

    def _id(self, ended: OperationEnded) -> str:
        operation = ended.operation
        payment = operation.payment_id or operation.invoice_no
        return f"{operation.kind.value}/{operation.subject}/{operation.attempt} of {payment}"

    def _check_repetitions(self, row: Any) -> None:
        system = "unzer" if row.kind in MONEY else "pixi"
        log = self.requests[system]
        if len(log) >= LOG_LIMIT:
            raise AssertionError(f"the log of {system} has lost its beginning: use fewer orders")
        sent = [no for no, one in enumerate(log) if self._writes(row, one)]
        # the steps of one refund go to different charges: each of them is repeated for itself
        places = {log[no]["facts"].get("chg") for no in sent}
        steps = [[no for no in sent if log[no]["facts"].get("chg") == place] for place in places]
        for before, after in chain.from_iterable(pairwise(step) for step in steps):
            between = log[before + 1 : after]
            if not any(self._reads(row, one) for one in between):
                self.wrong.append(f"{row.id} was sent twice without asking in between ({_said(log[before])})")
        lost = [no for no in sent if log[no]["fault"] in ("drop_after", "malformed", "status_after")]
        if lost and lost == sent and row.kind in WRITES and not (row.found_by_reading or self._is_moot(row)):
            self.wrong.append(f"{row.id} ended {row.outcome} though no answer came and nothing was read")

    def _writes(self, row: Any, request: dict[str, Any]) -> bool:
        facts, call = request["facts"], request["call"]
        if row.kind == "report_shipment":
            return call in WRITES[row.kind] and facts.get("payment_id") == self._payment_of(row)
        if row.kind in MONEY:
            return call in WRITES[row.kind] and facts.get("payment_reference") == row.key
        if row.kind == "comment":
            return bool(call == COMMENT and operation_tag(row.id) in request["body"])
        if call not in WRITES.get(row.kind, ()):
            return False
        if row.kind == "book":
            return bool(facts.get("InvoiceNr") == row.subject)
        return bool(facts.get("OrderNr") == self._order_of(row))

    def _reads(self, row: Any, request: dict[str, Any]) -> bool:
        facts, call = request["facts"], request["call"]
        if row.kind in MONEY:
            return bool(call == "read_payment" and facts.get("payment_id") == self._payment_of(row))
        about = (self._order_of(row), row.subject)
        asks = call.startswith(("pixiGet", "pixiCAGet"))
        return asks and (facts.get("OrderNr") in about or facts.get("InvoiceNr") in about)

    def _is_moot(self, row: Any) -> bool:
        """A release that lost its answer, and whose order was cancelled before it was asked for again."""
        refused = (row.kind, row.outcome, row.reason) == ("release", Outcome.DECLINED.value, reasons.ORDER_STATE)
        return refused and self.placed[self._order_of(row)].plan.ends == "cancelled"

    def _payment_of(self, row: Any) -> str:
        return self.placed[self._order_of(row)].payment_id

    @staticmethod
    def _order_of(row: Any) -> str:
        return str(row.workflow_id).rsplit("/", 1)[1]

    def _equal(self, what: str, found: object, wanted: object) -> None:
        if found != wanted:
            self.wrong.append(f"{what}: {found}, expected {wanted}")


def _call_of(effect: dict[str, Any]) -> str:
    """The call by which an effect came about: a claim that is given up goes the way of a refund."""
    below_charge = effect["kind"] == "reversal" and effect["path"].startswith("charges/")
    return "refund" if below_charge else str(effect["kind"])


def _last_part(path: str) -> str:
    return path.rpartition("/")[2]


def _said(request: dict[str, Any]) -> str:
    return f"{request['call']} at {request['at']}, fault {request['fault'] or 'none'}, status {request['status']}"


def read_models(db: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every read model."""
    with db.read() as sql:
        return {
            table.name: sorted((tuple(row) for row in sql.execute(select(table)).all()), key=repr)
            for table in READ_MODELS
        }


def differences_after_rebuild(db: Database) -> list[str]:
    """Rebuild the read models from the journal; what is different afterwards, one sentence each."""
    before = read_models(db)
    rebuild(db)
    after = read_models(db)
    return [f"{name} after a rebuild: {row}" for name, rows in before.items() for row in set(rows) ^ set(after[name])]
