"""What a run depends on beside its code: interpreter, packages, machine, repository."""

import importlib.metadata
import os
import platform
import shutil
import socket
import subprocess
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

GIT_SECONDS = 10
DIFF_MOST = 1_000_000


@dataclass(frozen=True, slots=True)
class Repository:
    """The state of the repository that the code lies in.

    Attributes
    ----------
    commit : str
        "" when the folder is in none.
    diff : str
        What is not committed, as a patch; the first million characters.
    untracked : tuple[str, ...]
        Files that git does not know, at most 100.
    """

    commit: str = ""
    diff: str = ""
    untracked: tuple[str, ...] = ()

    @property
    def is_dirty(self) -> bool:
        """Return whether the commit alone does not tell what the code was."""
        return bool(self.diff or self.untracked)


NO_REPOSITORY = Repository()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a run depends on beside its code.

    Attributes
    ----------
    python, platform, host : str
    cores : int
    packages : str
        One `name==version` a line, by name.
    repository : Repository
    """

    python: str
    platform: str
    host: str
    cores: int
    packages: str
    repository: Repository


def survey(code: Path) -> Surroundings:
    """Return the surroundings of code in this folder, as they are now."""
    return Surroundings(
        python=platform.python_version(),
        platform=f"{sys.platform}-{platform.machine()}",
        host=socket.gethostname()[:255],
        cores=os.cpu_count() or 1,
        packages=installed_packages(),
        repository=repository_of(code),
    )


@lru_cache(maxsize=1)
def installed_packages() -> str:
    """Return what is installed for this interpreter, one `name==version` a line."""
    found = {
        str(dist.metadata["Name"]): dist.version
        for dist in importlib.metadata.distributions()
        if dist.metadata["Name"]
    }
    return "".join(f"{name}=={found[name]}\n" for name in sorted(found, key=str.lower))


def repository_of(code: Path) -> Repository:
    """Return the state of the repository of a folder; an empty one when it is in none."""
    commit = _git(code, "rev-parse", "HEAD").strip()
    if not commit:
        return NO_REPOSITORY
    diff = _git(code, "diff", "HEAD", "--no-ext-diff", "--no-textconv", "--no-color", "--", ".")
    others = _git(code, "ls-files", "--others", "--exclude-standard", "--", ".").splitlines()
    return Repository(commit, diff[:DIFF_MOST], tuple(others[:100]))


def _git(folder: Path, *arguments: str) -> str:
    """Return what git says, "" when it is not there, fails or takes too long."""
    program = shutil.which("git")
    if program is None:
        return ""
    # A folder can bring settings of its own that would start programs: these are switched off.
    safe = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null")
    try:
        done = subprocess.run(  # noqa: S603 - git by its full path, no shell
            [program, *safe, *arguments],
            cwd=folder,
            capture_output=True,
            timeout=GIT_SECONDS,
            check=False,
            env={**os.environ, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"},
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else ""
