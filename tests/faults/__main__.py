"""Break everything, one fault after another, and write down what came of it: `make faults`."""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.faults.report import table
from tests.faults.run import FAULTS, run
from tests.faults.stage import prepare

REPORT = Path("docs/faults.md")


def main() -> int:
    parser = argparse.ArgumentParser(prog="make faults")
    parser.add_argument("names", nargs="*", help="Which of the faults; all if none is named.")
    parser.add_argument("--measure", type=float, default=1.0, help="Less than 1 is a shorter run.")
    parser.add_argument("--write", action="store_true", help=f"Write {REPORT}.")
    options = parser.parse_args()
    chosen = {name: FAULTS[name] for name in options.names or FAULTS}
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        prepared = prepare(Path(folder))
        outcomes = []
        for name, fault in chosen.items():
            began = time.monotonic()
            outcomes.append(run(fault, prepared, Path(folder) / name, options.measure))
            sys.stdout.write(f"{name} ({time.monotonic() - began:.0f} s): {outcomes[-1].verdict}\n")
            for line in outcomes[-1].broken:
                sys.stdout.write(f"    {line}\n")
            sys.stdout.flush()
    text = table(outcomes)
    sys.stdout.write(f"\n{text}")
    if options.write:
        head, _, rest = REPORT.read_text(encoding="utf-8").partition("| fault |")
        _, _, after = rest.partition("\n\n")
        REPORT.write_text(f"{head}{text}\n{after}", encoding="utf-8")
    return 1 if any(outcome.broken for outcome in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
