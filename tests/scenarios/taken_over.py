"""A row that another application begins and Holdfast takes over in the middle, from what ERP and provider show."""

from dataclasses import replace

from domain.facts import RulesAdopted
from domain.operations import Operation
from domain.order_state import RULES, evolve
from domain.outcomes import OperationResult
from domain.preview import Preview, preview
from domain.taking_over import begun, take_over
from tests.scenarios.fakes import FakeJournal
from tests.scenarios.pure import WORKFLOW_ID, PureRun
from tests.scenarios.script import Action, Arm, Expect, Scenario, SwitchConfiguration, Tell


def can_be_taken_over(row: Scenario) -> bool:
    """Rows in which everything that the former application knew shows outside, and nothing is disturbed."""
    hidden = (Arm, Tell, SwitchConfiguration)
    return row.setup.active and not any(isinstance(action, hidden) for _, action in row.script)


class TakenOverRun(PureRun):
    """Plays a row; before the action number `at` Holdfast takes over, knowing nothing but what it reads."""

    def __init__(self, scenario: Scenario, at: int) -> None:
        super().__init__(scenario)
        self.foreseen: Preview | None = None
        self.performed: list[Operation] = []
        self.taken_over = False
        self._at, self._actions = at, 0

    def _do(self, action: Action) -> None:
        if isinstance(action, Expect):
            action = replace(action, erp=None, mails=None)  # comments and mails of both applications
        if self._actions == self._at and self.state.seq and not self.finished:
            self.take_over()
        self._actions += 1
        super()._do(action)

    def take_over(self) -> None:
        """Forget everything but the outside."""
        erp = self.erp.snapshot(self.now)
        payment = self.provider.read(erp.payment_id, self.now) if erp.payment_id else None
        fact = take_over(erp, payment, self.config, self.now)
        self.state = evolve(begun(WORKFLOW_ID, fact, erp), RulesAdopted(self.now, RULES))
        self._journal, self._pictures = FakeJournal(self.pacing.in_flight), [erp]
        self.erp.comments.clear()
        self.provider.ours.clear()
        self.foreseen = preview(self.state, payment, self.config, self.pacing, self.now)
        self.performed.clear()
        self.taken_over = True
        self.settle()
        seen = [(one.kind, one.subject, one.amount_minor) for one in self.performed]
        told = [(one.kind, one.subject, one.amount_minor) for one in self.foreseen.operations]
        assert seen == told[: len(seen)] == told

    def _perform(self, operation: Operation) -> OperationResult:
        self.performed.append(operation)
        return super()._perform(operation)
