"""A stored run whose tables stay in the file gives the figures of one that is in memory, and holds few of them."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from outcomes import a_run
from simrisk.dataset import filed, read, write
from simrisk.dataset.filed import Filed, Shelf, reading
from simrisk.dataset.run import Values
from simrisk.errors import ResultsError
from simrisk.measures import measure, metric_names
from simrisk.report import markdown
from simrisk.report.content import compose


@pytest.fixture
def stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of a run that counts as a large one."""
    monkeypatch.setattr(filed, "SMALL", 0)
    write(a_run(), tmp_path / "run.nc")
    return tmp_path / "run.nc"


def test_every_value_and_every_figure_is_the_same(stored: Path) -> None:
    whole = read(stored)
    with reading(stored) as run:
        assert isinstance(run["task_finish"].data, Filed)
        assert not isinstance(run["project_finish"].data, Filed)
        assert run.attrs == whole.attrs
        assert run.sizes == dict(whole.sizes)
        for name, variable in whole.variables.items():
            values = run[str(name)]
            assert (values.dims, values.dtype, values.shape) == (variable.dims, variable.dtype, variable.shape)
            assert np.array_equal(values.values, variable.values, equal_nan=variable.dtype.kind == "f")
        for name in metric_names(whole):
            assert measure(run, name) == measure(whole, name), name
        assert compose(run) == compose(whole)
        assert markdown.render(run) == markdown.render(whole)


def test_a_column_is_read_alone(stored: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = read(stored)["task_start"].values
    with reading(stored) as run:
        asked: list[object] = []
        read_part = Filed._read
        monkeypatch.setattr(Filed, "_read", lambda self, place: (asked.append(place), read_part(self, place))[1])
        values = run["task_start"]
        assert isinstance(values, Values)
        for place in (2, 0, 2):
            assert np.array_equal(values.column(place), whole[:, place])
        assert asked == [2, 0]  # what was read last is kept


def test_the_shelf_holds_what_was_taken_last() -> None:
    shelf, read_again = Shelf(most=3 * 80), []

    def take(name: str) -> None:
        shelf.take((name, None), lambda: (read_again.append(name), np.zeros(10))[1])

    for name in ("a", "b", "c", "a", "d", "a", "b", "c"):
        take(name)
    assert read_again == ["a", "b", "c", "d", "b", "c"]
    shelf.take(("large", None), lambda: np.zeros(1000))  # more than it holds: alone
    assert list(shelf._known) == [("large", None)]


def test_a_table_that_cannot_be_read_says_so(stored: Path) -> None:
    with h5py.File(stored, "r") as file:
        place = file["task_finish"].id.get_chunk_info(0)
    with stored.open("r+b") as raw:
        raw.seek(place.byte_offset)
        raw.write(b"\xff" * place.size)
    with reading(stored) as run, pytest.raises(ResultsError) as told:
        measure(run, "task.alpha.finish.p50")
    assert told.value.issues[0].slug == "results-damaged"
