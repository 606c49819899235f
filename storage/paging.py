"""Lists are paged by key: the cursor names the last row seen, so that a page neither repeats nor skips a row that stood
still.
"""

import base64
import binascii
import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, literal

from storage.tables.base import UtcDateTime

NEVER = literal(datetime(9999, 1, 1, tzinfo=UTC), UtcDateTime)  # where rows without an instant stand


class BadCursor(ValueError):
    """The cursor is none of ours, or of a list with another sort."""


def cursor_of(sort: str, key: Any, workflow_id: str) -> str:
    """The place after the row with this key, in a list that is sorted so."""
    text = json.dumps([sort, key.isoformat() if isinstance(key, datetime) else key, workflow_id])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def place_of(cursor: str, sort: str) -> tuple[str, str]:
    """Key and workflow id of the last row seen. Raises `BadCursor`."""
    try:
        of, key, workflow_id = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if of != sort or not isinstance(key, str) or not isinstance(workflow_id, str):
            raise ValueError
    except (ValueError, TypeError, binascii.Error):
        raise _foreign() from None
    return key, workflow_id


def instant(key: str) -> ColumnElement[Any]:
    """The key as the instant that it is. Raises `BadCursor`."""
    try:
        return literal(datetime.fromisoformat(key), UtcDateTime)
    except ValueError:
        raise _foreign() from None


def _foreign() -> BadCursor:
    return BadCursor("this cursor does not belong to this list: start again without one")
