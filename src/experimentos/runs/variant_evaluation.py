"""The evaluation of one variant: what the experiment asks, with the variant's parameters."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from pydantic import ValidationError

from experimentos.errors import ContractError
from experimentos.issue import Issue, Severity, Where
from experimentos.plan.field_issues import field_issues
from experimentos.runs.documents import Experiment, Parameters
from experimentos.runs.evaluation import (
    Estimate,
    EvaluatedModel,
    EvaluatedScenario,
    EvaluationPlan,
    Generation,
    Questions,
    cautions,
    places_of,
)
from experimentos.runs.inherit import parameters_of

GENERATION = tuple(Generation.model_fields)
QUESTION = ("prompt", "system", "samples_per_scenario")
NAMED = ("model", *GENERATION, *QUESTION)
SEEDS = 2**31 - 1


def evaluation_of(
    experiment: Experiment, params: Parameters, name: str = "variant"
) -> EvaluationPlan:
    """Return the evaluation that a variant with these parameters is.

    `model` picks one of the models by its label or name; without it all are asked. Those of
    `GENERATION` and `QUESTION` replace what the experiment says; any other parameter fills the
    place of its name in the prompt.

    Parameters
    ----------
    experiment
        One that asks models, with its scenarios in place.
    params
        The variant's, those of the project and the experiment included.
    name
        Of the plan.

    Raises
    ------
    ContractError
        If a parameter belongs to nothing, or the evaluation cannot be asked with it.
    """
    asked = experiment.evaluation
    document: dict[str, Any] = {field: getattr(asked, field) for field in Questions.model_fields}
    document |= {field: params[field] for field in QUESTION if field in params}
    over = {field: params[field] for field in GENERATION if field in params}
    fills = {field: value for field, value in params.items() if field not in NAMED}
    try:
        document["generation"] = _generation(asked.generation, over)
        document["models"] = [
            model.model_copy(update={"generation": _generation(model.generation, over)})
            if model.generation
            else model
            for model in _models(asked.models, params.get("model"))
        ]
        _check_fills(document, fills)
        document["scenarios"] = [
            scenario.model_copy(update={"values": {**_texts(fills), **scenario.values}})
            for scenario in asked.scenarios
        ]
        return EvaluationPlan.model_validate({**document, "name": name})
    except ValidationError as exc:
        wrong = field_issues(exc, EvaluationPlan)[0]
        raise ContractError(
            wrong.message.removeprefix("the document: "),
            hint="Correct the evaluation, or the parameter of the variant.",
        ) from exc


def of_repeat(plan: EvaluationPlan, repeat: int) -> EvaluationPlan:
    """Return the plan of a repeat: with a seed, another one, the same for every variant."""
    seed = plan.generation.seed
    if seed is None:
        return plan
    moved = (seed + (repeat - 1) * plan.samples_per_scenario) % SEEDS
    generation = plan.generation.model_copy(update={"seed": moved})
    return plan.model_copy(update={"generation": generation})


def issues_of(experiment: Experiment) -> Iterator[Issue]:
    """Yield what keeps variants from being asked, as far as the experiment alone tells it.

    What the project's defaults or a file of scenarios decide is seen when runs are planned.
    """
    for variant in experiment.variants:
        params = parameters_of(None, experiment, variant)
        known, unfilled = _provisional(experiment, params)
        for place in unfilled:
            yield Issue(
                "place_unfilled",
                Severity.WARNING,
                f"{variant.name}: nothing fills the place {{{place}}} of the prompt, unless a "
                "default of the project does.",
                f"Give {place} to every scenario, or as a parameter to every variant.",
                Where(column=place),
            )
        try:
            evaluation_of(known, {**params, **dict.fromkeys(unfilled, "")})
        except ContractError as wrong:
            said = f"{variant.name}: {wrong.message}"
            yield Issue("variant_evaluation", Severity.BLOCKED, said, wrong.hint, Where())


def cautions_of(plans: Iterable[EvaluationPlan]) -> tuple[Issue, ...]:
    """Return what is to be said of these evaluations before they are asked, each word once."""
    found = {issue.code: issue for plan in plans for issue in cautions(plan)}
    return tuple(found.values())


def total(estimates: Sequence[Estimate]) -> Estimate | None:
    """Return the size of several evaluations together; None for none."""
    if not estimates:
        return None
    costs = [one.cost_most for one in estimates if one.cost_most is not None]
    waits = [one.seconds_least for one in estimates if one.seconds_least is not None]
    return Estimate(
        scenarios=max(one.scenarios for one in estimates),
        models=max(one.models for one in estimates),
        samples_per_scenario=max(one.samples_per_scenario for one in estimates),
        calls=sum(one.calls for one in estimates),
        tokens_in=sum(one.tokens_in for one in estimates),
        tokens_out_most=sum(one.tokens_out_most for one in estimates),
        cost_most=sum(costs) if len(costs) == len(estimates) else None,
        seconds_least=sum(waits) if waits else None,
    )


def _provisional(experiment: Experiment, params: Parameters) -> tuple[Experiment, list[str]]:
    """Return the experiment with a stand-in for scenarios of a file, and places nobody fills."""
    asked = experiment.evaluation
    prompt = str(params.get("prompt", asked.prompt))
    if asked.scenarios_file is not None:
        # Its scenarios may have prompts of their own: any parameter may fill a place of them.
        mine = [name for name in params if name not in NAMED]
        places = dict.fromkeys((*places_of(prompt), *mine))
        text = "? " + " ".join(f"{{{name}}}" for name in places)
        values = {name: "" for name in places if name not in mine}
        stand_in = EvaluatedScenario(id="stand-in", prompt=text, values=values, target="")
        evaluation = asked.model_copy(update={"scenarios": (stand_in,)})
        return experiment.model_copy(update={"evaluation": evaluation}), []
    filled = {name for scenario in asked.scenarios for name in scenario.values}
    templates = {prompt if s.prompt is None else s.prompt for s in asked.scenarios}
    places = dict.fromkeys(name for text in sorted(templates) for name in places_of(text))
    return experiment, [name for name in places if name not in filled and name not in params]


def _generation(said: Generation | None, over: Parameters) -> Generation:
    return Generation.model_validate({**(said or Generation()).model_dump(), **over})


def _models(models: Sequence[EvaluatedModel], wanted: object) -> list[EvaluatedModel]:
    if wanted is None:
        return list(models)
    found = [model for model in models if wanted == model.shown]
    found = found or [model for model in models if wanted == model.name]
    if not found:
        known = ", ".join(model.shown for model in models)
        raise ContractError(
            f"model: {str(wanted)[:80]!r} is none of the evaluation's models.",
            hint=f"It lists {known}. Add it there, with its prices.",
        )
    return found[:1]


def _check_fills(document: dict[str, Any], fills: Parameters) -> None:
    """Refuse a parameter that fills no place, or one that scenarios fill themselves."""
    prompt = str(document["prompt"])
    scenarios: Sequence[EvaluatedScenario] = document["scenarios"]
    templates = {prompt, *(s.prompt for s in scenarios if s.prompt is not None)}
    places = {place for template in templates for place in places_of(template)}
    for name in fills:
        if name not in places:
            free = ", ".join(sorted(places)) or "none"
            raise ContractError(
                f"{name}: an evaluation has no such parameter, and its prompt no place {{{name}}}.",
                hint=f"A variant sets {', '.join(NAMED)}, or a place of the prompt: {free}.",
            )
        if any(name in scenario.values for scenario in scenarios):
            raise ContractError(
                f"{name}: the scenarios fill the place {{{name}}} themselves.",
                hint="Leave it to the scenarios, or take their value away.",
            )


def _texts(fills: Parameters) -> dict[str, str]:
    return {name: value if isinstance(value, str) else str(value) for name, value in fills.items()}
