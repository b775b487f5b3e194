"""How often the intervals of all figures hold the truth, in more runs than a test can take.

Not a test (test_coverage.py has one of each kind): it takes minutes. Run from the checkout; docs/validation.md has what
it printed:

    PYTHONPATH=tests python tests/validate_coverage.py [--runs 20000]
"""

from __future__ import annotations

import argparse
import math

from test_coverage import MANY, N_BLOCKS, TOGETHER, WORLD, coverage

BLOCK = 256


def main() -> None:
    """Print the share of each figure, of independent trials and of Latin hypercubes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20_000)
    runs = parser.parse_args().runs
    print(f"coverage of 95 % intervals in {runs} runs, standard error {math.sqrt(0.95 * 0.05 / runs):.4f}")
    alone = coverage(WORLD.truth, MANY, runs=runs)
    together = coverage(TOGETHER, N_BLOCKS * BLOCK, BLOCK, runs=runs)
    for name, share in alone.items():
        print(f"| `{name}` | {100 * share:.1f} % | {f'{100 * together[name]:.1f} %' if name in together else ''} |")


if __name__ == "__main__":
    main()
