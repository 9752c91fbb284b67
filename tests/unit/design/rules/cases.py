"""For each rule a design that must trigger it, and a neighbour one edit away that must not."""

from experimentos.design.document import ExperimentDescription
from experimentos.design.parts import (
    Allotment,
    Conduct,
    Constraint,
    Contrast,
    EffectPrior,
    Factor,
    Interaction,
    Layout,
    Level,
    Matrix,
    Response,
    UnitLevel,
)
from tests.unit.design.examples import (
    blocks_of,
    crd,
    factorial_in_blocks,
    levels,
    oats,
    square,
    strip_plot,
    treatment,
)

Design = ExperimentDescription


def changed(design: Design, **fields) -> Design:
    return Design.model_validate(design.model_dump() | fields)


def response(**fields) -> Response:
    return Response.model_validate({"id": "y", "name": "y", "primary": True} | fields)


def measured(design: Design = crd(), **fields) -> Design:  # noqa: B008 - a frozen value
    return changed(design, responses=[response(**fields)])


def factor(design: Design, id_: str, **fields) -> Design:
    return changed(
        design,
        factors=[f.model_dump() | (fields if f.id == id_ else {}) for f in design.factors],
    )


def unit(design: Design, id_: str, **fields) -> Design:
    return changed(
        design, units=[u.model_dump() | (fields if u.id == id_ else {}) for u in design.units]
    )


def drawn(design: Design, id_: str, **fields) -> Design:
    return changed(
        design,
        allotments=[
            a.model_dump() | (fields if a.factor_id == id_ else {}) for a in design.allotments
        ],
    )


def with_factor(design: Design, *added: Factor) -> Design:
    return changed(design, factors=[*design.factors, *added])


def factorial(*names: str, count: int, rule: str = "complete") -> Design:
    return Design(
        factors=tuple(treatment(n, "low", "high") for n in names),
        units=(UnitLevel(id="run", name="run", count=count),),
        allotments=tuple(
            Allotment(id=f"a_{n}", factor_id=n, unit_id="run", rule=rule) for n in names
        ),
        responses=(response(),),
    )


def age(**fields) -> Factor:
    return Factor.model_validate(
        {"id": "age", "name": "age", "kind": "covariate", "scale": "numeric", "measured": "before",
         "unit": "year"} | fields
    )  # fmt: skip


def clusters(count: int) -> Design:
    return Design(
        factors=(treatment("programme", "usual", "new"),),
        units=(
            UnitLevel(id="school", name="school", count=count, handling="random_term"),
            UnitLevel(id="pupil", name="pupil", parent="school", count=25),
        ),
        allotments=(Allotment(id="a", factor_id="programme", unit_id="school", rule="complete"),),
        responses=(response(),),
    )


def by_day(rule: str) -> Design:
    """Return doses on plots of three days, dose k on day k when the order is systematic."""
    return Design(
        factors=(
            treatment("dose", "none", "half", "full"),
            Factor(id="day", name="day", kind="nuisance"),
        ),
        units=(
            UnitLevel(id="days", name="day", count=3, factor_id="day"),
            UnitLevel(id="plot", name="plot", parent="days", count=6),
        ),
        allotments=(Allotment(id="a", factor_id="dose", unit_id="plot", rule=rule, **(
            {"within": ("days",)} if rule == "within_block" else {})),),
        responses=(response(),),
    )  # fmt: skip


def confounded() -> Design:
    design = by_day("within_block")
    linked = [u.model_copy(update={"factor_id": None}) for u in design.units]
    day = Factor(id="day", name="day", kind="nuisance", levels=levels("1", "2", "3"))
    return changed(
        design,
        factors=[design.factors[0], day],
        units=[linked[1].model_copy(update={"parent": None, "count": 18})],
        allotments=[
            Allotment(id="a", factor_id="dose", unit_id="plot", rule="systematic", reason="x"),
            Allotment(id="b", factor_id="day", unit_id="plot", rule="systematic", reason="x"),
        ],
    )


