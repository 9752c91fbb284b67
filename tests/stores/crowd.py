"""A process that opens the history for every save, as a command does; prints its longest wait.

Usage: crowd.py HISTORY NAME SAVES
"""

import sys
import time
from pathlib import Path

from experimentos.store.opening import open_store
from experimentos.store.port import new_record


def main(path: Path, name: str, saves: int) -> float:
    longest = 0.0
    for number in range(saves):
        begun = time.perf_counter()
        store = open_store(path)
        store.save(new_record("analysis", f"{name}/{number}", {}), {"input": name.encode()})
        store.close()
        longest = max(longest, time.perf_counter() - begun)
    return longest


if __name__ == "__main__":
    sys.stdout.write(f"{main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])):.3f}\n")
