"""Modules imported ahead are there when they are needed, and what cannot be imported disturbs nobody."""

import sys
import threading

import pytest

from simrisk.cli.ahead import DRAWING, WRITING, imported_ahead


def test_modules_are_there_when_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    before = threading.active_count()
    monkeypatch.delitem(sys.modules, "simrisk.cli.replay", raising=False)
    with imported_ahead("simrisk.no_such_module", "simrisk.cli.replay"):
        pass
    assert "simrisk.cli.replay" in sys.modules
    assert threading.active_count() == before


def test_an_interrupt_is_not_held_back() -> None:
    with pytest.raises(KeyboardInterrupt), imported_ahead("json"):
        raise KeyboardInterrupt


def test_they_are_all_there() -> None:
    with imported_ahead(*WRITING, *DRAWING):
        pass
    assert {*WRITING, *DRAWING} <= sys.modules.keys()
