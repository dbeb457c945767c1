"""One of several processes that drain a line: ``python -m tests.app.drain URL VAR COUNTER…``."""

import sys
import threading
from pathlib import Path

from queueapp import create_app
from tests import builders
from tests.app.test_races import drain


def main(url: str, var: str, *counters: str) -> None:
    app = create_app(builders.settings(url, Path(var)))
    failed: list[BaseException] = []

    def work(counter: str) -> None:
        try:
            with app.app_context():
                drain(counter, [])
        except BaseException as failure:
            failed.append(failure)
            raise

    threads = [threading.Thread(target=work, args=(counter,)) for counter in counters]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.exit(bool(failed))


if __name__ == "__main__":
    main(*sys.argv[1:])
