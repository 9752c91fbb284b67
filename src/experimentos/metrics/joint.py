"""Several covariates as one: the combination that least squares within arms gives."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experimentos.metrics.moments import CrossMoments

type Array = NDArray[np.float64]

# Covariates whose correlation matrix has an eigenvalue below this share of the largest one say the
# same; of them the shortest combination is taken.
COLLINEAR = 1e-10


@dataclass(frozen=True, slots=True)
class JointMoments:
    """Moments of an outcome and its covariates over the same units.

    Attributes
    ----------
    n : int
    means : Array
        Shape (1 + covariates,), the outcome first.
    products : Array
        Centred sums of products, shape (1 + covariates, 1 + covariates), symmetric.
    """

    n: int
    means: Array
    products: Array


def slopes_within(arms: Sequence[JointMoments]) -> Array:
    """Return the common slopes within arms, shape (covariates,), each in outcome per covariate.

    They are those of a regression of the outcome on one indicator per arm and the covariates. A
    covariate that never varies has slope 0.

    References
    ----------
    Deng, Xu, Kohavi and Walker (2013), WSDM, section 3.3; Freedman (2008), Advances in Applied
    Mathematics 40.
    """
    total = np.sum([arm.products for arm in arms], axis=0)
    spread = np.sqrt(np.diag(total))[1:]
    scale = np.where(spread > 0, spread, 1.0)
    correlations = total[1:, 1:] / np.outer(scale, scale)
    found = np.linalg.lstsq(correlations, total[0, 1:] / scale, rcond=COLLINEAR)[0]
    return np.asarray(np.where(spread > 0, found / scale, 0.0))


def combined(joint: JointMoments, slopes: Array) -> CrossMoments:
    """Return the outcome beside the covariates' combination with these slopes.

    Adjusting by the combination is adjusting by all covariates at once: within arms its own slope
    is 1.
    """
    return CrossMoments(
        n=joint.n,
        mean_x=float(joint.means[0]),
        mean_y=float(slopes @ joint.means[1:]),
        m2_x=float(joint.products[0, 0]),
        m2_y=max(float(slopes @ joint.products[1:, 1:] @ slopes), 0.0),
        c_xy=float(slopes @ joint.products[0, 1:]),
    )
