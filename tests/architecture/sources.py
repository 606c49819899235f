"""Reads the project's own sources for the architecture tests: which files there are and what they import."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = (
    "domain",
    "administration",
    "workflows",
    "activities",
    "adapters",
    "paygate",
    "storage",
    "web",
    "cli",
    "sandboxes",
    "simulation",
    "bench",
)
# tests are no part of the house, but some rules hold for them too
EVERYWHERE = (*PACKAGES, "tests")


@dataclass(frozen=True)
class Import:
    """One imported name: `from datetime import time` is `datetime.time`, `import time` is `time`."""

    path: Path
    line: int
    name: str

    @property
    def top(self) -> str:
        return self.name.partition(".")[0]

    def __str__(self) -> str:
        return f"{self.path.relative_to(ROOT).as_posix()}:{self.line} imports {self.name}"


def files_of(*folders: str) -> Iterator[Path]:
    """Every Python file below these folders; a folder that does not exist has none."""
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


def top_modules() -> Iterator[Path]:
    """The modules that stand beside the packages: worker.py, starter.py and their like."""
    yield from sorted(ROOT.glob("*.py"))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imports_in(path: Path) -> Iterator[Import]:
    """Every import of a file, also those inside functions; relative ones with their full name."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(path, node.lineno, alias.name)
        elif isinstance(node, ast.ImportFrom):
            origin = node.module or ""
            if node.level:
                package = path.relative_to(ROOT).with_suffix("").parts[: -node.level]
                origin = ".".join((*package, *([origin] if origin else [])))
            for alias in node.names:
                yield Import(path, node.lineno, f"{origin}.{alias.name}")


def imports_of(*folders: str) -> Iterator[Import]:
    """Every import below these folders."""
    for path in files_of(*folders):
        yield from imports_in(path)
