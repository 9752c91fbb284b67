"""The command line: one file per noun; `guard` turns every failure into a sentence and a status."""

import sys


def main() -> None:
    """Run the command line on this process's arguments and exit with its status."""
    from experimentos.cli.guard import run

    sys.exit(run(sys.argv[1:]))
