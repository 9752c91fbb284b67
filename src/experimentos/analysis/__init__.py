"""What the data says: one file per method."""

from collections.abc import Mapping
from typing import Any

from experimentos.analysis.agresti_caffo import AGRESTI_CAFFO as AGRESTI_CAFFO
from experimentos.analysis.beta_binomial import BETA_BINOMIAL as BETA_BINOMIAL
from experimentos.analysis.bootstrap import BOOTSTRAP as BOOTSTRAP
from experimentos.analysis.confidence_sequence import ASYMPTOTIC_CS as ASYMPTOTIC_CS
from experimentos.analysis.cuped import ANCOVA as ANCOVA
from experimentos.analysis.cuped import CUPED as CUPED
from experimentos.analysis.cuped import VARIANCE_RATIO as VARIANCE_RATIO
from experimentos.analysis.delta import DELTA as DELTA
from experimentos.analysis.exact import BARNARD as BARNARD
from experimentos.analysis.exact import FISHER as FISHER
from experimentos.analysis.family import DUNNETT as DUNNETT
from experimentos.analysis.family import HOLM as HOLM
from experimentos.analysis.group_sequential import GROUP_SEQUENTIAL as GROUP_SEQUENTIAL
from experimentos.analysis.informed import INFORMED_LIFT as INFORMED_LIFT
from experimentos.analysis.koopman import KOOPMAN as KOOPMAN
from experimentos.analysis.lift import FIELLER as FIELLER
from experimentos.analysis.lift import LOG_RATIO as LOG_RATIO
from experimentos.analysis.method import Method
from experimentos.analysis.newcombe import NEWCOMBE as NEWCOMBE
from experimentos.analysis.non_inferiority import EQUIVALENCE as EQUIVALENCE
from experimentos.analysis.non_inferiority import NON_INFERIORITY as NON_INFERIORITY
from experimentos.analysis.normal_posterior import NORMAL_POSTERIOR as NORMAL_POSTERIOR
from experimentos.analysis.one_proportion import CLOPPER_PEARSON as CLOPPER_PEARSON
from experimentos.analysis.one_proportion import JEFFREYS as JEFFREYS
from experimentos.analysis.one_proportion import WILSON as WILSON
from experimentos.analysis.pooled_z import POOLED_Z as POOLED_Z
from experimentos.analysis.pooled_z import WALD as WALD
from experimentos.analysis.poststratification import INTERACTION as INTERACTION
from experimentos.analysis.poststratification import POSTSTRATIFICATION as POSTSTRATIFICATION
from experimentos.analysis.quantile import QUANTILE as QUANTILE
from experimentos.analysis.quantile_se import QUANTILE_SE as QUANTILE_SE
from experimentos.analysis.score import SCORE as SCORE
from experimentos.analysis.welch import WELCH as WELCH
from experimentos.analysis.winsor import WINSOR as WINSOR
from experimentos.registry import collect

METHODS: Mapping[str, Method[Any]] = collect(globals(), Method)
"""Every method by its name, as results carry it."""
