"""A session of designing an experiment: its text, its versions, kept by id."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from experimentos.design.document import ExperimentDescription, explain, read_document
from experimentos.design.edits import Patch, SetDocument
from experimentos.design.versions import Author, History, Made, Version, begin, commit, restore
from experimentos.errors import DesignError, NotFound, StoreError
from experimentos.flows.design_reading import by_name
from experimentos.flows.design_status import preview, standing
from experimentos.flows.design_turn import Decision, Turn, TurnTokens
from experimentos.flows.encode import encode
from experimentos.flows.second_reading import Reader, SecondReading, draft_of, is_of
from experimentos.ids import canonical_json
from experimentos.store.port import Query, Record, Store, new_record

DESIGN = "design"
TEXT_LIMIT = 20_000
IMPORT_LIMIT_BYTES = 20_000_000
UNTITLED = "Untitled design"


class InLine(BaseModel):
    """From a version on, the description that the design was in line with."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int = Field(ge=1)
    text: Annotated[str, Field(max_length=TEXT_LIMIT)]


class DesignSession(BaseModel):
    """The work on one design.

    Attributes
    ----------
    id : str
        26 characters, "" until it is first saved; whoever knows it may open the session.
    revision : int
        The one that was read, 0 for a new session.
    text : str
        The description as it was typed.
    read_text : str | None
        The description that the design was last brought in line with; None when it is `text`.
    is_read : bool
        The description was read and its proposals are shown.
    answers : dict[str, str]
        What was answered while the proposals were shown, by question.
    history : History | None
        None until the proposals are taken over.
    notes : str
        For the people who work on it; no rule reads them.
    conversation : tuple[Turn, ...]
        Oldest first.
    sent_to : str
        Where a person agreed that texts of this design may go; "rules" when they declined, "" when
        nobody was asked.
    reading_tokens : TurnTokens
        What readings of the description by a model cost.
    second_reading : SecondReading | None
        What a model read from the description.
    reader : str
        Whose reading is shown: "both", "rules" or "model".
    new_reading : SecondReading | None
        What a model read from a description that was changed after the design was taken over.
    decided : dict[str, Decision]
        What became of the changes that a changed description proposed, until it is in line.
    lines : tuple[InLine, ...]
        From which version on the design was in line with which description, oldest first.
    is_archived : bool
        Kept, but out of the list of current designs.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: Literal[1] = 1
    id: str = ""
    revision: int = Field(default=0, ge=0)
    title: Annotated[str, Field(max_length=200)] = ""
    text: Annotated[str, Field(max_length=TEXT_LIMIT)] = ""
    read_text: Annotated[str, Field(max_length=TEXT_LIMIT)] | None = None
    is_read: bool = False
    answers: dict[str, str] = {}
    history: History | None = None
    notes: Annotated[str, Field(max_length=TEXT_LIMIT)] = ""
    conversation: tuple[Turn, ...] = ()
    sent_to: Annotated[str, Field(max_length=400)] = ""
    reading_tokens: TurnTokens = TurnTokens()
    second_reading: SecondReading | None = None
    reader: Reader = "both"
    new_reading: SecondReading | None = None
    decided: dict[str, Decision] = {}
    lines: tuple[InLine, ...] = ()
    is_archived: bool = False

    @property
    def in_line_with(self) -> str:
        """Return the description that the design was last brought in line with."""
        return self.text if self.read_text is None else self.read_text

    @property
    def document(self) -> ExperimentDescription | None:
        """Return the design as it stands, None while it is only described."""
        return self.history.last.content if self.history else None

    @property
    def name(self) -> str:
        """Return what a list calls the session: its title, or how its description begins."""
        first = " ".join(self.text.split())
        return self.title or (first if len(first) <= 60 else f"{first[:57]}...") or UNTITLED


EMPTY_SESSION = DesignSession()


def save_session(store: Store, session: DesignSession) -> DesignSession:
    """Save a session; durable when this returns.

    Raises
    ------
    Conflict
        If another tab saved the same session meanwhile.
    """
    body = encode(session.model_dump(mode="json", exclude={"id", "revision"}))
    assert isinstance(body, dict)  # noqa: S101 - a model becomes an object
    record = new_record(DESIGN, session.name, body, facets=facets_of(session), id=session.id)
    return _session(store.save(replace(record, revision=session.revision)))


def facets_of(session: DesignSession) -> dict[str, str]:
    """Return what lists filter and show of a session."""
    place = "archive" if session.is_archived else "current"
    document = session.document
    if document is None:
        about = " ".join(session.text.split())[:160]
        return {"stage": "description", "place": place, "preview": about}
    now = standing(document)
    return {
        "stage": "design",
        "place": place,
        "preview": preview(document),
        "status": now.word,
        "class": now.design_class,
        "factors": str(len(document.factors)),
    }


def load_session(store: Store, id: str) -> DesignSession:  # noqa: A002 - the field's name
    """Return the session of exactly this id.

    Raises
    ------
    NotFound
        If there is none; a beginning of an id opens nothing, so that sessions cannot be guessed.
    """
    record = store.load(DESIGN, id)
    if record.id != id or record.deleted_at is not None:
        raise NotFound("No design has this id.", hint="Use the whole address that was copied.")
    return _session(record)


def list_sessions(
    store: Store, text: str = "", limit: int = 50, facets: Mapping[str, str] | None = None
) -> list[Record]:
    """Return the sessions whose title, preview or status hold all words of a text.

    The last one to be worked on comes first.

    Parameters
    ----------
    facets
        Exact matches of what `facets_of` says: place, status, class, stage.
    """
    found = store.find(Query(DESIGN, text, facets=facets or {}, limit=limit))
    return sorted(found, key=lambda record: record.updated_at, reverse=True)


def duplicate(store: Store, id: str) -> DesignSession:  # noqa: A002 - the field's name
    """Save a copy of a session, with its versions, under a new id; it asks again before sending."""
    session = load_session(store, id)
    title = f"Copy of {session.name}"[:200]
    copy = session.model_copy(update={"id": "", "revision": 0, "title": title, "sent_to": ""})
    if copy.history is not None:
        copy = revise(copy, Patch(title="Copy", edits=(SetDocument(fields={"title": title}),)))
    return save_session(store, copy)


def take_over(
    session: DesignSession,
    document: ExperimentDescription,
    *,
    author: Author = "user",
    message: str = "Read from the description",
) -> DesignSession:
    """Return the session with a document as the first version of its design."""
    history = begin(document, Made(at=datetime.now(UTC), author=author, message=message))
    # What a model read of another wording is not what this design is from.
    second = session.second_reading if is_of(session.second_reading, session.text) else None
    begun = session.model_copy(update={"history": history, "second_reading": second})
    return stands_by(begun, session.text)


def stands_by(session: DesignSession, text: str) -> DesignSession:
    """Return the session with its design, as it stands, in line with a description."""
    line = InLine(version=_history(session).last.number, text=text)
    return session.model_copy(update={"read_text": text, "lines": (*session.lines, line)})


def revise(
    session: DesignSession,
    patch: Patch,
    message: str = "",
    *,
    author: Author = "user",
    is_autosave: bool = False,
) -> DesignSession:
    """Return the session with a patch as a new version of its design.

    Parameters
    ----------
    is_autosave
        The change may join others of the same card within a minute.

    Raises
    ------
    DesignError
        If there is no design yet, or the patch does not apply.
    """
    history = _history(session)
    made = Made(
        at=_now(history), author=author, message=message or patch.title, is_autosave=is_autosave
    )
    return _with(session, commit(history, patch, made))


def go_back_to(session: DesignSession, number: int, message: str = "") -> DesignSession:
    """Return the session with an old version of its design as a new one.

    Raises
    ------
    NotFound
        If there is no such version.
    """
    # What the description said of that version is proposed again, as far as it changed since.
    history = _history(session)
    made = Made(at=_now(history), message=message)
    text = next((x.text for x in reversed(session.lines) if x.version <= number), None)
    back = _with(session, restore(history, number, made))
    return back if text in (None, session.in_line_with) else stands_by(back, str(text))


def undo(session: DesignSession) -> DesignSession:
    """Return the session with its last change taken back, as a new version; the same when none."""
    target = undo_target(session)
    if target is None:
        return session
    undone, back = target
    return go_back_to(session, back.number, f"Undo: {undone.message}"[:4000])


def undo_target(session: DesignSession) -> tuple[Version, Version] | None:
    """Return the change that would be undone and the version before it, None when nothing is left.

    A version that only goes back to the one before last is itself an undo: the next undo takes
    back the change before that.
    """
    standing: list[Version] = []
    for version in session.history.versions if session.history else ():
        if len(standing) > 1 and standing[-2].hash == version.hash:
            standing.pop()
        else:
            standing.append(version)
    return (standing[-1], standing[-2]) if len(standing) > 1 else None


def export_session(session: DesignSession) -> bytes:
    """Return a session as JSON: its title, text and all versions of its design."""
    return canonical_json(session.model_dump(mode="json", exclude={"id", "revision"}))


def import_session(content: bytes) -> DesignSession:
    """Return a new session from an exported one, or from a design document alone.

    Raises
    ------
    DesignError
        If the file is neither, is larger than `IMPORT_LIMIT_BYTES`, or a version does not match
        its hash.
    """
    if len(content) > IMPORT_LIMIT_BYTES:
        raise DesignError(
            f"The file is larger than {IMPORT_LIMIT_BYTES // 1_000_000} MB.",
            hint="Choose a design that was exported here.",
        )
    try:
        session = DesignSession.model_validate_json(content)
    except ValidationError as exc:
        if b'"versions"' in content:
            raise DesignError(
                f"The design cannot be read: {explain(exc)}.",
                hint="Export it again, or correct the field that is named.",
            ) from exc
        document = read_document(content)
        named = DesignSession(title=document.title, text="")
        return take_over(named, document, author="import", message="Imported")
    return _with_answers_by_name(session.model_copy(update={"id": "", "revision": 0}))


def version_rows(session: DesignSession) -> Sequence[Version]:
    """Return the versions of a design, newest first."""
    return tuple(reversed(session.history.versions)) if session.history else ()


def _with(session: DesignSession, history: History) -> DesignSession:
    return session.model_copy(update={"history": history, "title": history.last.content.title})


def _history(session: DesignSession) -> History:
    if session.history is None:
        raise DesignError("There is no design yet.", hint="Read a description first.")
    return session.history


def _now(history: History) -> datetime:
    # A clock that was set back, or a file from a machine whose clock is ahead, must not stop work.
    return max(datetime.now(UTC), history.last.until)


def _session(record: Record) -> DesignSession:
    own = {"id": record.id, "revision": record.revision}
    try:
        session = DesignSession.model_validate_json(canonical_json({**record.body, **own}))
    except ValidationError as exc:
        raise StoreError(
            f"The design {record.id} was saved by a version that this one cannot read.",
            hint="Open it with the version of ExperimentOS that saved it.",
        ) from exc
    return _with_answers_by_name(session)


def _with_answers_by_name(session: DesignSession) -> DesignSession:
    """Return a session with answers by name, where an older version kept them by place."""
    if not session.answers:
        return session
    draft = draft_of(session.in_line_with, session.second_reading, session.reader)
    return session.model_copy(update={"answers": by_name(session.answers, draft)})
