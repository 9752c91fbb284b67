"""`experimentos design`: from a description of an experiment to a draft design."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from experimentos.cli import design_document, design_exchange, design_layout
from experimentos.cli.options import AsJson

if TYPE_CHECKING:
    from collections.abc import Iterable

    from experimentos.design.parse.draft import Draft, DraftFactor, Evidence

app = typer.Typer(help="Designs: begin, read, judge, lay out, compare.", no_args_is_help=True)

app.add_typer(design_document.app)
app.add_typer(design_layout.app)
app.add_typer(design_exchange.app)

LONGEST_PATH = 1024
# One word with the ending of a text file is meant as a file, also when it is not there.
PATH = re.compile(r"\S+\.(?:txt|md|json)", re.IGNORECASE)
QUOTE_WIDTH = 60


@app.callback()
def group() -> None:
    """Designs: begin, read, judge, lay out, compare."""


@app.command("parse")
def parse(
    described: Annotated[
        str,
        typer.Argument(
            metavar="TEXT|FILE",
            help="A description, a text file, a JSON file with a field `text`, or - for "
            "standard input.",
        ),
    ],
    as_json: AsJson = False,
    with_model: Annotated[
        bool,
        typer.Option(
            "--with-model",
            help="Let the language model of the settings read it as well: the text is sent there.",
        ),
    ] = False,
) -> None:
    """Read a description; every proposed field shows the words that it came from.

    With a model, what only one of the two readers saw, or what they dispute, becomes a question.
    """
    from experimentos.cli import show
    from experimentos.design.parse.describe import parse_design
    from experimentos.flows.description import draft_document

    text = _text(described)
    draft = parse_design(text)
    if with_model:
        draft = _read_twice(text, draft)
    show.answer(draft_document(draft), lambda: _print(draft), as_json=as_json)


def _read_twice(text: str, draft: "Draft") -> "Draft":
    """Return what the rules and the model read together; notices go to standard error."""
    from experimentos.errors import LlmUnavailable
    from experimentos.flows.second_reading import combined
    from experimentos.llm.choice import choice
    from experimentos.llm.port import RULES
    from experimentos.llm.settings import BASE_URL, MODEL
    from experimentos.wiring import open_assistant

    chosen = choice()
    if not chosen.has_model:
        raise LlmUnavailable(
            chosen.fault or "No language model is set up on this installation.",
            hint=f"Set {MODEL}, and {BASE_URL} or a key.",
        )
    reading = open_assistant(chosen).read(text, draft)
    for notice in reading.notices:
        typer.echo(notice, err=True)
    return draft if reading.source == RULES else combined(draft, reading.draft)


def _text(described: str) -> str:
    """Return the description: of a file or of standard input, else the argument itself."""
    from experimentos.cli.inputs import STANDARD_INPUT, read_bytes
    from experimentos.errors import UnreadableError
    from experimentos.flows.description import description_in

    if described != STANDARD_INPUT and not _is_file(described):
        text = described
    else:
        text = description_in(_decoded(read_bytes(described)))
    if not any(c.isalpha() for c in text):
        raise UnreadableError(
            "There is no description to read.",
            hint="Write a sentence or more on what is compared, on what, and what is measured.",
        )
    return text


def _decoded(content: bytes) -> str:
    """Return the text of a file; of one in an old code page, what can be told of it."""
    from experimentos.errors import UnreadableError

    text = content.decode("utf-8", errors="replace")
    if b"\0" in content or text.count("\ufffd") > len(text) / 10:
        raise UnreadableError(
            "The file is not a text.", hint="Save the description as plain text, in UTF-8."
        )
    return text


def _is_file(described: str) -> bool:
    if len(described) > LONGEST_PATH:
        return False
    if PATH.fullmatch(described):
        return True
    try:
        return Path(described).exists()
    except (OSError, ValueError):
        return False


def _print(draft: "Draft") -> None:
    from experimentos.cli import show

    console = show.output()
    console.print(f"Design class: {draft.design_class}")
    console.print(f"Randomised to: {draft.randomisation_unit or 'not said'}")
    console.print(f"Replication: {_replication(draft)}")
    console.print()
    made = show.table(console, ("Factor", "Kind", "Levels", "Sure", "Words"))
    for factor in draft.factors:
        made.add_row(
            show.cell(factor.name),
            factor.kind,
            show.cell(_levels(factor)),
            f"{factor.confidence:.0%}",
            show.cell(_quote(factor.evidence)),
        )
    for response in draft.responses:
        made.add_row(
            show.cell(response.name),
            "response",
            response.family,
            f"{response.confidence:.0%}",
            show.cell(_quote(response.evidence)),
        )
    console.print(made)
    _print_questions(f"{q.text} ({' / '.join(q.answers)})" for q in draft.questions)


def _print_questions(questions: "Iterable[str]") -> None:
    from experimentos.cli import show

    asked = [show.cell(f"- {question}") for question in questions]
    if asked:
        console = show.output()
        console.print("\nTo settle:")
        for question in asked:
            console.print(question)


def _levels(factor: "DraftFactor") -> str:
    if factor.levels:
        listed = ", ".join(factor.levels)
        return f"{listed} {factor.unit}" if factor.unit else listed
    return f"{factor.n_levels} levels" if factor.n_levels else ""


def _replication(draft: "Draft") -> str:
    said = draft.replication
    parts = (
        f"{said.per_cell} per treatment" if said.per_cell else "",
        f"{said.total_units} in all" if said.total_units else "",
        f"each measured {said.technical} times" if said.technical else "",
    )
    return ", ".join(filter(None, parts)) or "not said"


def _quote(evidence: "Evidence") -> str:
    words = " ".join(evidence.quote.split())
    return f"{words[:QUOTE_WIDTH]}…" if len(words) > QUOTE_WIDTH else words
