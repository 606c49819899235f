"""`holdfast setup terms …`."""

import asyncio
import sys
from datetime import time, timedelta
from typing import Annotated, Any

import typer
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError

from administration.authorization_terms import SETTINGS
from cli.setup.options import Json, Of, Who
from cli.setup.printing import print_json, show
from cli.setup.process import services_of_process
from cli.terms_wiring import terms_sender
from cli.wiring import Stores, settings_of_process, simulated_starts
from domain.authorization.terms import (
    AuthorizationTerms,
    Channel,
    DayZone,
    Guard,
    HopePer,
    HopeScope,
    Preset,
    RenewalOrder,
)
from domain.authorization.terms_change import TermsVersion
from domain.tenant_config import Language
from workflows.messages import LookNow

commands = typer.Typer(no_args_is_help=True, help="Terms of authorizations: renewal, split, how failures are told.")

CONNECTS_WITHIN = 5.0
Account = Annotated[str, typer.Argument(help="Id of the provider account.")]
Version = Annotated[int | None, typer.Option(min=0, help="Change only this version; left out: whatever stands.")]


@commands.command("show")
def show_terms(account: Account, tenant: Of, as_json: Json = False) -> None:
    """Show the terms that hold now. Version 0: nothing was agreed on, the defaults hold."""
    with services_of_process(as_json) as services:
        show(as_json, _terms(tenant, account, services.terms.get(tenant, account)))


@commands.command("history")
def show_history(account: Account, tenant: Of, as_json: Json = False) -> None:
    """Show every version: who made it when, what has become of the mail about it, and what was changed."""
    with services_of_process(as_json) as services:
        versions = services.terms.history(tenant, account)
        if as_json:
            print_json([_version(tenant, account, one) for one in versions])
            return
        before = AuthorizationTerms(version=0)
        for one in versions:
            when = f"{one.created_at:%Y-%m-%d %H:%M}Z"
            print(f"{one.terms.version}  {when}  {one.created_by}  mail: {one.confirmation.value}")
            for name in SETTINGS:
                old, new = getattr(before, name), getattr(one.terms, name)
                if old != new:
                    print(f"   {name}: {_plain(old)} -> {_plain(new)}")
            before = one.terms


