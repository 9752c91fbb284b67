"""What was planned before the data: the charter."""

from datetime import date
from typing import Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

type Correction = Literal["guardrails", "all_metrics", "none"]
type Way = Literal["higher", "lower"]


class LiftRange(BaseModel):
    """A range of relative lifts.

    Attributes
    ----------
    low, high : float
        Shares of the control value, low < high: -0.02 and 0.05 are -2 % and +5 %.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    low: float = Field(ge=-100, le=100)
    high: float = Field(ge=-100, le=100)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.low < self.high:
            raise ValueError("low must be below high")
        return self


class Belief(LiftRange):
    """The lift of the primary metric that was expected before the data.

    Attributes
    ----------
    level : float in (0, 1)
        How probable it was held that the true lift lies in the range, as much below as above it.
    """

    level: float = Field(default=0.95, ge=0.5, le=0.999)


class GuardrailPlan(BaseModel):
    """One metric that must not get worse.

    Attributes
    ----------
    name : str
    direction : "higher" or "lower"
        Which way is good.
    harm, severe_harm : float | None
        How much worse is worse, and severely worse: points of the rate (0.001 is 0.1 points) for
        conversions, share of the control value otherwise. None takes the policy's.
    margin : float | None
        Non-inferiority margin in the same unit: nothing is launched unless harm beyond it is
        ruled out by the interval. None: the guardrail only must not be seen to be worse.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: str = Field(min_length=1, max_length=64)
    direction: Way = "higher"
    harm: float | None = Field(default=None, ge=0)
    severe_harm: float | None = Field(default=None, ge=0)
    margin: float | None = Field(default=None, gt=0)


class Monitoring(BaseModel):
    """Whether and how the data may be looked at before the end.

    Attributes
    ----------
    kind : "group_sequential" or "always_valid"
        The first spends alpha over the planned users; the second may be looked at any time.
    spending : str
        For group-sequential monitoring, see `plan.spending.spent`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["group_sequential", "always_valid"]
    spending: str = Field(
        default="obrien_fleming",
        pattern=r"^(obrien_fleming|pocock|linear|kim[0-9]+(\.[0-9]+)?)$",
    )


class Stamp(BaseModel):
    """When a plan was frozen, and the hash of what it said.

    Attributes
    ----------
    frozen_at : datetime
        With a time zone.
    sha256 : str
        See `plan.freeze.plan_hash`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    frozen_at: AwareDatetime
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class Charter(BaseModel):
    """The plan that an analysis is held to.

    Attributes
    ----------
    title, hypothesis, owner, notes : str
        For readers; free text, shown escaped.
    primary : str
        Name of the primary metric; "conversion" is the contract's own.
    direction : "higher" or "lower"
        Which way is good for the primary.
    guardrails : tuple[GuardrailPlan, ...] | None
        None: every count column that is not the primary, with a guessed direction, said so.
    secondary : tuple[GuardrailPlan, ...]
        Reported, never deciding.
    alpha : float in (0, 0.5]
        Of the whole test; at most 0.25 when it is one-sided.
    sides : 1 or 2
        2: alpha is shared by both directions. 1: each direction has all of it, so that two-sided
        p-values are held against 2 alpha and intervals have the level 1 - 2 alpha.
    correction : "guardrails", "all_metrics" or "none"
        Which metrics share alpha by Holm: the guardrails, all of them, or none. Arms of one
        metric always share it by Dunnett.
    mde : float | None
        Smallest absolute difference of the primary worth finding.
    split : tuple[float, ...] | None
        Planned shares, control first, in the order of the arms; None is an equal split. They are
        divided by their sum, so 50,50 and 1,1 are the same plan. A zero marks an arm that must
        receive nobody.
    start, stop : date | None
        First and last day of the planned experiment.
    planned_users : int | None
        Total units planned over all arms.
    segments : tuple[str, ...]
        Segments named in advance; every other one is labelled as not planned.
    monitoring : Monitoring | None
        None: one look, at the end.
    belief : Belief | None
        The lift of the primary that was expected before the data, for the Bayesian view; it never
        enters the decision. None: a flat prior.
    rope : LiftRange | None
        Lifts too small to matter, for the Bayesian view. None: the planned smallest effect, or
        the policy's negligible share.
    frozen : Stamp | None
        Set by `plan.freeze.freeze`; the analysis is then held to the plan and the memo states
        every deviation from it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    schema_version: Literal[1] = 1
    title: str = Field(default="", max_length=200)
    hypothesis: str = Field(default="", max_length=2_000)
    owner: str = Field(default="", max_length=200)
    notes: str = Field(default="", max_length=2_000)
    primary: str = Field(default="conversion", min_length=1, max_length=64)
    direction: Way = "higher"
    guardrails: tuple[GuardrailPlan, ...] | None = None
    secondary: tuple[GuardrailPlan, ...] = ()
    alpha: float = Field(default=0.05, gt=0, le=0.5)
    sides: int = Field(default=2, ge=1, le=2)
    correction: Correction = "guardrails"
    mde: float | None = Field(default=None, gt=0)
    split: tuple[float, ...] | None = None
    start: date | None = None
    stop: date | None = None
    planned_users: int | None = Field(default=None, ge=1)
    segments: tuple[str, ...] = ()
    monitoring: Monitoring | None = None
    belief: Belief | None = None
    rope: LiftRange | None = None
    frozen: Stamp | None = None

    @property
    def two_sided_alpha(self) -> float:
        """Return the level that two-sided p-values are held against."""
        return self.alpha if self.sides == 2 else 2 * self.alpha

    @model_validator(mode="after")
    def _alpha_fits(self) -> Self:
        if self.two_sided_alpha > 0.5:
            raise ValueError("a one-sided alpha can be 0.25 at most")
        return self


def reached(users: int, planned: int) -> str:
    """Return the share of the planned users in words, never rounded up to one that is not here."""
    return f"{100 * users // planned}%"


EMPTY_CHARTER = Charter()
