"""Designs as files: what goes out by choice, and what a file would change before it is taken."""

from dataclasses import dataclass
from datetime import UTC, datetime

from experimentos.design.diff import changes
from experimentos.design.document import ExperimentDescription
from experimentos.design.patch import between
from experimentos.design.versions import History
from experimentos.errors import DesignError
from experimentos.flows.design_session import (
    DesignSession,
    export_session,
    import_session,
    revise,
)
from experimentos.flows.design_status import Standing, preview, standing
from experimentos.flows.design_turn import TurnTokens

_OWN = {
    "sent_to": "", "reading_tokens": TurnTokens(), "second_reading": None, "new_reading": None,
    "reader": "both",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ExportWish:
    """What an exported session holds besides the newest version of its design."""

    versions: bool = True
    notes: bool = True
    conversation: bool = True


@dataclass(frozen=True, slots=True)
class Incoming:
    """A design from a file, before anything is taken over.

    Attributes
    ----------
    session : DesignSession
        As it would be opened.
    versions, messages : int
    has_notes : bool
    about : str
        What its design consists of, in one line; "" while it is only described.
    standing : Standing | None
        What the rules make of it.
    changes : tuple[str, ...]
        What taking it over would change in the present design, in sentences; empty without one.
    is_same : bool
        It is the present design, by its hash.
    """

    session: DesignSession
    versions: int
    messages: int
    has_notes: bool
    about: str
    standing: Standing | None
    changes: tuple[str, ...] = ()
    is_same: bool = False


def exported(session: DesignSession, wish: ExportWish) -> bytes:
    """Return a session as JSON with what is wished for; its design keeps its hash.

    Agreements to send texts elsewhere stay behind, and so do what was spent and what a model read.
    """
    kept = session.model_copy(update=_OWN)
    if not wish.notes:
        kept = kept.model_copy(update={"notes": ""})
    if not wish.conversation:
        kept = kept.model_copy(update={"conversation": ()})
    if not wish.versions and kept.history is not None:
        # Older wordings of the description are those of older versions.
        newest = {"history": History(versions=(kept.history.last,)), "lines": ()}
        kept = kept.model_copy(update=newest)
    return export_session(kept)


def incoming(content: bytes, present: ExperimentDescription | None = None) -> Incoming:
    """Return what a file holds and what it would change.

    Raises
    ------
    DesignError
        If it is no design of ours; see `design_session.import_session`.
    """
    # Nobody agreed to anything in a file, and what a model is said to have read is read again.
    session = import_session(content).model_copy(update={**_OWN, "is_archived": False})
    document = session.document
    return Incoming(
        session=session,
        versions=len(session.history.versions) if session.history else 0,
        messages=len(session.conversation),
        has_notes=bool(session.notes.strip()),
        about=preview(document) if document else "",
        standing=standing(document) if document else None,
        changes=_changes(present, document),
        is_same=bool(present and document and present.hash() == document.hash()),
    )


def taken_into(session: DesignSession, found: Incoming) -> DesignSession:
    """Return the session with the design of a file as its newest version; the same when equal.

    Raises
    ------
    DesignError
        If one of them holds no design.
    """
    present, document = session.document, found.session.document
    if present is None or document is None:
        raise DesignError("There is no design to take over.", hint="Bring it in as a new one.")
    patch = between(present, document)
    if not patch.edits:
        return session
    when = f"{datetime.now(UTC):%Y-%m-%d}"
    return revise(session, patch, f"Taken over from a file on {when}", author="import")


def _changes(
    present: ExperimentDescription | None, document: ExperimentDescription | None
) -> tuple[str, ...]:
    if present is None or document is None:
        return ()
    return tuple(change.sentence for change in changes(present, document))
