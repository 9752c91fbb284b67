"""What a decision rule is, and what it may look at."""

from collections.abc import Callable
from dataclasses import dataclass

from experimentos.decision.decision import Verdict
from experimentos.decision.judge import JudgedArm
from experimentos.health.report import HealthReport
from experimentos.policy import Policy


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that a rule may look at; there is no place in it for a posterior.

    Attributes
    ----------
    health : HealthReport
    policy : Policy
    judged : JudgedArm | None
        The arm that the rules are asked about; None when nothing was analysed.
    """

    health: HealthReport
    policy: Policy
    judged: JudgedArm | None


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the decision table.

    Attributes
    ----------
    name : str
        Stable snake_case name, kept in the history.
    title : str
        The rule in words, for the list of rules on screen and in the memo.
    when : Callable[[Evidence], bool]
        Whether the rule applies; pure.
    verdict : Verdict
    sentence : Callable[[Evidence], str]
        The verdict and its reason with the numbers, called only when the rule applies.
    next_actions : tuple[str, ...]
        What to do now, in order; "{arm}" stands for the arm.
    speaks_of_arm : bool
        Whether the verdict is about one arm, not about the experiment.
    """

    name: str
    title: str
    when: Callable[[Evidence], bool]
    verdict: Verdict
    sentence: Callable[[Evidence], str]
    next_actions: tuple[str, ...]
    speaks_of_arm: bool = True
