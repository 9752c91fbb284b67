"""The assistant without a model: explains findings, names what is missing, asks what is next."""

import re
from collections.abc import Callable, Iterator

from experimentos.design.derive import cells, design_class, replicates
from experimentos.design.document import ExperimentDescription
from experimentos.design.edits import AddFactor, AddResponse, Patch
from experimentos.design.from_draft import from_draft
from experimentos.design.names import is_same_name, slug
from experimentos.design.parse.describe import parse_design
from experimentos.design.parse.draft import Draft
from experimentos.design.parts import Factor, Response
from experimentos.design.rules import RULES as DESIGN_RULES
from experimentos.design.rules.finding import Finding, Severity
from experimentos.llm.evidence import locate
from experimentos.llm.missing import names_of, suggestions
from experimentos.llm.port import RULES, Asked, Event, Piece, Proposed, Reading, Task
from experimentos.llm.replies import inquiry, replied

EXPLAIN = "Explain the checks"
MISSING = "What could be missing?"
NEXT = "What should I settle next?"
DESCRIBE = "Describe this design"
QUICK_QUESTIONS = (NEXT, MISSING, EXPLAIN, DESCRIBE)

MOST_EXPLAINED = 3
LONGEST_QUESTION = 120
MOST_READ = 4

_RULE = re.compile(r"\bR(\d{2})\b", re.IGNORECASE)
_INTENTS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), name)
    for pattern, name in (
        (r"\b(miss(ing)?|forg[eo]t\w*|suggest\w*|what else|left out)\b", "missing"),
        (r"\b(next|settle|still open|open questions?|what now|how (do|should) I (go on|begin))\b",
         "next"),
        (r"\b(describe|summar\w+|overview|what (kind|type) of design)\b", "describe"),
        (r"\b(explain|why|what does .{1,40} mean|checks?|findings?|problems?|errors?|warnings?|"
         r"wrong|fix)\b", "explain"),
    )
)  # fmt: skip


class RuleAssistant:
    """Answers from the design, its findings and tables; the same design gives the same answer."""

    @property
    def name(self) -> str:
        """Return "rules"."""
        return RULES

    def chat(self, task: Task) -> Iterator[Event]:
        """Answer one request; see `llm.port.Assistant.chat`."""
        is_question = task.request in QUICK_QUESTIONS or task.request.rstrip().endswith("?")
        answered = [] if is_question else list(replied(task))
        if answered:
            yield Piece("This follows from your answer.\n\n")
            yield from answered
            return
        named = [f"R{number}" for number in _RULE.findall(task.request)]
        if named:
            yield from _about_rules(task, named)
            return
        # A long request is a description, whatever words are in it.
        short = task.request if len(task.request) <= LONGEST_QUESTION else ""
        intent = next((name for pattern, name in _INTENTS if pattern.search(short)), "")
        yield from _ANSWERS.get(intent, _read_request)(task)

    def read(
        self,
        text: str,  # noqa: ARG002 - the port's
        candidates: Draft,
        allowance: int | None = None,  # noqa: ARG002 - the port's
    ) -> Reading:
        """Return what the rule parser read."""
        return Reading(candidates, RULES)


def next_question(task: Task) -> Asked | None:
    """Return the one question whose answer helps the design most, None when nothing is open."""
    for question in task.document.open_questions:
        return Asked(question.text, question.answers)
    for finding in _in_focus(task):
        asked = inquiry(task.document, finding)
        if asked is not None:
            return asked
    return None


def _about_rules(task: Task, names: list[str]) -> Iterator[Event]:
    for name in dict.fromkeys(names):
        rule = DESIGN_RULES.get(name)
        if rule is None:
            yield Piece(f"There is no rule {name}; they go from R01 to R46.\n\n")
            continue
        found = [f for f in task.findings if f.rule == name]
        yield Piece(f"{name} looks for: {rule.title.lower()}. {rule.why}\n\n")
        if not found:
            yield Piece("This design passes it.\n\n")
        for finding in found[:MOST_EXPLAINED]:
            yield from _explained(finding, with_why=False)


def _explain(task: Task) -> Iterator[Event]:
    found = _in_focus(task)
    if not found:
        where = " of this card" if task.focus else ""
        yield Piece(f"Nothing{where} is found wanting: all rules pass.\n\n")
        return
    for finding in found[:MOST_EXPLAINED]:
        yield from _explained(finding)
    left = len(found) - MOST_EXPLAINED
    if left > 0:
        yield Piece(f"{left} more {'is' if left == 1 else 'are'} in the list of checks.\n\n")


