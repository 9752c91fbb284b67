"""Whether a method would have been right on data like the user's own."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from experimentos import __version__
from experimentos.errors import ContractError
from experimentos.flows.encode import Json
from experimentos.flows.simulate import SIMULATED, World
from experimentos.plan.power import Mean, Rate, power
from experimentos.plan.scheme import Scheme

SCHEMA_VERSION = 1
BLOCK = 2_000
MOST_SIMULATIONS = 1_000_000
MOST_DRAWS = 2_000_000_000
_BLOCK_DRAWS = 4_000_000


@dataclass(frozen=True, slots=True)
class Share:
    """A simulated share of experiments.

    Attributes
    ----------
    value : float in [0, 1]
    se : float
        Monte Carlo standard error.
    """

    value: float
    se: float

    @classmethod
    def of(cls, hits: int, total: int) -> "Share":
        """Return hits / total; its error is not 0 where all or none hit."""
        guess = (hits + 0.5) / (total + 1)
        return cls(hits / total, math.sqrt(guess * (1 - guess) / total))


@dataclass(frozen=True, slots=True)
class Calibration:
    """What a method did on simulated experiments.

    Attributes
    ----------
    method, title : str
    world : World
    size : Share
        Rejections where there is no effect: at most alpha is the promise.
    coverage_null : Share
        Intervals that hold 0 where there is no effect.
    power : Share | None
        Rejections at the effect; None when the effect is 0.
    coverage : Share | None
        Intervals that hold the effect there.
    stated_power : float | None
        What the power calculation promises for the same test; None where there is none.
    simulations : int
        Experiments simulated, for each of no effect and the effect.
    is_complete : bool
        False when it was cancelled.
    seed : int
    version : str
    """

    method: str
    title: str
    world: World
    size: Share
    coverage_null: Share
    power: Share | None
    coverage: Share | None
    stated_power: float | None
    simulations: int
    is_complete: bool
    seed: int
    version: str = __version__


def calibrate(
    method: str,
    world: World,
    simulations: int = 10_000,
    seed: int = 1,
    progress: Callable[[int, int], bool] | None = None,
) -> Calibration:
    """Simulate a method on experiments like the user's own.

    Parameters
    ----------
    method
        A key of `SIMULATED`.
    world
        Sizes, rate or mean, effect, level and looks.
    simulations
        Experiments, 100 to a million; blocks of 2,000 are seeded one by one, so that a longer
        run begins with the same experiments as a shorter one.
    seed
        The same seed gives the same answer.
    progress
        Called with (done, all) after each block; returning False cancels, and the answer is then
        for what was done.

    Raises
    ------
    ContractError
        If the method does not exist or cannot take this world.
    """
    _check(method, world, simulations)
    judge = SIMULATED[method].judge
    null = replace(world, effect=0.0)
    block = _block(world)
    counts = np.zeros(4, dtype=np.int64)
    done, go_on = 0, True
    while go_on and done < simulations:
        size = min(block, simulations - done)
        rng = np.random.default_rng([seed, done])
        at_null = judge(null, rng, size)
        counts[:2] += [at_null.rejected.sum(), at_null.covered.sum()]
        if world.effect:
            at_effect = judge(world, rng, size)
            counts[2:] += [at_effect.rejected.sum(), at_effect.covered.sum()]
        done += size
        go_on = progress is None or progress(done, simulations)
    shares = [Share.of(int(count), done) for count in counts]
    return Calibration(
        method=method,
        title=SIMULATED[method].title,
        world=world,
        size=shares[0],
        coverage_null=shares[1],
        power=shares[2] if world.effect else None,
        coverage=shares[3] if world.effect else None,
        stated_power=_stated(method, world),
        simulations=done,
        is_complete=done == simulations,
        seed=seed,
    )


def calibration_report(found: Calibration) -> dict[str, Json]:
    """Return the calibration as JSON values."""
    world = found.world
    return {
        "schema_version": SCHEMA_VERSION,
        "report": "calibrate",
        "method": found.method,
        "title": found.title,
        "alpha": world.alpha,
        "n": [world.n_control, world.n_treatment],
        "control": world.control,
        "effect": world.effect,
        "sd": world.sd,
        "looks": list(world.looks),
        "size": _share(found.size),
        "coverage_null": _share(found.coverage_null),
        "power": _share(found.power),
        "coverage": _share(found.coverage),
        "stated_power": found.stated_power,
        "simulations": found.simulations,
        "complete": found.is_complete,
        "seed": found.seed,
        "version": found.version,
    }


def in_words(found: Calibration) -> str:
    """Return the answer in one sentence."""
    alpha, size = found.world.alpha, found.size
    if size.value > alpha + 3 * size.se:
        verdict = "too often: on data like yours this method is not to be trusted at this level"
    elif size.value < alpha / 2:
        verdict = "less often than it may: it is safe, and gives away power"
    else:
        verdict = "about as often as it may"
    return (
        f"Without any effect, {found.title} found one in {size.value:.2%} of "
        f"{found.simulations:,} simulated experiments (allowed: {alpha:.0%}), {verdict}."
    )


def _share(share: Share | None) -> Json:
    return None if share is None else {"value": share.value, "se": share.se}


def _stated(method: str, world: World) -> float | None:
    if not world.effect or method not in {"score", "welch", "group_sequential"}:
        return None
    scheme = Scheme(
        alpha=world.alpha,
        ratio=world.n_treatment / world.n_control,
        looks=world.looks,
        spending=world.spending,
    )
    metric = Rate(world.control) if world.sd is None else Mean(world.sd)
    return power(metric, world.effect, world.n_control, scheme)


def _block(world: World) -> int:
    if not world.skewed:
        return BLOCK
    return max(1, min(BLOCK, _BLOCK_DRAWS // max(world.n_control, world.n_treatment)))


def _check(method: str, world: World, simulations: int) -> None:
    found = SIMULATED.get(method)
    if found is None:
        raise ContractError(
            f"There is no simulation of {method!r}.", hint=f"Choose one of {', '.join(SIMULATED)}."
        )
    if not 100 <= simulations <= MOST_SIMULATIONS:
        raise ContractError(f"Simulate between 100 and {MOST_SIMULATIONS:,} experiments.")
    if min(world.n_control, world.n_treatment) < 2 or not 0 < world.alpha < 1:
        raise ContractError("Each arm needs two units, and alpha lies between 0 and 1.")
    if found.takes not in {"both", "rate" if world.sd is None else "mean"}:
        raise ContractError(f"{found.title} is for a {found.takes}.")
    if found.looks != (len(world.looks) > 1):
        many = "several looks" if found.looks else "a single look"
        raise ContractError(f"{found.title} has {many}.", hint="Give --looks 4, or leave it out.")
    if world.looks[-1] != 1 or any(a >= b for a, b in pairwise((0.0, *world.looks))):
        raise ContractError("Looks are increasing fractions that end at 1.")
    _check_values(world, simulations)


def _check_values(world: World, simulations: int) -> None:
    if world.sd is None:
        rates = (world.control, world.control + world.effect)
        if not all(0 <= rate <= 1 for rate in rates):
            raise ContractError("Rates lie between 0 and 1, with the effect as well.")
        return
    if not 0 < world.sd < math.inf:
        raise ContractError("The standard deviation must be positive.")
    if not world.skewed:
        return
    if min(world.control, world.control + world.effect) <= 0 or len(world.looks) > 1:
        raise ContractError("Skewed data needs positive means and a single look.")
    if simulations * (world.n_control + world.n_treatment) > MOST_DRAWS:
        raise ContractError(
            "That many skewed users cannot be drawn.", hint="Take fewer simulations or users."
        )
