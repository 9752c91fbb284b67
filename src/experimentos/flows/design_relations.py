"""How the parts of a design hang together: a graph for the eye, the same in sentences."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from experimentos.design.document import ExperimentDescription
from experimentos.design.names import several
from experimentos.design.parts import Factor, UnitLevel
from experimentos.design.table import Column, DesignTable
from experimentos.flows.design_board import RULES

CROSSED_LIMIT = 4


@dataclass(frozen=True, slots=True)
class Node:
    """A part of the design in the graph.

    Attributes
    ----------
    key : str
        Of its card: "factors.dose".
    kind, name : str
    level : int
        Column from the left: factors, then units outermost first, then responses.
    """

    key: str
    kind: str
    name: str
    level: int


@dataclass(frozen=True, slots=True)
class Relation:
    """One line of the graph.

    Attributes
    ----------
    source, target : str
        Keys of nodes.
    kind : str
        "applied", "nested", "crossed", "interaction", "measured", "adjusts" or "names".
    label : str
        A word or two on the line.
    sentence : str
        The same for readers, names as they were typed.
    """

    source: str
    target: str
    kind: str
    label: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes and relations; relations name nodes only."""

    nodes: tuple[Node, ...]
    relations: tuple[Relation, ...]


def graph(document: ExperimentDescription, table: DesignTable | None) -> Graph:
    """Return the graph of a design.

    Parameters
    ----------
    table
        Tells which treatments really meet; None leaves crossing out.
    """
    relations = (
        *_nesting(document),
        *_allotments(document),
        *_crossing(document, table),
        *_interactions(document),
        *_measurements(document),
    )
    return Graph(tuple(_nodes(document)), relations)


def _nodes(document: ExperimentDescription) -> Iterator[Node]:
    for factor in document.factors:
        yield Node(f"factors.{factor.id}", factor.kind, factor.name, 0)
    for place, unit in enumerate(document.units, start=1):
        yield Node(f"units.{unit.id}", "unit", unit.name, place)
    for response in document.responses:
        level = len(document.units) + 1
        yield Node(f"responses.{response.id}", "response", response.name, level)


def _nesting(document: ExperimentDescription) -> Iterator[Relation]:
    for unit in document.units:
        parent = document.unit(unit.parent)
        if parent is not None:
            many = f", {unit.count:,} in each" if isinstance(unit.count, int) else ""
            yield Relation(
                f"units.{unit.id}", f"units.{parent.id}", "nested", "in",
                f"Every {unit.name} lies in one {parent.name}{many}.",
            )  # fmt: skip
        for id_ in unit.crossed_with:
            if (other := document.unit(id_)) is not None:
                yield Relation(
                    f"units.{unit.id}", f"units.{other.id}", "crossed", "crossed",
                    f"Every {unit.name} meets every {other.name}.",
                )  # fmt: skip


def _allotments(document: ExperimentDescription) -> Iterator[Relation]:
    for factor in document.factors:
        allotment = document.allotment(factor.id)
        unit = document.unit(allotment.unit_id) if allotment else None
        if allotment is not None and unit is not None:
            rule = RULES[allotment.rule]
            yield _to_unit(factor, unit, "applied", "to", f"is applied to each {unit.name} {rule}")
    for unit in document.units:
        named = document.factor(unit.factor_id or "")
        if named is not None:
            words = f"has the {unit.plural or several(unit.name)} as its levels"
            yield _to_unit(named, unit, "names", "is", words)


def _to_unit(factor: Factor, unit: UnitLevel, kind: str, label: str, words: str) -> Relation:
    return Relation(
        f"factors.{factor.id}", f"units.{unit.id}", kind, label, f"{factor.name} {words}."
    )


def _crossing(document: ExperimentDescription, table: DesignTable | None) -> Iterator[Relation]:
    treatments = document.treatments
    if table is None or len(treatments) > CROSSED_LIMIT:
        return
    joined = {frozenset(i.factor_ids) for i in document.interactions}
    for a, b in combinations(treatments, 2):
        first, second = table.factor(a.id), table.factor(b.id)
        if first is None or second is None or {a.id, b.id} in joined:
            continue
        if _meet(first, second):
            count = len(first.labels) * len(second.labels)
            yield Relation(
                f"factors.{a.id}", f"factors.{b.id}", "crossed", "crossed",
                f"{a.name} and {b.name} are crossed: all {count:,} combinations occur.",
            )  # fmt: skip


def _meet(a: Column, b: Column) -> bool:
    pairs = np.unique(a.codes * len(b.labels) + b.codes)
    return len(pairs) == len(a.labels) * len(b.labels)


def _interactions(document: ExperimentDescription) -> Iterator[Relation]:
    words = {"expected": "expected", "negligible": "taken as none", "to_test": "to be tested"}
    for interaction in document.interactions:
        names = {i: f.name for i in interaction.factor_ids if (f := document.factor(i)) is not None}
        whole = " x ".join(names.values())
        for a, b in combinations(names, 2):
            yield Relation(
                f"factors.{a}", f"factors.{b}", "interaction", "interaction",
                f"The interaction {whole} is {words[interaction.status]}.",
            )  # fmt: skip


def _measurements(document: ExperimentDescription) -> Iterator[Relation]:
    for response in document.responses:
        unit = document.unit(response.measured_on) or next(reversed(document.units), None)
        if unit is not None:
            yield Relation(
                f"units.{unit.id}", f"responses.{response.id}", "measured", "measured",
                f"{response.name} is measured on each {unit.name}.",
            )  # fmt: skip
        for factor in document.of_kind("covariate"):
            yield Relation(
                f"factors.{factor.id}", f"responses.{response.id}", "adjusts", "adjusts",
                f"{factor.name} adjusts the comparison of {response.name}.",
            )  # fmt: skip


def sentences(found: Graph) -> tuple[str, ...]:
    """Return every relation as a sentence, each once."""
    return tuple(dict.fromkeys(r.sentence for r in found.relations))
