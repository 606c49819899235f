"""Credentials: what a refused one means, and that none ever shows."""

import logging
import traceback
from typing import Any

import pytest

from domain import reasons
from domain.errors import HoldfastError, Misconfigured
from domain.outcomes import Outcome
from tests.contract.holds.doing import AGAIN, ASK, DOINGS, FIRST, Doing, reference
from tests.contract.holds.stand import Call, Fault, Stand

EVERY = pytest.mark.parametrize("doing", DOINGS.values(), ids=DOINGS)


async def test_refused_credentials_are_a_matter_of_configuration(stand: Stand) -> None:
    """Reading says so, whatever about them is wrong."""
    held = stand.first_hold()
    for provider in stand.misconfigured().values():
        with pytest.raises(Misconfigured):
            await provider.read(stand.account, held.case, held.hold_id)


@EVERY
async def test_nothing_takes_effect_under_refused_credentials(stand: Stand, doing: Doing) -> None:
    """Not sent, for a request that the provider cannot attribute changes nothing."""
    held = doing.held(stand)
    for what, provider in stand.misconfigured().items():
        result = await doing(stand, held, reference(), provider=provider)
        assert (result.outcome, result.reason) == (Outcome.NOT_SENT, reasons.MISCONFIGURED), what
    assert stand.effects() == []


async def test_what_was_sent_before_stays_open_under_refused_credentials(stand: Stand) -> None:
    """A key was changed meanwhile: that nobody answers proves nothing."""
    doing, key = DOINGS["capture"], reference()
    held = doing.held(stand)
    stand.disturb(doing.call, Fault.LOST)
    await doing(stand, held, key)
    for what, provider in stand.misconfigured().items():
        for earlier in (ASK, AGAIN):
            result = await doing(stand, held, key, earlier, provider=provider)
            assert result.outcome in (Outcome.UNKNOWN, Outcome.NOT_SENT), what
            assert result.reason == reasons.MISCONFIGURED, what
    assert stand.effects() == [doing.effect(stand, held)]


async def test_no_secret_shows(
    stand: Stand, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever goes wrong, nothing that the adapter prints, raises or returns carries a secret."""
    caplog.set_level(logging.DEBUG)
    shown: list[Any] = [stand.provider]
    for doing in DOINGS.values():
        for fault in (None, *Fault):
            held, key = doing.held(stand), reference()
            if fault not in (None, Fault.SLOW):
                stand.disturb(doing.call, fault)
                stand.disturb(Call.READ, fault)
            shown.append(held.case)
            shown.append(await doing(stand, held, key, FIRST))
            shown.append(await doing(stand, held, key, ASK))
    held = stand.first_hold()
    for provider in (*stand.misconfigured().values(), stand.unreachable(), stand.provider):
        shown.append(provider)
        stand.disturb(Call.READ, Fault.GARBLED)
        try:
            shown.append(await provider.read(stand.account, held.case, held.hold_id))
        except HoldfastError as error:
            shown += [error, error.__cause__, error.__context__, "".join(traceback.format_exception(error))]
    printed = capsys.readouterr()
    everything = "\n".join((*map(repr, shown), caplog.text, printed.out, printed.err))
    assert "capture." in everything
    assert len(stand.secrets()) > 2
    for secret in stand.secrets():
        assert secret not in everything
