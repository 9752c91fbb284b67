"""What a project allows its runs: checked before they start, and while they run."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from math import floor, fsum
from typing import Any

from experimentos.issue import Issue, Severity
from experimentos.runs.documents import Experiment, Parameter, Parameters
from experimentos.runs.run_diff import flat
from experimentos.runs.tally import Tally

BUDGET, MOST, EACH = "budget_usd", "max_runs", "max_runs_per_variant"
RUN_SECONDS, ALL_SECONDS = "max_seconds_per_run", "max_seconds"
METRICS, DATA, VALUES, FIELDS = (
    "required_metrics", "allowed_data", "allowed_values", "required_fields",
)  # fmt: skip
NUMBERS = (BUDGET, MOST, EACH, RUN_SECONDS, ALL_SECONDS)
LISTS = (METRICS, DATA, FIELDS)
# Why a run was stopped, or what a completed one does not keep to.
BROKEN = "constraint"


@dataclass(frozen=True, slots=True)
class Bounds:
    """A constraint on one named value: `min_X`, `max_X` or `X_range`.

    Attributes
    ----------
    constraint : str
        As the project names it.
    name : str
        Of a parameter, a metric or a field of what is left.
    low, high : float | None
    """

    constraint: str
    name: str
    low: float | None
    high: float | None

    def excludes(self, found: float) -> bool:
        """Return whether the value lies outside."""
        return (self.low is not None and found < self.low) or (
            self.high is not None and found > self.high
        )

    @property
    def words(self) -> str:
        """Return the bounds in words."""
        if self.low is not None and self.high is not None:
            return f"{self.low:g} to {self.high:g}"
        return f"at least {self.low:g}" if self.low is not None else f"at most {self.high:g}"


@dataclass(frozen=True, slots=True)
class Spent:
    """What the runs of a project have used up.

    Attributes
    ----------
    runs : int
        Those that were started or wait for it.
    usd, seconds : float
    """

    runs: int
    usd: float
    seconds: float


def spent_by(past: Sequence[Tally]) -> Spent:
    """Return what runs have used up; one that was cancelled before it started used nothing."""
    return Spent(
        sum(tally.begun for tally in past),
        fsum(tally.cost_usd for tally in past),
        fsum(tally.seconds for tally in past),
    )


def bounds_of(constraints: Parameters) -> tuple[Bounds, ...]:
    """Return the constraints on one named value, those that are well formed."""
    found = []
    for name, value in constraints.items():
        if name in NUMBERS or name in LISTS or name == VALUES:
            continue
        if name.endswith("_range") and isinstance(value, list) and len(value) == 2:
            low, high = (number_of(end) for end in value)
            if low is not None and high is not None and low <= high:
                found.append(Bounds(name, name.removesuffix("_range"), low, high))
        elif name.startswith(("min_", "max_")) and (limit := number_of(value)) is not None:
            is_low = name.startswith("min_")
            ends = (limit, None) if is_low else (None, limit)
            found.append(Bounds(name, name[4:], *ends))
    return tuple(found)


def malformed(constraints: Parameters) -> tuple[Issue, ...]:
    """Return the constraints that cannot be checked for how they are written."""
    return tuple(
        _issue(name, f"It is {value!r}; {needed} is needed.", fix)
        for name, value in constraints.items()
        if (wrong := _wrong_shape(name, value))
        for needed, fix in [wrong]
    )


def plan_issues(
    constraints: Parameters,
    experiment: Experiment,
    planned: Sequence[tuple[str, Parameters]],
    past: Sequence[Tally],
    cost_usd: float,
) -> tuple[Issue, ...]:
    """Return what forbids a plan, or is to be known of it; none when the project allows it.

    Parameters
    ----------
    constraints
        Of the project.
    experiment
    planned
        Variant and parameters of each run.
    past
        All runs of the project.
    cost_usd
        Of the whole plan; 0 when it is not known.
    """
    wrong = malformed(constraints)
    if wrong or not constraints:
        return wrong
    spent = spent_by(past)
    return (
        *_budget(constraints, spent, len(planned), cost_usd),
        *_counts(constraints, experiment, spent, planned, past),
        *_time(constraints, experiment, spent, len(planned), past),
        *_metrics(constraints, experiment),
        *_data(constraints, experiment),
        *_parameters(constraints, planned),
    )


def limit_reached(constraints: Parameters, usd: float, seconds: float) -> str:
    """Return why what runs is to stop; "" while the project allows it.

    Parameters
    ----------
    constraints
    usd, seconds
        Used up by the project so far, running ones included.
    """
    budget, most = limit_in(constraints, BUDGET), limit_in(constraints, ALL_SECONDS)
    if budget is not None and usd > 0 and usd >= budget:
        return (
            f"Stopped: the budget of the project (budget_usd {budget:g}) is spent: {usd:.4g} USD."
        )
    if most is not None and seconds >= most:
        return (
            f"Stopped: the running time of the project (max_seconds {most:g}) is used up: "
            f"{seconds:.0f} s."
        )
    return ""


def run_seconds(constraints: Parameters, own: float) -> float:
    """Return the time limit of a run: the experiment's own, or the project's if it is tighter."""
    most = limit_in(constraints, RUN_SECONDS)
    return own if most is None else min(own, most)


def _wrong_shape(name: str, value: Parameter) -> tuple[str, str] | None:
    """Return what is needed and how to write it; None when it is well formed or unknown."""
    if name in NUMBERS:
        number = number_of(value)
        good = number is not None and number > 0
        return None if good else ("a number above 0", f"Write {name}: 10, or leave it out.")
    if name in LISTS:
        good = isinstance(value, list) and all(isinstance(each, str) for each in value)
        return None if good else ("a list of names", f"Write {name}: [one, two].")
    if name == VALUES:
        good = isinstance(value, dict) and all(isinstance(v, list) for v in value.values())
        fix = f"Write {name}: {{model: [small, large]}}."
        return None if good else ("a list of values for each parameter", fix)
    if name.startswith(("min_", "max_")) or name.endswith("_range"):
        known = any(bounds.constraint == name for bounds in bounds_of({name: value}))
        fix = f"Write {name}: [low, high]." if name.endswith("_range") else f"Write {name}: 10."
        return None if known else ("a number, or two for a range", fix)
    return None


def _budget(constraints: Parameters, spent: Spent, count: int, cost_usd: float) -> Iterator[Issue]:
    budget = limit_in(constraints, BUDGET)
    if budget is None:
        return
    left = budget - spent.usd
    if left <= 0:
        yield _issue(
            BUDGET,
            f"The budget of the project ({budget:g} USD) is spent: {spent.usd:.4g} USD so far.",
            "Raise budget_usd of the project.",
        )
    elif cost_usd > left:
        most = floor(left / (cost_usd / count))
        yield _issue(
            BUDGET,
            f"The plan costs about {cost_usd:.4g} USD; of the project's budget of {budget:g} USD "
            f"{left:.4g} USD are left.",
            f"Plan at most {most:,} runs, or raise budget_usd of the project.",
        )
    elif not cost_usd:
        yield _issue(
            BUDGET,
            f"No cost is stated, so the budget ({budget:g} USD) cannot be checked before the "
            "start; it is held against what runs report with run.cost.",
            "State execution.cost_per_run_usd.",
            Severity.NOTE,
        )


def _counts(
    constraints: Parameters,
    experiment: Experiment,
    spent: Spent,
    planned: Sequence[tuple[str, Parameters]],
    past: Sequence[Tally],
) -> Iterator[Issue]:
    most, each = limit_in(constraints, MOST), limit_in(constraints, EACH)
    if most is not None and spent.runs + len(planned) > most:
        left = max(0, floor(most) - spent.runs)
        yield _issue(
            MOST,
            f"The plan has {len(planned):,} runs; the project allows {most:g} in all and has "
            f"{spent.runs:,}.",
            f"Plan at most {left:,} runs, or raise max_runs of the project.",
        )
    if each is None:
        return
    own = [tally for tally in past if tally.experiment == experiment.slug]
    for variant in dict.fromkeys(name for name, _ in planned):
        have = spent_by([tally for tally in own if tally.variant == variant]).runs
        new = sum(name == variant for name, _ in planned)
        if have + new > each:
            yield _issue(
                EACH,
                f"{variant} would have {have + new:,} runs; the project allows {each:g} of a "
                f"variant and there are {have:,}.",
                f"Plan at most {max(0, floor(each) - have):,} of it, or raise "
                "max_runs_per_variant of the project.",
            )


def _time(
    constraints: Parameters,
    experiment: Experiment,
    spent: Spent,
    count: int,
    past: Sequence[Tally],
) -> Iterator[Issue]:
    own = experiment.time_limit_seconds
    if run_seconds(constraints, own) < own:
        yield _issue(
            RUN_SECONDS,
            f"Each run is stopped after {run_seconds(constraints, own):g} s, as the project says, "
            f"not after the {own:g} s of the experiment.",
            "Nothing need be done; raise max_seconds_per_run of the project if that is too short.",
            Severity.NOTE,
        )
    most = limit_in(constraints, ALL_SECONDS)
    if most is None:
        return
    done = [t for t in past if t.experiment == experiment.slug and t.status == "completed"]
    known = sum(tally.timed for tally in done)
    each = fsum(tally.seconds for tally in done) / known if known else 0.0
    left = most - spent.seconds
    if left <= 0 or each * count > left:
        expected = f" The plan takes about {each * count:.0f} s." if known else ""
        fits = floor(left / each) if each and left > 0 else 0
        yield _issue(
            ALL_SECONDS,
            f"The project allows {most:g} s of running time in all; {spent.seconds:.0f} s are "
            f"used.{expected}",
            f"Plan at most {fits:,} runs, or raise max_seconds of the project.",
        )


def _metrics(constraints: Parameters, experiment: Experiment) -> Iterator[Issue]:
    evaluation = experiment.evaluation
    measured = {*evaluation.metrics, evaluation.primary}
    for name in names_in(constraints, METRICS):
        if name not in measured:
            yield _issue(
                METRICS,
                f"The project requires the metric {name}; the evaluation of {experiment.name} "
                "does not name it.",
                f"Add {name} to evaluation.metrics, and have the code report it.",
            )


def _data(constraints: Parameters, experiment: Experiment) -> Iterator[Issue]:
    allowed = names_in(constraints, DATA)
    if DATA not in constraints:
        return
    for source in experiment.data_sources:
        if not any(fnmatchcase(source.path, pattern) for pattern in allowed):
            yield _issue(
                DATA,
                f"The data source {source.path} is none that the project allows: "
                f"{', '.join(allowed) or 'none at all'}.",
                "Use allowed data, or add it to allowed_data of the project.",
            )


def _parameters(
    constraints: Parameters, planned: Sequence[tuple[str, Parameters]]
) -> Iterator[Issue]:
    asked = constraints.get(VALUES)
    values: Mapping[str, Any] = asked if isinstance(asked, dict) else {}
    seen: dict[str, Parameters] = dict(planned)
    for variant, params in seen.items():
        places = flat(params)
        for name, allowed in values.items():
            for place in named(places, name):
                if places[place] not in allowed:
                    yield _issue(
                        VALUES,
                        f"{variant} has {place} = {places[place]}; the project allows "
                        f"{', '.join(map(str, allowed))}.",
                        f"Choose an allowed value, or add it to allowed_values.{name}.",
                    )
        for bounds in bounds_of(constraints):
            for place in named(places, bounds.name):
                found = number_of(places[place])
                if found is not None and bounds.excludes(found):
                    yield _issue(
                        bounds.constraint,
                        f"{variant} has {place} = {found:g}; the project allows {bounds.words}.",
                        f"Change {place}, or {bounds.constraint} of the project.",
                    )


def named(places: Mapping[str, object], name: str) -> list[str]:
    """Return the places of this name: whole, or as the last part of a nested one."""
    return [place for place in places if place == name or place.endswith(f".{name}")]


def limit_in(constraints: Parameters, name: str) -> float | None:
    """Return a constraint that is a number; None when there is none."""
    return number_of(constraints.get(name))


def names_in(constraints: Parameters, name: str) -> tuple[str, ...]:
    """Return a constraint that lists names; none when there is none."""
    value = constraints.get(name)
    return tuple(map(str, value)) if isinstance(value, list) else ()


def number_of(value: object) -> float | None:
    """Return a JSON number; None for anything else."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number else None  # type: ignore[arg-type]  # a number, as asked


def _issue(name: str, message: str, fix: str, severity: Severity = Severity.BLOCKED) -> Issue:
    return Issue(f"constraint_{name}", severity, f"{name}: {message}", fix)
