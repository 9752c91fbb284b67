"""An evaluation before it runs: prompts x models x samples, with its size and its price."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from experimentos.errors import UnreadableError
from experimentos.ids import canonical_json, content_hash
from experimentos.issue import Issue, Severity, Where
from experimentos.plan.documents import is_json, read_document, validate
from experimentos.policy import DEFAULT_POLICY, Policy
from experimentos.runs.scorers import ScorerPlan
from experimentos.runs.strict import Name, Strict

PLACE = re.compile(r"\{\{|\}\}|\{([A-Za-z_][A-Za-z0-9_]*)\}")
LINE = re.compile(r"^line (\d+)")
CHARACTERS_PER_TOKEN = 4
MILLION = 1_000_000

type Text = Annotated[str, StringConstraints(max_length=100_000)]
type ModelName = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._:/@+-]{0,127}$")
]


class Generation(Strict):
    """How a model is asked to answer; what is None is left to the endpoint.

    Attributes
    ----------
    temperature : float in [0, 2] | None
    top_p : float in (0, 1] | None
    max_tokens : int
        Most tokens of one answer; it bounds the price.
    seed : int | None
        Sample k asks for seed + k, so that repeats are independent and can be repeated.
    """

    temperature: float | None = Field(default=None, ge=0, le=2)
    top_p: float | None = Field(default=None, gt=0, le=1)
    max_tokens: int = Field(default=512, ge=1, le=200_000)
    seed: int | None = Field(default=None, ge=0, le=2**31 - 1)


class EvaluatedModel(Strict):
    """A model of the endpoint.

    Attributes
    ----------
    name : str
        As the endpoint calls it.
    label : str
        As tables call it; the name when empty.
    input_price, output_price : float | None
        US dollars for a million tokens; None when it is not known.
    generation : Generation | None
        Replaces the evaluation's as a whole.
    """

    name: ModelName
    label: Name | Literal[""] = ""
    input_price: float | None = Field(default=None, ge=0, le=100_000)
    output_price: float | None = Field(default=None, ge=0, le=100_000)
    generation: Generation | None = None

    @property
    def shown(self) -> str:
        """Return the name that tables use."""
        return self.label or self.name


class EvaluatedScenario(Strict):
    """One prompt with what a right answer is.

    Attributes
    ----------
    id : str
    values : dict[str, str]
        What the places in the prompt stand for.
    prompt : str | None
        Replaces the evaluation's prompt.
    target : str | None
        The right answer, where the scorer compares with one.
    cluster : str | None
        Family of scenarios that are alike.
    """

    id: Annotated[str, StringConstraints(pattern=r"^[^\s][^\x00-\x1f]{0,127}$")]
    values: dict[str, Text] = Field(default_factory=dict)
    prompt: Text | None = None
    target: Text | None = None
    cluster: Annotated[str, StringConstraints(min_length=1, max_length=128)] | None = None


class Limits(Strict):
    """What an evaluation may use.

    Attributes
    ----------
    concurrency : int
        Calls under way at once.
    requests_per_minute : int | None
    timeout_seconds : float
        Of one call.
    retries : int
        After a failure that may pass: too many requests, a server's fault, no answer in time.
    budget_usd : float | None
        No call is started once this much is spent; it needs the prices of every model.
    """

    concurrency: int = Field(default=4, ge=1, le=64)
    requests_per_minute: int | None = Field(default=None, ge=1, le=100_000)
    timeout_seconds: float = Field(default=60, gt=0, le=3_600)
    retries: int = Field(default=4, ge=0, le=20)
    budget_usd: float | None = Field(default=None, gt=0, le=1_000_000)


class Questions(Strict):
    """What models are asked, as far as it is said; an evaluation plan says all of it.

    Attributes
    ----------
    system : str
        System message; "" for none.
    prompt : str
        With places like {country}, filled from each scenario's values; {{ and }} are braces.
    scenarios : tuple[EvaluatedScenario, ...]
    models : tuple[EvaluatedModel, ...]
    samples_per_scenario : int
        1 to 100, for every model alike.
    scorer : ScorerPlan | None
    generation : Generation
    limits : Limits
    """

    system: Text = ""
    prompt: Text = ""
    scenarios: tuple[EvaluatedScenario, ...] = Field(default=(), max_length=10_000)
    models: tuple[EvaluatedModel, ...] = Field(default=(), max_length=50)
    samples_per_scenario: int = Field(default=1, ge=1, le=100)
    scorer: ScorerPlan | None = None
    generation: Generation = Generation()
    limits: Limits = Limits()

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        _once([scenario.id for scenario in self.scenarios], "scenario")
        _once([model.shown for model in self.models], "model")
        unpriced = [m.shown for m in self.models if None in (m.input_price, m.output_price)]
        if self.limits.budget_usd is not None and unpriced:
            raise PydanticCustomError(
                "budget_unpriced",
                "a budget needs the prices of every model; {model} has none",
                {"model": unpriced[0]},
            )
        return self

    def template_of(self, scenario: EvaluatedScenario) -> str:
        """Return the prompt of a scenario before its places are filled."""
        return self.prompt if scenario.prompt is None else scenario.prompt


class EvaluationPlan(Questions):
    """An evaluation of models on prompt scenarios, each sampled several times.

    Attributes
    ----------
    name : str
    scenarios, models, scorer
        As `Questions`; here they are needed.
    """

    schema_version: Literal[1] = 1
    name: Name
    scenarios: tuple[EvaluatedScenario, ...] = Field(min_length=1, max_length=10_000)
    models: tuple[EvaluatedModel, ...] = Field(min_length=1, max_length=50)
    scorer: ScorerPlan

    @model_validator(mode="after")
    def _scenarios_fit(self) -> Self:
        for scenario in self.scenarios:
            self._check_scenario(scenario)
        return self

    def _check_scenario(self, scenario: EvaluatedScenario) -> None:
        lacking = sorted(set(places_of(self.template_of(scenario))) - set(scenario.values))
        if lacking:
            raise PydanticCustomError(
                "place_unfilled",
                "the scenario {scenario} has no value for the place {place} of its prompt",
                {"scenario": scenario.id, "place": "{" + lacking[0] + "}"},
            )
        if not self.prompt_of(scenario).strip():
            raise PydanticCustomError(
                "prompt_blank", "the scenario {scenario} has no prompt", {"scenario": scenario.id}
            )
        if self.scorer.needs_target and scenario.target is None:
            raise PydanticCustomError(
                "target_missing",
                "the scorer {scorer} compares with a target, and the scenario {scenario} has none",
                {"scorer": self.scorer.kind, "scenario": scenario.id},
            )

    def prompt_of(self, scenario: EvaluatedScenario) -> str:
        """Return the prompt of a scenario with its places filled; values are never read again."""
        return PLACE.sub(lambda found: _filled(found, scenario.values), self.template_of(scenario))

    def generation_of(self, model: EvaluatedModel) -> Generation:
        """Return how a model is asked to answer."""
        return model.generation or self.generation

    @property
    def sha256(self) -> str:
        """Return the hash of what decides the samples: neither the plan's name nor its limits."""
        deciding = self.model_dump(mode="json", exclude={"name", "limits"})
        return content_hash(canonical_json(deciding))


