"""The HTTP process: settings → web/. Serves shop API, provider callbacks and pages. No logic lives here.

`python starter.py` reads its settings from the environment (`HOLDFAST_*`) and serves until a signal.
"""

import asyncio
import contextlib
import signal
import sys
from collections.abc import Iterator

import structlog
import uvicorn
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from cli.logs import configure_logs
from cli.setup_wiring import administration_over
from cli.terms_wiring import terms_sender
from cli.wiring import HOLDS, Stores, settings_of_process, simulated_starts
from domain.errors import HoldfastError
from settings import Settings
from storage.database import check_file
from web.app import create_app
from web.services import Services
from web.temporal_messenger import TemporalHoldMessenger, TemporalMessenger
from workflows.sending import WorkflowSender
from workflows.sending_holds import AuthorizationSender

log = structlog.get_logger()

STOP_SECONDS = 10
KEEP_ALIVE_SECONDS = 60  # longer than clients keep a connection idle, so that none is closed as they use it again


class Server(uvicorn.Server):
    """Leaves signals to `main`: uvicorn would raise them again at its end, and the process would die by them."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def build_services(settings: Settings, stores: Stores) -> Services:
    """The services over the settings' database and Temporal; Temporal need not be there yet."""
    client = await Client.connect(
        settings.temporal_address,
        namespace=settings.temporal_namespace,
        data_converter=pydantic_data_converter,
        interceptors=simulated_starts(settings, stores),
        lazy=True,
    )
    sender = WorkflowSender(client, settings.timing.pacing, settings.profile.value)
    hold_sender = AuthorizationSender(client, settings.timing.pacing, settings.profile.value)
    return Services.over(
        stores.db,
        TemporalMessenger(client, sender, stores.known_order),
        TemporalHoldMessenger(hold_sender, stores.known_authorization, terms_sender(settings, client)),
        settings,
        administration_over(stores),
        stores.authorizations,
        HOLDS,
        stores.forms,
    )


async def main() -> int:
    """Serve until SIGTERM or SIGINT."""
    try:
        settings = settings_of_process()
        configure_logs(settings)
        check_file(settings.database_url)
    except HoldfastError as error:
        log.error("starter.cannot_start", reason=str(error))
        return 1
    stores = Stores.open(settings)
    server = Server(
        uvicorn.Config(
            create_app(await build_services(settings, stores)),
            host=settings.starter_host,
            port=settings.starter_port,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=STOP_SECONDS,
        )
    )
    for one in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(one, setattr, server, "should_exit", True)
    log.info("starter.serving", host=settings.starter_host, port=settings.starter_port, profile=settings.profile.value)
    await server.serve()
    log.info("starter.stopped")
    stores.close()
    await asyncio.sleep(0.5)  # the native threads must be idle before the interpreter ends
    return 0 if server.started else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
