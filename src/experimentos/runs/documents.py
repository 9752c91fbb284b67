"""Projects, experiments and runs: the documents that people write and that the store keeps."""

import math
import re
from typing import Annotated, Literal, Self, get_args

from pydantic import (
    AfterValidator,
    AwareDatetime,
    Field,
    JsonValue,
    model_validator,
)
from pydantic_core import PydanticCustomError

from experimentos.runs.experiment_evaluation import Evaluation
from experimentos.runs.strict import Name, Strict, inside_workspace

SLUG = r"^([a-z0-9][a-z0-9-]{0,63})?$"
RUN_ID = r"^[0-9A-HJKMNP-TV-Z]{26}$"
SHA256 = r"^[0-9a-f]{64}$"
TEN_MINUTES, A_DAY = 600.0, 86_400.0
NOT_IN_SLUG = re.compile(r"[^a-z0-9]+")

type Scalar = str | int | float | bool | None
type Parameter = Scalar | list[Parameter] | dict[str, Parameter]
type Parameters = dict[str, Parameter]
type Tags = dict[str, str] | tuple[str, ...]
type RunKind = Literal["ab", "script", "evaluation", "samples", "calibration", "model"]
type RunStatus = Literal["queued", "running", "completed", "failed", "cancelled", "interrupted"]
type Metric = float | Literal["NaN", "Infinity", "-Infinity"]
type Slug = Annotated[str, Field(pattern=SLUG)]
type RunId = Annotated[str, Field(pattern=RUN_ID)]
type Hash = Annotated[str, Field(pattern=SHA256)]

RUN_KINDS: tuple[str, ...] = get_args(RunKind.__value__)
RUN_STATUSES: tuple[str, ...] = get_args(RunStatus.__value__)
OVER = frozenset({"completed", "failed", "cancelled", "interrupted"})


def slug_of(name: str) -> str:
    """Return the short form of a name that addresses and commands use: a-z, 0-9 and dashes."""
    return NOT_IN_SLUG.sub("-", name.lower()).strip("-")[:64].strip("-")


class Project(Strict):
    """What several experiments share.

    Attributes
    ----------
    name : str
        Letters, digits, space, dot, dash and underscore; at most 64.
    status : str
        A template is never run: it is there to be copied.
    defaults : dict
        Parameters that every experiment of the project begins with.
    constraints : dict
        What the entry points should keep to; handed to every run as it stands.
    quality : dict
        Limits on metrics that every experiment inherits: `min_NAME`, `max_NAME`.
    created : str | None
        As written; the store keeps its own times.
    """

    schema_version: Literal[1] = 1
    name: Name
    description: str = Field(default="", max_length=2_000)
    created: str | None = Field(default=None, max_length=40)
    status: Literal["active", "archived", "template"] = "active"
    defaults: Parameters = Field(default_factory=dict)
    constraints: Parameters = Field(default_factory=dict)
    quality: dict[str, bool | float] = Field(default_factory=dict)
    tags: Tags = ()

    @property
    def slug(self) -> str:
        """Return the short form of the name."""
        return slug_of(self.name)


class Variant(Strict):
    """One way of doing it: a name and the parameters that differ."""

    name: Name
    description: str = Field(default="", max_length=2_000)
    parameters: Parameters = Field(default_factory=dict)


class DataSource(Strict):
    """A file of the workspace, by relative path and by content."""

    path: Annotated[str, Field(min_length=1, max_length=1_000), AfterValidator(inside_workspace)]
    hash: str | None = Field(default=None, pattern=r"^sha256:[0-9a-f]{64}$")
    description: str = Field(default="", max_length=2_000)


class Execution(Strict):
    """How a run is executed, and what it is expected to cost.

    Attributes
    ----------
    time_limit_seconds : float | None
        None for ten minutes, and a day where models are asked.
    cost_per_run_usd : float
    at_once : int
        Runs beside each other.
    """

    time_limit_seconds: float | None = Field(default=None, gt=0, le=7 * 86_400)
    cost_per_run_usd: float = Field(default=0.0, ge=0, le=1_000_000, allow_inf_nan=False)
    at_once: int = Field(default=1, ge=1, le=64)


