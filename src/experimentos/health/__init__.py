"""Whether this data may be analysed: one file per check."""

from experimentos.health.additive import ADDITIVE
from experimentos.health.arms import ARMS
from experimentos.health.balance import BALANCE
from experimentos.health.bounds import BOUNDS
from experimentos.health.check import Check
from experimentos.health.completeness import COMPLETENESS
from experimentos.health.daily_srm import DAILY_SRM
from experimentos.health.dates import DATES
from experimentos.health.moments import MOMENTS
from experimentos.health.orders import ORDERS
from experimentos.health.plan import PLAN
from experimentos.health.segments import DAYS, SEGMENTS
from experimentos.health.size import SIZE
from experimentos.health.srm import SRM
from experimentos.registry import collect

CHECKS = collect(globals(), Check)

__all__ = [
    "ADDITIVE",
    "ARMS",
    "BALANCE",
    "BOUNDS",
    "CHECKS",
    "COMPLETENESS",
    "DAILY_SRM",
    "DATES",
    "DAYS",
    "MOMENTS",
    "ORDERS",
    "PLAN",
    "SEGMENTS",
    "SIZE",
    "SRM",
]
