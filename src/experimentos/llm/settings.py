"""Which language model this installation may ask; from the environment, never from a page."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from experimentos.errors import LlmUnavailable

BASE_URL = "EXPERIMENTOS_LLM_BASE_URL"
MODEL = "EXPERIMENTOS_LLM_MODEL"
KEYS = ("EXPERIMENTOS_LLM_KEY", "OPENAI_API_KEY")
OPENAI_HOST = "api.openai.com"


@dataclass(frozen=True, slots=True)
class LlmSettings:
    """An endpoint that speaks the chat protocol of OpenAI.

    Attributes
    ----------
    base_url : str | None
        None for OpenAI's own.
    model : str
        Of the assistant; "" when none was named. An evaluation names its models itself.
    key : str
        Never shown, logged or stored.
    """

    base_url: str | None = None
    model: str = ""
    key: str = field(default="", repr=False)

    @property
    def is_set(self) -> bool:
        """Return whether there is an endpoint to ask."""
        return bool(self.base_url or self.key)

    @property
    def host(self) -> str:
        """Return where texts are sent, for the notice before the first one leaves."""
        return urlsplit(self.base_url).netloc if self.base_url else OPENAI_HOST


def llm_settings(environment: Mapping[str, str] = os.environ) -> LlmSettings:
    """Return what the environment says of the language model.

    Raises
    ------
    LlmUnavailable
        If the address is none.
    """
    base_url = environment.get(BASE_URL, "").strip() or None
    if base_url is not None:
        parts = urlsplit(base_url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
            raise LlmUnavailable(
                f"{BASE_URL} is no address of an endpoint.",
                hint="Write it like https://host/v1, without a user or a key in it.",
            )
    key = next((environment[name] for name in KEYS if environment.get(name)), "")
    return LlmSettings(base_url, environment.get(MODEL, "").strip(), key)


def named_endpoint(environment: Mapping[str, str] = os.environ) -> LlmSettings:
    """Return the endpoint that prompts are sent to.

    Raises
    ------
    LlmUnavailable
        If none is named, or its address is none.
    """
    settings = llm_settings(environment)
    if not settings.is_set:
        raise LlmUnavailable(
            "No language model is set up on this installation.",
            hint=f"Set {BASE_URL} to an OpenAI-compatible endpoint, or {KEYS[0]} to a key.",
        )
    return settings
