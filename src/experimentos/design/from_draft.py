"""A parsed draft to a design document: what was read, what was assumed, what is still open."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import get_args

from experimentos.design.document import ExperimentDescription
from experimentos.design.fractions import named_fraction
from experimentos.design.geometry import PLATES
from experimentos.design.names import is_same_name, several, slug
from experimentos.design.parse.draft import Draft, DraftFactor, DraftResponse, Replication
from experimentos.design.parts import (
    Allotment,
    Assumption,
    Factor,
    FactorKind,
    Family,
    Layout,
    Level,
    Matrix,
    OpenQuestion,
    Purpose,
    Response,
    Rule,
    UnitLevel,
)
from experimentos.design.runs import coded_matrix
from experimentos.design.structure import Structure, structure_of

CERTAIN = 0.85
CONTROL_WORDS = frozenset(
    ("control", "placebo", "vehicle", "none", "no", "untreated", "standard", "usual", "pbs", "mock",
     "blank", "sham", "baseline", "reference", "water", "saline", "dmso", "wt", "normal", "current",
     "existing", "0")
)  # fmt: skip
SUBJECTIVE_WORDS = re.compile(r"\b(score|rating|grade|severity|pain|taste|bitter\w*|opinion)", re.I)
RIM = re.compile(
    r"\b(?:edge|outer|rim|border|perimeter)s?(?:most)? (?:wells?|rows?)?[^.;]{0,25}"
    r"(?:not used|unused|empty|excluded|avoided|left out|guard|blank|kept free|filled with)|"
    r"\b(?:avoid|exclude|leave out|without|not use|no)(?:s|d|ing)? (?:the )?(?:edge|outer|border)",
    re.I,
)
SUBSAMPLES = {"school": "pupil", "class": "pupil", "household": "person", "village": "person"}


def from_draft(draft: Draft, *, title: str = "", text: str = "") -> ExperimentDescription:
    """Return the design that a draft describes.

    Fields that the text leaves out are not invented: unknown counts stay open and become
    questions; what was concluded (units, blocks, rules) is an assumption with its words.

    Parameters
    ----------
    title, text
        Of the session, and the description itself (its first 4,000 characters become the aim).
    """
    ids: list[str] = []
    for proposed in draft.factors:
        ids.append(slug(proposed.name, ids))
    factors = tuple(_factor(p, i) for p, i in zip(draft.factors, ids, strict=True))
    matrix = _matrix(draft, factors, text)
    made = _structure(draft, factors, matrix, text)
    units = made.units
    response_ids: list[str] = []
    for measured in draft.responses:
        response_ids.append(slug(measured.name, response_ids))
    return ExperimentDescription(
        title=title,
        aim=text[:4000],
        purpose=_purpose(draft, text),
        factors=factors,
        units=units,
        allotments=made.allotments,
        responses=tuple(
            _response(r, i, units, is_first=k == 0)
            for k, (r, i) in enumerate(zip(draft.responses, response_ids, strict=True))
        ),
        matrix=matrix,
        layout=_layout(text),
        assumptions=tuple(_assumptions(draft, ids, response_ids)),
        open_questions=(*_which_is_whole(draft, made), *_questions(draft, made)),
    )


def _factor(proposed: DraftFactor, id_: str) -> Factor:
    values = [_number(label) for label in proposed.levels]
    numeric = bool(values) and all(v is not None for v in values)
    labels = proposed.levels
    if not labels and proposed.kind == "treatment" and proposed.n_levels:
        labels = tuple(f"level {k + 1}" for k in range(min(proposed.n_levels, 60)))
    levels = tuple(
        Level(label=label[:200], value=_number(label), is_control=_is_control(label))
        for label in labels
    )
    kind: FactorKind = next(k for k in get_args(FactorKind.__value__) if k == proposed.kind)
    return Factor(
        id=id_,
        name=proposed.name[:200],
        kind=kind,
        scale="numeric" if numeric or kind == "covariate" else "nominal",
        levels=_one_control(levels),
        unit=proposed.unit,
        source_span=(proposed.evidence.start, proposed.evidence.end),
    )


def _number(label: str) -> float | None:
    try:
        value = float(label.replace(",", "."))
    except ValueError:
        return None
    return value if abs(value) < 1e300 else None


def _is_control(label: str) -> bool:
    words = re.findall(r"[a-z0-9.]+", label.casefold())
    return bool(CONTROL_WORDS & set(words)) or _number(label) == 0


def _one_control(levels: tuple[Level, ...]) -> tuple[Level, ...]:
    """Keep the marks when they mark at most half of the levels; more is a misreading."""
    marked = sum(level.is_control for level in levels)
    if marked <= len(levels) / 2:
        return levels
    return tuple(level.model_copy(update={"is_control": False}) for level in levels)


def _purpose(draft: Draft, text: str) -> Purpose:
    lowered = text.casefold()
    if draft.design_class == "nested" and draft.factors:
        return "variance_components"
    if re.search(r"\boptimi[sz]|\bresponse surface|\bmaximi[sz]", lowered):
        return "optimise"
    if draft.design_class in {"screening", "fractional_factorial"}:
        return "screen"
    return "decide" if draft.design_class == "ab_test" else "compare"


def _structure(
    draft: Draft, factors: Sequence[Factor], matrix: Matrix | None, text: str
) -> Structure:
    if matrix is not None and matrix.form in {"fraction", "plackett_burman"}:
        draft = replace(draft, replication=_of_fraction(draft, matrix))
    found = structure_of(draft, factors, text)
    if found is not None:
        return Structure((*found.units, *_subsamples(draft, found.units)), found.allotments)
    units = _units(draft, factors)
    return Structure(units, tuple(_allotments(draft, factors, units, text)))


def _units(draft: Draft, factors: Sequence[Factor]) -> tuple[UnitLevel, ...]:
    """Return the units: grouping factors outermost, then the unit drawn for, then its repeats."""
    counts = {f.id: _count(p) for f, p in zip(factors, draft.factors, strict=True)}
    grouping = [f for f in factors if f.kind == "blocking" and not _holds_unit(draft, f)]
    crossed = draft.design_class in {"latin_square", "crossover"} and len(grouping) > 1
    units: list[UnitLevel] = []
    for factor in grouping:
        above = units[-1].id if units and not crossed else None
        units.append(
            UnitLevel(
                id=slug(factor.name, [u.id for u in units]),
                name=factor.name,
                parent=above,
                crossed_with=tuple(u.id for u in units) if crossed else (),
                count=counts[factor.id],
                factor_id=factor.id,
            )
        )
    name = draft.randomisation_unit or "unit"
    total = _total(draft, factors, counts)
    outer = 1
    for unit in units:
        outer *= unit.count if isinstance(unit.count, int) else 1
    drawn = next((f for f in factors if is_same_name(f.name, name)), None)
    count = total if not units else _share(total, outer)
    units.append(
        UnitLevel(
            id=slug(name, [u.id for u in units]),
            name=name,
            parent=units[-1].id if units else None,
            count=count,
            factor_id=drawn.id if drawn else None,
        )
    )
    units += _subsamples(draft, units)
    return tuple(units)


def _subsamples(draft: Draft, units: Sequence[UnitLevel]) -> Iterator[UnitLevel]:
    technical = draft.replication.technical
    if technical and technical > 1:
        below = SUBSAMPLES.get(units[-1].name, "measurement")
        taken = [u.id for u in units]
        yield UnitLevel(
            id=slug(below, taken), name=below, parent=units[-1].id, count=min(technical, 10_000)
        )


def _count(proposed: DraftFactor) -> int | None:
    count = len(proposed.levels) or proposed.n_levels
    return count if count and count <= 1_000_000 else None


def _share(total: int | None, outer: int) -> int | None:
    return total // outer if total and total % outer == 0 and total >= outer else None


def _total(draft: Draft, factors: Sequence[Factor], counts: dict[str, int | None]) -> int | None:
    replication = draft.replication
    if replication.total_units:
        return min(replication.total_units, 1_000_000)
    if replication.per_cell is None:
        return None
    cells = 1
    for factor in factors:
        if factor.kind == "treatment":
            cells *= counts[factor.id] or 1
    return min(cells * replication.per_cell, 1_000_000)


def _holds_unit(draft: Draft, factor: Factor) -> bool:
    return bool(draft.randomisation_unit) and is_same_name(
        factor.name, draft.randomisation_unit or ""
    )


def _allotments(
    draft: Draft, factors: Sequence[Factor], units: Sequence[UnitLevel], text: str
) -> Iterator[Allotment]:
    drawn = next(
        (u for u in units if is_same_name(u.name, draft.randomisation_unit or "unit")), units[-1]
    )
    linked = {u.factor_id for u in units}
    blocks = [u for u in units if u.id != drawn.id and u.factor_id]
    rule = _rule(draft, drawn, text)
    for factor in factors:
        if factor.kind == "treatment" and factor.id not in linked:
            within = tuple(u.id for u in blocks[:2]) if rule == "latin" else ()
            yield Allotment(
                id=f"allot_{factor.id}"[:64],
                factor_id=factor.id,
                unit_id=drawn.id,
                rule=rule,
                within=within,
            )


def _rule(draft: Draft, drawn: UnitLevel, text: str) -> Rule:
    if draft.design_class == "latin_square":
        return "latin"
    if not re.search(r"random|\bcoin\b|\blot\b|shuffl|lottery|latin square|split 50", text, re.I):
        return "none"
    return "within_block" if drawn.parent else "complete"


def _response(
    measured: DraftResponse, id_: str, units: Sequence[UnitLevel], *, is_first: bool
) -> Response:
    families = get_args(Family.__value__)
    return Response(
        id=id_,
        name=measured.name[:200],
        family=next((f for f in families if f == measured.family), "normal"),
        measured_on=units[-1].id,
        primary=is_first,
        is_subjective=True if SUBJECTIVE_WORDS.search(measured.name) else None,
        source_span=(measured.evidence.start, measured.evidence.end),
    )


def _of_fraction(draft: Draft, matrix: Matrix) -> Replication:
    """Return the replication with the units of a fraction, not those of all combinations."""
    told = draft.replication
    runs = len(coded_matrix(matrix.model_copy(update={"centre_points": 0})))
    total = told.total_units
    if total is None or total == runs or total == 2 ** len(matrix.factor_ids):
        # Either the runs are repeated or each is measured again: "twice" is not both.
        times = 1 if told.technical else told.per_cell or 1
        total = (runs + matrix.centre_points) * times
    return replace(told, total_units=total)


def _matrix(draft: Draft, factors: Sequence[Factor], text: str) -> Matrix | None:
    if draft.design_class in {"fractional_factorial", "screening"}:
        return named_fraction(text, [f for f in factors if f.kind == "treatment"])
    treated = tuple(f.id for f in factors if f.kind == "treatment" and f.scale == "numeric")
    if draft.design_class != "response_surface" or len(treated) < 2:
        return None
    is_box = re.search(r"box[- ]?behnken", text, re.I) is not None and len(treated) > 2
    centre = re.search(r"(\d+)\s+(?:centre|center)", text, re.I)
    return Matrix(
        form="box_behnken" if is_box else "ccd",
        factor_ids=treated,
        centre_points=min(int(centre[1]), 100) if centre else 3,
    )


def _layout(text: str) -> Layout | None:
    """Return plates of the size that is named, their rim empty when the text says so."""
    named = re.search(r"\b(\d{1,4})[- ]well", text, re.I)
    wells = int(named[1]) if named else 0
    if wells not in PLATES:
        return None
    is_guarded = RIM.search(text) is not None
    return Layout(form="plate", wells=wells, edge="guard" if is_guarded else "use")


def _assumptions(
    draft: Draft, ids: Sequence[str], response_ids: Sequence[str]
) -> Iterator[Assumption]:
    proposals: list[tuple[DraftFactor | DraftResponse, str]] = [
        *zip(draft.factors, ids, strict=True),
        *zip(draft.responses, response_ids, strict=True),
    ]
    for number, (proposed, id_) in enumerate(proposals, start=1):
        if proposed.confidence >= CERTAIN:
            continue
        what = proposed.kind if isinstance(proposed, DraftFactor) else "response"
        yield Assumption(
            id=f"a{number}",
            about=id_,
            text=f"{proposed.name} was read as a {what} factor."
            if isinstance(proposed, DraftFactor)
            else f"{proposed.name} was read as a response.",
            quote=proposed.evidence.quote[:4000],
            span=(proposed.evidence.start, proposed.evidence.end),
            confidence=proposed.confidence,
        )


def _which_is_whole(draft: Draft, made: Structure) -> Iterator[OpenQuestion]:
    """Ask for the whole plots of a split-plot whose words do not tell them."""
    if draft.design_class == "split_plot" and len({a.unit_id for a in made.allotments}) < 2:
        names = [f.name[:200] for f in draft.factors if f.kind == "treatment"]
        yield OpenQuestion(
            id="whole_plot",
            about="split-plot",
            text="Which treatment is set for a whole plot, and which inside it?",
            answers=tuple(names),
        )


def _questions(draft: Draft, made: Structure) -> Iterator[OpenQuestion]:
    units = made.units
    is_told = len({a.unit_id for a in made.allotments}) > 1
    for number, asked in enumerate(draft.questions, start=1):
        if asked.about == "randomisation_unit" and is_told:
            continue
        yield OpenQuestion(
            id=f"q{number}",
            about=asked.about[:4000],
            text=asked.text[:4000],
            answers=tuple(a[:200] for a in asked.answers),
        )
    names = {unit.id: unit.name for unit in units}
    for unit in units:
        if unit.count is None:
            where = f"in each {names[unit.parent]}" if unit.parent else "in all"
            yield OpenQuestion(
                id=f"count_{unit.id}"[:64],
                about=unit.id,
                text=f"How many {unit.plural or several(unit.name)} are there {where}?",
            )
