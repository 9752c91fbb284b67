"""Options of the whole suite."""

from pathlib import Path

import pytest
from hypothesis import settings

from tests.postgres import server

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


@pytest.fixture(scope="session")
def postgres_url():
    """The URL of a PostgreSQL database, the same for all tests of a process."""
    with server() as url:
        yield url
