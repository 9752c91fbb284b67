"""What a text says of a design, each field with the words it came from."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Evidence:
    """A quote: offsets into the text as typed, and the words between them."""

    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class DraftFactor:
    """A proposed factor.

    Attributes
    ----------
    name : str
    kind : str
        "treatment", "blocking", "nuisance" or "covariate".
    levels : tuple[str, ...]
        Without unit, in the order of the text.
    unit : str | None
        Pint spelling.
    n_levels : int | None
    evidence : Evidence
    confidence : float in [0, 1]
    rule : str
        The extractor that proposed it.
    aliases : tuple[str, ...]
        Other names that the text uses.
    """

    name: str
    kind: str
    levels: tuple[str, ...]
    unit: str | None
    n_levels: int | None
    evidence: Evidence
    confidence: float
    rule: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DraftResponse:
    """A proposed response and its family of distributions."""

    name: str
    family: str
    evidence: Evidence
    confidence: float


@dataclass(frozen=True, slots=True)
class Question:
    """What the text left open.

    Attributes
    ----------
    about : str
        Field or factor.
    text : str
    answers : tuple[str, ...]
        Two to four quick answers.
    """

    about: str
    text: str
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Replication:
    """Replicates per cell of `unit`, technical repeats below it, units in all."""

    per_cell: int | None
    unit: str | None
    technical: int | None
    total_units: int | None


@dataclass(frozen=True, slots=True)
class Draft:
    """A proposal to confirm, correct or reject; nothing in it is applied unseen.

    Attributes
    ----------
    factors : tuple[DraftFactor, ...]
        In the order of the text.
    responses : tuple[DraftResponse, ...]
        The primary first.
    design_class : str
        A guess, used to ask when the derived class differs.
    randomisation_unit : str | None
    replication : Replication
    questions : tuple[Question, ...]
    """

    factors: tuple[DraftFactor, ...]
    responses: tuple[DraftResponse, ...]
    design_class: str
    randomisation_unit: str | None
    replication: Replication
    questions: tuple[Question, ...]
