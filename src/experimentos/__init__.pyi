from experimentos.analysis.analyze import analyze as analyze
from experimentos.decision.decide import decide as decide
from experimentos.design.anatomy import anatomy as anatomy
from experimentos.design.document import ExperimentDescription as ExperimentDescription
from experimentos.design.document import read_document as read_design
from experimentos.design.from_draft import from_draft as design_from_draft
from experimentos.design.layout.arrange import arrange as layout
from experimentos.design.layout.sheet import run_sheet_csv as run_sheet
from experimentos.design.parse.describe import parse_design as parse_design
from experimentos.design.power import Assumed as Assumed
from experimentos.design.power import design_power as design_power
from experimentos.design.rules import validate_design as validate_design
from experimentos.design.table import expand as expand
from experimentos.flows.ab_test import AbTest as AbTest
from experimentos.flows.ab_test import run as run
from experimentos.flows.calibrate import calibrate as calibrate
from experimentos.flows.export import keep as save
from experimentos.flows.export import write_memo as write_memo
from experimentos.flows.history import rerun as rerun
from experimentos.flows.raw_bootstrap import Resampling as Resampling
from experimentos.flows.verify import verify as verify
from experimentos.flows.warehouse import summarize as summarize
from experimentos.health.examine import examine as check
from experimentos.memo.subject import MemoFields as MemoFields
from experimentos.metrics.contract import read_summary as read_summary
from experimentos.plan.charter import Charter as Charter
from experimentos.plan.charter import GuardrailPlan as GuardrailPlan
from experimentos.plan.documents import read_charter as read_charter
from experimentos.plan.power import Mean as Mean
from experimentos.plan.power import Rate as Rate
from experimentos.plan.power import mde as mde
from experimentos.plan.power import power as power
from experimentos.plan.power import sample_size as sample_size
from experimentos.plan.scheme import Scheme as Scheme
from experimentos.policy import Policy as Policy
from experimentos.runs.compare import compare_variants as compare_variants
from experimentos.runs.sample_files import read_samples as read_samples
from experimentos.runs.variance import variance_table as variance_table
from experimentos.tracking import Experiment as Experiment
from experimentos.tracking import Project as Project
from experimentos.tracking import Variant as Variant
from experimentos.wiring import open_store as open_store

__all__ = [
    "AbTest",
    "Assumed",
    "Charter",
    "Experiment",
    "ExperimentDescription",
    "GuardrailPlan",
    "Mean",
    "MemoFields",
    "Policy",
    "Project",
    "Rate",
    "Resampling",
    "Scheme",
    "Variant",
    "__version__",
    "analyze",
    "anatomy",
    "calibrate",
    "check",
    "compare_variants",
    "decide",
    "design_from_draft",
    "design_power",
    "expand",
    "layout",
    "mde",
    "open_store",
    "parse_design",
    "power",
    "read_charter",
    "read_design",
    "read_samples",
    "read_summary",
    "rerun",
    "run",
    "run_sheet",
    "sample_size",
    "save",
    "summarize",
    "validate_design",
    "variance_table",
    "verify",
    "write_memo",
]

__version__: str