def _explained(finding: Finding, *, with_why: bool = True) -> Iterator[Event]:
    words = {
        Severity.ERROR: "This must be settled before a model can be made.",
        Severity.WARNING: "You may accept it with a reason.",
        Severity.INFO: "This is advice.",
    }
    why = f" {finding.why}" if with_why else ""
    numbers = f" {finding.evidence}" if finding.evidence else ""
    yield Piece(f"{finding.message}{numbers}{why} {words[finding.severity]}\n\n")
    for patch in finding.fixes[:1]:
        yield Proposed(patch, f"It settles {finding.rule}.")


def _missing(task: Task) -> Iterator[Event]:
    found = suggestions(task.document, task.description)
    if not found:
        yield Piece(
            "Nothing of what designs like this often forget is missing. What else differs between "
            "your units, or changes while you work?\n\n"
        )
        return
    yield Piece("Designs like this often forget these. Take over what applies to yours.\n\n")
    for patch, why in found:
        yield Proposed(patch, why)


def _next(task: Task) -> Iterator[Event]:
    asked = next_question(task)
    if asked is not None:
        yield asked
        return
    yield from _explain(task) if task.findings else _missing(task)


def _describe(task: Task) -> Iterator[Event]:
    document = task.document
    kind = design_class(document).replace("_", " ")
    yield Piece(f"By its structure this is: {kind}. {_sizes(document)}\n\n")
    for factor in document.treatments:
        allotment = document.allotment(factor.id)
        unit = document.unit(allotment.unit_id) if allotment else None
        count = replicates(document, factor)
        if unit is not None:
            each = f", {count:g} of them for each level" if count else ""
            yield Piece(f"{factor.name} is applied to each {unit.name}{each}.\n\n")
    errors = sum(f.severity is Severity.ERROR for f in task.findings)
    warnings = sum(f.severity is Severity.WARNING for f in task.findings)
    yield Piece(f"The rules find {_count(errors, 'error')} and {_count(warnings, 'warning')}.\n\n")


def _sizes(document: ExperimentDescription) -> str:
    total = cells(document)
    combinations = f" with {_count(total, 'combination')}" if total else ""
    measured = ", ".join(r.name for r in document.responses) or "nothing yet"
    return (
        f"It has {_count(len(document.treatments), 'treatment factor')}{combinations} and measures "
        f"{measured}."
    )


def _read_request(task: Task) -> Iterator[Event]:
    """Read the request itself as a sentence of the description."""
    proposals = list(_added(task))
    if proposals:
        yield Piece("This is what can be read from your words and is not in the design yet.\n\n")
        yield from proposals[:MOST_READ]
        return
    yield Piece(
        "No language model is asked, and the rules read no wish out of this. They can explain a "
        "check (name it, as R07), say what designs like yours often forget, ask what is open, and "
        "read a sentence such as: the plots get 0, 50 or 100 kg/ha of nitrogen.\n\n"
    )
    asked = next_question(task)
    if asked is not None:
        yield asked


def _added(task: Task) -> Iterator[Proposed]:
    draft = parse_design(task.request)
    read = from_draft(draft, text=task.request)
    known = names_of(task.document)
    taken = [f.id for f in task.document.factors]
    for factor, said in zip(read.factors, draft.factors, strict=True):
        if not any(is_same_name(factor.name, name) for name in known):
            own = factor.model_copy(update={"id": slug(factor.name, taken), "source_span": None})
            yield _proposal(own, said.evidence.quote, task)
    measured = [r.name for r in task.document.responses]
    ids = [r.id for r in task.document.responses]
    for response, heard in zip(read.responses, draft.responses, strict=True):
        if not any(is_same_name(response.name, name) for name in measured):
            unit = task.document.units[-1].id if task.document.units else None
            own_response = response.model_copy(
                update={
                    "id": slug(response.name, ids),
                    "measured_on": unit,
                    "primary": not ids,
                    "source_span": None,
                }
            )
            yield _proposal(own_response, heard.evidence.quote, task)


def _proposal(part: Factor | Response, quote: str, task: Task) -> Proposed:
    edit = AddFactor(factor=part) if isinstance(part, Factor) else AddResponse(response=part)
    patch = Patch(title=f"Add {part.name}", edits=(edit,))
    is_quoted = locate(quote, task.request) is not None
    return Proposed(patch, "Read from your words.", quote, is_quoted)


def _in_focus(task: Task) -> list[Finding]:
    wanted = task.focus.partition(".")[2]
    return [f for f in task.findings if not wanted or wanted in f.subjects]


def _count(number: int, one: str) -> str:
    return f"{number:,} {one}{'' if number == 1 else 's'}"


_ANSWERS: dict[str, Callable[[Task], Iterator[Event]]] = {
    "missing": _missing,
    "next": _next,
    "describe": _describe,
    "explain": _explain,
}
