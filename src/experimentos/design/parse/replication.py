"""How often each treatment is applied, to what, and how often each unit is measured."""

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from experimentos.design.parse.candidate import Candidate
from experimentos.design.parse.draft import Replication
from experimentos.design.parse.lexicon import lexicon, pattern, words
from experimentos.design.parse.mention import Mention, totals
from experimentos.design.parse.mentions import CONDITIONS, TIMES, count_at
from experimentos.design.parse.phrases import head
from experimentos.design.parse.text import NUMBER_WORDS, Text
from experimentos.design.parse.turns import PANEL, is_person

REPLICATES = pattern("replication_replicates")
TECHNICAL = pattern("replication_technical")
COPIES = pattern("replication_copies")
SINGLE = pattern("replication_single")
TOTAL = pattern("replication_total")
WHOLE = pattern("replication_whole")
SIZE = pattern("replication_size")
WITHIN = frozenset({"crossover", "repeated_measures", "latin_square"})
CROSSED = frozenset({"blocked_factorial", "RCBD", "factorial"})
UNREPLICATED = frozenset({"response_surface", "fractional_factorial", "screening"})
PERCENT = re.compile(r"\b(\d{1,2}) ?%")
SPLIT = re.compile(r"\b\d{1,2}/\d{1,2}/\d{1,2}\b")
SIZES = re.compile(r"\((?:n ?= ?)?(\d{1,5})(?: [a-z]{3,14})?\)")
WHOLE_SHARE = 100
IN_BLOCK = frozenset({"within", "in", "from", "at"})
PORTION = pattern("replication_portion")
PARALLEL = pattern("replication_parallel")
DIVIDED = pattern("replication_divided")
ORDER = pattern("replication_order")
APART = frozenset({",", ".", ";", ")", "", "and", "so", "at", "arm"})
SUBSAMPLES = words("replication_subsamples")
DEEPEST = 3
"""Levels of nesting below the unit that are followed: pupils in classes in schools."""
REACH = 3
"""Words after "per diet" in which "and litter" may follow."""
MULTIPLE = {
    "duplicate": 2,
    "triplicate": 3,
    "quadruplicate": 4,
    "twice": 2,
    "three times": 3,
    "four times": 4,
    "five times": 5,
    "in duplicate": 2,
    "in triplicate": 3,
}


