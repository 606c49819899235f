"""The mail account of a tenant: one server, one recipient, a test mail at any time."""

from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from administration.mail import WantedMail as Wanted
from domain.parties import MailSecurity, MailSettings
from web.edge.bodies import BODY_ANSWERS, described
from web.services import ServicesDep
from web.setup_api.common import (
    CONFLICT,
    EDITED,
    Administrator,
    IfMatch,
    body_as,
    expected_version,
    first_put,
    secret,
    tagged,
)

router = APIRouter(tags=["Setup: mail"])


class MailView(BaseModel):
    """The mail account. Its password is kept and never shown."""

    host: str
    port: int
    security: Literal["none", "starttls", "tls"]
    username: str
    sender: str
    recipient: str
    version: int


class WantedMail(BaseModel):
    """Without `password` the one that is kept stays. Several recipients: let your mail server forward to them."""

    model_config = ConfigDict(extra="forbid")

    host: Annotated[str, Field(max_length=255)]
    port: Annotated[int, Field(strict=True)] = 587
    security: Literal["none", "starttls", "tls"] = "starttls"
    username: Annotated[str, Field(max_length=200)] = ""
    password: Annotated[SecretStr, Field(max_length=500)] | None = None
    sender: Annotated[str, Field(max_length=254)]
    recipient: Annotated[str, Field(max_length=254)]


class Trial(BaseModel):
    """What became of a test mail, in one sentence of each language. `taken`: the server has it now."""

    taken: bool
    verdict: str
    de: str
    en: str


@router.get("/setup/mail", summary="Read the mail account", responses=CONFLICT)
def read_mail(services: ServicesDep, caller: Administrator, response: Response) -> MailView:
    """404 when none is set."""
    return _told(services.administration.mail.get(caller.one_tenant()), response)


@router.put(
    "/setup/mail",
    summary="Set the mail account",
    responses=EDITED | BODY_ANSWERS,
    openapi_extra=described(WantedMail),
)
def put_mail(
    services: ServicesDep,
    caller: Administrator,
    wanted: Annotated[WantedMail, body_as(WantedMail)],
    response: Response,
    if_match: IfMatch = None,
) -> MailView:
    """Nothing is sent; ask for a test mail afterwards."""
    expected = expected_version(if_match, without=0)
    asked = Wanted(
        wanted.host,
        wanted.port,
        wanted.sender,
        wanted.recipient,
        MailSecurity(wanted.security),
        wanted.username,
        secret(wanted.password),
    )
    with first_put(if_match):
        return _told(
            services.administration.mail.save(caller.one_tenant(), asked, by=caller.name, expected=expected), response
        )


@router.post("/setup/mail/test", summary="Send a test mail", responses=CONFLICT)
def send_test_mail(services: ServicesDep, caller: Administrator) -> Trial:
    """Now, through the saved account. A mail that is not taken is an answer too: it says why."""
    found = services.administration.mail.test(caller.one_tenant(), by=caller.name)
    return Trial(taken=found.taken, verdict=found.verdict.value, de=found.de, en=found.en)


def _told(settings: MailSettings, response: Response) -> MailView:
    tagged(response, settings.revision)
    return MailView(
        host=settings.host,
        port=settings.port,
        security=settings.security.value,
        username=settings.username,
        sender=settings.sender,
        recipient=settings.recipient,
        version=settings.revision,
    )