def pairs_apart() -> Design:
    """Return two days of which each sees its own two of four treatments."""
    design = by_day("complete")
    return changed(
        design,
        factors=[treatment("dose", "a", "b", "c", "d"), design.factors[1]],
        units=[
            UnitLevel(id="days", name="day", count=2, factor_id="day"),
            UnitLevel(id="plot", name="plot", parent="days", count=2),
        ],
        allotments=[
            Allotment(id="a", factor_id="dose", unit_id="plot", rule="within_block"),
        ],
    )


def visits(handling: str | None) -> Design:
    design = crd(units=12, arms=2)
    return changed(
        design,
        factors=[*design.factors, treatment("week", "0", "1", "2")],
        units=[
            UnitLevel(id="animal", name="animal", count=12, handling=handling),
            UnitLevel(
                id="visit", name="visit", parent="animal", count=3, factor_id="week",
                is_ordered=True,
            ),
        ],
    )  # fmt: skip


def sampled(count: int, effect: str | None = "random") -> Design:
    design = blocks_of(3, count, 3)
    batch = Factor(id="batch", name="batch", kind="nuisance", effect=effect)
    return unit(with_factor(design, batch), "block", factor_id="batch")


def crossover(**conduct) -> Design:
    design = square(4)
    return changed(
        design,
        units=[
            UnitLevel(id="row", name="subject", count=8, factor_id="row_f"),
            UnitLevel(
                id="column", name="period", count=4, crossed_with=("row",), is_ordered=True,
                factor_id="column_f",
            ),
            UnitLevel(id="plot", name="visit", parent="column", count=1),
        ],
        conduct=Conduct(**conduct),
    )  # fmt: skip


def fraction(status: str) -> Design:
    return changed(
        factorial("a", "b", "c", count=4),
        matrix=Matrix(form="fraction", factor_ids=("a", "b", "c"), generators="a b ab"),
        interactions=[Interaction(id="i1", factor_ids=("a", "b"), status=status)],
    )


def on_plate(**fields) -> Design:
    base = {"form": "plate", "wells": 96, "edge": "guard", "units_id": "animal"}
    return changed(crd(), layout=Layout.model_validate(base | fields))


def mixture(total: float | None, matrix: Matrix | None = None) -> Design:
    return changed(
        factorial("x", "y", count=8),
        factors=[treatment("x", "0.2", "0.5"), treatment("y", "0.5", "0.8")],
        constraints=[Constraint(id="m", kind="mixture", factor_ids=("x", "y"), total=total)],
        matrix=matrix,
    )


def sums_to_one() -> Matrix:
    return Matrix(form="runs", factor_ids=("x", "y"), runs=(("0.2", "0.8"), ("0.5", "0.5")))


def sized(count: int) -> Design:
    return measured(crd(units=count), expected_range=(0, 10), smallest_effect=3)


def leveled(chosen: list[Level]) -> Design:
    return factor(crd(), "diet", levels=chosen)


def losing(total: int) -> Design:
    return changed(crd(units=total), conduct=Conduct(expected_loss=0.2, needed_units=24))


CONTRASTS = [
    Contrast(id=f"c{k}", name=f"c{k}", factor_id="diet", weights=(1, -1, 0)) for k in range(6)
]
LEVELS_MIXED = [Level(label="1", value=1, unit="uM"), Level(label="1000", value=1000, unit="nM")]
LEVELS_WRONG = [Level(label="1", value=1, unit="uM"), Level(label="5", value=5, unit="second")]
HARD = factor(factorial("oven", "glaze", count=8), "oven", change="hard")
TWO_LEVELS = [
    Factor(id=n, name=n, kind="treatment", scale="numeric",
           levels=(Level(label="1", value=1), Level(label="3", value=3)))
    for n in ("a", "b")
]  # fmt: skip
OPTIMISE = changed(factorial("a", "b", count=8), factors=TWO_LEVELS, purpose="optimise")
ANALYSED = changed(
    clusters(24),
    units=[u.model_copy(update={"handling": None}) for u in clusters(24).units],
    responses=[response(analysed_on="pupil")],
)
NESTED = changed(
    blocks_of(2, 6, 2),
    factors=[
        treatment("entry", "t0", "t1"),
        treatment("site", *"abcdef"),
    ],
    units=[
        UnitLevel(id="block", name="block", count=6, factor_id="site"),
        UnitLevel(id="plot", name="plot", parent="block", count=2),
    ],
)
SITE_ONLY = changed(
    NESTED,
    allotments=[Allotment(id="a1", factor_id="entry", unit_id="block", rule="complete")],
    interactions=[Interaction(id="i", factor_ids=("entry", "site"))],
)

