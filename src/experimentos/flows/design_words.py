"""What the anatomy of a design means, in plain words."""

from collections.abc import Iterator
from dataclasses import dataclass

from experimentos.design.anatomy import Anatomy, Stratum, TestedIn
from experimentos.design.document import ExperimentDescription
from experimentos.design.names import several

FEW_DF = 10


@dataclass(frozen=True, slots=True)
class AnatomyRow:
    """One line of the anatomy table, as text.

    Attributes
    ----------
    stratum, source : str
        The source is "" for what is left over.
    df : int
    against : str
        What the source is tested against.
    replication : str
        Units per level or combination; "" for a slope or curvature, which all units show.
    is_untestable : bool
        Nothing is left to test it against.
    """

    stratum: str
    source: str
    df: int
    against: str = ""
    replication: str = ""
    is_untestable: bool = False


def anatomy_rows(anatomy: Anatomy) -> tuple[AnatomyRow, ...]:
    """Return the table of strata and sources, outermost first, each stratum ending in its error."""
    return tuple(row for stratum in anatomy.strata for row in _rows(anatomy, stratum))


def anatomy_words(document: ExperimentDescription, anatomy: Anatomy) -> tuple[str, ...]:
    """Return for each treatment where it is compared and how well its error is known."""
    return tuple(_words(document, anatomy))


def _rows(anatomy: Anatomy, stratum: Stratum) -> Iterator[AnatomyRow]:
    slopes = {t.factor_ids for t in anatomy.terms if t.slope is not None}
    for source in stratum.sources:
        tested = anatomy.tested(*source.factor_ids)
        if tested is None or tested.unit_id != stratum.unit_id:
            against = f"holds {source.efficiency:.0%} of its information"
            yield AnatomyRow(stratum.name, source.name, source.df, against)
            continue
        units = "" if source.factor_ids in slopes else f"{round(tested.replication, 2):,.10g}"
        if not tested.error_df:
            nothing = "nothing is left to test it against"
            yield AnatomyRow(
                stratum.name, source.name, source.df, nothing, units, is_untestable=True
            )
            continue
        against = f"{tested.error}, {tested.error_df:,} d.f."
        yield AnatomyRow(stratum.name, source.name, source.df, against, units)
    yield AnatomyRow(stratum.name, "", stratum.residual_df)


def _words(document: ExperimentDescription, anatomy: Anatomy) -> Iterator[str]:
    for factor in document.treatments:
        tested = anatomy.tested(factor.id)
        if tested is None:
            yield f"{factor.name} cannot be seen in the data of this design."
        else:
            is_slope = any(
                t.slope is not None for t in anatomy.terms if t.factor_ids == (factor.id,)
            )
            yield _sentence(document, factor.name, tested, is_slope=is_slope)


def _sentence(
    document: ExperimentDescription, name: str, tested: TestedIn, *, is_slope: bool
) -> str:
    unit = document.unit(tested.unit_id)
    plural = (unit.plural if unit else "") or several(tested.error)
    each = f"{tested.replication:g} {plural if tested.replication != 1 else tested.error}"
    start = f"{name} is compared between {plural}, with {each} per level"
    if is_slope:
        start = f"{name} is fitted as a slope over all {plural}"
    if not tested.error_df:
        return f"{start}; nothing is left to say how much {plural} vary by themselves."
    known = "well enough known" if tested.error_df >= FEW_DF else "poorly known"
    return (
        f"{start}; how much {plural} vary by themselves is {known} "
        f"({tested.error_df:,} degrees of freedom)."
    )
