"""Options of the whole suite."""

from pathlib import Path

from hypothesis import settings

# A law that holds slowly on a busy machine still holds: time is for benchmarks.
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")

UPLOADS = Path(__file__).parent / "reference" / "uploads"


def pytest_addoption(parser):
    parser.addoption(
        "--uploads",
        type=Path,
        default=UPLOADS,
        help="folder with manifest.json and files/ for the upload suite",
    )
