"""The Dataset says what the outcomes say, carries its dimensions first, and survives the disk and its enemies."""

from __future__ import annotations

import contextlib
import gc
import hashlib
import json
import os
import random
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import h5py
import numpy as np
import pytest
import xarray as xr
from scipy import stats

from outcomes import (
    CALENDAR,
    DAY,
    PAIRS,
    TASKS,
    VERSIONS,
    a_plan,
    a_run,
    a_scenario,
    a_wide_scenario,
    logic_of,
    made_up_finishes,
    outcomes_of,
    without,
)
from simrisk import simulate
from simrisk.dataset import (
    ATTRIBUTES,
    REGISTRY,
    SCHEMA,
    RunDates,
    probe_folder,
    read,
    replacing,
    sample_files,
    to_dataset,
    together,
    unpacked,
    validate,
    write,
    write_text,
)
from simrisk.errors import ResultsError
from simrisk.scenario.load import loads
from simrisk_kernels.layout import CAUSES, FINISHED, GATE_OUTCOMES, OUTCOMES, Outcomes


def test_every_outcome_array_is_in_the_registry_exactly_once() -> None:
    sources = [v.source for v in REGISTRY.values() if v.origin == "run" and v.source]
    assert sorted([*sources, "cash"]) == sorted(Outcomes._fields)  # of cash there are quantiles only


def test_flags_are_those_of_the_kernels() -> None:
    assert REGISTRY["project_outcome"].flags == OUTCOMES
    assert REGISTRY["gate_outcome"].flags == GATE_OUTCOMES


def test_names_carry_their_dimension_first() -> None:
    for variable in REGISTRY.values():
        if variable.origin == "run" and not variable.coordinate:
            own = [dim for dim in variable.dims if dim != "trial"] or ["project"]
            assert variable.name.startswith((own[0], "chain", "logic", "cash", "correlation")), variable.name


def test_values_are_those_of_the_outcomes() -> None:
    finish, outcome = made_up_finishes(300)
    made = outcomes_of(finish, outcome)
    run = a_run(outcomes=made)
    for variable in REGISTRY.values():
        if variable.origin == "run" and variable.source:
            np.testing.assert_array_equal(run[variable.name].values, getattr(made, variable.source))
            assert run[variable.name].dtype == variable.dtype
    done = outcome == FINISHED
    assert (run["project_finish"].values[done] == finish[done]).all()
    assert np.isposinf(run["project_finish"].values[~done]).all()
    assert (run["project_cost"].values[done] == made.cost[done] / 100).all()
    assert np.isposinf(run["project_cost"].values[~done]).all()
    assert run["baseline_finish"].item() == 100 * DAY
    assert list(run["cause"].values) == list(CAUSES)
    assert list(run["task"].values) == list(TASKS)


def test_plain_xarray_quantiles_sort_what_did_not_finish_last() -> None:
    finish, outcome = made_up_finishes(100, censored=40, stopped=5)
    run = a_run(finish, outcome)
    known = np.sort(finish[outcome == FINISHED])
    assert run["project_finish"].quantile(0.5, "trial", method="inverted_cdf") == known[49]
    assert np.isposinf(run["project_finish"].quantile(0.6, "trial", method="inverted_cdf"))


def test_employment_is_cut_to_the_run() -> None:
    run = a_run()
    assert run["person_from"].values.tolist() == [0, 5 * DAY]  # 12 January is a Monday, a week after the start
    assert run["person_until"].values.tolist() == [250 * DAY, CALENDAR.end_of(date(2026, 3, 31))]


def test_it_names_its_provenance() -> None:
    run, scenario = a_run(seed=2**63 - 1), a_scenario()
    assert run.attrs["scenario_text"] == scenario.text
    assert run.attrs["scenario_sha256"] == hashlib.sha256(scenario.text.encode("utf-8")).hexdigest()
    assert run.attrs["seed"] == 2**63 - 1
    assert run.attrs["kernel_digest"] == "0" * 64
    assert run.attrs["deadline_minute"] == CALENDAR.end_of(date(2026, 6, 19))
    assert run.attrs["budget_limit_cents"] == 38_500_000
    assert not any("/" in str(value) for name, value in run.attrs.items() if name != "priors")  # no machine's paths


def test_changes_on_the_command_line_are_kept() -> None:
    run = a_run(plan=a_plan(replace(a_scenario(), changes=(("people.ANN.focus", "0.7"),))))
    assert json.loads(run.attrs["scenario_changes"]) == [["people.ANN.focus", "0.7"]]


