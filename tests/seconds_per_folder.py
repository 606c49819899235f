"""Says at the end of a run how many seconds each folder of tests took: `pytest -p tests.seconds_per_folder`."""

from collections import Counter

import pytest


class SecondsPerFolder:
    """Adds up set-up, call and tear-down of every test by the folder that it stands in."""

    def __init__(self) -> None:
        self.milliseconds: Counter[str] = Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        folder = report.nodeid.partition("::")[0].rpartition("/")[0]
        self.milliseconds[folder] += round(report.duration * 1000)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.section("seconds per folder")
        for folder, milliseconds in self.milliseconds.most_common():
            terminalreporter.write_line(f"{milliseconds / 1000:8.1f} s  {folder}")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(SecondsPerFolder(), "seconds-per-folder")
