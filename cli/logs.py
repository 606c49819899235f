"""Log output of every process: structlog events, as JSON lines or for a terminal. No secret may reach them."""

import logging
import re
import sys
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

from settings import LogFormat, Settings

_SECRET_NAMES = re.compile(r"password|secret|private_key|master_key|authorization|token$", re.IGNORECASE)
_SECRET_VALUES = re.compile(r"\b[sp]-priv-\w+|\bhf_\w{16,}|Basic [A-Za-z0-9+/=]{8,}|Bearer \S{8,}")


def configure_logs(settings: Settings) -> None:
    """Route structlog and the standard library's loggers to standard error in one form."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        without_secrets,
    ]
    last: Processor = (
        structlog.processors.JSONRenderer()
        if settings.log_format is LogFormat.JSON
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[*shared, last],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared], processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last]
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)


def without_secrets(logger: Any, name: str, event: EventDict) -> EventDict:
    """Blank what is named like a secret or looks like one; the last line of defence, not the first."""
    for key, value in event.items():
        if _SECRET_NAMES.search(key):
            event[key] = "***"
        elif isinstance(value, str):
            event[key] = _SECRET_VALUES.sub("***", value)
    return event
