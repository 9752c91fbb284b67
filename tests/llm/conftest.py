"""A model's server, an assistant that asks it, and a clock that does not run by itself."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from experimentos.design.document import ExperimentDescription
from experimentos.design.from_draft import from_draft
from experimentos.design.parse.describe import parse_design
from experimentos.design.rules import validate_design
from experimentos.llm.breaker import Breaker
from experimentos.llm.endpoint import Endpoint
from experimentos.llm.fallback import WithRules
from experimentos.llm.limits import Limits
from experimentos.llm.openai import OpenAIAssistant
from experimentos.llm.port import Task
from experimentos.llm.rules import RuleAssistant
from experimentos.llm.settings import LlmSettings
from tests.llm.server import Answer, ModelServer

KEY = "sk-planted-0123456789"
MICE = (
    "Thirty mice are randomly assigned to one of three diets: control, high fat or high sugar. "
    "Mice are fed for 8 weeks. The primary outcome is body weight in g."
)


@dataclass
class Clock:
    """Seconds that pass only in `sleep`, and what was slept."""

    now: float = 0.0
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@dataclass
class Asked:
    """An assistant and the server that it asks."""

    server: ModelServer
    endpoint: Endpoint
    model: OpenAIAssistant
    clock: Clock

    @property
    def safe(self) -> WithRules:
        """The model with the rules behind it."""
        return WithRules(self.model, RuleAssistant())


type Script = Callable[[dict, int], Answer]


@pytest.fixture
def asking():
    """A function from a script, or from answers in order, to an assistant."""
    opened: list[Asked] = []

    def make(*script: Answer | Script, limits: Limits | None = None) -> Asked:
        def play(body: dict, number: int) -> Answer:
            step = script[min(number, len(script) - 1)]
            return step if isinstance(step, Answer) else step(body, number)

        server, clock = ModelServer(play), Clock()
        settings = LlmSettings(server.url, "small-model", KEY)
        endpoint = Endpoint(settings, limits or Limits(), clock=clock, sleep=clock.sleep)
        model = OpenAIAssistant(endpoint, Breaker(clock=clock))
        opened.append(Asked(server, endpoint, model, clock))
        return opened[-1]

    yield make
    for asked in opened:
        asked.model.close()
        asked.server.close()


@pytest.fixture
def document() -> ExperimentDescription:
    return from_draft(parse_design(MICE), text=MICE)


@pytest.fixture
def task(document) -> Callable[..., Task]:
    """A function from a request to a task on the diet of mice."""

    def make(request: str, **fields: object) -> Task:
        given = {
            "document": document,
            "findings": validate_design(document),
            "description": MICE,
            **fields,
        }
        return Task(request, **given)

    return make
