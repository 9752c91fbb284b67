"""Check this installation's numbers against reference cases from elsewhere."""

import hashlib
import json
import math
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from experimentos import __version__
from experimentos.errors import ContractError, ExperimentOSError, UnreadableError
from experimentos.flows.plan_cases import PLAN_KINDS
from experimentos.flows.statistics_cases import STATISTICS_KINDS
from experimentos.flows.variance_cases import VARIANCE_KINDS

type Inputs = Mapping[str, Any]
type Fields = dict[str, Any]
type Run = Callable[[Inputs, Path | None], Fields]

PACKAGES = ("numpy", "scipy", "statsmodels")
ERROR = "error"


@dataclass(frozen=True, slots=True)
class Case:
    """One reference case.

    Attributes
    ----------
    id, kind : str
    inputs, expected, tolerance : Mapping[str, Any]
        As the table has them.
    """

    id: str
    kind: str
    inputs: Inputs
    expected: Mapping[str, Any]
    tolerance: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Table:
    """A table of reference cases.

    Attributes
    ----------
    cases : tuple[Case, ...]
    sha256 : str
        Of the bytes that were read.
    """

    cases: tuple[Case, ...]
    sha256: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What came of one case.

    Attributes
    ----------
    id, kind : str
    passed : bool
    max_deviation : float | None
        Largest |got - expected| over the fields; None where a field could not be compared.
    field : str
        The field with the largest deviation against its tolerance.
    why : str
        What failed, for people; empty when passed.
    tolerance_used : float | None
        Deviation of `field` over its tolerance, at most 1 when passed; None where it has none.
    """

    id: str
    kind: str
    passed: bool
    max_deviation: float | None
    field: str
    why: str
    tolerance_used: float | None = None


@dataclass(frozen=True, slots=True)
class Verification:
    """What came of a whole table.

    Attributes
    ----------
    cases : tuple[Verified, ...]
    table_sha256 : str
    versions : tuple[tuple[str, str], ...]
        Program, Python, platform and numerical libraries.
    """

    cases: tuple[Verified, ...]
    table_sha256: str
    versions: tuple[tuple[str, str], ...]

    @property
    def passed(self) -> int:
        """Return how many cases passed."""
        return sum(case.passed for case in self.cases)

    @property
    def failed(self) -> int:
        """Return how many cases failed, those of unknown kinds included."""
        return len(self.cases) - self.passed

    def by_kind(self) -> tuple[tuple[str, int, int], ...]:
        """Return (kind, cases, passed) in the order of the table."""
        kinds = dict.fromkeys(case.kind for case in self.cases)
        groups = {kind: [c for c in self.cases if c.kind == kind] for kind in kinds}
        return tuple((k, len(g), sum(c.passed for c in g)) for k, g in groups.items())


def _multiplicity(inputs: Inputs, data: Path | None) -> Fields:
    """Tell the two tables' kinds of one name apart by their inputs."""
    kinds = PLAN_KINDS if "p_values" in inputs else VARIANCE_KINDS
    return kinds["multiplicity"](inputs, data)


KINDS: Mapping[str, Run] = MappingProxyType(
    {**VARIANCE_KINDS, **STATISTICS_KINDS, **PLAN_KINDS, "multiplicity": _multiplicity}
)
"""Every kind of case: its inputs and the data folder to the fields that it is judged by."""


def read_table(content: bytes, name: str = "table") -> Table:
    """Return the reference cases of a JSON file: `{"cases": [{id, kind, inputs, expected, ...}]}`.

    Raises
    ------
    UnreadableError
        If it is no JSON of this form.
    """
    try:
        document = json.loads(content)
        cases = tuple(_case(item) for item in document["cases"])
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise UnreadableError(
            f"{name} is no table of reference cases.",
            hint='It must be JSON: {"cases": [{"id", "kind", "inputs", "expected", "tolerance"}]}.',
        ) from error
    return Table(cases, hashlib.sha256(content).hexdigest())


@lru_cache(maxsize=1)
def packaged_table() -> Table:
    """Return the reference cases that are shipped with the program."""
    file = resources.files("experimentos") / "reference" / "cases.json"
    return read_table(file.read_bytes(), "the packaged table")


def verify(table: Table | None = None, data: Path | None = None) -> Verification:
    """Run reference cases on this installation.

    Parameters
    ----------
    table
        None runs the packaged table.
    data
        Folder of the data sets that some cases read.

    Notes
    -----
    A case passes when for every field of `expected` |got - expected| <= abs + rel |expected|,
    element by element for lists; null means undefined; a tolerance named like a field holds for
    that field alone. `error` in expected asks for a refusal. An unknown kind is a failure.
    """
    chosen = table or packaged_table()
    return Verification(
        tuple(_verified(case, data) for case in chosen.cases), chosen.sha256, versions()
    )


