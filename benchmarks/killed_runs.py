"""A run killed fifty times at random moments, and the same run undisturbed: are the final numbers the same?

python benchmarks/killed_runs.py [DEATHS] [threads|processes]
"""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from numerics.ledger import Ledger, LedgerError

SCRIPT = Path(__file__).parent.parent / "tests" / "chunk_tasks.py"
CHUNKS, PAUSE = 4000, 0.005


def main() -> int:
    deaths = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    where = sys.argv[2] if len(sys.argv) > 2 else "threads"
    rng = random.Random(0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "killed.sqlite"
        command = [sys.executable, str(SCRIPT), str(path), where, str(CHUNKS), str(PAUSE)]
        kept, died, early = 0, 0, 0
        while died < deaths:
            with subprocess.Popen(command, stdout=subprocess.PIPE) as run:
                # One in four dies anywhere, also before it begins; the others after they have added something.
                if rng.random() < 0.25:
                    early += 1
                else:
                    while run.poll() is None and size(path) <= kept:
                        time.sleep(0.01)
                time.sleep(rng.expovariate(10.0))
                run.kill()
            if run.returncode != -signal.SIGKILL:
                print(f"the run ended before death {died + 1}; take more chunks")
                return 1
            died += 1
            found = size(path)
            if found < kept:
                print(f"death {died} lost {kept - found} chunks")
                return 1
            kept = found
        resumed = final([*command[:2], str(path), *command[3:]])
        undisturbed = final([*command[:2], str(Path(folder) / "other.sqlite"), *command[3:-1], "0"])
    print(f"{where}: {died} deaths ({early} at any moment), {kept} of {CHUNKS} chunks kept before the last run")
    print("same numbers" if resumed == undisturbed else f"other numbers:\n{resumed}\n{undisturbed}")
    return 0 if resumed == undisturbed else 1


def size(path: Path) -> int:
    """Chunks in the ledger; one that is not there yet has none."""
    if not path.exists():
        return 0
    try:
        with Ledger(path, readonly=True) as ledger:
            return sum(entry.chunks for entry in ledger.summary())
    except LedgerError as error:
        raise SystemExit(f"a death left a ledger that is refused: {error}") from error


def final(command: list[str]) -> str:
    """Last line of a run."""
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[-1]


if __name__ == "__main__":
    raise SystemExit(main())
