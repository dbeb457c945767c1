import pytest

from queueapp.core.ticket import State, Verb, WrongState, move

LEGAL = {
    ("waiting", "call"): "called",
    ("called", "call-again"): "called",
    ("called", "start"): "serving",
    ("serving", "finish"): "finished",
    ("called", "no-show"): "no_show",
    ("called", "return"): "waiting",
    ("serving", "return"): "waiting",
    ("serving", "park"): "parked",
    ("parked", "resume"): "waiting",
    ("serving", "transfer"): "waiting",
    ("waiting", "widen"): "waiting",
    ("waiting", "leave"): "left",
    ("called", "leave"): "left",
    ("parked", "leave"): "left",
}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("verb", Verb)
def test_every_move_is_legal_as_designed_or_refused_by_name(state: State, verb: Verb) -> None:
    expected = LEGAL.get((state.value, verb.value))
    if expected:
        assert move(state, verb) == expected
    else:
        with pytest.raises(WrongState):
            move(state, verb)
