"""The HTTP side: messages as JSON, faults, and a page for a person."""

from pathlib import Path
from typing import Any

import jinja2
from fastapi import FastAPI, HTTPException
from starlette.responses import HTMLResponse

from sandboxes.mailbox.faults import MailFault, MailFaults
from sandboxes.mailbox.store import Mailbox

SHOWN = 200


def make_app(mailbox: Mailbox, faults: MailFaults) -> FastAPI:
    """Routes over one mailbox."""
    app = FastAPI(title="mailbox sandbox")
    loader = jinja2.FileSystemLoader(Path(__file__).parent / "templates")
    templates = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)

    @app.get("/control/health")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    @app.post("/control/faults", status_code=201)
    async def arm(fault: MailFault) -> list[MailFault]:
        faults.arm(fault)
        return faults.armed()

    @app.get("/control/faults")
    async def armed() -> list[MailFault]:
        return faults.armed()

    @app.delete("/control/faults", status_code=204)
    async def disarm() -> None:
        faults.clear()

    @app.get("/messages")
    async def messages(to: str = "", q: str = "") -> list[dict[str, Any]]:
        return [one.view() for one in mailbox.find(to=to, q=q)]

    @app.get("/messages/{mail_id}")
    async def message(mail_id: int) -> dict[str, Any]:
        found = mailbox.get(mail_id)
        if found is None:
            raise HTTPException(404, f"no message {mail_id}")
        return found.view()

    @app.delete("/messages")
    async def clear() -> dict[str, int]:
        return {"deleted": mailbox.clear()}

    @app.get("/", response_class=HTMLResponse)
    async def page(to: str = "", q: str = "") -> str:
        mails = mailbox.find(to=to, q=q)
        values = {"mails": mails[:SHOWN], "count": len(mails), "to": to, "q": q, "faults": faults.armed()}
        return templates.get_template("index.html").render(**values)

    @app.get("/mail/{mail_id}", response_class=HTMLResponse)
    async def one_mail(mail_id: int) -> str:
        found = mailbox.get(mail_id)
        if found is None:
            raise HTTPException(404, f"no message {mail_id}")
        return templates.get_template("mail.html").render(mail=found)

    return app
