"""Every benchmark in turn: ``python -m bench``, or some by name: ``python -m bench throughput``.

What follows from the first option on is for the benchmark: ``python -m bench waits --help``.
"""

import importlib
import itertools
import pkgutil
import signal
import sys

import bench

# What the benchmarks are built from, not benchmarks themselves.
PARTS = {
    "__main__", "bare", "client", "figures", "fluid", "hall", "place", "queue_log", "worlds",
}  # fmt: skip


def main(*arguments: str) -> None:
    wanted = tuple(itertools.takewhile(lambda word: not word.startswith("-"), arguments))
    options = arguments[len(wanted) :]
    known = sorted({module.name for module in pkgutil.iter_modules(bench.__path__)} - PARTS)
    if unknown := set(wanted) - set(known):
        sys.exit(f"no benchmark called {', '.join(sorted(unknown))}; there are: {', '.join(known)}")
    for name in wanted or known:
        print(f"\n== {name}", flush=True)
        importlib.import_module(f"bench.{name}").main(*options)


if __name__ == "__main__":
    # Ended from outside, it still stops what it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    main(*sys.argv[1:])
