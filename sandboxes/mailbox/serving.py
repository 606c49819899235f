"""Runs both sides in one process until a signal."""

import argparse
import asyncio
from pathlib import Path

import uvicorn

from sandboxes.kit.serving import KEEP_ALIVE_SECONDS
from sandboxes.mailbox.app import make_app
from sandboxes.mailbox.faults import MailFaults
from sandboxes.mailbox.smtp import serve_smtp
from sandboxes.mailbox.store import Mailbox


def main() -> None:
    """Parse the command line and serve; `--login USER:PASSWORD` makes every other login fail."""
    parser = argparse.ArgumentParser(prog="sandboxes.mailbox")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8703, help="HTTP")
    parser.add_argument("--smtp-port", type=int, default=8725)
    parser.add_argument("--state", type=Path, default=None, help="SQLite file; memory only when left out")
    parser.add_argument("--login", default="", metavar="USER:PASSWORD")
    asyncio.run(_serve(parser.parse_args()))


async def _serve(options: argparse.Namespace) -> None:
    mailbox, faults = Mailbox(options.state), MailFaults()
    user, _, password = options.login.partition(":")
    credentials = (user, password) if options.login else None
    smtp = await serve_smtp(mailbox, faults, host=options.host, port=options.smtp_port, credentials=credentials)
    config = uvicorn.Config(
        make_app(mailbox, faults),
        host=options.host,
        port=options.port,
        log_level="warning",
        access_log=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
    )
    try:
        await uvicorn.Server(config).serve()
    finally:
        smtp.close()
        mailbox.close()
