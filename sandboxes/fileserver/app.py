"""Control routes and the page of the file server."""

from pathlib import Path
from typing import Annotated, Any

import jinja2
from fastapi import FastAPI, HTTPException
from fastapi import Path as InPath
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from sandboxes.fileserver.account import FileAccount
from sandboxes.fileserver.server import Server
from sandboxes.fileserver.settings import NAME, AccountSettings, Refusals
from sandboxes.kit.control import control_router

ROWS = 100
Name = Annotated[str, InPath(pattern=NAME)]


class FileView(BaseModel):
    """A file in a home folder; `path` is absolute in it."""

    path: str
    size: int


def make_app(server: Server) -> FastAPI:
    """The HTTP side over a running server."""
    app = FastAPI(title="file server sandbox")
    app.include_router(control_router(server.find, server.every, server.save))
    loader = jinja2.FileSystemLoader(Path(__file__).parent / "templates")
    templates = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)

    def account_of(name: str) -> FileAccount:
        found = server.find(name)
        if found is None:
            raise HTTPException(404, f"no account {name!r}; create it with PUT /control/accounts/{name}")
        return found

    def file_of(name: str, path: str, *, there: bool = True) -> Path:
        try:
            found = account_of(name).file(path)
        except ValueError as error:
            raise HTTPException(422, str(error)) from error
        if there and not found.is_file():
            raise HTTPException(404, f"no file {path!r}")
        return found

    @app.put("/control/accounts/{name}")
    async def put_account(name: Name, settings: AccountSettings) -> dict[str, Any]:
        try:
            return _view(server, server.put(name, settings))
        except ValueError as error:
            raise HTTPException(409, str(error)) from error

    @app.get("/control/accounts/{name}")
    async def get_account(name: str) -> dict[str, Any]:
        return _view(server, account_of(name))

    @app.get("/control/accounts/{name}/uploads")
    async def uploads(name: str) -> list[dict[str, Any]]:
        return list(account_of(name).dump()["uploads"])

    @app.get("/control/accounts/{name}/files")
    async def files(name: str) -> list[FileView]:
        return [FileView(**one) for one in account_of(name).files()]

    @app.get("/control/accounts/{name}/files/{path:path}")
    async def read(name: str, path: str) -> Response:
        return Response(file_of(name, path).read_bytes(), media_type="application/octet-stream")

    @app.put("/control/accounts/{name}/files/{path:path}", status_code=204)
    async def write(name: str, path: str, request: Request) -> None:
        target = file_of(name, path, there=False)
        if target.is_dir() or target == account_of(name).home:
            raise HTTPException(422, f"{path!r} is a folder")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(await request.body())

    @app.delete("/control/accounts/{name}/files/{path:path}", status_code=204)
    async def delete(name: str, path: str) -> None:
        file_of(name, path).unlink()

    @app.get("/control/refusals")
    async def get_refusals() -> Refusals:
        return server.refusals

    @app.put("/control/refusals")
    async def put_refusals(wanted: Refusals) -> Refusals:
        server.refusals = wanted
        return wanted

    @app.get("/", response_class=HTMLResponse)
    async def page() -> str:
        return templates.get_template("index.html").render(accounts=server.accounts(), rows=ROWS)

    return app


def _view(server: Server, account: FileAccount) -> dict[str, Any]:
    settings = account.settings
    return {
        "name": account.name,
        "user": settings.user,
        "password": settings.password,
        "public_keys": settings.public_keys,
        "protocols": settings.protocols,
        "sftp_port": server.ports["sftp"],
        "ftp_port": server.ports["ftp"],
        "host_key": server.public_host_key,
        "fingerprint": server.host_key.get_fingerprint(),
    }
