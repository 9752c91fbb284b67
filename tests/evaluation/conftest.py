"""Endpoints and plans."""

import pytest

from tests.evaluation.endpoint import Endpoint


@pytest.fixture
def endpoint():
    """Return what starts an endpoint with a script; all are closed at the end."""
    started: list[Endpoint] = []

    def start(script):
        started.append(Endpoint(script))
        return started[-1]

    yield start
    for one in started:
        one.close()
