"""What a memo is about: the values of one analysis, and what stands round them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from experimentos.analysis.result import Analysis
from experimentos.decision.decision import Decision
from experimentos.health.report import HealthReport
from experimentos.metrics.contract import Reading
from experimentos.plan.charter import Charter
from experimentos.policy import Policy


class Subject(Protocol):
    """An experiment from its file to its decision; `flows.ab_test.AbTest` is one."""

    @property
    def reading(self) -> Reading:
        """What the file said."""
        ...

    @property
    def charter(self) -> Charter:
        """What was planned."""
        ...

    @property
    def policy(self) -> Policy:
        """The thresholds that were applied."""
        ...

    @property
    def health(self) -> HealthReport:
        """Whether the data may be analysed."""
        ...

    @property
    def analysis(self) -> Analysis | None:
        """Every comparison; None when the data is blocked."""
        ...

    @property
    def decision(self) -> Decision:
        """The verdict."""
        ...


@dataclass(frozen=True, slots=True)
class MemoFields:
    """What a person may write into a memo; empty fields fall back to the charter.

    Attributes
    ----------
    title, owner : str
        Plain text.
    hypothesis, notes : str
        Markdown, shown sanitised.
    """

    title: str = ""
    hypothesis: str = ""
    owner: str = ""
    notes: str = ""

    def over(self, charter: Charter) -> "MemoFields":
        """Return the fields with the charter's text where they are empty."""
        return MemoFields(
            title=self.title.strip() or charter.title.strip(),
            hypothesis=self.hypothesis.strip() or charter.hypothesis.strip(),
            owner=self.owner.strip() or charter.owner.strip(),
            notes=self.notes.strip() or charter.notes.strip(),
        )


@dataclass(frozen=True, slots=True)
class MemoFacts:
    """What lets somebody else make the same memo.

    Attributes
    ----------
    made_at : datetime
        Aware; shown in UTC.
    run_id : str
        Of the history; "" for an analysis that was not saved.
    command : str
        The command line that reproduces the analysis; "" when there is none.
    versions : Mapping[str, str]
        Package to version.
    """

    made_at: datetime
    run_id: str = ""
    command: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
