"""A life as plain values, for JSON. Instants are ISO 8601 UTC, amounts minor units."""

from typing import Any

from simulation.lives.expecting import differences
from simulation.lives.timeline import Life, bars, timeline


def told(life: Life) -> dict[str, Any]:
    """Everything that is known of a life that was played."""
    scenario, state = life.scenario, life.state
    found = differences(life)
    return {
        "name": scenario.name,
        "provider": scenario.provider,
        "scheme": scenario.scheme.value,
        "currency": scenario.currency,
        "amount": scenario.amount_minor,
        "begins": life.begins.isoformat(),
        "ends": life.ends.isoformat(),
        "played": life.how,
        "wall_seconds": round(life.seconds, 3),
        "ratio": round(life.ratio),
        "status": life.status,
        "stop": state.stopped.reason.value if state.stopped else None,
        "captured": state.captured_minor,
        "refunded": state.refunded_minor,
        "holds": [
            {
                "number": one.number,
                "amount": one.amount_minor,
                "captured": one.captured_minor,
                "begins": one.begins.isoformat(),
                "ends": one.ends.isoformat(),
                "deadline": one.deadline.isoformat(),
                "deadline_told": one.deadline_told,
                "came_from": one.came_from,
                "end": one.end,
            }
            for one in bars(life)
        ],
        "timeline": [
            {
                "at": one.at.isoformat(),
                "day": life.day(one.at),
                "what": one.what.value,
                "text": one.text,
                "amount": one.amount_minor,
                "hold": one.hold or None,
                "why": one.why,
            }
            for one in timeline(life)
        ],
        "order": {"status": life.order_status, "booked": list(life.booked)} if scenario.lines else None,
        "provider_effects": list(life.effects),
        "provider_violations": list(life.violations),
        "as_expected": not found if scenario.expected.anything else None,
        "differences": [{"field": one.field, "lines": list(one.lines)} for one in found],
    }
