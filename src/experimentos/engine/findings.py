"""What the rows themselves say against an experiment: issues, each with its count."""

from collections.abc import Iterable, Iterator

from experimentos.engine.attribution import exposure_findings
from experimentos.engine.collect import Answer
from experimentos.engine.need import Wanted
from experimentos.engine.port import Question, State
from experimentos.issue import Issue, Severity, Where
from experimentos.metrics.reading.names import NAME, NAME_RULE, visible
from experimentos.policy import Policy


def findings(answers: tuple[Answer, ...], arms: Iterable[str], policy: Policy) -> tuple[Issue, ...]:
    """Return the issues of the rows, worst first.

    Parameters
    ----------
    answers
        The first holds all metrics, the later ones metrics that were asked again.
    arms
        The names that the arms will have.
    """
    first = answers[0]
    last = {wanted.metric.name: (a, wanted) for a in answers for wanted in a.wanted}
    issues = [
        *_names(arms, first.question),
        *_units(first, policy),
        *exposure_findings(first),
        *_cells(first),
        *(issue for answer, wanted in last.values() for issue in _metric(answer, wanted)),
    ]
    return tuple(sorted(issues, key=lambda issue: -issue.severity.rank))


def _names(arms: Iterable[str], question: Question) -> Iterator[Issue]:
    for arm in arms:
        if not NAME.fullmatch(arm):
            yield Issue(
                "arm_name",
                Severity.BLOCKED,
                f"The arm {visible(arm)!r} has a name that no report can carry.",
                f"{NAME_RULE} Name it where the rows are summed up: on the page below the "
                "columns, on the command line with --map variant=control=0.",
                Where(column=question.variant),
            )


def _units(answer: Answer, policy: Policy) -> Iterator[Issue]:
    rows, question = answer.scanned.rows, answer.question
    counted = sum(row.units for row in answer.counted)
    several = sum(row.units for row in rows if row.state is State.SEVERAL_ARMS)
    if several:
        share = several / (several + counted)
        blocks = share > policy.several_arms_blocked
        yield Issue(
            "several_arms",
            Severity.BLOCKED if blocks else Severity.WARNING,
            f"{several:,} units ({share:.2%}) were in more than one arm; they are in none of the "
            "arms here.",
            "Find out how a unit changes its arm; what such units did belongs to no arm.",
            Where(column=question.unit),
        )
    nameless = sum(row.rows for row in rows if row.state is State.NO_UNIT)
    if nameless:
        yield Issue(
            "no_unit",
            Severity.WARNING,
            f"{nameless:,} rows have no {question.unit}; they are in no arm.",
            "Find out why; when one arm loses more rows than another, the result is biased.",
            Where(column=question.unit),
        )
    unassigned = sum(r.units for r in rows if r.state is State.COUNTED and r.arm is None)
    if unassigned:
        yield Issue(
            "no_variant",
            Severity.WARNING,
            f"{unassigned:,} units have no {question.variant}; they are in no arm.",
            "Leave units that were never assigned out of the source, or find out why they are.",
            Where(column=question.variant),
        )
    read = sum(row.rows for row in answer.counted)
    if question.unit is not None and question.exposed is None and read > counted:
        yield Issue(
            "rows_put_together",
            Severity.NOTE,
            f"{read:,} rows were put together to {counted:,} units by {question.unit}.",
            "Nothing to do when a row is an event; otherwise look for duplicate rows.",
            Where(column=question.unit),
        )


def _cells(answer: Answer) -> Iterator[Issue]:
    question, counted = answer.question, answer.counted
    strays = sum(row.strays for row in counted)
    if question.segment is not None and strays:
        yield Issue(
            "segment_varies",
            Severity.WARNING,
            f"{strays:,} units have more than one {question.segment}; the first by name counts.",
            "Segment by something that was known before the experiment and does not change.",
            Where(column=question.segment),
        )
    missing = sum(row.units for row in counted if row.segment is None)
    if question.segment is not None and missing:
        yield Issue(
            "no_segment",
            Severity.NOTE,
            f"{missing:,} units have no {question.segment}; they are the segment 'missing'.",
            "Nothing to do, unless one arm has more of them than another.",
            Where(column=question.segment),
        )
    undated = sum(row.units for row in counted if row.day is None)
    if question.day is not None and undated:
        yield Issue(
            "no_date",
            Severity.WARNING,
            f"{undated:,} units have no {question.day}; they are in the totals and on no day.",
            "Find out why; daily and sequential views do not hold these units.",
            Where(column=question.day),
        )


def _metric(answer: Answer, wanted: Wanted) -> Iterator[Issue]:
    name = wanted.metric.name
    where = Where(column=name)
    stray = sum(answer.counts(answer.places(wanted.x).stray))
    if stray:
        yield Issue(
            "not_zero_or_one",
            Severity.BLOCKED,
            f"{name}: {stray:,} units have a value that is neither 0 nor 1.",
            "Write a comparison, such as expression: clicks > 0, or make it kind: mean.",
            where,
        )
    if any(statistic is None for statistic in answer.statistics[name]):
        yield Issue(
            "not_finite",
            Severity.BLOCKED,
            f"{name} holds values that are not finite, or too large to be squared.",
            "Filter them out, winsorise the metric, or repair the column.",
            where,
        )
    yield from _absent(answer, wanted)
    if wanted.is_ordered and not all(s.n for s in answer.statistics[name] if s is not None):
        yield Issue(
            "too_few_for_quantile",
            Severity.WARNING,
            f"{name}: too few units of an arm lie beyond the quantile to say how uncertain it is.",
            "Take a quantile nearer to the middle, or wait for more units.",
            where,
        )
    if wanted.y is not None:
        varies = max(sum(answer.counts(answer.places(value).varies)) for value in wanted.values[1:])
        if varies:
            yield Issue(
                "covariate_varies",
                Severity.WARNING,
                f"{name}: {varies:,} units have more than one value of the covariate; the "
                "largest counts.",
                "A covariate is one number per unit, from before the experiment.",
                where,
            )


def _absent(answer: Answer, wanted: Wanted) -> Iterator[Issue]:
    """Report units that are left out of a metric, by arm: leaving out can differ between arms."""
    at = answer.places(wanted.x)
    present = answer.counts(at.present)
    lost = [(row, row.units - n) for row, n in zip(answer.counted, present, strict=True)]
    total = sum(count for _, count in lost)
    if total:
        arms: dict[str, tuple[int, int]] = {}
        for row, count in lost:
            absent, units = arms.get(row.arm or "", (0, 0))
            arms[row.arm or ""] = absent + count, units + row.units
        shown = ", ".join(f"{visible(arm)} {a:,} of {u:,}" for arm, (a, u) in sorted(arms.items()))
        yield Issue(
            "metric_absent",
            Severity.WARNING,
            f"{wanted.metric.name}: units without a value are left out of it ({shown}).",
            "Say what no value means (nulls: zero), or measure the ratio of two sums; when the "
            "treatment decides who has a value, the result is biased.",
            Where(column=wanted.metric.name),
        )
    gaps = sum(answer.counts(at.gaps))
    if answer.question.unit is not None and gaps > total:
        yield Issue(
            "rows_without_value",
            Severity.NOTE,
            f"{wanted.metric.name}: {gaps:,} rows have no value and add nothing to their unit.",
            "Nothing to do when an empty cell means that nothing happened.",
            Where(column=wanted.metric.name),
        )
