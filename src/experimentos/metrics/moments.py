"""First and second moments that pool exactly and never cancel."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

type Number = int | float | Decimal | Fraction


@dataclass(frozen=True, slots=True)
class Moments:
    """Count, mean and centred sum of squares of one arm.

    Attributes
    ----------
    n : int
        Units, >= 0.
    mean : float
        In the unit of the metric.
    m2 : float
        Sum of squared deviations from the mean, unit squared, >= 0.
    """

    n: int
    mean: float
    m2: float

    @classmethod
    def from_sums(cls, n: int, total: Number, squares: Number) -> "Moments":
        """Return the moments of n units with this sum and sum of squares.

        The subtraction is done in exact rational arithmetic on the numbers given, so nothing is
        lost beyond what the sums themselves have lost.
        """
        exact_total, exact_squares = Fraction(total), Fraction(squares)
        return cls(
            n=n,
            mean=float(exact_total / n),
            m2=float(exact_squares - exact_total * exact_total / n),
        )

    @classmethod
    def from_variance(cls, n: int, mean: float, variance: float) -> "Moments":
        """Return the moments of n units with this mean and sample variance (n - 1)."""
        return cls(n=n, mean=mean, m2=variance * (n - 1))

    @property
    def variance(self) -> float:
        """Return the sample variance, divisor n - 1; n must be at least 2."""
        return self.m2 / (self.n - 1)

    def __add__(self, other: "Moments") -> "Moments":
        """Pool two samples (Chan, Golub and LeVeque 1983)."""
        if self.n == 0 or other.n == 0:
            return other if self.n == 0 else self
        n = self.n + other.n
        delta = other.mean - self.mean
        return Moments(
            n=n,
            mean=self.mean + delta * (other.n / n),
            m2=self.m2 + other.m2 + delta * delta * (self.n * other.n / n),
        )


@dataclass(frozen=True, slots=True)
class CrossMoments:
    """Joint moments of two columns of the same units.

    Attributes
    ----------
    n : int
        Units, >= 0.
    mean_x, mean_y : float
        Means, each in its own unit.
    m2_x, m2_y : float
        Centred sums of squares.
    c_xy : float
        Centred sum of products, unit of x times unit of y.
    """

    n: int
    mean_x: float
    mean_y: float
    m2_x: float
    m2_y: float
    c_xy: float

    @classmethod
    def from_sums(
        cls,
        n: int,
        sums: tuple[Number, Number],
        squares: tuple[Number, Number],
        cross: Number,
    ) -> "CrossMoments":
        """Return the joint moments from plain sums (x, y), squares (x, y) and the cross product."""
        x, y = (Fraction(value) for value in sums)
        xx, yy = (Fraction(value) for value in squares)
        return cls(
            n=n,
            mean_x=float(x / n),
            mean_y=float(y / n),
            m2_x=float(xx - x * x / n),
            m2_y=float(yy - y * y / n),
            c_xy=float(Fraction(cross) - x * y / n),
        )

    @property
    def x(self) -> Moments:
        """Return the moments of x alone."""
        return Moments(self.n, self.mean_x, self.m2_x)

    @property
    def y(self) -> Moments:
        """Return the moments of y alone."""
        return Moments(self.n, self.mean_y, self.m2_y)

    def __add__(self, other: "CrossMoments") -> "CrossMoments":
        """Pool two samples (Chan, Golub and LeVeque 1983)."""
        if self.n == 0 or other.n == 0:
            return other if self.n == 0 else self
        x, y = self.x + other.x, self.y + other.y
        weight = self.n * other.n / (self.n + other.n)
        c_xy = (
            self.c_xy
            + other.c_xy
            + (other.mean_x - self.mean_x) * (other.mean_y - self.mean_y) * weight
        )
        return CrossMoments(x.n, x.mean, y.mean, x.m2, y.m2, c_xy)
