"""Holds the ERP's night back: what is started inside believes that it is about midday in Berlin, whatever the hour.

The tenants of these tests live in real time, so nothing may depend on when the tests run. Only the zone is shifted:
instants stay true, and every process that asks for Berlin's wall clock gets one that stands near twelve.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.resources import as_file, files
from pathlib import Path

VARIABLE = "PYTHONTZPATH"


@contextmanager
def midday_in_berlin(folder: Path) -> Iterator[None]:
    """Processes started inside find a zone file for Berlin in `folder` by which the ERP's quiet window is far away."""
    ahead = 12 - datetime.now(UTC).hour
    zone = f"GMT{-ahead:+d}" if ahead else "GMT"  # these names count backwards: GMT-3 is three hours ahead
    target = folder / "Europe" / "Berlin"
    target.parent.mkdir(parents=True, exist_ok=True)
    with as_file(files("tzdata") / "zoneinfo" / "Etc" / zone) as source:
        shutil.copyfile(source, target)
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = str(folder.resolve())
    try:
        yield
    finally:
        if before is None:
            del os.environ[VARIABLE]
        else:
            os.environ[VARIABLE] = before
