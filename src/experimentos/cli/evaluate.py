"""`experimentos samples evaluate`: ask models, keep every answer, go on after a stop."""

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from experimentos.cli.options import AsJson

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from experimentos.runs.evaluation import EvaluationFile, EvaluationPlan


def evaluate(
    plan: Annotated[
        str, typer.Argument(metavar="PLAN", help="YAML or JSON; - for standard input.")
    ],
    out: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="OUT.jsonl", help="Write the samples there too."),
    ] = None,
    estimate_only: Annotated[
        bool, typer.Option("--estimate", help="Only say how many calls it is and what they cost.")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Start without asking: calls may cost money.")
    ] = False,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Ask everything anew instead of going on.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Ask every model every scenario, score the answers and keep the transcripts.

    A stopped evaluation of the same plan goes on where it ended: no answer is paid twice. The
    endpoint and its key come from the environment (docs/deploy.md).

    Exit status 1 when some samples failed or it was stopped, 3 when the plan cannot be read.
    """
    from experimentos.cli import show_evaluation
    from experimentos.cli.status import Exit
    from experimentos.flows.evaluation_report import estimate_report
    from experimentos.runs.evaluation import estimate

    found = _read(plan)
    asked = _planned(found, as_json=as_json)
    size = estimate(asked)
    if estimate_only:
        show_evaluation.answer_estimate(
            estimate_report(asked, found.issues), size, found.issues, as_json=as_json
        )
        return
    function = _function(asked)
    if as_json and not yes:
        raise typer.BadParameter("Calls may cost money: with --json, add --yes.")
    if not yes:
        show_evaluation.show_estimate(size, found.issues)
        typer.confirm("Start?", abort=True)
    is_whole = _run(asked, function, out, fresh=fresh, as_json=as_json)
    raise typer.Exit(Exit.DONE if is_whole else Exit.NO)


def evaluations(as_json: AsJson = False) -> None:
    """List the evaluations of this workspace and how far each came."""
    from experimentos.cli import show_evaluation
    from experimentos.flows.evaluations import list_evaluations
    from experimentos.wiring import evaluations_of, settings_from_environment

    found = list_evaluations(evaluations_of(settings_from_environment()))
    show_evaluation.answer_list(found, as_json=as_json)


def transcripts(
    id: Annotated[  # noqa: A002 - the argument's name on the command line
        str,
        typer.Argument(
            metavar="ID",
            help="Any unique beginning of the id of the evaluation, or of "
            "a run that stands on one.",
        ),
    ],
    scenario: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only of this scenario.")
    ] = None,
    model: Annotated[str | None, typer.Option(metavar="NAME", help="Only of this model.")] = None,
    failed: Annotated[bool, typer.Option("--failed", help="Only those that failed.")] = False,
    as_json: AsJson = False,
) -> None:
    """Print what the models answered, sample by sample."""
    from experimentos.cli import show_evaluation
    from experimentos.flows.evaluations import progress_of
    from experimentos.wiring import evaluations_of, settings_from_environment

    stored = evaluations_of(settings_from_environment()).find(_evaluation_of(id))
    samples = [
        sample
        for sample in progress_of(stored).evaluated.samples
        if scenario in (None, sample.scenario)
        and model in (None, sample.model)
        and (sample.status == "failed" or not failed)
    ]
    show_evaluation.answer_transcripts(stored.id, samples, as_json=as_json)


def _evaluation_of(beginning: str) -> str:
    """Return the evaluation that a run stands on; what was typed where it begins no such run."""
    from experimentos.cli.opened import opened
    from experimentos.errors import NotFound

    if not beginning[:1].isdigit() or beginning != beginning.upper():
        return beginning
    try:
        with opened() as store:
            run = store.runs.load_run(beginning)
    except NotFound:
        return beginning
    return str(run.environment.get("evaluation", beginning))


def _read(plan: str) -> "EvaluationFile":
    from experimentos.cli.inputs import STANDARD_INPUT, read_bytes
    from experimentos.runs.evaluation import read_evaluation

    name = "standard input" if plan == STANDARD_INPUT else Path(plan).name
    return read_evaluation(read_bytes(plan), name)


def _planned(found: "EvaluationFile", *, as_json: bool) -> "EvaluationPlan":
    """Return the plan; a file without one is told, and ends the command."""
    from experimentos.cli import show_evaluation
    from experimentos.cli.status import Exit
    from experimentos.issue import Severity, worst

    if found.plan is not None:
        return found.plan
    show_evaluation.answer_issues(found.issues, as_json=as_json)
    is_unreadable = worst(found.issues) is Severity.UNREADABLE
    raise typer.Exit(Exit.UNREADABLE if is_unreadable else Exit.NO)


def _function(plan: "EvaluationPlan") -> "Callable[..., Any] | None":
    from experimentos.flows.evaluations import scoring_function

    return None if plan.scorer.function is None else scoring_function(plan.scorer.function)


def _run(
    plan: "EvaluationPlan",
    function: "Callable[..., Any] | None",
    out: Path | None,
    *,
    fresh: bool,
    as_json: bool,
) -> bool:
    """Run the plan, keep what came of it, say so; return whether every sample was scored."""
    from experimentos.cli import show_evaluation
    from experimentos.cli.memo import write
    from experimentos.flows.evaluations import begin_or_go_on, run_evaluation, save_evaluation
    from experimentos.runs.evaluated import samples_jsonl
    from experimentos.wiring import (
        evaluations_of,
        open_completer,
        open_services,
        settings_from_environment,
    )

    settings = settings_from_environment()
    stored = begin_or_go_on(evaluations_of(settings), plan, fresh=fresh)
    with (
        closing(open_completer()) as completer,
        show_evaluation.progress(is_shown=not as_json) as report,
    ):
        evaluated = run_evaluation(stored, plan, completer, report=report, function=function)
    store = open_services(settings).store
    try:
        record = save_evaluation(store, stored, evaluated)
    finally:
        store.close()
    if out is not None:
        write(out, samples_jsonl(evaluated).decode())
    show_evaluation.answer_evaluated(stored.id, record.id, evaluated, as_json=as_json)
    return evaluated.scored == evaluated.planned
