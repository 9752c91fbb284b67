"""The metrics file: which numbers a unit has, written by people in YAML or JSON."""

import re
from datetime import date
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from experimentos.engine.grammar import parse
from experimentos.errors import ContractError, UnreadableError
from experimentos.issue import Issue, Severity, Where
from experimentos.metrics.reading.names import NAME, NAME_RULE
from experimentos.plan.charter import Way
from experimentos.plan.documents import is_json, read_document, validate
from experimentos.policy import DEFAULT_POLICY, Policy

type Kind = Literal["conversion", "mean", "ratio", "adjusted", "count", "retention", "quantile"]

OWN = ("column", "expression")
COVARIATES = ("covariate", "covariates", "pre_period")
PARTS = (*OWN, "numerator", "denominator", *COVARIATES, "days", "quantile", "sub_unit")
# Which parts a kind must have (each entry: one of these) and which it may have.
MUST: dict[str, tuple[tuple[str, ...], ...]] = {
    "conversion": (OWN,),
    "mean": (OWN,),
    "ratio": (("numerator",), ("denominator",)),
    "adjusted": (OWN, COVARIATES),
    "count": (),
    "retention": ((*OWN, "days"),),
    "quantile": (OWN, ("quantile",)),
}
MAY: dict[str, tuple[str, ...]] = {
    "conversion": ("sub_unit",),
    "mean": (*COVARIATES, "sub_unit"),
    "count": (*OWN, "pre_period"),
}
# Of these at most one is given.
APART = (OWN, (*COVARIATES, "sub_unit"))
MOST_DAYS = 3_650


class Winsorise(BaseModel):
    """Values of a unit above a cap count as the cap.

    Attributes
    ----------
    cap : float | None
        The cap itself, in the unit of the metric.
    quantile : float in (0.5, 1) | None
        The cap is this quantile of all units of all arms, found in a pass of its own.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    cap: float | None = None
    quantile: float | None = Field(default=None, gt=0.5, lt=1)

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.cap is None) == (self.quantile is None):
            raise ValueError("give either cap or quantile")
        return self


class PrePeriod(BaseModel):
    """Rows from before the experiment, whose value of the same metric is the covariate.

    Attributes
    ----------
    days : int | None
        Rows of so many days before the unit's first exposure; needs an exposure table with dates.
    column, before : str and date | None
        Rows whose `column` is earlier than this date; the metric then counts the other rows.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    days: int | None = Field(default=None, ge=1, le=MOST_DAYS)
    column: str | None = Field(default=None, min_length=1, max_length=200)
    before: date | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        dated = self.column is not None and self.before is not None
        if (self.days is None) != dated or (self.column is None) != (self.before is None):
            raise ValueError("give either days, or column and before")
        return self


