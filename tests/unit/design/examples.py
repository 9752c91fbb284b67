"""Small designs that several tests share; published plans name their source."""

from experimentos.design.document import ExperimentDescription
from experimentos.design.parts import Allotment, Factor, Level, Matrix, Response, UnitLevel


def levels(*labels: str) -> tuple[Level, ...]:
    return tuple(Level(label=label, is_control=k == 0) for k, label in enumerate(labels))


def treatment(id_: str, *labels: str) -> Factor:
    return Factor(id=id_, name=id_, kind="treatment", levels=levels(*labels))


def oats() -> ExperimentDescription:
    """Yates (1935), as `MASS::oats`: 6 blocks, 3 varieties on whole plots, 4 rates on subplots."""
    return ExperimentDescription(
        title="Oats",
        factors=(
            Factor(id="block", name="block", kind="blocking"),
            treatment("variety", "Golden Rain", "Marvellous", "Victory"),
            treatment("nitrogen", "0.0", "0.2", "0.4", "0.6"),
        ),
        units=(
            UnitLevel(id="blocks", name="block", count=6, factor_id="block"),
            UnitLevel(id="wholeplot", name="whole plot", parent="blocks", count=3),
            UnitLevel(id="subplot", name="subplot", parent="wholeplot", count=4),
        ),
        allotments=(
            Allotment(id="a1", factor_id="variety", unit_id="wholeplot", rule="within_block"),
            Allotment(id="a2", factor_id="nitrogen", unit_id="subplot", rule="within_block"),
        ),
        responses=(Response(id="yield", name="grain yield", primary=True),),
    )


def crd(units: int = 12, arms: int = 3) -> ExperimentDescription:
    return ExperimentDescription(
        title="Plain",
        factors=(treatment("diet", *(f"diet {k}" for k in range(arms))),),
        units=(UnitLevel(id="animal", name="animal", count=units),),
        allotments=(Allotment(id="a1", factor_id="diet", unit_id="animal", rule="complete"),),
        responses=(Response(id="gain", name="weight gain", unit="g", primary=True),),
    )


def square(t: int = 5) -> ExperimentDescription:
    return ExperimentDescription(
        title="Square",
        factors=(
            Factor(id="row_f", name="row", kind="blocking"),
            Factor(id="column_f", name="column", kind="blocking"),
            treatment("feed", *"ABCDEFGHIJK"[:t]),
        ),
        units=(
            UnitLevel(id="row", name="row", count=t, factor_id="row_f"),
            UnitLevel(
                id="column", name="column", count=t, crossed_with=("row",), factor_id="column_f"
            ),
            UnitLevel(id="plot", name="plot", parent="column", count=1),
        ),
        allotments=(
            Allotment(
                id="a1", factor_id="feed", unit_id="plot", rule="latin", within=("row", "column")
            ),
        ),
        responses=(Response(id="yield", name="yield", primary=True),),
    )


def blocks_of(t: int, blocks: int, size: int) -> ExperimentDescription:
    return ExperimentDescription(
        title="Blocks",
        factors=(treatment("entry", *(f"t{k}" for k in range(t))),),
        units=(
            UnitLevel(id="block", name="block", count=blocks),
            UnitLevel(id="plot", name="plot", parent="block", count=size),
        ),
        allotments=(Allotment(id="a1", factor_id="entry", unit_id="plot", rule="within_block"),),
        responses=(Response(id="yield", name="yield", primary=True),),
    )


def strip_plot(blocks: int = 3, a: int = 6, b: int = 3) -> ExperimentDescription:
    return ExperimentDescription(
        title="Strips",
        factors=(
            treatment("variety", *(f"v{k}" for k in range(a))),
            treatment("nitrogen", *(f"n{k}" for k in range(b))),
        ),
        units=(
            UnitLevel(id="block", name="block", count=blocks),
            UnitLevel(id="vertical", name="vertical strip", parent="block", count=a),
            UnitLevel(
                id="horizontal", name="horizontal strip", parent="block", count=b,
                crossed_with=("vertical",),
            ),
            UnitLevel(id="plot", name="plot", parent="horizontal", count=1),
        ),
        allotments=(
            Allotment(id="a1", factor_id="variety", unit_id="vertical", rule="within_block",
                      within=("block",)),
            Allotment(id="a2", factor_id="nitrogen", unit_id="horizontal", rule="within_block",
                      within=("block",)),
        ),
        responses=(Response(id="yield", name="yield", primary=True),),
    )  # fmt: skip


def factorial_in_blocks(blocks: int = 6, size: int = 4) -> ExperimentDescription:
    """Return a 2^3 in blocks of four, as `MASS::npk`: the three-way interaction confounded."""
    return ExperimentDescription(
        title="NPK",
        factors=tuple(treatment(f, "0", "1") for f in "npk"),
        units=(
            UnitLevel(id="block", name="block", count=blocks),
            UnitLevel(id="plot", name="plot", parent="block", count=size),
        ),
        allotments=tuple(
            Allotment(id=f"a_{f}", factor_id=f, unit_id="plot", rule="within_block") for f in "npk"
        ),
        responses=(Response(id="yield", name="yield", primary=True),),
    )


def surface(
    form: str, factors: int, runs: int, *, centre: int, generators: str = ""
) -> ExperimentDescription:
    """Return numeric factors in the runs of a design matrix."""
    ids = tuple("abcdefgh"[:factors])
    return ExperimentDescription(
        title="Surface",
        factors=tuple(
            Factor(id=f, name=f, kind="treatment", scale="numeric", range=(10, 20)) for f in ids
        ),
        units=(UnitLevel(id="run", name="run", count=runs),),
        allotments=tuple(
            Allotment(id=f"a_{f}", factor_id=f, unit_id="run", rule="complete") for f in ids
        ),
        responses=(Response(id="yield", name="yield", primary=True),),
        matrix=Matrix(form=form, factor_ids=ids, centre_points=centre, generators=generators),
    )


def unequal(*shares: float, units: int) -> ExperimentDescription:
    """Return arms that are given unequal shares of the animals on purpose."""
    design = crd(units, len(shares))
    return design.model_copy(
        update={"allotments": (design.allotments[0].model_copy(update={"ratio": shares}),)}
    )
