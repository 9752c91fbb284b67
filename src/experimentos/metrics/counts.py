"""Users and how many of them did the thing."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Counts:
    """A binomial outcome of one arm.

    Attributes
    ----------
    n : int
        Units, >= 0.
    k : int
        Units with the outcome, 0 <= k <= n.
    """

    n: int
    k: int

    @property
    def rate(self) -> float:
        """Return k / n, in [0, 1]; n must be positive."""
        return self.k / self.n

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.n + other.n, self.k + other.k)