class MetricSpec(BaseModel):
    """One metric of the raw data.

    Attributes
    ----------
    name : str
    kind : str
        "conversion": the share of units for which something is true at least once. "mean": the
        sum over a unit's rows, averaged over units. "ratio": two such sums, one divided by the
        other over all units. "adjusted": a mean with a covariate from before the experiment
        (CUPED); "mean" with a covariate is the same. "count": rows of a unit. "retention": the
        unit has a row `days` days or less after its first day, but later than that day; or a
        column that already says so. "quantile": of the units' sums, by their order.
    column : str | None
        Exact name of the column.
    expression, numerator, denominator, covariate : str | None
        In the grammar of `engine.grammar`.
    covariates : tuple[str, ...] | None
        Several covariates, put together by least squares within arms.
    pre_period : PrePeriod | None
        The covariate is this metric in rows from before the experiment.
    sub_unit : str | None
        A column that names parts of a unit (its sessions): the mean or rate is then per part, and
        its error still that of whole units (a ratio of two sums per unit).
    filter : str | None
        Which rows count for this metric; a unit without such a row has 0. It does not change who
        takes part in the experiment.
    winsorise : Winsorise | None
        Of the unit's value (a ratio: of its numerator).
    nulls : "exclude" or "zero"
        What a missing value of a unit means: the unit is left out of this metric, with a warning
        that counts such units, or it has 0.
    direction : "higher" or "lower"
        Which way is good.
    unit : str
        What one observation is, for readers.
    days : int | None
        For retention from dated rows.
    quantile : float in (0, 1) | None
        0.5 is the median.
    window_days : int | None
        Only rows of so many days from the unit's first exposure count.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: str
    kind: Kind
    column: str | None = Field(default=None, min_length=1, max_length=200)
    expression: str | None = None
    numerator: str | None = None
    denominator: str | None = None
    covariate: str | None = None
    covariates: tuple[str, ...] | None = Field(default=None, min_length=1, max_length=20)
    pre_period: PrePeriod | None = None
    sub_unit: str | None = Field(default=None, min_length=1, max_length=200)
    filter: str | None = None
    winsorise: Winsorise | None = None
    nulls: Literal["exclude", "zero"] = "exclude"
    direction: Way = "higher"
    unit: str = Field(default="user", pattern=r"^[a-z][a-z _-]{0,31}$")
    days: int | None = Field(default=None, ge=1, le=MOST_DAYS)
    quantile: float | None = Field(default=None, gt=0, lt=1)
    window_days: int | None = Field(default=None, ge=1, le=MOST_DAYS)

    @field_validator("name")
    @classmethod
    def _named(cls, name: str) -> str:
        if not NAME.fullmatch(name):
            raise ValueError(NAME_RULE)
        return name

    @field_validator("expression", "numerator", "denominator", "covariate", "filter")
    @classmethod
    def _parses(cls, text: str | None) -> str | None:
        if text is not None:
            try:
                parse(text)
            except ContractError as error:
                raise ValueError(str(error)) from error
        return text

    @field_validator("covariates")
    @classmethod
    def _each_parses(cls, texts: tuple[str, ...] | None) -> tuple[str, ...] | None:
        for text in texts or ():
            cls._parses(text)
        return texts

    @property
    def is_adjusted(self) -> bool:
        """Return whether a covariate takes noise away."""
        return any(getattr(self, part) is not None for part in COVARIATES)

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        given = {part for part in PARTS if getattr(self, part) is not None}
        needed = MUST[self.kind]
        for choices in needed:
            if len(given & set(choices)) != 1:
                raise ValueError(f"{self.kind} needs {' or '.join(choices)}")
        allowed = {part for choices in needed for part in choices} | set(MAY.get(self.kind, ()))
        if given - allowed:
            raise ValueError(f"{self.kind} has no {', '.join(sorted(given - allowed))}")
        for choices in APART:
            if len(given & set(choices)) > 1:
                raise ValueError(f"give either {' or '.join(sorted(given & set(choices)))}")
        if self.winsorise and self.kind in ("conversion", "retention"):
            raise ValueError(f"{self.kind} is 0 or 1 and cannot be winsorised")
        if self.winsorise and (self.kind == "quantile" or self.sub_unit):
            raise ValueError("a quantile and a mean per part are not winsorised")
        return self


class MetricsFile(BaseModel):
    """What to measure, the primary metric first.

    Attributes
    ----------
    metrics : tuple[MetricSpec, ...]
    window_days : int | None
        For the metrics that have no window of their own.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: Literal[1] = 1
    metrics: tuple[MetricSpec, ...] = Field(min_length=1, max_length=200)
    window_days: int | None = Field(default=None, ge=1, le=MOST_DAYS)

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        seen: set[str] = set()
        for metric in self.metrics:
            if metric.name.casefold() in seen:
                raise ValueError(f"two metrics are called {metric.name!r}")
            seen.add(metric.name.casefold())
        return self


def read_metrics(
    content: bytes, name: str, policy: Policy = DEFAULT_POLICY
) -> MetricsFile | tuple[Issue, ...]:
    """Return the metrics in a YAML or JSON file, or what is wrong with it.

    Parameters
    ----------
    content
        UTF-8 text.
    name
        File name: `.json` is read as JSON, anything else as YAML.
    """
    try:
        document = read_document(content, name, policy)
    except UnreadableError as error:
        place = re.search(r"^line (\d+)", error.message)
        row = int(place[1]) if place else None
        code = "metrics_unreadable"
        return (Issue(code, Severity.UNREADABLE, error.message, error.hint, Where(row=row)),)
    typed = is_json(name)
    if not typed and document.get("schema_version") == "1":
        document["schema_version"] = 1
    return validate(MetricsFile, document, typed=typed)
