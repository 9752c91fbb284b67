"""The variants of an experiment as a report: which is ahead, how surely, by which methods."""

from collections.abc import Mapping, Sequence

from experimentos.memo.document import (
    Block,
    Bullets,
    Callout,
    Document,
    FreeText,
    Paragraph,
    Section,
    Table,
)
from experimentos.memo.run_words import (
    CRITERION_HEADER,
    DIFFERENCE_HEADER,
    DIFFERENCE_NUMBERS,
    GROUP_HEADER,
    comparison_lines,
    criterion_cells,
    difference_cells,
    group_cells,
    pairing_lines,
)
from experimentos.memo.sample_words import SampleWords, comparison_cells
from experimentos.runs.compare import ModelDifference, NotCompared
from experimentos.runs.documents import Experiment
from experimentos.runs.run_groups import RunComparison


def variant_report(
    experiment: Experiment,
    comparison: RunComparison,
    facts: Mapping[str, str],
    by_scenario: Section | None = None,
) -> Document:
    """Return the report on the completed runs of an experiment.

    Parameters
    ----------
    by_scenario
        Of `paired_section`, where the variants asked models.
    """
    first = [] if by_scenario is None else [by_scenario]
    sections = [*first, _result(experiment, comparison), _differences(experiment, comparison)]
    if comparison.criteria:
        rows = tuple(criterion_cells(found) for found in comparison.criteria)
        sections.append(Section("Success criteria", (Table(CRITERION_HEADER, rows, (2,)),)))
    sections += [
        _methods(comparison),
        Section("Facts", (Table(("What", "Which"), tuple(facts.items())),)),
    ]
    runs = sum(group.runs for group in comparison.groups)
    subtitle = f"{experiment.project}: {len(comparison.groups)} variants, {runs:,} completed runs"
    return Document(f"Experiment: {experiment.name}", subtitle, tuple(sections), facts)


def paired_section(
    found: Sequence[ModelDifference | NotCompared], words: SampleWords, baseline: str
) -> Section:
    """Return each variant against the baseline on the same scenarios."""
    header = ("Variant", "Difference", "p", "Corrected p", "P(better)", "Method")
    rows = tuple((each.model, *comparison_cells(each, words)) for each in found)
    note = (
        "Each variant minus the baseline on the scenarios that both answered; errors are clustered "
        "where scenarios belong to a cluster. Intervals are not corrected."
    )
    blocks = (Table(header, rows, (2, 3, 4)), Paragraph(note))
    return Section(f"Against {baseline}, paired by scenario", blocks)


def _result(experiment: Experiment, comparison: RunComparison) -> Section:
    lines = comparison_lines(comparison, experiment)
    tone = "good" if len(comparison.best) == 1 else "neutral"
    blocks: list[Block] = [Callout(lines[0], tone)]
    if experiment.hypothesis:
        blocks += [Paragraph("Hypothesis"), FreeText(experiment.hypothesis)]
    rows = tuple(group_cells(group) for group in comparison.groups)
    blocks.append(Table(GROUP_HEADER, rows, (1, 2, 3, 6, 7), f"Metric: {comparison.metric}"))
    if lines[1:]:
        blocks.append(Bullets(lines[1:]))
    return Section("Result", tuple(blocks))


def _differences(experiment: Experiment, comparison: RunComparison) -> Section:
    rows = tuple(difference_cells(found) for found in comparison.differences)
    blocks: list[Block] = [Table(DIFFERENCE_HEADER, rows, DIFFERENCE_NUMBERS)]
    if said := pairing_lines(comparison):
        blocks.append(Bullets(said))
    return Section(f"Against {experiment.baseline}", tuple(blocks))


def _methods(comparison: RunComparison) -> Section:
    return Section(
        "Methods",
        (
            Bullets(
                (
                    "Intervals of means: Student t over runs. None for a single run, which says "
                    "nothing of spread.",
                    "Differences: the paired t test over repeats with the same seed and the same "
                    "data in both; where they do not pair, or when asked for, Welch's t test, runs "
                    "taken as independent. Seeds and counts decide, never the scores.",
                    "Effective n: independent runs of each variant that would give the same "
                    "standard error, (s1\N{SUPERSCRIPT TWO} + s2\N{SUPERSCRIPT TWO}) / "
                    "se\N{SUPERSCRIPT TWO}.",
                    f"Corrected p: {comparison.adjustment}, over all variants and metrics compared "
                    "here. The best: every pair, Bonferroni.",
                    "Of each repeat the newest completed run counts; failed runs are counted "
                    "beside the mean, and metrics that are not finite have no part in it.",
                )
            ),
        ),
    )
