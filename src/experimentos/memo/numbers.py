"""Numbers for people, as the memo, the screens and the command line write them.

They live with the charts, which write numbers too and stand below the memo.
"""

from experimentos.charts.numbers import bare_p as bare_p
from experimentos.charts.numbers import chance as chance
from experimentos.charts.numbers import count as count
from experimentos.charts.numbers import decimals as decimals
from experimentos.charts.numbers import difference as difference
from experimentos.charts.numbers import difference_interval as difference_interval
from experimentos.charts.numbers import effect as effect
from experimentos.charts.numbers import ends as ends
from experimentos.charts.numbers import exact as exact
from experimentos.charts.numbers import fixed as fixed
from experimentos.charts.numbers import interval_percent as interval_percent
from experimentos.charts.numbers import interval_points as interval_points
from experimentos.charts.numbers import interval_quantity as interval_quantity
from experimentos.charts.numbers import level as level
from experimentos.charts.numbers import lift as lift
from experimentos.charts.numbers import metric_value as metric_value
from experimentos.charts.numbers import p_value as p_value
from experimentos.charts.numbers import percent as percent
from experimentos.charts.numbers import plain_points as plain_points
from experimentos.charts.numbers import points as points
from experimentos.charts.numbers import quantity as quantity
from experimentos.charts.numbers import signed as signed
from experimentos.charts.numbers import signed_percent as signed_percent
from experimentos.charts.numbers import unavailable as unavailable
