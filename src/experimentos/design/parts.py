"""The pieces of a design document."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

type Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_]{0,63}$")]
type Text = Annotated[str, Field(max_length=4000)]
type Name = Annotated[str, Field(max_length=200)]
type Count = Annotated[int, Field(ge=1, le=1_000_000)]
type Finite = Annotated[float, Field(allow_inf_nan=False)]

type FactorKind = Literal["treatment", "nuisance", "blocking", "covariate"]
type Purpose = Literal["compare", "screen", "optimise", "variance_components", "decide"]
type Rule = Literal["complete", "within_block", "latin", "systematic", "observed", "none"]
type Family = Literal[
    "normal", "studentt", "lognormal", "gamma", "poisson", "negative_binomial",
    "bernoulli", "binomial", "beta", "ordered",
]  # fmt: skip


def _increasing(pair: tuple[Finite, Finite] | None) -> tuple[Finite, Finite] | None:
    if pair is not None and pair[0] >= pair[1]:
        raise ValueError(f"the lower end {pair[0]:g} must be below the upper end {pair[1]:g}")
    return pair


type Interval = Annotated[tuple[Finite, Finite] | None, AfterValidator(_increasing)]


class Part(BaseModel):
    """A frozen piece of a document; an unknown field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Identified(Part):
    """A part that edits and comparisons find by its id, which is never reused."""

    id: Id


class Level(Part):
    """One level of a factor.

    Attributes
    ----------
    label : str
        As shown on cards and run sheets.
    value : float | None
        Number in `unit` (or the factor's unit when the level has none).
    unit : str | None
        Pint spelling, only when it differs from the factor's.
    is_control : bool
        The reference that the other levels are compared with.
    """

    label: Name
    value: Finite | None = None
    unit: Name | None = None
    is_control: bool = False


class EffectPrior(Part):
    """A belief: the quantity lies in [lo, hi] with probability `mass`."""

    quantity: Literal["sd", "difference", "ratio", "slope"]
    lo: Finite
    hi: Finite
    mass: Annotated[float, Field(gt=0, lt=1)] = 0.9

    @model_validator(mode="after")
    def _check(self) -> Self:
        _increasing((self.lo, self.hi))
        return self


class Factor(Identified):
    """Something that varies and is set, blocked, grouped or recorded.

    Attributes
    ----------
    change : str
        How hard the factor is to change between runs; "hard" asks for a split-plot.
    measured : str | None
        Covariates: relative to randomisation.
    handling : str | None
        Nuisance factors: what the plan does about it.
    effect : str | None
        None = derived: see `derive.fixed_or_random`.
    is_sample : bool
        The levels stand for a population of levels.
    range : (float, float) | None
        Numeric treatments and covariates: lowest and highest value, in `unit`.
    source_span : (int, int) | None
        Characters of the description that it came from.
    """

    name: Name
    kind: FactorKind
    aliases: tuple[Name, ...] = ()
    scale: Literal["nominal", "ordered", "numeric"] = "nominal"
    levels: tuple[Level, ...] = Field(default=(), max_length=1536)
    unit: Name | None = None
    range: Interval = None
    effect: Literal["fixed", "random"] | None = None
    change: Literal["easy", "hard", "very_hard"] = "easy"
    measured: Literal["before", "at", "after"] | None = None
    handling: Literal["blocked", "randomised", "measured", "constant"] | None = None
    is_sample: bool = False
    expected: EffectPrior | None = None
    note: Text = ""
    source_span: tuple[int, int] | None = None


class UnitLevel(Identified):
    """One level of the unit structure: block, plot, subject, well.

    Attributes
    ----------
    parent : str | None
        The unit that it is nested in.
    crossed_with : tuple[str, ...]
        Units of the same parent that each of its units meets (row x column).
    count : int | tuple[int, ...] | None
        Units in each parent; a tuple gives each parent its own; None = not known yet.
    factor_id : str | None
        The factor whose levels are these units (the blocking factor "day" of the days).
    is_ordered : bool
        Its units follow one another in time (periods, occasions).
    handling : str | None
        What the analysis does with measurements that share one of these units.
    labels : str | None
        "unique", or "reused" under different parents.
    """

    name: Name
    plural: Name = ""
    parent: Id | None = None
    crossed_with: tuple[Id, ...] = ()
    count: Count | tuple[Count, ...] | None = None
    factor_id: Id | None = None
    is_ordered: bool = False
    handling: Literal["random_term", "average"] | None = None
    labels: Literal["unique", "reused"] | None = None


class Allotment(Identified):
    """Which factor is applied to which level of unit, and by which random rule.

    Attributes
    ----------
    within : tuple[str, ...]
        Units that restrict the draw: the block, or row and column of a square; empty = the parent.
    ratio : tuple[float, ...]
        Planned shares of the factor's levels; empty = equal.
    reason : str
        Why the order is systematic, or the ratio unequal.
    """

    factor_id: Id
    unit_id: Id
    rule: Rule = "none"
    within: tuple[Id, ...] = ()
    ratio: tuple[Annotated[float, Field(gt=0, allow_inf_nan=False)], ...] = ()
    reason: Text = ""
    seed: int | None = None


