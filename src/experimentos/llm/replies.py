"""What a short reply to a question of the rules changes in the design."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from experimentos.design.document import ExperimentDescription
from experimentos.design.edits import AddNote, AddResponse, Edit, Patch, Remove, SetDocument, Update
from experimentos.design.names import counted, slug
from experimentos.design.parts import Assumption, Factor, OpenQuestion, Response
from experimentos.design.rules.finding import Finding
from experimentos.llm.port import Asked, Proposed, Task

_NUMBER = re.compile(r"(?<![\w.])[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
_NO = re.compile(r"\b(no|not|none|blind\w*)\b", re.IGNORECASE)
_HANDLINGS = (
    (re.compile(r"\bblock", re.IGNORECASE), "blocked"),
    (re.compile(r"\brecord|\bmeasur", re.IGNORECASE), "measured"),
    (re.compile(r"\bconstant|\bfix", re.IGNORECASE), "constant"),
    (re.compile(r"\brandom", re.IGNORECASE), "randomised"),
)
WHY = "You answered the question."


@dataclass(frozen=True, slots=True)
class Inquiry:
    """A question that a finding calls for, and what a reply to it changes.

    Attributes
    ----------
    text : str
    answers : tuple[str, ...]
        Quick ones.
    edits : callable
        Of the document, the finding and the reply; none when the reply says nothing of it.
    """

    text: str
    answers: tuple[str, ...]
    edits: Callable[[ExperimentDescription, Finding, str], Iterator[Edit]]


def inquiry(document: ExperimentDescription, finding: Finding) -> Asked | None:
    """Return the question that settles a finding, None when there is none for it."""
    known = INQUIRIES.get(finding.rule)
    if known is None:
        return None
    return Asked(_worded(document, finding, known), known.answers)


def replied(task: Task) -> Iterator[Proposed]:
    """Yield what a reply to the assistant's last question changes; nothing for another request."""
    asked = next((s.text for s in reversed(task.history) if not s.is_person), "")
    if not asked:
        return
    for question in task.document.open_questions:
        if question.text and question.text in asked:
            yield _settled(task, question)
            return
    for finding in task.findings:
        known = INQUIRIES.get(finding.rule)
        if known is None or _worded(task.document, finding, known) not in asked:
            continue
        edits = tuple(known.edits(task.document, finding, task.request))
        if edits:
            title = f"Answer: {task.request.strip()[:120]}"
            yield _proposal(Patch.model_validate({"title": title, "edits": edits}), task)
            return


def _settled(task: Task, question: OpenQuestion) -> Proposed:
    reply = task.request.strip()[:1_000]
    gone = Remove(part="open_questions", id=question.id)
    unit = task.document.unit(question.about)
    numbers = _numbers(reply)
    if unit is not None and unit.count is None and numbers and numbers[0] == int(numbers[0]) > 0:
        count = Update(part="units", id=unit.id, fields={"count": int(numbers[0])})
        title = counted(int(numbers[0]), unit.name, unit.plural)
        return _proposal(Patch(title=title, edits=(count, gone)), task)
    note = Assumption(
        id=slug(f"answer {question.id}", [a.id for a in task.document.assumptions]),
        about=question.about, text=f"{question.text} {reply}", quote=reply, confidence=1.0,
    )  # fmt: skip
    edits = (AddNote(note=note), gone)
    return _proposal(Patch(title=f"Note the answer: {reply[:120]}", edits=edits), task)


def _proposal(patch: Patch, task: Task) -> Proposed:
    return Proposed(patch, WHY, task.request.strip()[:400], is_quoted=True)


def _worded(document: ExperimentDescription, finding: Finding, known: Inquiry) -> str:
    part = _response(document, finding) or _factor(document, finding)
    return known.text.replace("{name}", part.name if part else "it")


def _response(document: ExperimentDescription, finding: Finding) -> Response | None:
    return next((r for r in document.responses if r.id in finding.subjects), None)


def _factor(document: ExperimentDescription, finding: Finding) -> Factor | None:
    return next((f for f in document.factors if f.id in finding.subjects), None)


