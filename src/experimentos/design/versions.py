"""Versions of a design: snapshots that are never rewritten."""

from datetime import datetime, timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from experimentos.design.document import ExperimentDescription
from experimentos.design.edits import Patch
from experimentos.design.parts import Identified, Name, Part, Text
from experimentos.design.patch import apply, between
from experimentos.errors import Conflict, DesignError, NotFound

COALESCE = timedelta(minutes=1)

type Author = Literal["user", "assistant", "rule", "import"]


class Version(Part):
    """One state of a design, how it came about and from what.

    Attributes
    ----------
    number : int
        From 1, in order.
    parent : int | None
        The version it was made from.
    at, until : datetime
        When its first and last edit was made, with a time zone.
    hash : str
        SHA-256 of the canonical JSON of `content`.
    findings : int
        Errors and warnings at that time.
    is_autosave : bool
        May take further edits of the same card within a minute.
    """

    number: Annotated[int, Field(ge=1)]
    parent: int | None = None
    author: Author = "user"
    message: Text = ""
    name: Name = ""
    at: datetime
    until: datetime
    patch: Patch = Patch(edits=())
    content: ExperimentDescription
    hash: str
    findings: Annotated[int, Field(ge=0)] = 0
    is_autosave: bool = False

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.at.tzinfo is None or self.until.tzinfo is None:
            raise ValueError("a version needs times with a time zone")
        if self.content.hash() != self.hash:
            raise ValueError(f"version {self.number} does not match its hash")
        return self


class History(Part):
    """All versions of a design, oldest first."""

    versions: Annotated[tuple[Version, ...], Field(min_length=1)]

    @property
    def last(self) -> Version:
        """Return the newest version."""
        return self.versions[-1]

    def version(self, number: int) -> Version:
        """Return a version by number.

        Raises
        ------
        NotFound
            If there is none.
        """
        for version in self.versions:
            if version.number == number:
                return version
        raise NotFound(f"There is no version {number}.", hint="Choose one of the timeline.")


class Made(Part):
    """Who made a change, when and why.

    Attributes
    ----------
    base : str | None
        Hash of the design that the author saw; another newest version is a conflict.
    """

    at: datetime
    author: Author = "user"
    message: Text = ""
    is_autosave: bool = False
    findings: Annotated[int, Field(ge=0)] = 0
    base: str | None = None


def begin(document: ExperimentDescription, made: Made) -> History:
    """Return a history whose first version is a document."""
    first = Version(
        number=1,
        author=made.author,
        message=made.message,
        at=made.at,
        until=made.at,
        content=document,
        hash=document.hash(),
        findings=made.findings,
    )
    return History(versions=(first,))


def commit(history: History, patch: Patch, made: Made) -> History:
    """Return the history with a patch applied to its newest version.

    An autosave by the same author on the same card within a minute of the first edit of the newest
    version joins that version; everything else is a new one. A patch that changes nothing adds
    nothing.

    Raises
    ------
    Conflict
        If the author saw another design than the newest.
    DesignError
        If the patch does not apply.
    """
    last = history.last
    if made.base is not None and made.base != last.hash:
        raise Conflict(
            "The design was changed elsewhere since it was opened.",
            hint="Look at the newest version and make the change again.",
        )
    content = apply(last.content, patch)
    if content == last.content:
        return history
    return _with(history, content, patch, made)


def restore(history: History, number: int, made: Made) -> History:
    """Return the history with an old version's content as a new version.

    Raises
    ------
    NotFound
        If there is no such version.
    """
    old = history.version(number)
    message = made.message or f"Restore version {number}"
    patch = between(history.last.content, old.content)
    return _with(
        history,
        old.content,
        patch,
        made.model_copy(update={"message": message, "is_autosave": False}),
    )


def label(history: History, number: int, name: str) -> History:
    """Return the history with a version named, which keeps it from taking further edits."""
    history.version(number)
    renamed = tuple(
        v.model_copy(update={"name": name, "is_autosave": False}) if v.number == number else v
        for v in history.versions
    )
    return History(versions=renamed)


def subjects(patch: Patch) -> frozenset[str]:
    """Return the ids of the parts that a patch speaks of."""
    return frozenset(s for edit in patch.edits for s in _subjects(edit))


def _subjects(edit: Part) -> tuple[str, ...]:
    names = ("id", "factor_id")
    named = tuple(v for n in names if isinstance(v := getattr(edit, n, None), str))
    parts = (getattr(edit, field) for field in type(edit).model_fields)
    return named or tuple(p.id for p in parts if isinstance(p, Identified)) or ("document",)


def _with(history: History, content: ExperimentDescription, patch: Patch, made: Made) -> History:
    last = history.last
    if made.at < last.until:
        raise DesignError(
            "The change is older than the newest version.", hint="Check the clock of this machine."
        )
    joins = _joins(last, patch, made)
    edits = (*last.patch.edits, *patch.edits) if joins else patch.edits
    version = Version(
        number=last.number if joins else last.number + 1,
        parent=last.parent if joins else last.number,
        author=made.author,
        message=made.message or patch.title,
        at=last.at if joins else made.at,
        until=made.at,
        patch=Patch(title=patch.title, edits=edits),
        content=content,
        hash=content.hash(),
        findings=made.findings,
        is_autosave=made.is_autosave,
    )
    kept = history.versions[:-1] if joins else history.versions
    return History(versions=(*kept, version))


def _joins(last: Version, patch: Patch, made: Made) -> bool:
    return (
        made.is_autosave
        and last.is_autosave
        and last.author == made.author
        and made.at - last.at < COALESCE
        and subjects(last.patch) == subjects(patch)
    )
