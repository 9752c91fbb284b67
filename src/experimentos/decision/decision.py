"""What to do, and why."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """The three things that one can do with an experiment."""

    LAUNCH = "Launch"
    HOLD = "Hold"
    ROLLBACK = "Rollback"


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict of the first rule that matched.

    Attributes
    ----------
    verdict : Verdict
    rule : str
        Name of the rule in `decision.RULES`.
    sentence : str
        The verdict and its reason for people, numbers included; one or two sentences.
    reasons : tuple[str, ...]
        Supporting facts, most important first.
    arm : str
        The arm that the verdict speaks of; "" when it speaks of all.
    next_actions : tuple[str, ...]
        What to do now, in order.
    """

    verdict: Verdict
    rule: str
    sentence: str
    reasons: tuple[str, ...] = ()
    arm: str = ""
    next_actions: tuple[str, ...] = ()
