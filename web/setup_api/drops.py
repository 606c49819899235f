"""The folder on a file server that failure files are put into: one per tenant, a test at any time."""

from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from administration.file_drops import WantedDrop as Wanted
from domain.file_drop import DropLogin, DropProtocol, FileDropSettings
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

router = APIRouter(tags=["Setup: file drop"])


class DropView(BaseModel):
    """The folder. Its password or key is kept and never shown. `active` false: files can only be downloaded."""

    protocol: Literal["sftp", "ftp"]
    host: str
    port: int
    username: str
    login: Literal["password", "key"]
    folder: str
    host_key: str
    unencrypted: bool
    active: bool
    version: int


class WantedDrop(BaseModel):
    """Without `secret` (a password or, by `login`, a private key) the one that is kept stays. `host_key` is the
    server's public key, needed unless the server is this machine. `unencrypted` confirms plain FTP."""

    model_config = ConfigDict(extra="forbid")

    protocol: Literal["sftp", "ftp"] = "sftp"
    host: Annotated[str, Field(max_length=255)]
    port: Annotated[int, Field(strict=True)] | None = None
    username: Annotated[str, Field(max_length=200)]
    login: Literal["password", "key"] = "password"
    secret: Annotated[SecretStr, Field(max_length=20_000)] | None = None
    folder: Annotated[str, Field(max_length=500)] = ""
    host_key: Annotated[str, Field(max_length=5_000)] = ""
    unencrypted: bool = False
    active: bool = True


class Trial(BaseModel):
    """What became of a test file, in one sentence of each language."""

    works: bool
    verdict: str
    de: str
    en: str


@router.get("/setup/file-drop", summary="Read the folder for failure files", responses=CONFLICT)
def read_drop(services: ServicesDep, caller: Administrator, response: Response) -> DropView:
    """404 when none is set."""
    return _told(services.administration.file_drops.get(caller.one_tenant()), response)


@router.put(
    "/setup/file-drop",
    summary="Set the folder for failure files",
    responses=EDITED | BODY_ANSWERS,
    openapi_extra=described(WantedDrop),
)
def put_drop(
    services: ServicesDep,
    caller: Administrator,
    wanted: Annotated[WantedDrop, body_as(WantedDrop)],
    response: Response,
    if_match: IfMatch = None,
) -> DropView:
    """Nothing is put there; ask for a test afterwards."""
    expected = expected_version(if_match, without=0)
    asked = Wanted(
        protocol=DropProtocol(wanted.protocol),
        host=wanted.host,
        username=wanted.username,
        port=wanted.port,
        login=DropLogin(wanted.login),
        secret=secret(wanted.secret),
        folder=wanted.folder,
        host_key=wanted.host_key,
        unencrypted=wanted.unencrypted,
        active=wanted.active,
    )
    with first_put(if_match):
        saved = services.administration.file_drops.save(caller.one_tenant(), asked, by=caller.name, expected=expected)
    return _told(saved, response)


@router.post("/setup/file-drop/test", summary="Try the folder for failure files", responses=CONFLICT)
def try_drop(services: ServicesDep, caller: Administrator) -> Trial:
    """Now: a small file is put there, read, and taken away again. A folder that does not work is an answer too."""
    found = services.administration.file_drops.test(caller.one_tenant(), by=caller.name)
    return Trial(works=found.works, verdict=found.verdict.value, de=found.de, en=found.en)


def _told(settings: FileDropSettings, response: Response) -> DropView:
    tagged(response, settings.revision)
    return DropView(
        protocol=settings.protocol.value,
        host=settings.host,
        port=settings.port,
        username=settings.username,
        login=settings.login.value,
        folder=settings.folder,
        host_key=settings.host_key,
        unencrypted=settings.unencrypted,
        active=settings.active,
        version=settings.revision,
    )
