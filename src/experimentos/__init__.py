"""ExperimentOS: from the first sentence of an experiment to the decision.

The names below are the Python interface; each is the very call that the pages and the command
line make, and is loaded when it is first used. Their types are in `__init__.pyi`.
"""

from importlib import import_module

__version__ = "0.1.0"

# Public name to the module and the name that it has there.
_PARTS = {
    "AbTest": ("flows.ab_test", "AbTest"),
    "Charter": ("plan.charter", "Charter"),
    "Experiment": ("tracking", "Experiment"),
    "GuardrailPlan": ("plan.charter", "GuardrailPlan"),
    "Mean": ("plan.power", "Mean"),
    "MemoFields": ("memo.subject", "MemoFields"),
    "Project": ("tracking", "Project"),
    "Policy": ("policy", "Policy"),
    "Rate": ("plan.power", "Rate"),
    "Resampling": ("flows.raw_bootstrap", "Resampling"),
    "Scheme": ("plan.scheme", "Scheme"),
    "Variant": ("tracking", "Variant"),
    "analyze": ("analysis.analyze", "analyze"),
    "calibrate": ("flows.calibrate", "calibrate"),
    "check": ("health.examine", "examine"),
    "compare_variants": ("runs.compare", "compare_variants"),
    "decide": ("decision.decide", "decide"),
    "mde": ("plan.power", "mde"),
    "open_store": ("wiring", "open_store"),
    "parse_design": ("design.parse.describe", "parse_design"),
    "power": ("plan.power", "power"),
    "read_charter": ("plan.documents", "read_charter"),
    "read_samples": ("runs.sample_files", "read_samples"),
    "read_summary": ("metrics.contract", "read_summary"),
    "rerun": ("flows.history", "rerun"),
    "run": ("flows.ab_test", "run"),
    "sample_size": ("plan.power", "sample_size"),
    "save": ("flows.export", "keep"),
    "write_memo": ("flows.export", "write_memo"),
    "summarize": ("flows.warehouse", "summarize"),
    "variance_table": ("runs.variance", "variance_table"),
    "verify": ("flows.verify", "verify"),
    "Assumed": ("design.power", "Assumed"),
    "ExperimentDescription": ("design.document", "ExperimentDescription"),
    "anatomy": ("design.anatomy", "anatomy"),
    "design_from_draft": ("design.from_draft", "from_draft"),
    "design_power": ("design.power", "design_power"),
    "expand": ("design.table", "expand"),
    "layout": ("design.layout.arrange", "arrange"),
    "read_design": ("design.document", "read_document"),
    "run_sheet": ("design.layout.sheet", "run_sheet_csv"),
    "validate_design": ("design.rules", "validate_design"),
}

__all__ = [
    "__version__",
    *_PARTS,
]


def __getattr__(name: str) -> object:
    if name not in _PARTS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, attribute = _PARTS[name]
    found = getattr(import_module(f"{__name__}.{module}"), attribute)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