PAIRS: dict[str, list[tuple[Design, Design]]] = {
    "R01": [
        (changed(crd(), responses=[]), crd()),
        (
            changed(crd(), responses=[response(primary=False), response(id="z", primary=False)]),
            changed(crd(), responses=[response(), response(id="z", primary=False)]),
        ),
    ],
    "R02": [(changed(crd(), factors=[], allotments=[]), crd())],
    "R03": [
        (factor(oats(), "nitrogen", name=" Variety"), oats()),
        (
            factor(oats(), "nitrogen", levels=levels("0.0", "0.2", "0.2 ", "0.6")),
            factor(oats(), "nitrogen", levels=levels("0.0", "0.2", "0.3", "0.6")),
        ),
    ],
    "R04": [(factor(crd(), "diet", levels=levels("only")), crd())],
    "R05": [
        (factor(crd(), "diet", levels=[Level(label="A"), Level(label="B")]), crd()),
    ],
    "R06": [
        (drawn(crd(), "diet", rule="none"), crd()),
        (
            drawn(crd(), "diet", rule="systematic"),
            drawn(crd(), "diet", rule="systematic", reason="the tank can not be moved"),
        ),
        (changed(crd(), allotments=[]), crd()),
    ],
    "R07": [
        (unit(clusters(24), "school", handling=None), clusters(24)),
        (measured(repeats=3), measured(repeats=3, averaged=True)),
    ],
    "R08": [
        (factorial("a", "b", "c", "d", count=16), factorial("a", "b", "c", "d", count=32)),
    ],
    "R09": [
        (crd(units=4), crd(units=15)),
        (crd(units=3), crd(units=15)),
        (blocks_of(3, 5, 3), blocks_of(3, 6, 3)),
        (unit(oats(), "blocks", count=3), oats()),
    ],
    "R10": [(confounded(), by_day("within_block")), (confounded(), by_day("complete"))],
    "R11": [(clusters(4), clusters(24)), (clusters(2), clusters(12))],
    "R12": [(blocks_of(7, 7, 3), blocks_of(7, 7, 7))],
    "R13": [(HARD, factor(HARD, "oven", change="easy"))],
    "R14": [(unit(oats(), "blocks", count=1), unit(oats(), "blocks", count=2))],
    "R15": [(with_factor(crd(), age(measured="after")), with_factor(crd(), age()))],
    "R16": [
        (with_factor(crd(), age(measured=None)), with_factor(crd(), age())),
        (with_factor(crd(), age(unit=None)), with_factor(crd(), age(unit=None, range=(1, 9)))),
    ],
    "R17": [(drawn(crd(), "diet", rule="systematic", reason="x"), crd())],
    "R18": [
        (measured(name="number of eggs"), measured(name="number of eggs", family="poisson")),
        (measured(unit="%"), measured(unit="mg")),
        (
            measured(family="beta", expected_range=(0, 0.4)),
            measured(family="beta", expected_range=(0.1, 0.4)),
        ),
        (
            measured(family="gamma", expected_range=(-1, 4)),
            measured(family="gamma", expected_range=(1, 4)),
        ),
    ],
    "R19": [
        (measured(name="spend", family="gamma"), measured(name="spend", family="normal")),
        (
            measured(family="lognormal", expected_range=(0, 4)),
            measured(family="lognormal", expected_range=(1, 4)),
        ),
    ],
    "R20": [
        (
            measured(family="poisson", is_effort_equal=False),
            measured(family="poisson", is_effort_equal=True),
        )
    ],
    "R21": [
        (measured(family="binomial"), measured(family="binomial", trials="n")),
        (measured(family="bernoulli", unit="%"), measured(family="bernoulli")),
    ],
    "R22": [(measured(cutpoints=5), measured(cutpoints=5, family="ordered"))],
    "R23": [(oats(), factor(oats(), "nitrogen", scale="numeric"))],
    "R24": [(OPTIMISE, changed(OPTIMISE, purpose="compare"))],
    "R25": [(fraction("to_test"), fraction("negligible"))],
    "R26": [
        (
            changed(oats(), interactions=[Interaction(id="i", factor_ids=("variety", "gone"))]),
            changed(oats(), interactions=[Interaction(id="i", factor_ids=("variety", "nitrogen"))]),
        ),
        (SITE_ONLY, changed(SITE_ONLY, interactions=[])),
    ],
    "R27": [
        (pairs_apart(), unit(pairs_apart(), "plot", count=4)),
        (factorial("a", "b", "c", count=6), factorial("a", "b", "c", count=8)),
    ],
    "R28": [
        (
            drawn(crd(units=30), "diet", ratio=(3, 1, 1)),
            drawn(crd(units=30), "diet", ratio=(3, 1, 1), reason="more on the control"),
        ),
        (crd(units=4), crd(units=6)),
    ],
    "R29": [(crossover(), crossover(washout="five half-lives"))],
    "R30": [(visits(None), visits("random_term"))],
    "R31": [(sampled(4), sampled(5))],
    "R32": [(sampled(2), sampled(2, "fixed"))],
    "R33": [(measured(), measured(expected_range=(0, 10), smallest_effect=3))],
    "R34": [(sized(12), sized(66))],
    "R35": [
        (
            factor(measured(expected_range=(2, 10), bounds=(0, 12)), "diet",
                   expected=EffectPrior(quantity="difference", lo=-40, hi=40)),
            factor(measured(expected_range=(2, 10), bounds=(0, 12)), "diet",
                   expected=EffectPrior(quantity="difference", lo=-1, hi=1)),
        ),
        (
            measured(expected_range=(-6, 10), bounds=(0, None)),
            measured(expected_range=(1, 10), bounds=(0, None)),
        ),
    ],
    "R36": [
        (on_plate(order="systematic"), on_plate()),
        (on_plate(wells=12), on_plate(wells=24, edge="use", controls=())),
        (on_plate(edge="use"), on_plate()),
    ],
    "R37": [
        (
            factor(on_plate(), "diet", levels=[Level(label="A"), Level(label="B")]),
            on_plate(),
        ),
        (on_plate(controls=("B02", "B03", "C02")), on_plate(controls=("B02", "G11"))),
    ],
    "R38": [
        (leveled(LEVELS_MIXED), leveled(LEVELS_MIXED[:1])),
        (leveled(LEVELS_WRONG), leveled(LEVELS_WRONG[:1])),
    ],
    "R39": [
        (
            changed(crd(), responses=[response(), *(response(id=f"z{k}", primary=False)
                                                    for k in range(2))]),
            crd(),
        ),
        (changed(crd(), contrasts=CONTRASTS), changed(crd(), contrasts=CONTRASTS[:5])),
    ],
    "R40": [
        (measured(is_subjective=True), measured(is_subjective=True, is_blinded=True)),
    ],
    "R41": [
        (crd(), changed(crd(), conduct=Conduct(expected_loss=0))),
        (losing(27), losing(30)),
    ],
    "R42": [
        (
            with_factor(crd(), Factor(id="lab", name="lab", kind="nuisance")),
            with_factor(crd(), Factor(id="lab", name="lab", kind="nuisance", handling="constant")),
        )
    ],
    "R43": [
        (ANALYSED, changed(ANALYSED, responses=[response(analysed_on="school")])),
        (
            drawn(changed(crd(), conduct=Conduct(split=(2, 1, 1))), "diet", reason="x"),
            drawn(changed(crd(), conduct=Conduct(split=(2, 2, 2))), "diet", reason="x"),
        ),
    ],
    "R44": [
        (unit(oats(), "subplot", labels="reused"), unit(oats(), "subplot", labels="unique")),
    ],
    "R45": [
        (
            measured(expected_range=(0.1, 5), detection_limits=(0.2, None)),
            measured(expected_range=(0.3, 5), detection_limits=(0.2, None)),
        )
    ],
    "R46": [
        (mixture(None, sums_to_one()), mixture(1.0, sums_to_one())),
        (mixture(1.0), mixture(1.0, sums_to_one())),
    ],
}  # fmt: skip

QUIET = [strip_plot(), factorial_in_blocks()]
