"""Models by mean score, with the set that cannot be told from the best marked as tied."""

from dataclasses import dataclass, replace

from experimentos.analysis.result import Direction, Interval, Unavailable
from experimentos.runs.compare import ModelDifference, NotCompared, difference_of
from experimentos.runs.samples import Samples
from experimentos.runs.variance import ModelRow, VarianceTable


@dataclass(frozen=True, slots=True)
class Place:
    """One model on the leaderboard.

    Attributes
    ----------
    rank : int | None
        1 for the best mean; equal means share a rank; None when no score is finite.
    model : str
    mean : float | None
    interval : Interval | Unavailable
        Why there is none is said.
    n, missing, scenarios : int
    is_tied : bool
        Whether it cannot be told from the best, the best itself included when it is not alone.
    behind : ModelDifference | NotCompared | None
        This model minus the best, paired; None for the best. `adjusted_p` allows for every pair
        of models, because the best one was picked by the same data.
    why : str
        The tie or the gap in words.
    """

    rank: int | None
    model: str
    mean: float | None
    interval: Interval | Unavailable
    n: int
    missing: int
    scenarios: int
    is_tied: bool
    behind: ModelDifference | NotCompared | None
    why: str


def leaderboard(
    samples: Samples,
    table: VarianceTable,
    *,
    direction: Direction = Direction.HIGHER,
    alpha: float = 0.05,
) -> tuple[Place, ...]:
    """Rank the models; only finite means have a rank.

    References
    ----------
    Bonferroni over all pairs of models, after Hsu (1996), Multiple comparisons, ch. 4: comparing
    with a best that the data chose is a choice among all pairs.
    """
    sign = -1 if direction is Direction.HIGHER else 1
    scored = sorted(
        (row for row in table.models if row.mean is not None),
        key=lambda row: (sign * (row.mean or 0.0), row.model),
    )
    if not scored:
        return tuple(_unranked(row) for row in table.models)
    best = scored[0]
    pairs = len(scored) * (len(scored) - 1) / 2
    gaps = {row.model: _gap(samples, table, best.model, row.model, pairs) for row in scored[1:]}
    tied = {name for name, gap in gaps.items() if not _is_apart(gap, alpha)}
    places = [_place(scored, best, tied, gaps.get(row.model), row) for row in scored]
    return (*places, *(_unranked(row) for row in table.models if row.mean is None))


def _gap(
    samples: Samples, table: VarianceTable, best: str, model: str, pairs: float
) -> ModelDifference | NotCompared:
    codes = samples.model_code(best), samples.model_code(model)
    found = difference_of(samples, table.metric, codes, table.level, alongside=False)
    if isinstance(found, NotCompared) or found.p_value is None:
        return found
    return replace(
        found, adjusted_p=min(found.p_value * pairs, 1.0), adjustment="bonferroni over all pairs"
    )


def _is_apart(gap: ModelDifference | NotCompared, alpha: float) -> bool:
    return isinstance(gap, ModelDifference) and gap.is_different(alpha)


def _place(
    scored: list[ModelRow],
    best: ModelRow,
    tied: set[str],
    gap: ModelDifference | NotCompared | None,
    row: ModelRow,
) -> Place:
    rank = 1 + [other.mean for other in scored].index(row.mean)
    is_tied = bool(tied) if row is best else row.model in tied
    return Place(
        rank,
        row.model,
        row.mean,
        row.interval,
        row.n,
        row.missing,
        row.scenarios,
        is_tied,
        gap,
        _why(row is best, is_tied=is_tied, alone=len(scored) == 1, gap=gap),
    )


def _why(
    is_best: bool,  # noqa: FBT001 - private, called once
    *,
    is_tied: bool,
    alone: bool,
    gap: ModelDifference | NotCompared | None,
) -> str:
    if is_best:
        if alone:
            return "the only model"
        return "best mean, but not alone at the top" if is_tied else "best, apart from all others"
    if isinstance(gap, NotCompared):
        return f"cannot be told from the best: {gap.why.why}"
    return "not distinguishable from the best" if is_tied else "behind the best"


def _unranked(row: ModelRow) -> Place:
    why = "no finite score"
    return Place(
        None, row.model, None, row.interval, 0, row.missing, 0, is_tied=False, behind=None, why=why
    )
