"""Compares answers with the library's own classes, and requests with its own parameter types.

The classes annotate every field; names that are imported for type checkers only are found in the package `stripe`.
"""

import importlib
import sys
import types
import typing
from collections.abc import Mapping
from typing import Any, ForwardRef, Literal, Union

import stripe
from pydantic import ConfigDict, TypeAdapter, with_config
from stripe._list_object import ListObject
from stripe._request_options import RequestOptions
from stripe._stripe_context import StripeContext
from stripe._stripe_object import StripeObject, UntypedStripeObject
from typing_extensions import is_typeddict

SIMPLE = (str, int, float, bool)
Body = dict[str, Any]


def unfit(value: Any, kind: Any, place: str = "") -> list[str]:
    """What in `value` the annotation `kind` does not know; empty when it fits."""
    if isinstance(kind, ForwardRef):
        kind = getattr(stripe, kind.__forward_arg__, None) or _hidden(kind.__forward_arg__)
    if kind is Any or kind is None:
        return [] if kind is Any or value is None else [f"{place}: {value!r} where nothing should be"]
    origin, inside = typing.get_origin(kind), typing.get_args(kind)
    if origin in (Union, types.UnionType):
        found = [unfit(value, one, place) for one in inside]
        return min(found, key=len)
    if origin is Literal:
        return [] if isinstance(value, SIMPLE) and value in inside else [f"{place}: {value!r} is none of {inside[:5]}"]
    if origin in (list, typing.List):  # noqa: UP006 - the library writes it so
        if not isinstance(value, list):
            return [f"{place}: {value!r} is no list"]
        return [one for number, row in enumerate(value) for one in unfit(row, inside[0], f"{place}[{number}]")]
    if origin is ListObject:
        if not isinstance(value, dict) or not isinstance(value.get("data"), list):
            return [f"{place}: {value!r} is no list of the API"]
        rows = value["data"]
        return [one for number, row in enumerate(rows) for one in unfit(row, inside[0], f"{place}.data[{number}]")]
    if origin is UntypedStripeObject or kind is UntypedStripeObject:
        return [] if isinstance(value, dict) else [f"{place}: {value!r} is no object"]
    if isinstance(kind, type) and issubclass(kind, StripeObject):
        return _unfit_object(value, kind, place)
    if kind in SIMPLE:
        fits = isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
        return [] if fits else [f"{place}: {value!r} is no {kind.__name__}"]
    return [] if isinstance(value, type(None)) and kind is type(None) else [f"{place}: {value!r} is no {kind}"]


def _unfit_object(value: Any, kind: type, place: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"{place}: {value!r} is no {kind.__name__}"]
    known = _annotations(kind)
    found = [f"{place}.{name}: unknown in {kind.__name__}" for name in value if name not in known]
    for name, one in value.items():
        if name in known:
            found += unfit(one, known[name], f"{place}.{name}")
    for name, wanted in known.items():
        if name not in value and typing.get_origin(wanted) is not typing.ClassVar and unfit(None, wanted):
            found.append(f"{place}.{name}: missing in {kind.__name__}")
    return found


def _annotations(kind: type) -> dict[str, Any]:
    """The resolved annotations of a class of the library and of its bases."""
    found: dict[str, Any] = {}
    for one in reversed(kind.__mro__):
        if one is StripeObject or not issubclass(one, StripeObject):
            continue
        space = vars(sys.modules[one.__module__])
        for name, written in vars(one).get("__annotations__", {}).items():
            found[name] = _resolved(written, space, one)
    return found


def _resolved(written: Any, space: dict[str, Any], kind: type) -> Any:
    if isinstance(written, str):
        names = {**vars(stripe), **space, **vars(typing), kind.__name__: kind}
        return eval(written, names)  # the library's own annotations
    return written


def _hidden(name: str) -> Any:
    """A class that only a module of the library has."""
    for module in list(sys.modules.values()):
        if module.__name__.startswith("stripe.") and hasattr(module, name):
            return getattr(module, name)
    return Any


def parameters(module: str, name: str) -> TypeAdapter[Any]:
    """A strict check of a body against one of the library's parameter types; request options are left out."""
    space = vars(importlib.import_module(f"stripe.params.{module}"))
    names = {"StripeContext": StripeContext, "Mapping": Mapping, "UntypedStripeObject": UntypedStripeObject}
    space.update({key: one for key, one in names.items() if key not in space})
    for one in [kind for kind in space.values() if is_typeddict(kind) and kind is not RequestOptions]:
        with_config(ConfigDict(extra="forbid", arbitrary_types_allowed=True))(one)
    adapter: TypeAdapter[Any] = TypeAdapter(space[name])
    return adapter


def is_option(name: str) -> bool:
    """Whether a parameter type has this name only because request options may stand beside the parameters."""
    return name in RequestOptions.__annotations__


def parameter_names(module: str, name: str) -> set[str]:
    """The names of a parameter type without the request options."""
    space = vars(importlib.import_module(f"stripe.params.{module}"))
    return set(space[name].__annotations__) - set(RequestOptions.__annotations__)
