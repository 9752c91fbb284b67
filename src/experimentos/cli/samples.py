"""`experimentos samples`: repeated samples of models, analysed, planned, exported."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from experimentos.cli import evaluate as evaluations
from experimentos.cli.options import AsJson, pairs

if TYPE_CHECKING:
    from experimentos.flows.samples import SampleQuestion
    from experimentos.runs.sample_files import SampleFile

app = typer.Typer(
    help="Repeated samples of models: ask, variance, leaderboard, comparison, planning.",
    no_args_is_help=True,
)
app.command("evaluate")(evaluations.evaluate)
app.command("evaluations")(evaluations.evaluations)
app.command("transcripts")(evaluations.transcripts)

File = Annotated[
    str,
    typer.Argument(
        metavar="FILE",
        help="Tidy CSV, JSONL or Parquet; Inspect log (JSON); lm-evaluation-harness samples "
        "(JSONL); MLflow runs (CSV); - for standard input.",
    ),
]
Baseline = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="The model to compare with; the first of the file if none."),
]
Metric = Annotated[
    str | None, typer.Option(metavar="NAME", help="Which score; the first of the file if none.")
]
Mapped = Annotated[
    list[str] | None,
    typer.Option("--map", metavar="NAME=COLUMN", help="score=reward. Repeatable."),
]
Lower = Annotated[bool, typer.Option("--lower", help="Lower scores are better.")]
Correction = Annotated[
    str, typer.Option(metavar="NAME", help="holm, hochberg, bonferroni, bh, … or none.")
]

CellInterval = Annotated[
    str,
    typer.Option(
        "--interval",
        metavar="NAME",
        help="Of each scenario and model: auto (Wilson for 0/1, else Student t), "
        "clopper-pearson or bca.",
    ),
]


@app.command("analyze")
def analyze(
    file: File,
    baseline: Baseline = None,
    metric: Metric = None,
    lower: Lower = False,
    correction: Correction = "holm",
    interval: CellInterval = "auto",
    mapping: Mapped = None,
    as_json: AsJson = False,
) -> None:
    """Say how models score, how surely, and which cannot be told apart.

    Exit status 1 when the file is blocked, 3 when it cannot be read.
    """
    from experimentos.cli import show, show_samples
    from experimentos.cli.status import OF_STATUS
    from experimentos.flows.sample_report import file_report, samples_report
    from experimentos.flows.samples import analyze_samples, status_of

    found = _read(file, mapping)
    if found.samples is None:
        show.answer(file_report(found), lambda: show_samples.show_file(found), as_json=as_json)
        raise typer.Exit(OF_STATUS[status_of(found)])
    analysis = analyze_samples(
        found, _question(baseline, metric, correction, interval, lower=lower)
    )
    if as_json:
        show.print_json(samples_report(analysis))
    else:
        show_samples.show_samples(analysis)


@app.command("plan")
def plan(
    file: File,
    difference: Annotated[
        float, typer.Option("--difference", "-d", help="The smallest that matters, in scores.")
    ],
    baseline: Baseline = None,
    model: Annotated[
        str | None, typer.Option(metavar="NAME", help="The other model to learn from.")
    ] = None,
    power: Annotated[float, typer.Option(min=0.01, max=0.999)] = 0.8,
    alpha: Annotated[float, typer.Option(min=1e-6, max=0.5)] = 0.05,
    metric: Metric = None,
    mapping: Mapped = None,
    as_json: AsJson = False,
) -> None:
    """Say how many scenarios and samples find a difference, learned from past samples."""
    from experimentos.cli import show, show_samples
    from experimentos.flows.sample_report import plan_report
    from experimentos.flows.samples import plan_from
    from experimentos.runs.sample_plan import Wanted

    found = _readable(file, mapping)
    question = _question(baseline, metric, "holm", "auto", lower=False)
    made = plan_from(found, Wanted(difference, alpha, power), question, model)
    show.answer(plan_report(found, made), lambda: show_samples.show_plan(made), as_json=as_json)


@app.command("keep")
def keep(file: File, mapping: Mapped = None) -> None:
    """Keep the samples in the history, as a run: once, however often they are given."""
    from experimentos.flows.kept_samples import keep_samples
    from experimentos.wiring import open_services, settings_from_environment

    content = _content(file)
    found = _read_content(content, file, mapping)
    store = open_services(settings_from_environment()).store
    try:
        record = keep_samples(store, content, found, pairs(mapping, "--map"))
    finally:
        store.close()
    typer.echo(f"Kept as {record.id}.")


@app.command("export")
def export(
    file: File,
    out: Annotated[
        Path, typer.Option("--output", "-o", metavar="OUT.{csv,json,md,html}", help="Where to.")
    ],
    baseline: Baseline = None,
    metric: Metric = None,
    lower: Lower = False,
    correction: Correction = "holm",
    interval: CellInterval = "auto",
    mapping: Mapped = None,
) -> None:
    """Write the tidy samples (.csv), the whole analysis (.json) or a report (.md, .html)."""
    from experimentos.cli.memo import write
    from experimentos.flows.sample_export import exported
    from experimentos.flows.samples import analyze_samples

    found = _readable(file, mapping)
    question = _question(baseline, metric, correction, interval, lower=lower)
    write(out, exported(analyze_samples(found, question), out.suffix.removeprefix(".")))
    typer.echo(f"Written: {out}.")


def _question(
    baseline: str | None, metric: str | None, correction: str, interval: str, *, lower: bool
) -> "SampleQuestion":
    from experimentos.analysis.result import Direction
    from experimentos.flows.samples import SampleQuestion

    direction = Direction.LOWER if lower else Direction.HIGHER
    return SampleQuestion(baseline, metric, direction, correction, interval=interval)


def _read(file: str, mapping: list[str] | None) -> "SampleFile":
    return _read_content(_content(file), file, mapping)


def _content(file: str) -> bytes:
    from experimentos.cli.inputs import read_bytes
    from experimentos.policy import DEFAULT_POLICY

    return read_bytes(file, DEFAULT_POLICY.samples_bytes)


def _read_content(content: bytes, file: str, mapping: list[str] | None) -> "SampleFile":
    from experimentos.cli.inputs import STANDARD_INPUT
    from experimentos.flows.parquet_apart import samples_apart
    from experimentos.runs.sample_files import read_samples

    name = "standard input" if file == STANDARD_INPUT else Path(file).name
    return read_samples(content, name, mapping=pairs(mapping, "--map"), parquet=samples_apart)


def _readable(file: str, mapping: list[str] | None) -> "SampleFile":
    from experimentos.cli import show_samples
    from experimentos.cli.status import OF_STATUS
    from experimentos.flows.samples import status_of

    found = _read(file, mapping)
    if found.samples is None:
        show_samples.show_file(found)
        raise typer.Exit(OF_STATUS[status_of(found)])
    return found
