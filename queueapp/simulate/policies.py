"""The rules that can be simulated, by the names the command knows them by.

A new one is a row here. It is looked up by name in each process, since a rule cannot be sent.
"""

from collections.abc import Callable
from functools import partial

from queueapp.core.policies import ALONE, BOUND, OURS, PER_LANGUAGE, STRICT, arranged
from queueapp.core.simulation import Policy, World

Arranged = tuple[World, Policy]
"""The rule, and the world as it must be arranged for it."""

POLICIES: dict[str, Callable[[World], Arranged]] = {
    "ours": partial(arranged, OURS),
    "alone": partial(arranged, ALONE),
    "per-language": partial(arranged, PER_LANGUAGE),
    "strict": partial(arranged, STRICT),
    "bound": partial(arranged, BOUND),
}
