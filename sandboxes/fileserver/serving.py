"""Runs the three sides in one process until a signal."""

import argparse
import asyncio
from pathlib import Path

import uvicorn

from sandboxes.fileserver.app import make_app
from sandboxes.fileserver.ftp import serve_ftp
from sandboxes.fileserver.server import Server
from sandboxes.fileserver.sftp import serve_sftp
from sandboxes.kit.serving import KEEP_ALIVE_SECONDS


def main() -> None:
    """Parse the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m sandboxes.fileserver")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8706, help="HTTP")
    parser.add_argument("--sftp-port", type=int, default=8722)
    parser.add_argument("--ftp-port", type=int, default=8721)
    parser.add_argument("--state", type=Path, default=None, help="SQLite file; temporary only when left out")
    asyncio.run(_serve(parser.parse_args()))


async def _serve(options: argparse.Namespace) -> None:
    server = Server(options.state)
    server.ports = {"sftp": options.sftp_port, "ftp": options.ftp_port}
    server.run_on(asyncio.get_running_loop())
    sftp = await serve_sftp(server, host=options.host, port=options.sftp_port)
    serve_ftp(server, host=options.host, port=options.ftp_port)
    config = uvicorn.Config(
        make_app(server),
        host=options.host,
        port=options.port,
        log_level="warning",
        access_log=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=2,
    )
    try:
        await uvicorn.Server(config).serve()
    finally:
        sftp.close()
        server.close()
