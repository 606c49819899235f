"""The package of Paygate's formats is a leaf: values in, values out, and one library."""

import sys

from tests.architecture.sources import ROOT, files_of, imports_of, tree
from tests.architecture.test_domain_purity import IMPURE, impure_calls

LIBRARY = "cryptography"
# the default source of the IV of AES; whoever wants another hands it in
CHANCE = {"paygate/envelope.py imports secrets.token_bytes"}


def test_it_imports_the_standard_library_and_cryptography() -> None:
    """Nothing of the house, and no other library."""
    foreign = [
        str(found)
        for found in imports_of("paygate")
        if found.top not in {"paygate", LIBRARY} and found.top not in sys.stdlib_module_names
    ]
    assert foreign == []


def test_it_reaches_nothing_outside() -> None:
    """Files, network and clocks are the business of those who use it; chance is one named default."""
    impure = {
        f"{found.path.relative_to(ROOT).as_posix()} imports {found.name}"
        for found in imports_of("paygate")
        if any(f"{found.name}.".startswith(f"{name}.") for name in IMPURE)
    }
    assert impure == CHANCE


def test_it_asks_no_clock_and_opens_nothing() -> None:
    """Days are arguments, and a file is its bytes."""
    found = [
        f"{path.relative_to(ROOT).as_posix()}:{line} calls {call}"
        for path in files_of("paygate")
        for line, call in impure_calls(tree(path))
    ]
    assert found == []


def test_its_modules_stay_small() -> None:
    """One decision per file."""
    long = [path.name for path in files_of("paygate") if len(path.read_text(encoding="utf-8").splitlines()) > 250]
    assert long == []
