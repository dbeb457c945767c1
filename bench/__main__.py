"""Every benchmark in turn: ``python -m bench``, or some by name: ``python -m bench throughput``."""

import importlib
import pkgutil
import signal
import sys

import bench

# What the benchmarks are built from, not benchmarks themselves.
PARTS = {"__main__", "client", "figures", "place"}


def main(*wanted: str) -> None:
    known = sorted({module.name for module in pkgutil.iter_modules(bench.__path__)} - PARTS)
    if unknown := set(wanted) - set(known):
        sys.exit(f"no benchmark called {', '.join(sorted(unknown))}; there are: {', '.join(known)}")
    for name in wanted or known:
        print(f"\n== {name}", flush=True)
        importlib.import_module(f"bench.{name}").main()


if __name__ == "__main__":
    # Ended from outside, it still stops what it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    main(*sys.argv[1:])