def _once(names: list[str], what: str) -> None:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise PydanticCustomError(
            "name_twice", f"the {what} {{name}} is named twice", {"name": twice[0]}
        )


def places_of(template: str) -> list[str]:
    """Return the names of the places in a prompt, as often as they stand there."""
    return [found[1] for found in PLACE.finditer(template) if found[1]]


def _filled(found: re.Match[str], values: Mapping[str, str]) -> str:
    return values[found[1]] if found[1] else found[0][0]


@dataclass(frozen=True, slots=True)
class EvaluationFile:
    """What an evaluation file says.

    Attributes
    ----------
    plan : EvaluationPlan | None
        None when an issue blocks it.
    issues : tuple[Issue, ...]
    """

    plan: EvaluationPlan | None
    issues: tuple[Issue, ...]


def read_evaluation(content: bytes, name: str, policy: Policy = DEFAULT_POLICY) -> EvaluationFile:
    """Read an evaluation from YAML or JSON; never raises for what the bytes hold."""
    try:
        document = read_document(content, name, replace(policy, document_bytes=policy.upload_bytes))
    except UnreadableError as error:
        place = LINE.search(error.message)
        where = Where(row=int(place[1]) if place else None)
        unreadable = Issue(
            "evaluation_unreadable", Severity.UNREADABLE, error.message, error.hint, where
        )
        return EvaluationFile(None, (unreadable,))
    if not is_json(name) and document.get("schema_version") == "1":
        document["schema_version"] = 1
    plan = validate(EvaluationPlan, document, typed=is_json(name))
    if not isinstance(plan, EvaluationPlan):
        return EvaluationFile(None, plan)
    return EvaluationFile(plan, tuple(cautions(plan, policy)))


