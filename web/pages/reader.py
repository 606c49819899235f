"""Who reads a page, in which language, and what every page shows at its top."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from fastapi import Request

from domain.tenant_config import Language
from domain.wording import instant_text
from web.pages.words import Words
from web.services import Services


def language_of(request: Request) -> Language:
    """`?lang=` decides, then the browser's first choice among ours; German when it has none."""
    asked = request.query_params.get("lang", "")
    if asked in {one.value for one in Language}:
        return Language(asked)
    return preferred(request.headers.get("accept-language", ""))


def preferred(header: str) -> Language:
    """The first of our languages by the weights of an Accept-Language header."""
    ranked: list[tuple[float, int, Language]] = []
    for place, part in enumerate(header[:500].split(",")):
        tag, _, weight = part.partition(";")
        code = tag.strip().lower().split("-")[0]
        if code in {one.value for one in Language}:
            ranked.append((-_weight(weight), place, Language(code)))
    return min(ranked)[2] if ranked else Language.GERMAN


def _weight(text: str) -> float:
    name, _, value = text.strip().partition("=")
    try:
        return float(value) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0


@dataclass(frozen=True)
class TenantClock:
    """A simulated tenant's clock in words."""

    tenant: str
    now: str
    offset: str


def frame(request: Request, services: Services, language: Language) -> dict[str, Any]:
    """What every page needs: labels, the switch of languages, the clocks of simulated tenants."""
    other = Language.ENGLISH if language is Language.GERMAN else Language.GERMAN
    switched = request.url.include_query_params(lang=other.value)
    return {
        "t": Words(language),
        "other_language": f"{switched.path}?{switched.query}",
        "other_code": other.value,
        "clocks": _clocks(services, language),
        "stored_only": False,
    }


def _clocks(services: Services, language: Language) -> list[TenantClock]:
    found = []
    for tenant in services.directory.tenants():
        if tenant.simulated:
            offset = services.clocks.offset(tenant.id)
            now = instant_text(services.now() + offset, language)
            found.append(TenantClock(tenant.id, now, _duration(offset, language)))
    return found


def _duration(offset: timedelta, language: Language) -> str:
    hours, rest = divmod(offset.seconds, 3600)
    days = ("Tage", "days")[language is Language.ENGLISH]
    return f"{offset.days} {days} {hours:02}:{rest // 60:02} h"