class Experiment(Strict):
    """An experiment over variants of one thing.

    Attributes
    ----------
    name, project : str
        Letters, digits, space, dot, dash and underscore; at most 64.
    defaults : dict
        Parameters of every variant, over those of the project.
    variants : tuple[Variant, ...]
        At least two, each name once.
    baseline : str
        Name of the variant that the others are compared with.
    evaluation : Evaluation
    execution : Execution
    data_sources : tuple[DataSource, ...]
    status : str
    created : str
        As written; the store keeps its own times.
    entry_point : str | None
        `module:function` that runs one variant; none where the evaluation asks models.
    tags : dict[str, str] | tuple[str, ...]
    """

    schema_version: Literal[1] = 1
    name: Name
    project: Name
    description: str = Field(default="", max_length=2_000)
    hypothesis: str = Field(default="", max_length=2_000)
    created: str | None = Field(default=None, max_length=40)
    status: Literal["planned", "running", "completed", "failed", "archived"] = "planned"
    defaults: Parameters = Field(default_factory=dict)
    variants: tuple[Variant, ...] = Field(min_length=2, max_length=1_000)
    baseline: Name
    evaluation: Evaluation = Evaluation()
    execution: Execution = Execution()
    data_sources: tuple[DataSource, ...] = ()
    entry_point: str | None = Field(default=None, pattern=r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$")
    tags: Tags = ()

    @property
    def slug(self) -> str:
        """Return the short form of the name."""
        return slug_of(self.name)

    @property
    def project_slug(self) -> str:
        """Return the short form of the project's name."""
        return slug_of(self.project)

    @property
    def asks(self) -> bool:
        """Return whether its runs ask models instead of calling an entry point."""
        return self.entry_point is None and self.evaluation.asks

    @property
    def runs_code(self) -> bool:
        """Return whether its runs execute code of the person: an entry point, a scorer."""
        scorer = self.evaluation.scorer
        return not self.asks or (scorer is not None and scorer.kind == "function")

    @property
    def time_limit_seconds(self) -> float:
        """Return how long a run may take."""
        return self.execution.time_limit_seconds or (A_DAY if self.asks else TEN_MINUTES)

    def variant(self, name: str) -> Variant | None:
        """Return the variant of this name, None when there is none."""
        return next((variant for variant in self.variants if variant.name == name), None)

    @model_validator(mode="after")
    def _runs_one_thing(self) -> Self:
        if self.entry_point is not None and self.evaluation.asks:
            raise PydanticCustomError(
                "entry_point_and_evaluation",
                "an entry point and an evaluation that asks models stand beside each other",
            )
        return self

    @model_validator(mode="after")
    def _variants_fit(self) -> Self:
        names = [variant.name for variant in self.variants]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise PydanticCustomError(
                "variant_twice", "the variant {name} is defined twice", {"name": twice[0]}
            )
        if self.baseline not in names:
            raise PydanticCustomError(
                "baseline_missing",
                "the baseline {baseline} names no variant; there are {names}",
                {"baseline": self.baseline, "names": ", ".join(names)},
            )
        return self


class Live(Strict):
    """What a run that is not over has said so far; it proves nothing, and is gone at its end.

    Attributes
    ----------
    done, total : float | None
        Steps, as the code counts them; None when it reports none.
    metrics : dict[str, float | str]
        The last value of each.
    tail : str
        The end of what it printed.
    cost_usd : float | None
        So far.
    said_at : datetime | None
        When it last reported or printed anything.
    """

    done: float | None = Field(default=None, allow_inf_nan=False)
    total: float | None = Field(default=None, allow_inf_nan=False)
    metrics: dict[str, Metric] = Field(default_factory=dict)
    tail: str = Field(default="", max_length=4_000)
    cost_usd: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    said_at: AwareDatetime | None = None

    @property
    def share(self) -> float | None:
        """Return how much is done, 0 to 1; None when the code does not say."""
        if self.done is None or not self.total:
            return None
        return min(max(self.done / self.total, 0.0), 1.0)


class Run(Strict):
    """One execution and what came of it.

    Attributes
    ----------
    run_id : str
        26 characters, ordered by time (`ids.ordered_id`).
    project, experiment : str
        Slugs, "" for none.
    variant : str
        Name in the experiment, "" for none.
    repeat : int
        Place among the repeats of its variant, from 1; 0 when it is not one of several.
    status : str
        A run that is not over and whose process is gone becomes "interrupted".
    sample_count : int
        Repeated samples that belong to it.
    primary_value : float | None
        The metric that runs are ranked by; None when it is missing or not finite.
    error_kind, error : str
        Why it failed, for programs and for people.
    params : dict
        The parameters it was given, defaults included.
    metrics : dict[str, float | str]
        Finite numbers, or one of the words "NaN", "Infinity", "-Infinity".
    environment : dict
        Python, platform, program, entry point, packages by hash.
    inputs, outputs : dict[str, str]
        Role ("data/x.csv", "job", "diff"; "log", "result", "out/x.csv") to SHA-256.
    inputs_sha256, code_sha256, config_sha256 : str
        Of the data, of the code that was run, and of parameters and entry point; "" when unknown.
    cost_usd : float | None
    live : Live | None
        While it works, and of one that was interrupted; no part of what its hash holds.
    """

    schema_version: Literal[1] = 1
    run_id: RunId
    project: Slug = ""
    experiment: Slug = ""
    variant: str = Field(default="", max_length=64)
    repeat: int = Field(default=0, ge=0, le=1_000_000)
    kind: RunKind
    title: str = Field(default="", max_length=500)
    status: RunStatus
    created_at: AwareDatetime
    started_at: AwareDatetime | None = None
    ended_at: AwareDatetime | None = None
    heartbeat_at: AwareDatetime | None = None
    host: str = Field(default="", max_length=255)
    pid: int | None = None
    parent_run_id: RunId | None = None
    reproduces_run_id: RunId | None = None
    sample_count: int = Field(default=0, ge=0)
    primary_value: float | None = Field(default=None, allow_inf_nan=False)
    error_kind: str = Field(default="", max_length=100)
    error: str = Field(default="", max_length=10_000)
    params: dict[str, JsonValue] = Field(default_factory=dict)
    metrics: dict[str, Metric] = Field(default_factory=dict)
    environment: dict[str, JsonValue] = Field(default_factory=dict)
    inputs: dict[str, Hash] = Field(default_factory=dict)
    outputs: dict[str, Hash] = Field(default_factory=dict)
    inputs_sha256: str = Field(default="", pattern=r"^([0-9a-f]{64})?$")
    code_sha256: str = Field(default="", pattern=r"^([0-9a-f]{64})?$")
    config_sha256: str = Field(default="", pattern=r"^([0-9a-f]{64})?$")
    cost_usd: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    tags: dict[str, str] = Field(default_factory=dict)
    deleted_at: AwareDatetime | None = None
    live: Live | None = None

    @property
    def is_over(self) -> bool:
        """Return whether nothing more will come of it."""
        return self.status in OVER

    @property
    def seconds(self) -> float | None:
        """Return how long it ran, None when it did not start or is not over."""
        if self.started_at is None or self.ended_at is None:
            return None
        return (self.ended_at - self.started_at).total_seconds()

    @model_validator(mode="after")
    def _metrics_are_finite_or_words(self) -> Self:
        for name, value in self.metrics.items():
            if isinstance(value, float) and not math.isfinite(value):
                raise PydanticCustomError(
                    "metric_not_finite",
                    "the metric {name} is not finite; write a word",
                    {"name": name},
                )
        return self


def metric_value(value: float) -> Metric:
    """Return a number as a run holds it: finite, or the word for what it is."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return float(value)


def finite(metric: Metric | None) -> float | None:
    """Return the metric when it is a finite number; only such a one has a rank."""
    return metric if isinstance(metric, float) else None
