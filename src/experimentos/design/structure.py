"""Units and allotments of the designs in which one unit meets several treatments or is split."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod

from experimentos.design.names import is_same_name, slug
from experimentos.design.parse.draft import Draft
from experimentos.design.parts import Allotment, Factor, Rule, UnitLevel

OCCASIONS = frozenset(
    ("period", "visit", "occasion", "session", "day", "week", "month", "phase", "round", "night",
     "time", "sitting", "leg", "season", "window", "slot")
)  # fmt: skip
RANDOM = re.compile(
    r"random|\bcoin\b|\blots?\b|shuffl|lottery|by draw|drawn|counterbalanc|balanced order", re.I
)
HARD = re.compile(
    r"hard to (?:change|vary|reset)|\bset once\b|"
    r"(?:set|changed|applied|varied|made|done) only\b|"
    r"only (?:be )?(?:set|changed|applied|varied)\b|"
    r"\b(?:main|whole) plots?(?:\s*:| to which| were| are| receive)|to (?:a |the )?whole\b|"
    r"to (?:the )?(?:main|whole)[- ]plots",
    re.I,
)
SUBPLOTS = re.compile(r"\bsub-?plots?\b", re.I)
PER = (
    r"(?:once (?:per|for each|for every|each|every|a)|between|per|(?:for|to) (?:a |the )?whole)"
    r" (?:\w+ )?"
)


@dataclass(frozen=True, slots=True)
class Structure:
    """The units of a design, outermost first, and what is applied to which."""

    units: tuple[UnitLevel, ...]
    allotments: tuple[Allotment, ...]


def structure_of(draft: Draft, factors: Sequence[Factor], text: str) -> Structure | None:
    """Return the units and allotments of a crossover, repeated measures or a split-plot.

    None when the draft is of another class, or does not say enough to tell its units apart.

    Parameters
    ----------
    factors
        Those of the draft, in its order.
    """
    told = _Told(draft, tuple(factors), text)
    match draft.design_class:
        case "crossover":
            return _crossover(told)
        case "repeated_measures":
            return _over_time(told) or _all_on_each(told)
        case "split_plot":
            return _split_plot(told)
        case _:
            return None


@dataclass(frozen=True, slots=True)
class _Told:
    draft: Draft
    factors: tuple[Factor, ...]
    text: str

    @property
    def rule(self) -> Rule:
        return "within_block" if RANDOM.search(self.text) else "none"

    @property
    def treatments(self) -> list[Factor]:
        return [f for f in self.factors if f.kind == "treatment"]

    def count(self, factor: Factor) -> int | None:
        """Return how many levels the draft counts."""
        proposed = self.draft.factors[self.factors.index(factor)]
        return len(proposed.levels) or proposed.n_levels

    def subject(self) -> tuple[str, Factor | None]:
        """Return the name of the unit that is measured again and again, and its factor."""
        name = self.draft.randomisation_unit
        known = [f for f in self.factors if f.kind in {"nuisance", "blocking"}]
        factor = next((f for f in known if name and is_same_name(f.name, name)), None)
        if factor is None and name is None:
            factor = next((f for f in known if f.kind == "nuisance"), None)
        return name or (factor.name if factor else "subject"), factor

    def subjects(self, factor: Factor | None, each_has: Sequence[Factor] = ()) -> int | None:
        """Return how many subjects there are, when each gets one combination of some factors.

        Without such factors each subject gets all, and one replicate is one subject.
        """
        told = self.draft.replication
        counted = (self.count(factor) if factor else None) or told.total_units
        if counted or told.per_cell is None:
            return counted
        return told.per_cell * prod(self.count(f) or 1 for f in each_has)


def _crossover(told: _Told) -> Structure | None:
    treatments = [f for f in told.treatments if f.levels]
    if len(treatments) != 1 or len(told.treatments) != 1:
        return None
    name, person = told.subject()
    is_said = person is not None or told.draft.randomisation_unit is not None
    if not is_said or _names_occasion(name):
        return None
    arms = len(treatments[0].levels)
    period = next((f for f in told.factors if _is_occasion(f) and f is not person), None)
    periods = (told.count(period) if period else None) or arms
    subjects = told.subjects(person)
    subject = _unit(name, [], count=subjects, factor=person)
    when = period.name if period else "period"
    column = _unit(when, [subject], count=periods, factor=period, is_ordered=True)
    column = column.model_copy(update={"crossed_with": (subject.id,)})
    visit = _unit("visit" if when != "visit" else "dose", [subject, column], parent=column)
    fits = periods == arms and subjects is not None and subjects % arms == 0
    rule: Rule = "latin" if fits else "within_block"
    drawn = _allot(
        treatments[0],
        visit,
        rule if told.rule != "none" else "none",
        (subject.id, column.id) if fits else (subject.id,),
    )
    return Structure((subject, column, visit), (drawn,))


def _over_time(told: _Told) -> Structure | None:
    """Units that keep their treatment and are measured at several times."""
    times = [f for f in told.treatments if _rule_of(told, f) == "time_points"]
    others = [f for f in told.treatments if f not in times]
    if len(times) != 1 or not told.count(times[0]):
        return None
    name, person = told.subject()
    if is_same_name(name, times[0].name):
        return None
    units: list[UnitLevel] = []
    for block in told.factors:
        if block.kind == "blocking" and block is not person:
            parent = units[-1] if units else None
            units.append(_unit(block.name, units, told.count(block), parent, block))
    outer = prod(u.count if isinstance(u.count, int) else 1 for u in units)
    subjects = told.subjects(person, others)
    each = subjects // outer if subjects and subjects % outer == 0 else None
    subject = _unit(name, units, each, units[-1] if units else None, person)
    time = _unit(
        times[0].name, [*units, subject], told.count(times[0]), subject, times[0], is_ordered=True
    )
    plain: Rule = "within_block" if units else "complete"
    rule: Rule = plain if told.rule != "none" else "none"
    return Structure((*units, subject, time), tuple(_allot(f, subject, rule) for f in others))


def _all_on_each(told: _Told) -> Structure | None:
    """Every subject meets every treatment once, in an order of its own."""
    treatments = told.treatments
    name, person = told.subject()
    subjects = told.subjects(person)
    cells = prod(len(f.levels) for f in treatments)
    if not treatments or not cells or person is None or not subjects:
        return None
    if told.draft.replication.per_cell != subjects:
        return None
    subject = _unit(name, [], subjects, factor=person)
    when = next((f for f in told.factors if _is_occasion(f) and told.count(f) == cells), None)
    taken = _unit(when.name if when else "occasion", [subject], cells, subject, is_ordered=True)
    drawn = tuple(_allot(f, taken, told.rule) for f in treatments)
    return Structure((subject, taken), drawn)


def _split_plot(told: _Told) -> Structure | None:
    treatments = told.treatments
    whole = [f for f in treatments if _is_hard(told, f)]
    split = [f for f in treatments if f not in whole]
    if not whole or not split or not all(f.levels for f in treatments):
        return None
    main, sub = (prod(len(f.levels) for f in group) for group in (whole, split))
    groups = [f for f in told.factors if f.kind in {"blocking", "nuisance"} and told.count(f)]
    own = next((f for f in groups if _is_set_per(told, f)), None)
    block = next((f for f in groups if f.kind == "blocking" and f is not own), None)
    units: list[UnitLevel] = []
    if block is not None and (own is None or told.count(own) == main):
        units.append(_unit(block.name, [], told.count(block), factor=block))
    per_cell = told.draft.replication.per_cell
    plots = main if units else main * per_cell if per_cell else None
    parent = units[-1] if units else None
    if own is not None:
        plot = _unit(own.name, units, told.count(own), parent, own)
    else:
        plot = _unit("whole plot", units, plots, parent)
    units.append(plot)
    below = told.draft.randomisation_unit or "subplot"
    part = next((f for f in groups if f not in {own, block}), None)
    if any(is_same_name(below, u.name) for u in units):
        below = part.name if part is not None else "subplot"
    units.append(_unit(below, units, sub, plot))
    is_random = told.rule != "none"
    outer: Rule = "within_block" if plot.parent else "complete"
    rules: tuple[Rule, Rule] = (outer, "within_block") if is_random else ("none", "none")
    drawn = [_allot(f, plot, rules[0]) for f in whole]
    drawn += [_allot(f, units[-1], rules[1]) for f in split]
    return Structure(tuple(units), tuple(drawn))


def _is_occasion(factor: Factor) -> bool:
    return factor.kind in {"blocking", "nuisance"} and _names_occasion(factor.name)


def _names_occasion(name: str) -> bool:
    return name.casefold().rpartition(" ")[2].rstrip("s") in OCCASIONS


def _rule_of(told: _Told, factor: Factor) -> str:
    return told.draft.factors[told.factors.index(factor)].rule


def _is_hard(told: _Told, factor: Factor) -> bool:
    """Return whether the clauses that name a factor say that it is set for a whole plot."""
    return any(
        HARD.search(clause) and not SUBPLOTS.search(clause) for clause in _clauses(told, factor)
    )


def _clauses(told: _Told, factor: Factor) -> Iterator[str]:
    """Yield the parts of sentences that name a factor or hold the words it was read from."""
    # Without the last letter: "variety" is named by "varieties" too.
    words = [w[:-1] for w in re.findall(r"[a-z]{5,}", factor.name.casefold())[-1:]]
    labels = [level.label.casefold() for level in factor.levels if len(level.label) > 3]
    names = [*words, *labels]
    for clause in re.split(r"[;]|\.\s|,? and (?:each|within)|, (?:each|within)", told.text):
        lower = clause.casefold()
        if any(re.search(rf"\b{re.escape(n)}", lower) for n in names):
            yield clause


def _is_set_per(told: _Told, group: Factor) -> bool:
    """Return whether whole plots are the units of a factor: "set once per day"."""
    name = re.escape(group.name.casefold().rpartition(" ")[2].rstrip("s"))
    return any(
        HARD.search(clause) and re.search(PER + name, clause, re.I)
        for clause in re.split(r"[.;]\s", told.text)
    )


def _unit(
    name: str,
    others: Sequence[UnitLevel],
    count: int | None = 1,
    parent: UnitLevel | None = None,
    factor: Factor | None = None,
    *,
    is_ordered: bool = False,
) -> UnitLevel:
    return UnitLevel(
        id=slug(name, [u.id for u in others]),
        name=name[:200],
        parent=parent.id if parent else None,
        count=min(count, 1_000_000) if count else None,
        factor_id=factor.id if factor else None,
        is_ordered=is_ordered,
    )


def _allot(factor: Factor, unit: UnitLevel, rule: Rule, within: tuple[str, ...] = ()) -> Allotment:
    return Allotment(
        id=f"allot_{factor.id}"[:64],
        factor_id=factor.id,
        unit_id=unit.id,
        rule=rule,
        within=within,
    )
