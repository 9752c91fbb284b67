"""Exchanges of units until no line of a layout has too many equal neighbours."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from experimentos.design.layout.check import Limit
from experimentos.design.layout.places import Place

type Line = tuple[int, ...]

SWAPS_LEAST = 4_000
SWAPS_PER_PLACE = 40
DRAWN_AT_ONCE = 4_096


def separated(
    places: Sequence[Place],
    wanted: Sequence[Limit],
    groups: Mapping[int, Sequence[int]],
    rng: np.random.Generator,
) -> list[int] | None:
    """Return which unit each place takes so that the limits hold, None when no such was found.

    A place of a line that is too long exchanges its unit with another place of its group, and the
    exchange stays unless more lines are too long than before: a random walk that never climbs.
    Only the lines through the two places are looked at again.

    Parameters
    ----------
    groups
        For each place the places that it may exchange units with; left out when there are none.
    """
    search = _Search(places, wanted)
    if not search.broken:
        return search.unit_at
    draws = _uniform(rng)
    for _ in range(max(SWAPS_LEAST, SWAPS_PER_PLACE * len(places))):
        line = search.lines[search.broken[int(next(draws) * len(search.broken))]]
        a = line[int(next(draws) * len(line))]
        members = groups.get(a, ())
        if len(members) < 2:
            continue
        b = members[int(next(draws) * len(members))]
        search.exchange(a, b)
        if not search.broken:
            return search.unit_at
    return None


class _Search:
    """Which unit is at which place, and which lines are too long."""

    def __init__(self, places: Sequence[Place], wanted: Sequence[Limit]) -> None:
        self.unit_at = list(range(len(places)))
        self.lines: list[Line] = []
        self._level_of: list[list[int]] = []
        self._through: list[list[int]] = [[] for _ in places]
        for limit in wanted:
            codes: dict[tuple[str | None, ...], int] = {}
            levels = [
                codes.setdefault(tuple(p.levels.get(f) for f in limit.factor_ids), len(codes))
                for p in places
            ]
            for line in _lines(places, limit.most + 1):
                for k in line:
                    self._through[k].append(len(self.lines))
                self.lines.append(line)
                self._level_of.append(levels)
        self.broken = [k for k in range(len(self.lines)) if self._is_broken(k)]
        self._place_of = {k: where for where, k in enumerate(self.broken)}

    def exchange(self, a: int, b: int) -> None:
        """Let two places exchange their units, unless that breaks more lines than it mends."""
        touched = {*self._through[a], *self._through[b]}
        before = sum(k in self._place_of for k in touched)
        self._swap(a, b)
        after = [k for k in touched if self._is_broken(k)]
        if len(after) > before:
            self._swap(a, b)
            return
        now = set(after)
        for k in touched:
            self._mark(k, is_broken=k in now)

    def _swap(self, a: int, b: int) -> None:
        self.unit_at[a], self.unit_at[b] = self.unit_at[b], self.unit_at[a]

    def _is_broken(self, line: int) -> bool:
        levels, unit_at = self._level_of[line], self.unit_at
        first, *rest = self.lines[line]
        level = levels[unit_at[first]]
        return all(levels[unit_at[k]] == level for k in rest)

    def _mark(self, line: int, *, is_broken: bool) -> None:
        where = self._place_of.get(line)
        if is_broken and where is None:
            self._place_of[line] = len(self.broken)
            self.broken.append(line)
        elif not is_broken and where is not None:
            last = self.broken.pop()
            del self._place_of[line]
            if last != line:
                self.broken[where] = last
                self._place_of[last] = where


def _lines(places: Sequence[Place], length: int) -> Iterator[Line]:
    """Yield the places of every line of some length, down and to the right."""
    at = {(p.plate, p.row, p.column): k for k, p in enumerate(places)}
    for plate, row, column in at:
        for down, right in ((1, 0), (0, 1)):
            line = [at.get((plate, row + s * down, column + s * right)) for s in range(length)]
            found = tuple(k for k in line if k is not None)
            if len(found) == length > 1:
                yield found


def _uniform(rng: np.random.Generator) -> Iterator[float]:
    while True:
        yield from rng.random(DRAWN_AT_ONCE).tolist()
