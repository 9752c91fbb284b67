"""Whether an arrangement keeps its constraints, answered from the result alone."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from experimentos.design.document import ExperimentDescription
from experimentos.design.geometry import is_edge
from experimentos.design.layout.places import Arrangement, Place
from experimentos.design.parts import Constraint


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` equal neighbours in a line, by the levels of some factors."""

    factor_ids: tuple[str, ...]
    most: int


def limits(document: ExperimentDescription) -> Iterator[Limit]:
    """Yield how many equal neighbours a design allows; all treatments together by default."""
    treatments = tuple(f.id for f in document.treatments)
    for constraint in document.constraints:
        if constraint.kind == "max_adjacent" and constraint.limit is not None:
            yield Limit(constraint.factor_ids or treatments, constraint.limit)


def violations(document: ExperimentDescription, arrangement: Arrangement) -> tuple[str, ...]:
    """Return every broken constraint of an arrangement in words; empty when all are kept."""
    placed = [p for p in arrangement.places if not p.control]
    found: list[str] = []
    spots = [(p.plate, p.row, p.column) for p in arrangement.places]
    if len(set(spots)) < len(spots):
        found.append("two units share a place")
    found += [
        f"more than {limit.most} equal neighbours"
        for limit in limits(document)
        if adjacency_faults(placed, [limit])
    ]
    for constraint in document.constraints:
        found += _broken(document, constraint, arrangement, placed)
    return tuple(found)


def adjacency_faults(places: Sequence[Place], wanted: Sequence[Limit]) -> list[int]:
    """Return the indices of places in a line of too many equal neighbours."""
    faults: set[int] = set()
    for limit in wanted:
        at = {
            (p.plate, p.row, p.column): (k, tuple(p.levels.get(f) for f in limit.factor_ids))
            for k, p in enumerate(places)
        }
        for (plate, row, column), (_, level) in at.items():
            for down, right in ((1, 0), (0, 1)):
                steps = range(1, limit.most + 1)
                line = [at.get((plate, row + s * down, column + s * right)) for s in steps]
                if all(item is not None and item[1] == level for item in line):
                    faults.update(item[0] for item in line if item is not None)
                    faults.add(at[plate, row, column][0])
    return sorted(faults)


def _broken(
    document: ExperimentDescription,
    constraint: Constraint,
    arrangement: Arrangement,
    placed: Sequence[Place],
) -> Iterator[str]:
    match constraint.kind:
        case "no_edge" if arrangement.grid is not None:
            rows, columns = arrangement.grid
            if any(is_edge(p.row, p.column, rows, columns) for p in placed):
                yield "a unit lies at the edge"
        case "fixed":
            yield from _not_fixed(constraint, placed)
        case "keep_together" if constraint.unit_id is not None:
            yield from _apart(constraint.unit_id, placed)
        case "balance" if constraint.unit_id is not None:
            yield from _unbalanced(document, constraint, placed)
        case "disallowed":
            yield from _met(constraint, placed)
        case _:
            return


def _not_fixed(constraint: Constraint, placed: Sequence[Place]) -> Iterator[str]:
    factor, level = constraint.factor_ids[0], constraint.levels[0]
    held = {p.name: p.levels.get(factor) for p in placed}
    for position in constraint.positions:
        if held.get(position) != level:
            yield f"{position} does not hold {level}"


def _apart(unit_id: str, placed: Sequence[Place]) -> Iterator[str]:
    """Yield the units of one level whose parts are not next to one another in run order."""
    runs: dict[str, list[int]] = defaultdict(list)
    for place in placed:
        runs[place.units.get(unit_id, "")].append(place.run)
    for label, numbers in runs.items():
        if max(numbers) - min(numbers) + 1 != len(numbers):
            yield f"the parts of {label} are apart"


def _unbalanced(
    document: ExperimentDescription, constraint: Constraint, placed: Sequence[Place]
) -> Iterator[str]:
    for factor in constraint.factor_ids or tuple(f.id for f in document.treatments):
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        for place in placed:
            counts[place.units.get(constraint.unit_id or "", "")][place.levels.get(factor, "")] += 1
        for label, seen in counts.items():
            if max(seen.values()) - min(seen.values()) > 0:
                yield f"{factor} is not balanced within {label}"


def _met(constraint: Constraint, placed: Sequence[Place]) -> Iterator[str]:
    named = list(zip(constraint.factor_ids, constraint.levels, strict=False))
    if named and any(all(p.levels.get(f) == level for f, level in named) for p in placed):
        yield "a disallowed combination occurs"
