"""Every exception that ExperimentOS raises on purpose.

    ExperimentOSError
    ├── ContractError        a call that breaks the rules of the domain
    │   └── UnreadableError  bytes that cannot be read as the format they claim
    ├── DesignError
    ├── ModelCodeError
    ├── StoreError
    │   ├── MigrationError
    │   ├── NotFound
    │   └── Conflict         somebody else saved a newer version
    ├── EngineError
    │   └── Unsupported
    ├── LlmError
    │   ├── LlmUnavailable
    │   └── LlmRefused
    └── RunnerError
        ├── RunTimedOut
        └── RunOutOfMemory

Wrong data is an `Issue`, a wrong call is one of these, a result that does not exist is
`analysis.result.Unavailable`.
"""


class ExperimentOSError(Exception):
    """An expected failure: what happened, and what the reader can do.

    Attributes
    ----------
    message : str
        What was found, what was needed, where. One sentence.
    hint : str
        What to do about it; may be empty.
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class ContractError(ExperimentOSError):
    """A call that breaks the rules of the domain."""


class UnreadableError(ContractError):
    """Bytes that cannot be read as the format they claim to be."""


class DesignError(ExperimentOSError):
    """A design document that cannot be used as asked."""


class ModelCodeError(ExperimentOSError):
    """Model code that cannot be generated or accepted."""


class StoreError(ExperimentOSError):
    """The history could not be read or written."""


class MigrationError(StoreError):
    """The history file could not be brought to this version's schema."""


class NotFound(StoreError):  # noqa: N818 - reads as the condition, not as a kind of error
    """No document has this id."""


class Conflict(StoreError):  # noqa: N818 - reads as the condition, not as a kind of error
    """Somebody else saved a newer version of the document."""


class EngineError(ExperimentOSError):
    """A query engine failed."""


class Unsupported(EngineError):  # noqa: N818 - reads as the condition, not as a kind of error
    """The engine cannot compute what was asked."""


class LlmError(ExperimentOSError):
    """A language model failed."""


class LlmUnavailable(LlmError):  # noqa: N818 - reads as the condition, not as a kind of error
    """No language model could be reached."""


class LlmRefused(LlmError):  # noqa: N818 - reads as the condition, not as a kind of error
    """The language model declined to answer."""


class RunnerError(ExperimentOSError):
    """A child process failed."""


class RunTimedOut(RunnerError):  # noqa: N818 - reads as the condition, not as a kind of error
    """The child process used up its time."""


class RunOutOfMemory(RunnerError):  # noqa: N818 - reads as the condition, not as a kind of error
    """The child process used up its memory."""