def _measured(document: ExperimentDescription, _finding: Finding, reply: str) -> Iterator[Edit]:
    name = reply.strip().rstrip(".")[:200]
    lowest = document.units[-1].id if document.units else None
    taken = [r.id for r in document.responses]
    response = Response(id=slug(name, taken), name=name, measured_on=lowest, primary=not taken)
    if name:
        yield AddResponse(response=response)


def _control(document: ExperimentDescription, finding: Finding, reply: str) -> Iterator[Edit]:
    factor = _factor(document, finding)
    said = reply.strip().rstrip(".").casefold()
    named = [x for x in factor.levels if x.label.casefold() in said] if factor else []
    if factor is None or not named:
        return
    chosen = max(named, key=lambda x: len(x.label))
    levels = [x.model_copy(update={"is_control": x is chosen}) for x in factor.levels]
    yield Update(part="factors", id=factor.id, fields={"levels": levels})


def _covariate(document: ExperimentDescription, finding: Finding, reply: str) -> Iterator[Edit]:
    factor, numbers = _factor(document, finding), sorted(_numbers(reply)[:2])
    fields: dict[str, object] = {}
    if found := re.search(r"\b(before|at|after)\b", reply, re.IGNORECASE):
        fields["measured"] = found[1].lower()
    if len(numbers) == 2 and numbers[0] < numbers[1]:
        fields["range"] = numbers
    if factor is not None and fields:
        yield Update(part="factors", id=factor.id, fields=fields)


def _expected(document: ExperimentDescription, finding: Finding, reply: str) -> Iterator[Edit]:
    response, numbers = _response(document, finding), _numbers(reply)
    if response is None or len(numbers) < 2 or numbers[0] == numbers[1]:
        return
    fields: dict[str, object] = {"expected_range": sorted(numbers[:2])}
    if len(numbers) > 2 and numbers[2] > 0:
        fields["smallest_effect"] = numbers[2]
    yield Update(part="responses", id=response.id, fields=fields)


def _blinding(document: ExperimentDescription, finding: Finding, reply: str) -> Iterator[Edit]:
    response = _response(document, finding)
    if response is not None:
        fields = {"is_blinded": _NO.search(reply) is not None}
        yield Update(part="responses", id=response.id, fields=fields)


def _losses(document: ExperimentDescription, _finding: Finding, reply: str) -> Iterator[Edit]:
    numbers = _numbers(reply) or ([0.0] if _NO.search(reply) else [])
    share = numbers[0] / 100 if numbers and ("%" in reply or numbers[0] >= 1) else sum(numbers[:1])
    if numbers and 0 <= share < 1:
        conduct = document.conduct.model_copy(update={"expected_loss": share})
        yield SetDocument(fields={"conduct": conduct})


def _nuisance(document: ExperimentDescription, finding: Finding, reply: str) -> Iterator[Edit]:
    factor = _factor(document, finding)
    handling = next((word for pattern, word in _HANDLINGS if pattern.search(reply)), "")
    if factor is not None and handling:
        yield Update(part="factors", id=factor.id, fields={"handling": handling})


def _numbers(text: str) -> list[float]:
    return [float(n) for n in _NUMBER.findall(text.replace(",", " "))]


INQUIRIES: Mapping[str, Inquiry] = {
    "R01": Inquiry("What will be measured to compare the treatments?", (), _measured),
    "R05": Inquiry("Which level of {name} are the others compared with?", (), _control),
    "R16": Inquiry("When is {name} measured, and in which range does it lie?",
                   ("before the draw", "after it"), _covariate),
    "R33": Inquiry("Between which two values will nine of ten measurements of {name} lie, and "
                   "which difference would matter to you? Three numbers will do.", (), _expected),
    "R40": Inquiry("Does whoever judges {name} know the treatment?",
                   ("no, they are blinded", "yes"), _blinding),
    "R41": Inquiry("Which share of the units do you expect to lose before the end?",
                   ("none", "5 %", "10 %", "20 %"), _losses),
    "R42": Inquiry("What do you do about {name}?",
                   ("block by it", "record it", "keep it constant"), _nuisance),
}  # fmt: skip
