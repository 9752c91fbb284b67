"""A description of an experiment to a draft design, and the draft as a document."""

import json

from experimentos.design.parse.draft import Draft
from experimentos.flows.encode import Json, encode

SCHEMA_VERSION = 1


def description_in(content: str) -> str:
    """Return the description in a file: the field "text" of a JSON object, else all of it."""
    if content.lstrip().startswith("{"):
        try:
            document = json.loads(content)
        except (json.JSONDecodeError, RecursionError):
            return content
        if isinstance(document, dict) and isinstance(document.get("text"), str):
            return str(document["text"])
    return content


def draft_document(draft: Draft) -> dict[str, Json]:
    """Return the draft as one JSON object; evidence holds offsets into the text and the quote."""
    return {
        "schema_version": SCHEMA_VERSION,
        "factors": encode(draft.factors),
        "replication": encode(draft.replication),
        "randomisation_unit": draft.randomisation_unit,
        "response": encode(draft.responses),
        "design_class": draft.design_class,
        "questions": encode(draft.questions),
    }