def versions() -> tuple[tuple[str, str], ...]:
    """Return the versions that numbers may depend on."""
    found = [("experimentos", __version__), ("python", platform.python_version())]
    found.append(("platform", platform.platform()))
    found += [(package, version(package)) for package in PACKAGES]
    return tuple(found)


def _case(item: Any) -> Case:
    parts = [item[key] for key in ("id", "kind", "inputs", "expected")]
    tolerance = item.get("tolerance", {})
    id_, kind, inputs, expected = parts
    if not (isinstance(inputs, dict) and isinstance(expected, dict) and expected):
        raise TypeError("inputs and expected are objects")
    if not isinstance(tolerance, dict):
        raise TypeError("tolerance is an object")
    return Case(str(id_), str(kind), inputs, expected, tolerance)


def _verified(case: Case, data: Path | None) -> Verified:
    try:
        got = _computed(case, data)
    except ExperimentOSError as error:
        refused = ERROR in case.expected and case.kind in KINDS
        return _passed(case, 0.0, ERROR) if refused else _failed(case, str(error))
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        return _failed(case, f"Its inputs cannot be used: {type(error).__name__}: {error}")
    if ERROR in case.expected:
        return _failed(case, "It was computed, but should have been refused.")
    return _compared(case, got)


def _computed(case: Case, data: Path | None) -> Fields:
    run = KINDS.get(case.kind)
    if run is None:
        raise ContractError(f"The kind {case.kind!r} is not supported.")
    with np.errstate(all="ignore"):
        return run(case.inputs, data)


def _passed(case: Case, deviation: float, field: str) -> Verified:
    return Verified(case.id, case.kind, passed=True, max_deviation=deviation, field=field, why="")


def _failed(case: Case, why: str) -> Verified:
    field = next(iter(case.expected))
    return Verified(case.id, case.kind, passed=False, max_deviation=None, field=field, why=why)


def _compared(case: Case, got: Fields) -> Verified:
    worst, field, share = 0.0, next(iter(case.expected)), -1.0
    for name, expected in case.expected.items():
        if name not in got:
            return _named(case, name, f"The field {name} is not computed.")
        absolute, relative = _tolerance(case.tolerance, name)
        for value, wanted in _leaves(got[name], expected):
            deviation = _deviation(value, wanted)
            if deviation is None:
                return _named(case, name, f"{name} is {value!r}, expected {wanted!r}.")
            allowed = _allowed(wanted, absolute, relative)
            worst = max(worst, deviation)
            used = _share(deviation, allowed)
            if used > share:
                field, share = name, used
    passed = share <= 1
    return Verified(
        case.id,
        case.kind,
        passed=passed,
        max_deviation=worst,
        field=field,
        why="" if passed else f"{field} deviates by {share:.3g} times its tolerance.",
        tolerance_used=max(share, 0.0) if math.isfinite(share) else None,
    )


def _named(case: Case, field: str, why: str) -> Verified:
    return Verified(case.id, case.kind, passed=False, max_deviation=None, field=field, why=why)


def _tolerance(tolerance: Mapping[str, Any], field: str) -> tuple[float, float]:
    own = tolerance.get(field, tolerance)
    if not isinstance(own, Mapping):
        return float(own), 0.0
    return float(own.get("abs", 0.0)), float(own.get("rel", 0.0))


def _allowed(wanted: Any, absolute: float, relative: float) -> float:
    if not isinstance(wanted, int | float) or math.isinf(wanted):
        return absolute
    return absolute + relative * abs(wanted)


def _share(deviation: float, allowed: float) -> float:
    if deviation <= allowed:
        return deviation / allowed if allowed > 0 else 0.0
    return deviation / allowed if allowed > 0 else math.inf


def _leaves(got: Any, expected: Any) -> list[tuple[Any, Any]]:
    """Return the pairs of single values; what has not the expected shape pairs with a marker."""
    if isinstance(expected, Mapping):
        found = got if isinstance(got, Mapping) else {}
        return [p for key, e in expected.items() for p in _leaves(found.get(key, _MISSING), e)]
    if isinstance(expected, Sequence) and not isinstance(expected, str):
        same = isinstance(got, Sequence) and not isinstance(got, str) and len(got) == len(expected)
        if not same:
            return [(got, _OTHER_SHAPE)]
        return [p for g, e in zip(got, expected, strict=True) for p in _leaves(g, e)]
    return [(got, expected)]


_MISSING = object()
_OTHER_SHAPE = object()


def _deviation(got: Any, expected: Any) -> float | None:
    """Return |got - expected|, or None where the two cannot be compared or are not the same."""
    if isinstance(got, np.generic):
        got = got.item()
    if isinstance(expected, bool | str) or expected is None:
        return 0.0 if got == expected and type(got) is type(expected) else None
    if not isinstance(expected, int | float):
        return None
    if isinstance(got, bool) or not isinstance(got, int | float) or math.isnan(got):
        return None
    if math.isinf(expected) or math.isinf(got):
        return 0.0 if got == expected else None
    return abs(got - expected)
