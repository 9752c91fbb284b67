"""The primary metric in parts, for a terminal: segments, days, and what covariates did."""

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from experimentos.analysis import numbers
from experimentos.analysis.over_time import OverTime
from experimentos.analysis.poststratification import Interaction
from experimentos.analysis.result import Compared, Outcome, Unavailable
from experimentos.analysis.segments import Segmented
from experimentos.charts.visible import one_line
from experimentos.flows.ab_test import AbTest
from experimentos.flows.parts import parts_of
from experimentos.flows.unadjusted import variance_ratios


def print_parts(console: Console, test: AbTest) -> None:
    """Print whatever of the three there is, each under its own heading."""
    parts = parts_of(test)
    metrics = test.analysis.frequentist.metrics if test.analysis else ()
    kinds = {result.metric: result.kind for result in metrics}
    segments = [line for view in parts.segments for line in _segments(view, kinds[view.metric])]
    _section(console, "By segment, adjusted by Holm", segments)
    primary = metrics[0].kind if metrics else ""
    courses = [_course(course, primary) for course in parts.courses]
    _section(console, "Given the plan, can I stop today?", courses)
    _section(console, "Covariates", list(_covariates(test)))


def _section(console: Console, title: str, lines: list[str]) -> None:
    if lines:
        console.print()
        console.print(Text(title, style="bold"))
        for line in lines:
            console.print(Text(f"- {one_line(line)}"))


def _segments(view: Segmented, kind: str) -> Iterator[str]:
    for each in view.segments:
        planned = "planned" if each.is_planned else "not planned"
        yield f"{view.arm}, {each.segment} ({planned}): {_effect(each.outcome, kind)}"
    yield f"{view.arm}: {_interaction(view.interaction)}"
    yield f"{view.arm}, all users post-stratified: {_effect(view.poststratified, kind)}"


def _effect(outcome: Outcome, kind: str) -> str:
    match outcome:
        case Unavailable():
            return outcome.why
        case Compared():
            interval = numbers.difference_interval(outcome.interval, kind)
            return (
                f"{numbers.difference(outcome.difference, kind)} ({interval}, "
                f"{numbers.p_value(outcome.p_value)})"
            )


def _interaction(found: Interaction | Unavailable) -> str:
    if isinstance(found, Unavailable):
        return f"whether the effect differs between segments is unknown: {found.why}"
    return f"do segments differ? Cochran's Q {found.q:.2f}, {numbers.p_value(found.p_value)}"


def _course(course: OverTime | Unavailable, kind: str) -> str:
    if isinstance(course, Unavailable):
        return course.why
    line = f"{course.arm}: {course.sentence}"
    if course.final is not None:
        interval = numbers.difference_interval(course.final.interval, kind)
        line += (
            f" Adjusted for the looks: {numbers.difference(course.final.estimate, kind)} "
            f"({interval}, {numbers.p_value(course.final.p_value)})."
        )
    return line


def _covariates(test: AbTest) -> Iterator[str]:
    metrics = test.analysis.frequentist.metrics if test.analysis else ()
    for result in metrics:
        for arm, ratio in variance_ratios(result):
            left = numbers.percent(ratio, 0)
            yield f"{result.metric}, {arm}: the covariate leaves {left} of the variance"