@commands.command("set")
def set_terms(
    account: Account,
    tenant: Of,
    renew_after_days: Annotated[
        int | None, typer.Option(help="Renew after so many days, 6 to 13; others with --override-interval.")
    ] = None,
    no_renewal: Annotated[bool, typer.Option("--no-renewal", help="Renew nothing.")] = False,
    max_age_days: Annotated[int | None, typer.Option(help="Renew at most until this age, 180 or less.")] = None,
    split: Annotated[bool | None, typer.Option(help="Hold what a partial capture leaves anew.")] = None,
    realtime: Annotated[bool | None, typer.Option(help="Split within minutes; failures then by mail only.")] = None,
    channel: Annotated[Channel | None, typer.Option(help="How failures are told.")] = None,
    hope_run: Annotated[bool | None, typer.Option(help="One more attempt in the next night.")] = None,
    hope_scope: Annotated[HopeScope | None, typer.Option(help="What a hope run is for.")] = None,
    hope_per: Annotated[HopePer | None, typer.Option(help="How often there is one.")] = None,
    wider_hope_reason: Annotated[
        list[str] | None, typer.Option(help="A further reason for a hope run; several times, '' for none.")
    ] = None,
    respect_advice: Annotated[bool | None, typer.Option(help="No attempt that the scheme advises against.")] = None,
    report_final_only: Annotated[bool | None, typer.Option(help="Tell a failure only once it is final.")] = None,
    report_stops: Annotated[bool | None, typer.Option(help="Tell of renewals that stop.")] = None,
    tell_success: Annotated[bool | None, typer.Option(help="Tell of renewals that succeed.")] = None,
    order: Annotated[RenewalOrder | None, typer.Option(help="What a renewal does first.")] = None,
    guard: Annotated[Guard | None, typer.Option(help="About holds guaranteed for less than the interval.")] = None,
    override_interval: Annotated[bool | None, typer.Option(help="Confirms an unusual interval.")] = None,
    small_amounts: Annotated[bool | None, typer.Option(help="The provider captures less than one unit too.")] = None,
    preset: Annotated[Preset | None, typer.Option(help="Whether a refused action counts as failed.")] = None,
    day_zone: Annotated[DayZone | None, typer.Option(help="By which clock the ban on captures is read.")] = None,
    nightly_from: Annotated[str | None, typer.Option(help="When the nightly run begins, such as 01:30.")] = None,
    split_after_minutes: Annotated[int | None, typer.Option(help="Realtime: wait before a split.")] = None,
    capture_after_minutes: Annotated[int | None, typer.Option(help="Realtime: wait before the next capture.")] = None,
    deadline_margin_hours: Annotated[int | None, typer.Option(help="Renew so long before a told deadline.")] = None,
    warn_before_hours: Annotated[int | None, typer.Option(help="Warn so long before a hold ends.")] = None,
    language: Annotated[Language | None, typer.Option(help="Language of messages.")] = None,
    version: Version = None,
    by: Who = "cli",
    as_json: Json = False,
) -> None:
    """Agree on other terms. What is left out stays as it is.

    The tenant's recipient gets a mail about the change; open authorizations follow it from their next decision on.
    """
    given = {
        "renew_after_days": renew_after_days,
        "max_age_days": max_age_days,
        "split": split,
        "realtime": realtime,
        "channel": channel,
        "hope_run": hope_run,
        "hope_scope": hope_scope,
        "hope_per": hope_per,
        "wider_hope_reasons": tuple(filter(None, wider_hope_reason)) if wider_hope_reason is not None else None,
        "respect_advice": respect_advice,
        "report_final_only": report_final_only,
        "report_stops": report_stops,
        "tell_success": tell_success,
        "order": order,
        "guard": guard,
        "override_interval": override_interval,
        "small_amounts": small_amounts,
        "preset": preset,
        "day_zone": day_zone,
        "nightly_from": _clock(nightly_from),
        "split_after": _span(minutes=split_after_minutes),
        "capture_after": _span(minutes=capture_after_minutes),
        "deadline_margin": _span(hours=deadline_margin_hours),
        "warn_before": _span(hours=warn_before_hours),
        "language": language,
    }
    entered: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    if no_renewal:
        if renew_after_days is not None:
            raise typer.BadParameter("give --renew-after-days or --no-renewal, not both")
        entered["renew_after_days"] = None
    with services_of_process(as_json) as services:
        saved = services.terms.save(tenant, account, entered, by=by, expected=version, keeping=True)
    told = asyncio.run(_announce(tenant, account)) if saved.changed else True
    show(as_json, _terms(tenant, account, saved.terms) | {"changed": saved.changed})
    if not told and not as_json:
        print("Temporal does not answer: a worker tells the change once it does.", file=sys.stderr)


async def _announce(tenant: str, account: str) -> bool:
    """Have the change told at once; where that fails, a worker sees to it within a minute."""
    settings = settings_of_process()
    stores = Stores.open(settings)
    try:
        async with asyncio.timeout(CONNECTS_WITHIN):
            client = await Client.connect(
                settings.temporal_address,
                namespace=settings.temporal_namespace,
                data_converter=pydantic_data_converter,
                interceptors=simulated_starts(settings, stores),
            )
            await terms_sender(settings, client).changed(tenant, account, LookNow("changed"))
        await asyncio.sleep(0.5)  # the native threads must be idle before the loop ends
    except (RuntimeError, RPCError, TimeoutError):
        return False
    finally:
        stores.close()
    return True


def _clock(text: str | None) -> time | None:
    if text is None:
        return None
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("--nightly-from is a time of day such as 01:30") from None


def _span(**parts: int | None) -> timedelta | None:
    ((unit, number),) = parts.items()
    if number is None:
        return None
    try:
        return timedelta(**{unit: number})
    except OverflowError:
        raise typer.BadParameter(f"{number} {unit} is no time that anybody waits") from None


def _terms(tenant: str, account: str, terms: AuthorizationTerms) -> dict[str, Any]:
    told = {name: _plain(getattr(terms, name)) for name in SETTINGS}
    return {"tenant": tenant, "account": account, "version": terms.version} | told


def _version(tenant: str, account: str, one: TermsVersion) -> dict[str, Any]:
    return _terms(tenant, account, one.terms) | {
        "created_at": one.created_at,
        "created_by": one.created_by,
        "open_authorizations": one.open_authorizations,
        "confirmation": one.confirmation.value,
        "confirmed_at": one.confirmed_at,
    }


def _plain(value: object) -> object:
    match value:
        case time():
            return f"{value:%H:%M}"
        case timedelta():
            return str(value)
        case tuple():
            return list(value)
        case _:
            return value
