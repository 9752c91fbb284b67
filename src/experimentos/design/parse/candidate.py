"""A guess at a factor, with the words it came from."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Candidate:
    """One extractor's guess.

    Attributes
    ----------
    name : str
        Singular noun phrase; "" when the text gives no name.
    kind : str
        "treatment", "blocking", "nuisance" or "covariate".
    levels : tuple[str, ...]
        Without unit, in the order of the text; empty when only a number is known.
    unit : str | None
        Pint spelling.
    count : int | None
        Number of levels where the text gives one.
    first, last : int
        Tokens of the evidence, both included.
    rule : str
        The extractor.
    confidence : float in [0, 1]
    aliases : frozenset[str]
        Other names the text uses.
    parent : str
        The noun that the count is per: "three casks from every batch"; "" for none.
    """

    name: str
    kind: str
    first: int
    last: int
    rule: str
    confidence: float
    levels: tuple[str, ...] = ()
    unit: str | None = None
    count: int | None = None
    aliases: frozenset[str] = field(default_factory=frozenset)
    parent: str = ""

    @property
    def size(self) -> int | None:
        """Return the number of levels, listed or counted."""
        return len(self.levels) or self.count
