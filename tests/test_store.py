"""Trials that are packed are the trials that went in: every column, every figure, every byte of the file."""

from __future__ import annotations

import itertools
from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import simrisk
from generate import make_scenario
from simrisk.compile import compile_plan
from simrisk.dataset import Trials, read, write
from simrisk.dataset import store as store_module
from simrisk.dataset.packing import pack, slab_rows, unpack
from simrisk.engines import run
from simrisk.report import markdown, summary, text
from simrisk.simulation import Experiment, simulate_until
from simrisk_kernels.layout import Outcomes

NUMBERS = st.sampled_from([np.int8, np.uint8, np.int16, np.int32, np.int64, np.float64])


@given(NUMBERS.flatmap(lambda dtype: arrays.arrays(dtype, st.integers(1, 300))), st.integers(0, 40))
def test_what_is_packed_comes_out(values: np.ndarray, behind: int) -> None:
    found = unpack(pack(values, len(values) + behind), values.dtype)
    assert found[: len(values)].tobytes() == values.tobytes()
    assert not found[len(values) :].any()


@pytest.mark.parametrize("dtype", [np.int8, np.int16, np.int32, np.int64, np.float64])
def test_chunks_are_what_hdf5_unpacks(tmp_path: Path, dtype: type) -> None:
    values = np.random.default_rng(1).integers(-100, 100, 1000).astype(dtype)
    with h5py.File(tmp_path / "x.h5", "w") as file:
        made = file.create_dataset("x", (1000,), dtype, chunks=(1000,), compression="gzip", shuffle=True)
        made.id.write_direct_chunk((0,), pack(values))
    with h5py.File(tmp_path / "x.h5") as file:
        np.testing.assert_array_equal(file["x"][:], values)


def test_slabs_are_powers_of_two_of_bounded_size() -> None:
    for row_bytes in (0, 1, 100, 1147, 4140, 10_000, 10_000_000):
        rows = slab_rows(row_bytes)
        assert rows & (rows - 1) == 0
        assert rows == 1 << 10 or rows * row_bytes <= 1 << 25


def small_slabs(monkeypatch: pytest.MonkeyPatch, rows: int = 64) -> None:
    """Slabs of a few trials, in the store and in files."""
    monkeypatch.setattr(store_module, "slab_rows", lambda row_bytes: rows)
    monkeypatch.setattr("simrisk.dataset.netcdf.slab_rows", lambda row_bytes: rows)


@pytest.mark.parametrize("sizes", [[200], [10, 54, 64, 1, 71], [64, 64], [63, 2], [1000]])
@pytest.mark.parametrize("kept", [0, 30_000, 10**9])
def test_columns_come_out_as_they_went_in(monkeypatch: pytest.MonkeyPatch, sizes: list[int], kept: int) -> None:
    small_slabs(monkeypatch)
    plan = compile_plan(make_scenario(21))
    whole = run(plan, trials=sum(sizes), seed=5)
    trials, done = Trials(whole, kept_bytes=kept, threads=2), 0
    for wanted in itertools.accumulate(sizes):
        while done < wanted:
            n = trials.run_together(wanted - done)
            assert 0 < n <= wanted - done
            trials.add(Outcomes(*(values[done : done + n] for values in whole)))
            done += n
    assert len(trials) == done
    assert trials.is_packed == (done * trials.row_bytes > kept and done >= 64)
    for field, values in zip(Outcomes._fields, whole, strict=True):
        np.testing.assert_array_equal(trials.whole(field), values)
        assert trials.whole(field).dtype == values.dtype
        for place in range(values.shape[1] if values.ndim == 2 else 0):
            np.testing.assert_array_equal(trials.column(field, place), values[:, place])
            rows = min(64, done)
            chunks = trials.packed_column(field, place)
            assert chunks == [pack(values[first : first + rows, place], rows) for first in range(0, done, rows)]


@pytest.mark.parametrize("number", [3, 8])
def test_packed_or_not_is_the_same_to_every_reader(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, number: int
) -> None:
    """The file, byte for byte, and all figures of the report and the summary."""
    small_slabs(monkeypatch, 1024)
    scenario = make_scenario(number)
    told = []
    for kept in (1 << 28, 0):
        monkeypatch.setattr(Trials.__init__, "__kwdefaults__", {**Trials.__init__.__kwdefaults__, "kept_bytes": kept})
        experiment = Experiment(scenario, threads=2)
        experiment.extend(2500)
        found = experiment.run()
        assert experiment._outcomes.is_packed == (kept == 0)
        write(found, tmp_path / f"{kept}.nc", threads=2)
        told.append((summary.render(found), markdown.render(found), text.render(found)))
    plain, packed = (tmp_path / f"{kept}.nc" for kept in (1 << 28, 0))
    assert plain.read_bytes() == packed.read_bytes()
    assert told[0] == told[1]
    stored = read(packed)
    assert (summary.render(stored), markdown.render(stored), text.render(stored)) == told[0]
    assert simrisk.simulate(scenario, trials=2500).identical(stored)


def test_trials_can_be_added_to_those_that_are_packed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Doubling trials goes from those kept as they are to packed ones without a change of any."""
    small_slabs(monkeypatch, 1024)
    monkeypatch.setattr(Trials.__init__, "__kwdefaults__", {**Trials.__init__.__kwdefaults__, "kept_bytes": 1_000_000})
    experiment = Experiment(make_scenario(21))
    found, _ = simulate_until(experiment, lambda run: 1.0, 0.5, trials=700, most=6000)
    assert found.sizes["trial"] == 6000
    assert experiment._outcomes.is_packed
    plain = simrisk.simulate(make_scenario(21), trials=6000)
    assert found.to_xarray().identical(plain)


def test_a_packed_run_leaves_nothing_on_disk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    small_slabs(monkeypatch)
    whole = run(compile_plan(make_scenario(21)), trials=200, seed=5)
    trials = Trials(whole, kept_bytes=0, folder=tmp_path)
    trials.run_together(200)
    trials.add(whole)
    assert trials.is_packed
    assert not list(tmp_path.iterdir())