def test_absent_targets_are_absent() -> None:
    run = a_run(plan=without(deadline=None, budget=None))
    assert {"deadline", "deadline_minute", "budget_cents", "budget_limit_cents"}.isdisjoint(run.attrs)
    validate(run)


def test_it_keeps_what_was_switched_and_as_of_when() -> None:
    run = a_run(plan=a_plan(a_wide_scenario(status_date=date(2026, 1, 14))))
    assert json.loads(run.attrs["switched_on"]) == ["train"]
    assert json.loads(run.attrs["switched_off"]) == ["insure"]
    assert json.loads(run.attrs["mitigations"]) == [
        ["train", "Train Bob", 500_000, True],
        ["insure", "insure", 100_000, False],
    ]
    assert run.attrs["status_date"] == "2026-01-14"
    assert run.attrs["status_minute"] == 7 * DAY  # a Wednesday, the eighth working day
    assert run["person_from"].values.tolist() == [7 * DAY, 7 * DAY]
    assert "status_date" not in a_run().attrs
    assert a_run().attrs["status_minute"] == 0


def test_logic_only_ends_like_the_project() -> None:
    finish, outcome = made_up_finishes(200)
    run = a_run(finish, outcome)
    assert (run["logic_finish"].values == finish * 9 // 10).all()
    assert (run["logic_outcome"] == FINISHED).all()
    assert run["baseline_logic_finish"].item() == 90 * DAY
    made = outcomes_of(finish, outcome)
    same = logic_of(made)._replace(trials=made)  # type: ignore[arg-type]
    run = to_dataset(a_plan(), made, outcomes_of(np.array([DAY])), same, seed=1, engine="kernel", versions=VERSIONS)
    np.testing.assert_array_equal(run["logic_finish"], run["project_finish"])
    np.testing.assert_array_equal(run["logic_outcome"], run["project_outcome"])


def test_cash_is_that_of_a_naive_count() -> None:
    """Order statistics of the months of the trials that finished, in whole units of the currency."""
    made = outcomes_of(*made_up_finishes(311))
    run = a_run(outcomes=made)
    done = made.cash[made.outcome == FINISHED] / 100
    n = len(done)
    last = max(m for m in range(13) if made.cash[:, m].any())
    assert run["month"].values.astype("datetime64[D]").tolist() == [date(2026, m + 1, 1) for m in range(last + 1)]
    for m in (0, 3, 5, last):
        flow, total = sorted(done[:, m]), sorted(done[:, : m + 1].sum(axis=1))
        for q, percent in enumerate((5, 10, 25, 50, 75, 80, 90, 95)):
            place = -(-percent * n // 100) - 1
            assert run["quantile"].values[q] == percent / 100
            assert run["cash_quantile"].values[m, q] == flow[place]
            assert run["cash_cumulative_quantile"].values[m, q] == pytest.approx(total[place], abs=1e-6)
            ranks = [k for k in range(1, n + 1) if stats.binom.cdf(k - 1, n, percent / 100) <= 0.025]
            above = [k for k in range(1, n + 1) if stats.binom.sf(k - 1, n, percent / 100) <= 0.025]
            assert run["cash_quantile_low"].values[m, q] == flow[max(ranks) - 1]
            assert run["cash_quantile_high"].values[m, q] == flow[min(above) - 1]
        assert run["cash_mean"].values[m] == pytest.approx(np.mean(flow))
        assert run["cash_sd"].values[m] == pytest.approx(np.std(flow, ddof=1))
    assert run["cash_mean"].sum() == pytest.approx(run["project_cost"].values[made.outcome == FINISHED].mean())


def test_cash_of_trials_that_never_finish_and_of_one_and_of_none() -> None:
    made = outcomes_of(np.full(5, 250 * DAY), np.full(5, 1))
    run = a_run(outcomes=made)
    assert run.sizes["month"] == 12
    assert np.isnan(run["cash_quantile"]).all()
    assert np.isnan(run["cash_mean"]).all()
    run = a_run(np.array([30 * DAY]), baseline=70 * DAY)
    assert run.sizes["month"] == 4  # the plan without dice spends longest
    assert (run["cash_quantile_low"] == -np.inf).all()
    assert (run["cash_quantile_high"] == np.inf).all()
    assert run["cash_quantile"].values[3].tolist() == [0.0] * 8
    assert np.isnan(run["cash_sd"]).all()


def test_produced_correlations_are_scipys() -> None:
    made = outcomes_of(*made_up_finishes(400))
    made.task_effort[:, 1] = made.task_effort[:, 0] // 200 * 100 + made.task_effort[:, 2] // 100  # with ties
    run = a_run(outcomes=made, pairs=PAIRS)
    assert run["pair"].values.tolist() == ["alpha ~ beta", "alpha ~ gamma"]
    assert run["correlation_asked"].values.tolist() == [0.9, -0.3]
    assert run["correlation_used"].values.tolist() == [0.6, -0.3]
    for place, other in enumerate((1, 2)):
        known = stats.spearmanr(made.task_effort[:, 0], made.task_effort[:, other]).statistic
        assert run["correlation_produced"].values[place] == pytest.approx(known, abs=1e-12)
    made.task_effort[:, 2] = 7
    assert np.isnan(a_run(outcomes=made, pairs=PAIRS)["correlation_produced"].values[1])


WITH_SAMPLES = """
[project]
start = 2026-01-05
[people.ANN]
[tasks.dig]
effort = { samples = "seen/dig.txt", unit = "h" }
who = "ANN"
[tasks.sow]
effort = { samples = "../old/sow.csv", column = "hours", unit = "h" }
who = "ANN"
[tasks.reap]
effort = "1h"
who = "ANN"
"""


def test_files_of_samples_are_kept_and_come_out_again(tmp_path: Path) -> None:
    home, other = tmp_path / "plans", tmp_path / "old"
    (home / "seen").mkdir(parents=True)
    other.mkdir()
    (home / "seen" / "dig.txt").write_text("4\n8\n", encoding="utf-8")
    (home / "reap.txt").write_bytes(b"\xef\xbb\xbf2h\r\n3h\r\n")
    (other / "sow.csv").write_text("who,hours\nAdä,5\nBen,6\n", encoding="utf-8")
    changes = [("tasks.reap.effort", '{ samples = "reap.txt" }')]
    scenario = loads(WITH_SAMPLES, home / "farm.toml", changes=changes)
    kept = sample_files(scenario)
    assert list(kept) == ["../old/sow.csv", "reap.txt", "seen/dig.txt"]
    with unpacked(json.loads(json.dumps(kept))) as folder:
        assert not folder.is_relative_to(tmp_path)
        again = loads(WITH_SAMPLES, folder / "farm.toml", changes=changes)
    assert not folder.exists()
    assert again.tasks == scenario.tasks
    assert again.tasks[1].efforts[0].params == (300, 360)
    assert sample_files(again) == {}  # they are gone, and that is no error here
    with unpacked({}) as folder:
        assert folder == Path()


def test_dates_agree_with_the_calendar() -> None:
    dates = RunDates.of(a_run())
    for minute in (0, 1, 479, 480, 481, 4800, 10 * DAY + 7.5, 100 * DAY, 100 * DAY + 1):
        assert dates.finish_date(minute) == CALENDAR.finish_date(minute)
        assert dates.start_date(minute) == CALENDAR.start_date(minute)
    for day in (date(2026, 1, 4), date(2026, 1, 5), date(2026, 1, 10), date(2026, 1, 19), date(2026, 6, 19)):
        assert dates.end_of(day) == max(CALENDAR.end_of(day), 0)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    wide = a_run(plan=a_plan(a_wide_scenario()), pairs=PAIRS)
    for run in (a_run(), wide, a_run(np.array([5 * DAY])), a_run(plan=without(deadline=None))):
        write(run, tmp_path / "run.nc")
        xr.testing.assert_identical(run, read(tmp_path / "run.nc"))


def test_no_gates_no_sprints_and_a_long_text_survive(tmp_path: Path) -> None:
    plan = a_plan(replace(a_scenario(), gates=(), sprints=None, text="# ü\n" * 500_000))
    made = outcomes_of(*made_up_finishes(50))
    none = {f: getattr(made, f)[:, :0] for f in made._fields if f.startswith(("gate", "sprint"))}
    made = made._replace(**none, cash=made.cash * 0)
    run = to_dataset(plan, made, made, logic_of(made), seed=1, engine="reference", versions=VERSIONS)
    assert run.sizes["gate"] == run.sizes["sprint"] == run.sizes["month"] == run.sizes["pair"] == 0
    write(run, tmp_path / "run.nc")
    xr.testing.assert_identical(run, read(tmp_path / "run.nc"))


def test_same_run_same_bytes(tmp_path: Path) -> None:
    for name in ("a.nc", "b.nc"):
        write(a_run(), tmp_path / name)
    assert (tmp_path / "a.nc").read_bytes() == (tmp_path / "b.nc").read_bytes()
    write(a_run(dice=2), tmp_path / "b.nc")
    assert (tmp_path / "a.nc").read_bytes() != (tmp_path / "b.nc").read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.nc", "b.nc"]


def test_an_interrupted_write_keeps_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "run.nc"
    target.write_bytes(b"old")

    def interrupted() -> None:
        with replacing(target) as temporary:
            temporary.write_bytes(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def slug_of(action: Callable[[], object]) -> str:
    with pytest.raises(ResultsError) as caught:
        action()
    assert all(len(issue.found) > 20 for issue in caught.value.issues)  # says what to do
    return caught.value.issues[0].slug


def test_unwritable_places_are_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert slug_of(lambda: probe_folder(tmp_path / "file")) == "results-unwritable"
    assert slug_of(lambda: probe_folder(tmp_path / "file" / "below")) == "results-unwritable"
    assert slug_of(lambda: write(a_run(), tmp_path / "nowhere" / "run.nc")) == "results-unwritable"
    probe_folder(tmp_path / "new" / "deep")
    assert sorted(tmp_path.iterdir()) == [tmp_path / "file"]  # a probe leaves nothing behind


def test_files_written_together_come_together_or_not_at_all(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "deep"
    with contextlib.suppress(KeyboardInterrupt), together(folder) as place:
        write_text(place / "a", "1")
        raise KeyboardInterrupt
    assert not list(tmp_path.iterdir())
    with together(folder) as place:
        write_text(place / "a", "1")
        write_text(place / "b", "1")

    def fail() -> None:
        with together(folder) as place:
            write_text(place / "a", "2")
            write_text(place / "none" / "c", "2")

    with pytest.raises(ResultsError) as caught:
        fail()
    assert caught.value.issues[0].file == str(folder / "none" / "c")
    with together(folder, outdated=["a", "b"]) as place:
        (place / "sub").mkdir()
        write_text(place / "sub" / "c", "3")
        write_text(place / "b", "3")
    assert {p.relative_to(folder).as_posix(): p.read_text() for p in folder.rglob("*") if p.is_file()} == {
        "b": "3",
        "sub/c": "3",
    }
    assert len(list(folder.iterdir())) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="a folder cannot be locked there")
def test_files_of_two_writers_are_not_mixed(tmp_path: Path) -> None:
    import fcntl

    def write_both() -> None:
        with together(tmp_path) as place:
            write_text(place / "a", "2")

    other = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(other, fcntl.LOCK_EX)
    writer = threading.Thread(target=write_both)
    writer.start()
    writer.join(0.2)
    assert writer.is_alive()
    assert not (tmp_path / "a").exists()
    os.close(other)
    writer.join()
    assert (tmp_path / "a").read_text() == "2"


def test_foreign_and_missing_files_are_refused(tmp_path: Path) -> None:
    assert slug_of(lambda: read(tmp_path / "none.nc")) == "results-missing"
    assert slug_of(lambda: read(tmp_path)) == "results-foreign"
    for content in (b"", b"plain text", bytes(5000)):
        (tmp_path / "x.nc").write_bytes(content)
        assert slug_of(lambda: read(tmp_path / "x.nc")) == "results-foreign"
    xr.Dataset({"a": ("x", [1, 2])}).to_netcdf(tmp_path / "y.nc", engine="h5netcdf")
    assert slug_of(lambda: read(tmp_path / "y.nc")) == "results-foreign"
    with h5py.File(tmp_path / "z.nc", "w") as file:
        file["no dimensions"] = [1, 2]
    assert slug_of(lambda: read(tmp_path / "z.nc")) == "results-foreign"


@pytest.mark.parametrize(("schema", "slug"), [(SCHEMA + 1, "results-newer"), (SCHEMA - 1, "results-older")])
def test_other_schemas_are_refused(tmp_path: Path, schema: int, slug: str) -> None:
    write(a_run(), tmp_path / "run.nc")
    with h5py.File(tmp_path / "run.nc", "r+") as file:
        file.attrs["simrisk_schema"] = schema
    assert slug_of(lambda: read(tmp_path / "run.nc")) == slug


def test_damaged_files_are_refused_or_read_right(tmp_path: Path) -> None:
    run = a_run()
    write(run, tmp_path / "run.nc")
    whole = (tmp_path / "run.nc").read_bytes()
    for size in (9, 100, 2000, len(whole) // 2, len(whole) - 1):
        (tmp_path / "cut.nc").write_bytes(whole[:size])
        assert slug_of(lambda: read(tmp_path / "cut.nc")) == "results-damaged"


@pytest.mark.parametrize("seed", range(40))
def test_a_file_damaged_anywhere_gives_no_more_than_its_error(tmp_path: Path, seed: int) -> None:
    """Warnings, and exceptions that Python could only print, are errors in these tests."""
    write(a_run(*made_up_finishes(100)), tmp_path / "run.nc")
    content = bytearray((tmp_path / "run.nc").read_bytes())
    dice = random.Random(seed)
    for _ in range(20):
        place = dice.randrange(8, 4000)
        content[place] = dice.randrange(256)
    (tmp_path / "run.nc").write_bytes(content)
    with contextlib.suppress(ResultsError):
        read(tmp_path / "run.nc")
    gc.collect()


def test_data_flipped_in_a_compressed_variable_is_noticed(tmp_path: Path) -> None:
    write(a_run(*made_up_finishes(5000)), tmp_path / "run.nc")
    with h5py.File(tmp_path / "run.nc") as file:
        place = file["task_finish"].id.get_chunk_info(0)
    content = bytearray((tmp_path / "run.nc").read_bytes())
    content[place.byte_offset + place.size // 2] ^= 0xFF
    (tmp_path / "run.nc").write_bytes(content)
    assert slug_of(lambda: read(tmp_path / "run.nc")) == "results-damaged"


def test_a_dataset_that_is_not_the_registrys_is_refused(tmp_path: Path) -> None:
    run = a_run()
    assert slug_of(lambda: validate(run.drop_vars("project_cost"))) == "results-damaged"
    assert slug_of(lambda: validate(run.assign(project_spent=run["project_spent"].astype(float)))) == "results-damaged"
    assert slug_of(lambda: validate(run.assign(project_cost=("task", np.zeros(3))))) == "results-damaged"
    assert slug_of(lambda: validate(run.assign(stranger=1))) == "results-damaged"
    spoilt = run.copy()
    del spoilt.attrs["day_minutes"]
    assert slug_of(lambda: validate(spoilt)) == "results-damaged"
    assert slug_of(lambda: write(spoilt, tmp_path / "run.nc")) == "results-damaged"
    assert not (tmp_path / "run.nc").exists()


def test_the_page_on_results_lists_every_variable_and_attribute() -> None:
    page = (Path(__file__).parent.parent / "docs" / "results.md").read_text(encoding="utf-8")
    for variable in REGISTRY.values():
        line = next(line for line in page.splitlines() if line.startswith(f"| `{variable.name}` "))
        assert variable.doc in line
        assert f"| {', '.join(variable.dims) or '-'} | {variable.dtype} | {variable.unit or '-'} |" in line
    for attribute in ATTRIBUTES.values():
        assert f"| `{attribute.name}` | {attribute.doc}" in page


LINKED = """
[project]
start = 2026-01-05
[people.ANN]
[tasks.dig]
duration = "3d"
[tasks.sow]
effort = "8h"
who = "ANN"
after = [{ task = "dig", lag = "2d" }]
[tasks.reap]
duration = { low = "1d", likely = "2d", high = "9d" }
after = [
  { task = "sow", link = "FF", lag = { low = "0h", likely = "30m", high = "4h" } },
  { task = "dig", link = "SS" },
  "dig",
]
[tasks.feast]
milestone = true
after = ["reap"]
[gates.market]
requires = ["reap", "dig"]
"""


def test_links_and_requirements_are_those_of_the_file() -> None:
    run = simulate(loads(LINKED), trials=3, engine="reference")
    links = zip(*(run[f"link_{part}"].values.tolist() for part in ("after", "task", "kind", "lag")), strict=True)
    assert list(links) == [
        ("dig", "sow", "FS", 2 * DAY),
        ("dig", "reap", "SS", 0),
        ("dig", "reap", "FS", 0),
        ("sow", "reap", "FF", 30),
        ("reap", "feast", "FS", 0),
    ]
    required = zip(run["requirement_gate"].values, run["requirement_task"].values, strict=True)
    assert sorted(required) == [("market", "dig"), ("market", "reap")]
    assert run["task_milestone"].values.tolist() == [False, False, False, True]
    assert run["baseline_task_effort"].values.tolist() == [3 * DAY, DAY, 2 * DAY, 0]
