"""Where and in which order the units are run: restricted randomisation with its seed recorded."""

from experimentos.design.layout.arrange import arrange as arrange
from experimentos.design.layout.check import violations as violations
from experimentos.design.layout.places import Arrangement as Arrangement
from experimentos.design.layout.places import Place as Place
from experimentos.design.layout.sheet import entry_workbook as entry_workbook
from experimentos.design.layout.sheet import layout_json as layout_json
from experimentos.design.layout.sheet import run_sheet_csv as run_sheet_csv
