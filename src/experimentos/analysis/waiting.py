"""What a plan to look early lets nobody decide yet."""

from experimentos.analysis.over_time import over_time
from experimentos.analysis.result import Unavailable
from experimentos.metrics.summary import Arm, Metric, Summary
from experimentos.plan.charter import Charter
from experimentos.policy import Policy


def waiting(summary: Summary, metric: Metric, arm: Arm, rules: tuple[Charter, Policy]) -> str:
    """Return why the charter's monitoring lets this arm not be decided; "" when it may be.

    Without days in the data there was one look: it may decide when the planned users are here,
    because then nothing of alpha was spent before.
    """
    charter, policy = rules
    plan = charter.monitoring
    if plan is None:
        return ""
    if charter.planned_users is None:
        return "The charter plans to look early and names no planned number of users."
    course = over_time(summary, metric, arm.name, charter, policy)
    if isinstance(course, Unavailable):
        users = sum(each.users for each in summary.arms)
        if users >= charter.planned_users:
            return ""
        return (
            f"{users:,} of the {charter.planned_users:,} planned users are here, and the data has "
            "no days by which the planned looks could be read."
        )
    crossed = course.may_stop and course.has_effect
    return "" if crossed else course.sentence
