"""Repeated samples as a report: who is ahead, how surely, and by which methods."""

from collections.abc import Mapping
from dataclasses import dataclass

from experimentos.analysis import numbers
from experimentos.issue import Issue, Severity
from experimentos.memo.document import (
    Block,
    Bullets,
    Callout,
    Document,
    Highlights,
    Paragraph,
    Section,
    Table,
)
from experimentos.memo.sample_words import (
    MIDDLE_HEADER,
    TEST_HEADER,
    SampleWords,
    comparison_cells,
    interval_words,
    middle_rows,
    other_test_rows,
    pass_rows,
    spread_cells,
    tie_lines,
)
from experimentos.runs.compare import ModelDifference, NotCompared
from experimentos.runs.leaderboard import Place
from experimentos.runs.samples import Samples
from experimentos.runs.variable_scenarios import VariableScenario
from experimentos.runs.variance import VarianceTable


@dataclass(frozen=True, slots=True, eq=False)
class Findings:
    """What the report is written from.

    Attributes
    ----------
    name : str
        Of the file.
    samples : Samples
    table : VarianceTable
    places : tuple[Place, ...]
    variable : tuple[VariableScenario, ...]
    baseline : str
        "" when nothing was compared.
    comparisons : tuple[ModelDifference | NotCompared, ...]
        Of the table's metric.
    issues : tuple[Issue, ...]
    """

    name: str
    samples: Samples
    table: VarianceTable
    places: tuple[Place, ...]
    variable: tuple[VariableScenario, ...]
    baseline: str
    comparisons: tuple[ModelDifference | NotCompared, ...]
    issues: tuple[Issue, ...]


def comparison_report(found: Findings, facts: Mapping[str, str]) -> Document:
    """Return the report; every figure stands beside its interval or the reason for having none."""
    words = SampleWords(is_rate=found.table.is_binary)
    sections = [_result(found, words), _spread(found, words)]
    if found.comparisons:
        sections.append(_comparison(found, words))
    if found.variable:
        sections.append(_variable(found, words))
    sections += [
        _methods(found),
        Section("Facts", (Table(("What", "Which"), tuple(facts.items())),)),
    ]
    size = (
        f"{found.samples.rows:,} samples, {len(found.samples.scenarios):,} scenarios, "
        f"{len(found.samples.models):,} models"
    )
    title = f"Repeated samples: {found.table.metric}"
    return Document(title, f"{found.name}: {size}", tuple(sections), facts)


def _result(found: Findings, words: SampleWords) -> Section:
    ranked = [place for place in found.places if place.rank is not None]
    blocks: list[Block] = []
    if ranked:
        best = ranked[0]
        value = words.value(best.mean or 0.0)
        blocks.append(Highlights((("Best mean", value, f"{best.model}, {best.why}"),)))
    tone = "caution" if any(place.is_tied for place in ranked) else "neutral"
    blocks += [Callout(line, tone) for line in tie_lines(found.places)]
    acting = [i for i in found.issues if i.severity is not Severity.NOTE]
    blocks += [Callout(f"{i.message} {i.fix}", "caution") for i in acting]
    header = ("Rank", "Model", "Mean", f"{numbers.level(found.table.level)} interval", "Samples",
              "Missing", "Scenarios")  # fmt: skip
    rows = tuple(
        (
            "" if p.rank is None else f"{p.rank}{' =' if p.is_tied else ''}",
            p.model,
            "" if p.mean is None else words.value(p.mean),
            interval_words(p.interval, words),
            numbers.count(p.n),
            numbers.count(p.missing),
            numbers.count(p.scenarios),
        )
        for p in found.places
    )
    blocks.append(Table(header, rows, numeric=(2, 4, 5, 6)))
    return Section("Result", tuple(blocks))


def _spread(found: Findings, words: SampleWords) -> Section:
    header = ("Model", "sd", "Range", "SE", "SE if independent", "ICC", "Design effect")
    rows = tuple((row.model, *spread_cells(row, words)) for row in found.table.models)
    blocks: list[Block] = [Table(header, rows, numeric=tuple(range(1, 7)))]
    passes = pass_rows(found.table)
    if passes:
        caption = "pass@k: at least one of k samples passes; pass^k: all k pass"
        blocks.append(
            Table(("Model", "k", "pass@k", "pass^k"), passes, numeric=(1, 2, 3), caption=caption)
        )
    middle = middle_rows(found.table, words)
    if middle:
        blocks.append(Table(MIDDLE_HEADER, middle, numeric=(1,)))
    return Section("Spread", tuple(blocks))


def _comparison(found: Findings, words: SampleWords) -> Section:
    header = ("Model", "Difference", "p", "Corrected p", "P(better)", "Method")
    rows = tuple((c.model, *comparison_cells(c, words)) for c in found.comparisons)
    first = next((c for c in found.comparisons if isinstance(c, ModelDifference)), None)
    blocks: list[Block] = [Table(header, rows, numeric=(2, 3, 4))]
    if first is not None:
        blocks.append(
            Paragraph(
                f"Paired over {first.scenarios:,} scenarios; p-values corrected by "
                f"{first.adjustment or 'nothing'} over all models and metrics, intervals not."
            )
        )
        others = other_test_rows(found.comparisons)
        caption = "Pairs, and p-values of the other tests, not corrected"
        blocks.append(Table(TEST_HEADER, others, numeric=(1, 2, 3, 4, 5), caption=caption))
    return Section(f"Against {found.baseline}", tuple(blocks))


def _variable(found: Findings, words: SampleWords) -> Section:
    rows = tuple(
        (
            row.scenario,
            words.spread(row.sd),
            words.value(row.mean),
            f"{words.value(row.low)} to {words.value(row.high)}",
            numbers.count(row.n),
        )
        for row in found.variable
    )
    header = ("Scenario", "sd within", "Mean", "Range", "Samples")
    return Section("Most variable scenarios", (Table(header, rows, numeric=(1, 2, 3, 4)),))


def _methods(found: Findings) -> Section:
    over = "clusters" if found.samples.cluster is not None else "scenarios"
    items = [
        f"Means are over samples; standard errors are clustered by {over} (Liang and Zeger 1986) "
        "with Student t intervals; a rate over single samples has Wilson's interval.",
        "ICC is the share of the variance that lies between scenarios; the design effect is what "
        "repeats of the same scenario cost against independent samples.",
        "Models are compared on the same scenarios: paired t test, or McNemar's exact test for "
        "0/1 scores with one sample each; sign-flip and Wilcoxon are computed beside it.",
        "Tied: a paired test against the best, corrected for every pair of models, because the "
        "best was picked by the same data, does not reach the level.",
        "pass@k and pass^k are unbiased and never extrapolated beyond the samples drawn.",
    ]
    return Section("Methods", (Bullets(tuple(items)),))