def replication(
    text: Text,
    found: Sequence[Mention],
    factors: Sequence[Candidate],
    unit: str | None,
    design: str,
) -> Replication:
    """Return replicates per cell, technical repeats and the total, as far as the text says."""
    plan = _Plan(text, found, factors, unit, design)
    per_cell = next(plan.per_cell(), None) if design != "nested" else None
    if plan.is_unequal:
        per_cell = None
    total = plan.total
    if total is None and per_cell and design not in WITHIN and plan.cells > 1:
        total = per_cell * plan.cells
    if total is None and per_cell and (parts := plan.between):
        total = per_cell * math.prod(f.size or 1 for f in parts)
    technical = _technical(text, found, unit) or plan.raters
    return Replication(per_cell, unit, technical, total)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is known when the replicates are counted."""

    text: Text
    found: Sequence[Mention]
    factors: Sequence[Candidate]
    unit: str | None
    design: str

    @property
    def set(self) -> list[Candidate]:
        """Return the treatments that are set, and not the occasions of a repeated measurement."""
        treatments = [f for f in self.factors if f.kind == "treatment"]
        return [f for f in treatments if f.rule != "time_points" and head(f.name) not in TIMES]

    @property
    def cells(self) -> int:
        """Return the number of combinations of the treatments."""
        return math.prod(f.size for f in self.set if f.size)

    @property
    def total(self) -> int | None:
        """Return the number of units that the text counts."""
        counted = totals(self.found).get(self.unit or "")
        said = TOTAL.search(self.text.lower)
        spoken = next(filter(None, said.groups())) if said else ""
        return counted or _as_number(spoken.replace(",", ""))

    @property
    def is_unequal(self) -> bool:
        """Return whether the text gives the cells different sizes, and no ratio."""
        ratio = any(token.kind == "ratio" for token in self.text.tokens)
        return len(set(self._told_aside())) > 1 and not ratio

    def per_cell(self) -> Iterator[int]:
        """Yield the replicates per cell, the surest reading first."""
        yield from self._by_words()
        yield from self._by_design()
        yield from self._counted_per_cell()
        yield from self._arms()
        yield from self._said()
        if self.design in WITHIN and (between := self.between):
            parts = math.prod(f.size or 1 for f in between)
            yield from (people // parts for people in self._subjects() if people >= parts)
        if self.design in UNREPLICATED and self.set:
            yield 1
        if self.design == "latin_square":
            yield from (f.size for f in self.set[:1] if f.size)
            yield from (f.size for f in self.factors if f.rule == "square" and f.size)
        yield from self._shared_out()
        blocks = [f.size for f in self.factors if f.kind == "blocking" and f.size]
        yield from sorted(blocks if self.design == "split_plot" else (), reverse=True)
        yield from sorted(self._blocks(), reverse=True)

    def _by_words(self) -> Iterator[int]:
        """Yield what a phrase settles: a single replicate, sizes in parentheses, shares."""
        if SINGLE.search(self.text.lower):
            yield 1
        yield from (f.size for f in self.factors if f.rule == "sides" and f.size)
        yield from self._per_arm()
        if sizes := self._told_aside():
            yield max(sizes)
        yield from self._percent()

    def _per_arm(self) -> Iterator[int]:
        """Yield the ten of "ten in each arm", which counts nothing but the unit."""
        for i in range(1, len(self.text.tokens) - 1):
            led = self.text.at(i) == "per" or (
                self.text.at(i) in {"each", "every"} and self.text.at(i - 1) in {"in", "to"}
            )
            count = count_at(self.text, i - (1 if self.text.at(i) == "per" else 2)) if led else None
            ends = self.text.at(i) == "each" and self.text.at(i + 1) in {".", ",", ";"}
            if count is not None and (ends or self.text.at(i + 1) in {"arm", "group"}):
                yield count
        yield from self._told_twice()

    def _told_twice(self) -> Iterator[int]:
        """Yield the 20 of "20 are assigned to fruit and 20 to none", which make up all 40."""
        for first, end in self.text.sentences if self.total else ():
            bare = (i for i in range(first, end) if self.text.lemma(i + 1) == self.text.at(i + 1))
            told = Counter(filter(None, (count_at(self.text, i) for i in bare)))
            yield from (n for n, times in told.items() if times > 1 and n * times == self.total)

    def _by_design(self) -> Iterator[int]:
        """Yield what the class settles: clusters, whole blocks, subjects that get everything."""
        if self.design == "cluster_randomised":
            yield from filter(None, [self.total] if "stepped-wedge" in self.text.lower else [])
            yield from self._shared_out()
        yield from self._once_in_each()
        whole = (f.size for f in self.factors if f.kind == "blocking" and f.name == self.unit)
        yield from filter(None, whole if self.design in CROSSED else ())
        if self.design == "incomplete_block":
            yield from self._balanced()
        if self.design in WITHIN and not self.between:
            yield from self._subjects()

    def _once_in_each(self) -> Iterator[int]:
        """Yield the six benches of which each holds as many trays as there are treatments."""
        units = [m for m in self.found if m.noun == self.unit and not m.per_cell]
        held = {m.parent for m in units if m.count == self.cells > 1}
        blocks = [f for f in self.factors if f.kind == "blocking" and f.size]
        heads = {head(noun) for noun in held if noun}
        named = [f for f in self.factors if f.kind != "treatment" and f.size]
        named = [f for f in named if head(f.name) in heads] or blocks
        if held and self.design in CROSSED and named:
            yield max(f.size or 0 for f in named)

    @property
    def raters(self) -> int | None:
        """Return how many judges rate each unit, None for other experiments."""
        judges = (f.size for f in self.factors if f.name in PANEL and f.name != self.unit)
        return next(filter(None, judges), None)

    @property
    def between(self) -> list[Candidate]:
        """Return the treatments of which each subject gets one level only."""
        if self.design != "repeated_measures":
            return []
        if PARALLEL.search(self.text.lower):
            return self.set
        told = [f for f in self.set if self._is_told_apart(f)]
        if told:
            return told
        spoken = (self.text.sentence_words(first) for first, _ in self.text.sentences)
        if not any(DIVIDED.search(words) and not ORDER.search(words) for words in spoken):
            return []
        return [f for f in self.set if not ORDER.search(self.text.sentence_words(f.first))]

    def _is_told_apart(self, f: Candidate) -> bool:
        """Return whether the text counts who gets which: "20 get a desk and 20 keep theirs"."""
        counted = f.rule == "shares" and 1 < (count_at(self.text, f.first) or 0) != self.total
        return counted or (f.rule == "contrasted" and self._is_between(f))

    def _is_between(self, f: Candidate) -> bool:
        """Return whether each subject has one of two traits, and not both of them in turn."""
        first, _ = self.text.sentence_of(f.first)
        lead = {self.text.at(i) for i in range(first, f.first)}
        return not (lead & {"each", "every"}) and "within-subject" not in self.text.lower

    def _percent(self) -> Iterator[int]:
        """Yield the smallest cell of "10 %, 45 % and 45 %" of all units."""
        total = self.total
        if not total:
            return
        for first, _ in self.text.sentences:
            words = self.text.sentence_words(first)
            told = [int(n) for n in PERCENT.findall(words)]
            split = SPLIT.search(words)
            shares = told or ([int(n) for n in split.group().split("/")] if split else [])
            if len(shares) > 1 and sum(shares) == WHOLE_SHARE and len(set(shares)) > 1:
                yield total * min(shares) // WHOLE_SHARE

    def _told_aside(self) -> tuple[int, ...]:
        """Return the sizes of "to progabide (31) or placebo (28)", () for none."""
        for f in self.set:
            _, end = self.text.sentence_of(f.first)
            words = self.text.words(f.first, end - 1).lower()
            sizes = tuple(int(n) for n in SIZES.findall(words))
            if len(sizes) == len(f.levels) > 1:
                return sizes
        return ()

    def _balanced(self) -> Iterator[int]:
        """Yield how often each treatment occurs when every judge gets "only four of the nine"."""
        said = PORTION.search(self.text.lower)
        size = _as_number(said.group("n")) if said else None
        people = next((f.size for f in self.factors if f.kind != "treatment" and f.size), None)
        counts = totals(self.found)
        people = max(
            (counts[m.noun] for m in self.found if m.kind == "person" and m.noun in counts),
            default=people,
        )
        after = self.text.token_from(said.end()) if said else 0
        while self.text.at(after) in {"of", "the"}:
            after += 1
        cells = self.cells if self.set else self._counted(self.text.lemma(after))
        if said is not None and people is None:
            people = self._counted(self.text.lemma(self.text.token_from(said.start()) - 1))
        if size and people and cells > size and people * size % cells == 0:
            yield people * size // cells

    def _counted(self, noun: str) -> int:
        """Return the six of "six jams are tasted", 0 where nobody counts the noun."""
        places = (i for i, lemma in enumerate(self.text.lemmas) if lemma == noun)
        return max((count_at(self.text, i - 1) or 0 for i in places), default=0)

    def _subjects(self) -> Iterator[int]:
        """Yield how many subjects there are."""
        crossed = [f for f in self.factors if f.size and f.kind != "treatment"]
        yield from (f.size or 0 for f in crossed if is_person(f.name))
        yield from (f.size or 0 for f in crossed if f.name == self.unit)
        yield from (f.size or 0 for f in crossed if f.rule == "repeated_unit")
        yield from (f.size or 0 for f in crossed if f.kind == "nuisance" and self.unit is None)

    def _counted_per_cell(self) -> Iterator[int]:
        """Yield "ten animals per combination", times the groups in which that holds."""
        counted = [m for m in self.found if m.per_cell and m.count]
        groups = list(self._blocks())
        for m in sorted(counted, key=lambda m: m.noun != self.unit):
            if m.noun in SUBSAMPLES and groups:
                continue
            again = max(groups, default=1) if WHOLE.search(self.text.lower) else 1
            yield (m.count or 1) * max(self._groups_joined(m.last), again)
        copies = COPIES.search(self.text.lower)
        if copies is not None and not (groups and "well" in self.text.lemmas):
            again = max(groups, default=1) if WHOLE.search(self.text.lower) else 1
            yield MULTIPLE[next(filter(None, copies.groups()))] * again

    def _groups_joined(self, i: int) -> int:
        """Return the number of litters in "per diet and litter", 1 where no group is named."""
        blocks = (f for f in self.factors if f.kind == "blocking" and f.size and f.name != "sex")
        counts = {f.name: f.size for f in blocks}
        start, _ = self.text.sentence_of(i)
        for j in range(i - 1, start, -1):
            inside = self.text.at(j - 1) in {"each", "every"} and self.text.at(j - 2) in IN_BLOCK
            if inside and self.text.lemma(j) in counts:
                return counts[self.text.lemma(j)] or 1
        for j in range(i + 1, min(i + 2 + 2 * REACH, len(self.text.tokens))):
            if self.text.at(j) in {".", ";", ",", ")"}:
                break
            led = self.text.at(j - 1) in {"per", "and", "each", "every"}
            if led and self.text.lemma(j) in counts:
                return counts[self.text.lemma(j)] or 1
        return 1

    def _arms(self) -> Iterator[int]:
        """Yield how many units get one arm: "ten to the reminder and ten to usual practice"."""
        for f in self.set:
            count = count_at(self.text, f.first) if f.rule == "shares" else None
            if count is not None and count > 1 and count != self.total:
                yield count

    def _said(self) -> Iterator[int]:
        """Yield "twelve per feed", "n = 8" and "four replicates"."""
        text = self.text
        sizes = (_as_number(m.group("n")) for m in SIZE.finditer(text.lower))
        yield from (n for n in sizes if n and n != self.total)
        heads = {head(f.name) for f in self.set}
        for i in range(2, len(text.tokens)):
            count = count_at(text, i - 1)
            if count is None and text.at(i) == "per" and text.lemma(i + 1) in CONDITIONS:
                count = next(filter(None, (count_at(text, i - j) for j in (2, 3, 4))), None)
            if count is None or text.at(i) not in {"per", "each", "to", "in", "at", "of"}:
                continue
            if text.lemma(i - 1) in SUBSAMPLES and any(True for _ in self._blocks()):
                continue
            levels = text.at(i + 1) in {"each", "every"} and text.lemma(i + 2) in heads
            if (
                levels
                or (text.at(i) == "each" and text.at(i + 1) in APART)
                or (text.at(i) in {"to", "in"} and _is_cell(text, i + 1))
            ):
                yield count
            elif text.at(i) == "per" and text.lemma(i + 1) in CONDITIONS | lexicon().attributes:
                yield count * self._groups_joined(i + 1)
            elif text.at(i) == "per" and _names_cell(text, i + 1):
                yield count * self._groups_joined(i - 1)
        named = (_as_number(match.group("n")) for match in REPLICATES.finditer(text.lower))
        yield from filter(None, named)

    def _shared_out(self) -> Iterator[int]:
        """Yield the units that each cell gets when all units are shared out evenly."""
        cells, total = self.cells, self.total
        if total and cells > 1 and total >= cells:
            even = total % cells == 0 or total > 10 * cells
            if even or not any(True for _ in self._blocks()):
                yield total // cells

    def _blocks(self) -> Iterator[int]:
        """Yield how many blocks there are, of each kind."""
        if self.design == "cluster_randomised":
            return
        for f in self.factors:
            person = f.kind == "nuisance" and is_person(f.name)
            if f.kind in {"blocking", "nuisance"} and f.size and not person:
                yield f.size


def _is_cell(text: Text, i: int) -> bool:
    """Return whether "a group" or "each arm" stands here."""
    return text.at(i) in {"a", "each", "every"} and text.lemma(i + 1) in CONDITIONS


def _names_cell(text: Text, first: int) -> bool:
    """Return whether a treatment is named shortly after "per", as in "per class and condition"."""
    near = range(first, min(first + REACH, len(text.tokens)))
    return any(text.lemma(i) in CONDITIONS and text.at(i - 1) == "and" for i in near)


def _technical(text: Text, found: Sequence[Mention], unit: str | None) -> int | None:
    """Return how often a unit is measured: as said, or as counted at the lowest level below it."""
    match = TECHNICAL.search(text.lower)
    if match is not None:
        word = next(filter(None, match.groups()))
        return MULTIPLE.get(word) or _as_number(word)
    below = {m.parent: m for m in found if m.count and m.parent and m.parent != m.noun}
    lowest: int | None = None
    holder = unit or ""
    for _ in range(DEEPEST):
        if holder in below:
            lowest, holder = below[holder].count, below[holder].noun
    return lowest


def _as_number(word: str) -> int | None:
    return int(word) if word.isdecimal() else NUMBER_WORDS.get(word)