class Response(Identified):
    """What is measured.

    Attributes
    ----------
    measured_on : str | None
        Unit that one value belongs to; None = the lowest.
    analysed_on : str | None
        Unit that is one row of the planned analysis; None = `measured_on`.
    repeats : int
        Technical repeats of the measurement on that unit.
    averaged : bool
        The repeats are averaged before the analysis.
    trials, exposure : str | None
        Column with the number of trials, or the effort that a count belongs to.
    expected_range : (float, float) | None
        Where 90 % of single values are expected, in `unit`.
    smallest_effect : float | None
        Smallest difference worth finding, in `unit`.
    is_effort_equal : bool | None
        Every count belongs to the same effort.
    is_censored : bool
        The analysis treats values at a detection limit as censored.
    cutpoints : int | None
        Categories of an ordered score.
    is_subjective, is_blinded : bool | None
        None = not said.
    """

    name: Name
    unit: Name | None = None
    family: Family = "normal"
    link: Literal["identity", "log", "logit", "probit"] | None = None
    bounds: tuple[Finite | None, Finite | None] = (None, None)
    detection_limits: tuple[Finite | None, Finite | None] = (None, None)
    measured_on: Id | None = None
    analysed_on: Id | None = None
    repeats: Annotated[int, Field(ge=1, le=10_000)] = 1
    averaged: bool = False
    trials: Name | None = None
    exposure: Name | None = None
    is_effort_equal: bool | None = None
    is_censored: bool = False
    cutpoints: Annotated[int, Field(ge=1, le=100)] | None = None
    primary: bool = False
    expected_centre: Finite | None = None
    expected_range: Interval = None
    smallest_effect: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    direction: Literal["increase", "decrease", "either"] = "either"
    is_subjective: bool | None = None
    is_blinded: bool | None = None
    source_span: tuple[int, int] | None = None


class Interaction(Identified):
    """Two or three factors whose effects may depend on one another."""

    factor_ids: Annotated[tuple[Id, ...], Field(min_length=2, max_length=4)]
    status: Literal["expected", "negligible", "to_test"] = "to_test"
    expected: EffectPrior | None = None


class Contrast(Identified):
    """A comparison that the experiment is for."""

    name: Name
    factor_id: Id
    form: Literal["weights", "control", "pairwise", "trend"] = "weights"
    weights: tuple[Finite, ...] = ()


class Constraint(Identified):
    """What a layout must respect.

    Attributes
    ----------
    kind : str
        "disallowed": `levels` of `factor_ids` never meet. "fixed": a level stays at `positions`.
        "no_edge": no unit at the rim. "max_adjacent": at most `limit` equal neighbours in a line.
        "keep_together": the units of one `unit_id` are contiguous. "balance": levels are equal
        within each `unit_id`. "mixture": `factor_ids` are parts that sum to `total`.
    """

    kind: Literal[
        "disallowed", "fixed", "no_edge", "max_adjacent", "keep_together", "balance", "mixture"
    ]
    factor_ids: tuple[Id, ...] = ()
    levels: tuple[Name, ...] = ()
    unit_id: Id | None = None
    positions: tuple[Name, ...] = ()
    limit: Annotated[int, Field(ge=1, le=100)] | None = None
    total: Finite | None = None


class Layout(Part):
    """Where the units lie: a plate, or a grid of a field or bench."""

    form: Literal["run_sheet", "plate", "field"] = "run_sheet"
    wells: Literal[6, 12, 24, 48, 96, 384, 1536] | None = None
    rows: Count | None = None
    columns: Count | None = None
    units_id: Id | None = None
    order: Literal["randomised", "systematic"] = "randomised"
    edge: Literal["use", "guard"] = "use"
    controls: tuple[Name, ...] = ()
    control_levels: tuple[Name, ...] = ()
    seed: int | None = None


class Matrix(Part):
    """A set of runs smaller or other than the full crossing of the treatment levels.

    Attributes
    ----------
    form : str
        "fraction": 2-level fraction by `generators` ("a b c abc"); "plackett_burman";
        "ccd", "box_behnken": response surface; "runs": the level labels of each run, as listed.
    """

    form: Literal["fraction", "plackett_burman", "ccd", "box_behnken", "runs"]
    factor_ids: tuple[Id, ...]
    generators: Name = ""
    centre_points: Annotated[int, Field(ge=0, le=100)] = 0
    runs: tuple[tuple[Name, ...], ...] = ()


class Conduct(Part):
    """How the experiment is run and judged.

    Attributes
    ----------
    power_goal : float in (0, 1)
    alpha : float in (0, 1)
    expected_loss : float in [0, 1) | None
        Share of units expected to drop out; None = not said.
    needed_units : int | None
        Units that the analysis needs after losses.
    comparisons : str | None
        Plan for several responses or contrasts.
    split : tuple[float, ...]
        Shares that were promised to a charter, to compare with the allotment.
    """

    power_goal: Annotated[float, Field(gt=0, lt=1)] = 0.8
    alpha: Annotated[float, Field(gt=0, lt=1)] = 0.05
    expected_loss: Annotated[float, Field(ge=0, lt=1)] | None = None
    needed_units: Count | None = None
    comparisons: Literal["one_primary", "hierarchical", "adjusted"] | None = None
    washout: Text = ""
    carry_over: Literal["model", "none_expected"] | None = None
    split: tuple[Annotated[float, Field(gt=0)], ...] = ()


class Assumption(Identified):
    """A field that was guessed, with the words it came from."""

    about: Text
    text: Text
    quote: Text = ""
    span: tuple[int, int] | None = None
    confidence: Annotated[float, Field(ge=0, le=1)] = 0.5


class OpenQuestion(Identified):
    """What is not known yet, with quick answers."""

    about: Text
    text: Text
    answers: tuple[Name, ...] = ()


class Acknowledgement(Identified):
    """A warning that somebody accepted, and why."""

    rule: Name
    subjects: tuple[Name, ...] = ()
    reason: Annotated[str, Field(min_length=1, max_length=4000)]
