"""Options of the whole suite."""

from pathlib import Path

UPLOADS = Path(__file__).parent / "reference" / "uploads"


def pytest_addoption(parser):
    parser.addoption(
        "--uploads",
        type=Path,
        default=UPLOADS,
        help="folder with manifest.json and files/ for the upload suite",
    )
