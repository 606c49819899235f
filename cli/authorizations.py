"""`holdfast authorizations …` and `holdfast forecast`: what is held, why it waits, and what will become of it."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from cli.setup.options import Json, Of
from cli.setup.printing import print_json, show, show_all
from cli.wiring import Stores
from domain.authorization.explain import explain
from domain.authorization.forecast import Forecast, ForecastEvent, forecast
from domain.authorization.state import AuthorizationState
from domain.authorization.summary import AuthorizationStatus
from domain.money import Money
from domain.tenant_config import Language
from domain.windows import BERLIN
from domain.wording import instant_text, reason_text, why_text
from settings import Settings
from storage.authorization_list import AuthorizationFilter, AuthorizationList, AuthorizationRow, AuthorizationSort
from workflows.ids import parse_authorization_workflow_id

authorizations = typer.Typer(no_args_is_help=True, help="Card authorizations: holds, renewals, what was asked for.")

LANGUAGE = Language.ENGLISH
_LIST = ("account", "reference", "case_reference", "status", "held", "deadline", "renews_at", "problem")
_EVENTS = ("at", "fate", "amount", "reference", "case_reference", "why")
_SUMS = ("currency", "renewed", "renewed_amount", "ending", "ending_amount")


@authorizations.command("list")
def list_authorizations(
    tenant: Of,
    account: Annotated[str, typer.Option(help="Only those of this provider account.")] = "",
    status: Annotated[AuthorizationStatus | None, typer.Option(help="Only those at this status.")] = None,
    text: Annotated[str, typer.Option(help="Part of a name of the case, or of a hold's id.")] = "",
    *,
    everything: Annotated[bool, typer.Option("--all", help="Those that are over as well.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many, what runs out first.")] = 50,
    as_json: Json = False,
) -> None:
    """Show authorizations, what runs out first on top."""
    filters = AuthorizationFilter(account, status or "", text=text, is_open=None if everything or status else True)
    page = AuthorizationList(_stores().db).list_authorizations(
        tenant, filters, limit=limit, sort=AuthorizationSort.DEADLINE
    )
    show_all(as_json, [_shown(one) for one in page.rows], _LIST)
    if page.after is not None and not as_json:
        typer.echo(f"There are more than {limit}: narrow the list down, or ask for more with --limit.", err=True)


@authorizations.command("show")
def show_authorization(
    name: Annotated[str, typer.Argument(help="The first or latest hold's id, or a name that the merchant gave.")],
    tenant: Of,
    as_json: Json = False,
) -> None:
    """Show one authorization: its holds, what was asked of it, what failed, and why it waits."""
    stores = _stores()
    found = AuthorizationList(stores.db)
    rows = found.find(tenant, name)
    if not rows:
        raise typer.BadParameter(f"the tenant {tenant} has no authorization {name}; `authorizations list` shows them")
    for row in rows:
        state = found.state(row.workflow_id) or AuthorizationState(row.workflow_id)
        told = explain(state, stores.settings.timing.pacing, _now(stores, tenant))
        params = {key: _readable(value) for key, value in told.waits_for.params}
        details = {
            "why": why_text(told.waits_for.code, params, LANGUAGE),
            "capturable": str(Money(told.capturable_minor, row.currency)) if row.currency else "",
            "capture_from": told.capture_from,
            "capture_refused": reason_text(told.capture_refused, LANGUAGE) if told.capture_refused else "",
            "renewed_until": told.ends_on,
            "chain": [_line(state, number) for number in range(len(state.holds))],
            "actions": [f"{one.asked_at:%Y-%m-%d %H:%M}Z {_action(state, one)}" for one in state.actions],
            "failures": [
                f"{one.failed_at:%Y-%m-%d %H:%M}Z {one.extension.value} of {Money(one.amount_minor, state.currency)}: "
                f"{reason_text(one.reason, LANGUAGE)}"
                for one in state.failures
            ],
        }
        show(as_json, _shown(row) | details)


def show_forecast(
    tenant: Of,
    days: Annotated[int, typer.Option(min=1, max=400, help="How many days to look ahead.")] = 30,
    account: Annotated[str, typer.Option(help="Only of this provider account.")] = "",
    limit: Annotated[int, typer.Option(min=0, help="How many events to list; sums count all.")] = 50,
    *,
    ending: Annotated[bool, typer.Option("--ending", help="Only what runs out and is not renewed.")] = False,
    as_json: Json = False,
) -> None:
    """Say which holds are renewed and which run out, if nobody does anything and every renewal succeeds."""
    stores = _stores()
    until = _now(stores, tenant) + timedelta(days=days)
    found = forecast(AuthorizationList(stores.db).open_states(tenant, account), until)
    events = [one for one in found.events if one.fate.value == "ends" or not ending]
    listed, sums = [_event(one) for one in events[:limit]], _sums(found)
    if as_json:
        by_day = [
            {"day": day.isoformat(), "currency": currency, **vars(totals)}
            for (day, currency), totals in found.days.items()
        ]
        print_json({"until": until, "sums": sums, "days": by_day, "events": listed, "more": len(events) > limit})
        return
    show_all(False, listed, _EVENTS)
    if len(events) > limit:
        typer.echo(f"{len(events) - limit} more are not listed.")
    show_all(False, sums, _SUMS)


def _stores() -> Stores:
    return Stores.open(Settings())


def _now(stores: Stores, tenant: str) -> datetime:
    return datetime.now(UTC) + stores.clocks.offset(tenant)


def _shown(row: AuthorizationRow) -> dict[str, Any]:
    held = str(Money(row.open_minor, row.currency)) if row.currency else ""
    return {**vars(row), "held": held}


def _line(state: AuthorizationState, index: int) -> str:
    hold = state.holds[index]
    end = f"{hold.end.value} {hold.ended_at:%Y-%m-%d %H:%M}Z" if hold.end and hold.ended_at else "held"
    told = "" if hold.deadline.told else "about "
    taken = f", {Money(hold.captured_minor, state.currency)} captured" if hold.captured_minor else ""
    return (
        f"{hold.number} {hold.hold_id}: {Money(hold.amount_minor, state.currency)} since "
        f"{hold.held_at:%Y-%m-%d %H:%M}Z, good until {told}{hold.deadline.at:%Y-%m-%d %H:%M}Z{taken}, {end}"
    )


def _action(state: AuthorizationState, record: Any) -> str:
    asked = "" if record.action.amount_minor is None else f" {Money(record.action.amount_minor, state.currency)}"
    outcome = record.outcome.value if record.outcome else "waiting"
    why = f" ({reason_text(record.reason, LANGUAGE)})" if record.reason else ""
    return f"{record.action.kind.value}{asked} by {record.origin.value}: {outcome}{why}"


def _event(event: ForecastEvent) -> dict[str, Any]:
    return {
        "at": f"{event.at.astimezone(BERLIN):%Y-%m-%d %H:%M}",
        "fate": event.fate.value,
        "amount": str(Money(event.amount_minor, event.currency)),
        "amount_minor": event.amount_minor,
        "currency": event.currency,
        "account": parse_authorization_workflow_id(event.workflow_id).account,
        "reference": event.reference,
        "case_reference": event.case_reference,
        "told": event.told,
        "why": reason_text(event.why, LANGUAGE) if event.why else "",
    }


def _sums(found: Forecast) -> list[dict[str, Any]]:
    return [
        {
            "currency": currency,
            "renewed": totals.renewed,
            "renewed_minor": totals.renewed_minor,
            "renewed_amount": str(Money(totals.renewed_minor, currency)),
            "ending": totals.ending,
            "ending_minor": totals.ending_minor,
            "ending_amount": str(Money(totals.ending_minor, currency)),
        }
        for currency, totals in found.by_currency().items()
    ]


def _readable(value: str) -> str:
    try:
        return instant_text(datetime.fromisoformat(value), LANGUAGE)
    except ValueError:
        return value
