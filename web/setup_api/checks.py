"""The setup check over the API."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel

from domain.setup_check import CheckPoint
from domain.setup_check_wording import point_text
from domain.tenant_config import Language
from web.services import ServicesDep
from web.setup_api.common import Administrator

router = APIRouter(tags=["Setup: check"])

Verdicts = Literal["pass", "warn", "fail", "ask"]


class PointView(BaseModel):
    """One point: what it is about ('' for the tenant), how it came out, and what to do in both languages."""

    code: str
    verdict: Verdicts
    subject: str
    facts: dict[str, str]
    de: str
    en: str


class CheckView(BaseModel):
    """Every point and the gravest verdict."""

    verdict: Verdicts
    points: list[PointView]


@router.post("/setup/check", summary="Check the setup")
def run_check(
    services: ServicesDep,
    caller: Administrator,
    register: Annotated[
        bool, Query(description="Register our callback address at the provider where it is missing.")
    ] = False,
) -> CheckView:
    """Asks the ERP and the provider now, which takes some seconds. Nothing tells some settings: those are `ask`."""
    report = services.administration.checks.run(caller.one_tenant(), by=caller.name, register=register)
    return CheckView.model_validate({"verdict": report.verdict.value, "points": [_view(one) for one in report.points]})


def _view(point: CheckPoint) -> PointView:
    return PointView.model_validate(
        {
            "code": point.code,
            "verdict": point.verdict.value,
            "subject": point.subject,
            "facts": dict(point.params),
            "de": point_text(point, Language.GERMAN).found,
            "en": point_text(point, Language.ENGLISH).found,
        }
    )
