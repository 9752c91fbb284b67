"""A calibration as a run of the history: what was simulated, and how often it was right."""

from datetime import datetime

from pydantic import JsonValue

from experimentos.flows.calibrate import Calibration
from experimentos.flows.run_record import new_run_id, utc_now
from experimentos.ids import canonical_json, content_hash
from experimentos.runs.documents import Metric, Run
from experimentos.store.run_port import RunStore


def keep_calibration(runs: RunStore, found: Calibration, began: datetime) -> Run:
    """Save a calibration as a run; one that was cancelled early says so.

    Parameters
    ----------
    began
        When the simulation was started.

    Raises
    ------
    StoreError
        See `store.run_port.RunStore.save_run`.
    """
    params = _parameters(found)
    return runs.save_run(
        Run(
            run_id=new_run_id(began),
            kind="calibration",
            title=f"{found.title}: size, coverage and power",
            status="completed" if found.is_complete else "cancelled",
            created_at=began,
            started_at=began,
            ended_at=utc_now(),
            primary_value=found.size.value,
            params=params,
            metrics=_metrics(found),
            environment={"experimentos": found.version},
            config_sha256=content_hash(canonical_json(params)),
        )
    )


def _parameters(found: Calibration) -> dict[str, JsonValue]:
    world = found.world
    return {
        "method": found.method,
        "n_control": world.n_control,
        "n_treatment": world.n_treatment,
        "control": world.control,
        "effect": world.effect,
        "sd": world.sd,
        "skewed": world.skewed,
        "alpha": world.alpha,
        "looks": list(world.looks),
        "spending": world.spending,
        "simulations": found.simulations,
        "seed": found.seed,
    }


def _metrics(found: Calibration) -> dict[str, Metric]:
    shares = {
        "size": found.size,
        "coverage_null": found.coverage_null,
        "power": found.power,
        "coverage": found.coverage,
    }
    metrics: dict[str, Metric] = {}
    for name, share in shares.items():
        if share is not None:
            metrics |= {name: share.value, f"{name}_se": share.se}
    return metrics
