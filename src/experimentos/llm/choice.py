"""Who answers on this installation, by its environment alone; nothing here imports a client."""

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from experimentos.errors import LlmUnavailable
from experimentos.llm.limits import Limits, Prices, limits_from, prices_from
from experimentos.llm.port import RULES
from experimentos.llm.settings import BASE_URL, MODEL, LlmSettings, llm_settings


@dataclass(frozen=True, slots=True)
class Choice:
    """Which assistant the environment asks for.

    Attributes
    ----------
    settings : LlmSettings
    limits : Limits
    prices : Prices | None
    fault : str
        Why a model that is set up is not asked, one or two sentences; "" for none.
    """

    settings: LlmSettings = field(default_factory=LlmSettings)
    limits: Limits = field(default_factory=Limits)
    prices: Prices | None = None
    fault: str = ""

    @property
    def has_model(self) -> bool:
        """Return whether a model is asked."""
        return self.settings.is_set and bool(self.settings.model) and not self.fault

    @property
    def name(self) -> str:
        """Return who answers: the model's name, or "rules"."""
        return self.settings.model if self.has_model else RULES

    @property
    def destination(self) -> str:
        """Return where texts go, and to which model; "" when nothing leaves the machine."""
        return f"{self.settings.model} at {self.settings.host}" if self.has_model else ""


NOBODY = Choice()


def choice(environment: Mapping[str, str] = os.environ) -> Choice:
    """Return who answers; settings that cannot be used leave the rules, with the reason."""
    try:
        settings = llm_settings(environment)
        limits, prices = limits_from(environment), prices_from(environment)
    except LlmUnavailable as exc:
        return Choice(fault=str(exc))
    return Choice(settings, limits, prices, _fault(settings))


def _fault(settings: LlmSettings) -> str:
    if settings.base_url and not settings.model:
        return f"{BASE_URL} is set, but {MODEL} names no model."
    if settings.base_url and not _is_private(settings.base_url):
        return f"{BASE_URL} must begin with https, unless it is on this machine."
    return ""


def _is_private(base_url: str) -> bool:
    """Return whether texts and key travel encrypted, or do not leave the machine."""
    parts = urlsplit(base_url)
    if parts.scheme == "https" or parts.hostname == "localhost":
        return True
    try:
        return ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False
