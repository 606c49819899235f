"""The domain decides from values alone: no clock, no chance, no I/O, no logging, and no word of an outside system."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, files_of, imports_of, tree

# standard library modules that read a clock, roll dice, reach outside or start something
IMPURE = {
    "asyncio",
    "concurrent",
    "ftplib",
    "glob",
    "http",
    "io",
    "locale",
    "logging",
    "multiprocessing",
    "os",
    "pathlib",
    "pickle",
    "random",
    "secrets",
    "shelve",
    "shutil",
    "signal",
    "smtplib",
    "socket",
    "sqlite3",
    "ssl",
    "subprocess",
    "sys",
    "tempfile",
    "threading",
    "time",
    "urllib.request",
    "uuid.uuid1",
    "uuid.uuid4",
    "warnings",
}
IMPURE_CALLS = {"open", "print", "input", "exec", "eval", "breakpoint", "globals", "__import__"}
CLOCK_METHODS = {"now", "utcnow", "today"}
CLOCK_OWNERS = {"datetime", "date"}

PROVIDER_WORDS = {
    "adyen",
    "applepaysession",
    "ccppayid",
    "computop",
    "descartes",
    "heidelpay",
    "hal",
    "kkid",
    "klarna",
    "nlb",
    "payid",
    "paygate",
    "pixi",
    "plenigo",
    "refnr",
    "soap",
    "sto",
    "stripe",
    "transid",
    "unzer",
}
PROVIDER_PARTS = ("ccp_pay", "kk_id", "pay_id", "ref_nr", "s_chg", "s_crd", "s_pay", "s_aut", "trans_id")
# (file below domain/, word): names that are ours although a provider uses them too; each with its reason
ALLOWED: set[tuple[str, str]] = set()


def test_the_domain_imports_the_standard_library_and_itself() -> None:
    """No library decides for us, and no decision needs one installed."""
    foreign = [
        str(found)
        for found in imports_of("domain")
        if found.top != "domain" and found.top not in sys.stdlib_module_names and found.top != "__future__"
    ]
    assert foreign == []


def test_the_domain_imports_nothing_that_reaches_outside() -> None:
    """Time, chance and I/O come in as arguments."""
    impure = [
        str(found) for found in imports_of("domain") if any(f"{found.name}.".startswith(f"{name}.") for name in IMPURE)
    ]
    assert impure == []


def impure_calls(module: ast.Module) -> Iterator[tuple[int, str]]:
    """Calls that read the clock or touch the outside, as (line, call)."""
    for node in ast.walk(module):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        if isinstance(called, ast.Name) and called.id in IMPURE_CALLS:
            yield node.lineno, called.id
        elif isinstance(called, ast.Attribute) and called.attr in CLOCK_METHODS:
            owner = called.value
            name = owner.attr if isinstance(owner, ast.Attribute) else owner.id if isinstance(owner, ast.Name) else ""
            if name in CLOCK_OWNERS:
                yield node.lineno, f"{name}.{called.attr}"


def test_the_domain_asks_no_clock_and_opens_nothing() -> None:
    """`now` is an argument of every decision that depends on time."""
    found = [
        f"{path.relative_to(ROOT).as_posix()}:{line} calls {call}"
        for path in files_of("domain")
        for line, call in impure_calls(tree(path))
    ]
    assert found == []


def _words(identifier: str) -> list[str]:
    """The words of a snake or camel case name, in small letters."""
    spaced = re.sub(r"([a-z0-9])([A-Z])|([A-Z]+)([A-Z][a-z])", r"\1\3 \2\4", identifier)
    return [word.lower() for word in re.split(r"[^A-Za-z0-9]+", spaced) if word]


def provider_words(text: str) -> set[str]:
    """The words of outside systems inside a name or a code."""
    words = _words(text)
    joined = f"_{'_'.join(words)}_"
    return (set(words) & PROVIDER_WORDS) | {part for part in PROVIDER_PARTS if f"_{part}_" in joined}


def _documentation(module: ast.Module) -> set[int]:
    """The string nodes that are docstrings, by identity: prose may name whom it likes."""
    return {
        id(node.value)
        for node in ast.walk(module)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }


def names_in(module: ast.Module) -> Iterator[tuple[int, str]]:
    """Every identifier and every string outside docstrings, as (line, text)."""
    prose = _documentation(module)
    for node in ast.walk(module):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
                yield node.lineno, name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield node.lineno, name
            case ast.keyword(arg=str(name)):
                yield node.lineno, name
            case ast.Constant(value=str(text)) if id(node) not in prose:
                yield node.lineno, text
            case _:
                pass


def foreign_words() -> Iterator[tuple[str, int, str, str]]:
    """Every use of a provider's word as (file below domain/, line, word, text it stands in)."""
    for path in files_of("domain"):
        file = path.relative_to(ROOT / "domain").as_posix()
        for line, text in [(1, path.stem), *names_in(tree(path))]:
            for word in sorted(provider_words(text)):
                yield file, line, word, text


def test_no_word_of_an_outside_system_enters_the_domain() -> None:
    """A provider's words end at its adapter: neither names nor codes of the domain use them."""
    found = [
        f"domain/{file}:{line} says {word} in {text!r}"
        for file, line, word, text in foreign_words()
        if (file, word) not in ALLOWED
    ]
    assert found == []


def test_every_exception_is_still_needed() -> None:
    """An exception whose word has gone is taken from the list."""
    assert {(file, word) for file, _, word, _ in foreign_words()} >= ALLOWED


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("UnzerClient", {"unzer"}),
        ("pixi_order_number", {"pixi"}),
        ("ccpPayID", {"ccp_pay", "pay_id"}),
        ("HAL", {"hal"}),
        ("s-crd", {"s_crd"}),
        ("halted", set()),
        ("stored", set()),
        ("payment_identity", set()),
        ("STO", {"sto"}),
    ],
)
def test_words_are_found_as_words(text: str, words: set[str]) -> None:
    """`HAL` is a provider's code, `halted` is English."""
    assert provider_words(text) == words


@pytest.mark.parametrize(
    ("source", "calls"),
    [
        ("from datetime import datetime\ndatetime.now()", ["datetime.now"]),
        ("import datetime\ndatetime.datetime.now(zone)", ["datetime.now"]),
        ("date.today()", ["date.today"]),
        ("open('x')", ["open"]),
        ("clock.now()\norder.open()\nrule.print()", []),
    ],
)
def test_impure_calls_are_found(source: str, calls: list[str]) -> None:
    """The search itself: it finds the clock and leaves our own verbs alone."""
    assert [call for _, call in impure_calls(ast.parse(source))] == calls


def test_files_of_a_missing_folder_are_none(tmp_path: Path) -> None:
    """A part of the house that is not built yet breaks no rule."""
    assert list(files_of("no-such-folder")) == []