def cautions(plan: EvaluationPlan, policy: Policy = DEFAULT_POLICY) -> Iterator[Issue]:
    """Yield a word on samples that cost more than they tell."""
    if plan.samples_per_scenario > policy.samples_per_cell_soft:
        yield Issue(
            "many_samples",
            Severity.WARNING,
            f"{plan.samples_per_scenario} samples of every scenario and model: beyond about "
            f"{policy.samples_per_cell_soft}, new scenarios tell more than further repeats.",
            "Use fewer samples and more scenarios: experimentos samples plan says how many.",
            Where(column="samples_per_scenario"),
        )
    if plan.samples_per_scenario > 1 and any(
        plan.generation_of(model).temperature == 0 for model in plan.models
    ):
        yield Issue(
            "repeats_alike",
            Severity.WARNING,
            "At temperature 0 the repeats of a scenario will be nearly the same answer: they say "
            "little about variation, and cost as much.",
            "Set a temperature above 0, or samples_per_scenario: 1.",
            Where(column="temperature"),
        )


@dataclass(frozen=True, slots=True)
class PlannedSample:
    """One call that an evaluation will make.

    Attributes
    ----------
    scenario : EvaluatedScenario
    model : EvaluatedModel
    sample_index : int
        0 to samples_per_scenario - 1.
    """

    scenario: EvaluatedScenario
    model: EvaluatedModel
    sample_index: int

    @property
    def key(self) -> tuple[str, str, int]:
        """Return what tells it from every other sample of the evaluation."""
        return self.scenario.id, self.model.shown, self.sample_index


def planned_samples(plan: EvaluationPlan) -> list[PlannedSample]:
    """Return every call, whole rounds first: an evaluation that is stopped early stays balanced."""
    return [
        PlannedSample(scenario, model, index)
        for index in range(plan.samples_per_scenario)
        for scenario in plan.scenarios
        for model in plan.models
    ]


@dataclass(frozen=True, slots=True)
class Estimate:
    """What an evaluation will ask for.

    Attributes
    ----------
    scenarios, models, samples_per_scenario, calls : int
    tokens_in : int
        About four characters a token.
    tokens_out_most : int
        When every answer uses all it may.
    cost_most : float | None
        US dollars at these prices and full answers; None when a price is not known.
    seconds_least : float | None
        At the rate limit; None without one.
    """

    scenarios: int
    models: int
    samples_per_scenario: int
    calls: int
    tokens_in: int
    tokens_out_most: int
    cost_most: float | None
    seconds_least: float | None


def estimate(plan: EvaluationPlan) -> Estimate:
    """Return the size of an evaluation and the most that it can cost, before the first call."""
    characters = sum(len(plan.prompt_of(s)) + len(plan.system) for s in plan.scenarios)
    tokens_in = -(-characters // CHARACTERS_PER_TOKEN) * plan.samples_per_scenario
    answers = len(plan.scenarios) * plan.samples_per_scenario
    out = [answers * plan.generation_of(model).max_tokens for model in plan.models]
    costs = [
        cost_of(model, tokens_in, tokens) for model, tokens in zip(plan.models, out, strict=True)
    ]
    known = [cost for cost in costs if cost is not None]
    calls = answers * len(plan.models)
    rate = plan.limits.requests_per_minute
    return Estimate(
        len(plan.scenarios),
        len(plan.models),
        plan.samples_per_scenario,
        calls,
        tokens_in * len(plan.models),
        sum(out),
        sum(known) if len(known) == len(costs) else None,
        None if rate is None else calls * 60 / rate,
    )


def cost_of(model: EvaluatedModel, tokens_in: int | None, tokens_out: int | None) -> float | None:
    """Return the price of these tokens in US dollars, None when it cannot be known."""
    if tokens_in is None or tokens_out is None:
        return None
    if model.input_price is None or model.output_price is None:
        return None
    return (tokens_in * model.input_price + tokens_out * model.output_price) / MILLION
