"""Baselines: what is written is what is read, and damage of every kind is said and never overwritten."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

import pytest

from outcomes import a_run, made_up_finishes
from simrisk.agreed import SCHEMA, baseline_file, read, render, save
from simrisk.errors import ResultsError
from simrisk.measures import measure

METRICS = ("finish.p80", "finish.on_time", "cost.mean", "baseline.finish", "finish.p80")


def a_file(tmp_path: Path) -> Path:
    """A sound baseline."""
    file = tmp_path / "launch.json"
    save(a_run(*made_up_finishes(500, censored=0, stopped=0)), METRICS, file)
    return file


def scenario_of(file: Path) -> str:
    return str(json.loads(file.read_text(encoding="utf-8"))["scenario"])


def test_figures_errors_seed_and_plan_come_back_as_they_were(tmp_path: Path) -> None:
    run = a_run(*made_up_finishes(500, censored=0, stopped=0))
    file = a_file(tmp_path)
    found = read(file, str(run.attrs["scenario"]))
    assert found is not None
    assert (found.seed, found.trials, found.digest) == (run.attrs["seed"], 500, run.attrs["scenario_sha256"])
    p80 = measure(run, "finish.p80")
    stored = found.figures["finish.p80"]
    assert stored.value == p80.value
    # a standard error is a 95 % interval over 2 x 1.96
    assert stored.error == pytest.approx(p80.half_width / 1.959964, rel=1e-5)
    assert found.figures["baseline.finish"].error == 0
    assert found.attrs["scenario_text"] == run.attrs["scenario_text"]
    assert json.loads(found.attrs["scenario_changes"]) == json.loads(run.attrs["scenario_changes"])
    assert render(run, METRICS) == file.read_text(encoding="utf-8")
    assert "NaN" not in render(run, METRICS)


def test_there_is_none_where_there_is_no_file(tmp_path: Path) -> None:
    assert read(tmp_path / "never.json", "launch") is None
    assert baseline_file("launch") == Path("results/baselines/launch.json")


def _changed(file: Path, *path: str, to: Any) -> None:
    values = json.loads(file.read_text(encoding="utf-8"))
    place = values
    for step in path[:-1]:
        place = place[step]
    if to is KeyError:
        del place[path[-1]]
    else:
        place[path[-1]] = to
    file.write_text(json.dumps(values), encoding="utf-8")


DAMAGE: dict[str, tuple[tuple[str, ...], Any, str]] = {
    "no schema": (("schema",), KeyError, "schema"),
    "schema of another kind": (("schema",), True, "schema"),
    "no seed": (("seed",), KeyError, "seed"),
    "seed is a text": (("seed",), "7", "seed"),
    "seed is negative": (("seed",), -1, "from 0 to"),
    "seed is too large": (("seed",), 2**64, "from 0 to"),
    "no trials": (("trials",), 0, "at least 1"),
    "file is a number": (("file",), 7, "file"),
    "metrics is a list": (("metrics",), [], "metrics"),
    "no error": (("metrics", "finish.p80"), {"value": 1.0}, "metrics.finish.p80"),
    "value is a text": (("metrics", "finish.p80", "value"), "soon", "must be a number"),
    "value is not a number": (("metrics", "finish.p80", "value"), math.nan, "NaN is no number"),
    "value is infinite": (("metrics", "finish.p80", "value"), math.inf, "Infinity is no number"),
    "negative error": (("metrics", "finish.p80", "error"), -1.0, "must not be negative"),
    "error is true": (("metrics", "finish.p80", "error"), True, "must be a number"),
    "no plan": (("plan",), KeyError, "plan"),
    "text is a number": (("plan", "text"), 3, "text"),
}


@pytest.mark.parametrize("case", DAMAGE)
def test_damage_is_said_in_words(case: str, tmp_path: Path) -> None:
    path, to, said = DAMAGE[case]
    file = a_file(tmp_path)
    scenario = scenario_of(file)
    _changed(file, *path, to=to)
    with pytest.raises(ResultsError, match="baseline-damaged") as error:
        read(file, scenario)
    assert said in str(error.value)
    assert "--update" in str(error.value)


@pytest.mark.parametrize("text", ["", "{", "[1, 2]", '"soon"', "null", "[" * 100_000])
def test_what_is_no_baseline_at_all_is_said_so(text: str, tmp_path: Path) -> None:
    file = tmp_path / "b.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ResultsError, match="baseline-damaged"):
        read(file, "launch")


def test_a_number_beyond_all_numbers_is_said_so(tmp_path: Path) -> None:
    file = a_file(tmp_path)
    scenario = scenario_of(file)
    text, n = re.subn(r'("finish.p80": {"value": )[0-9.]+', r"\g<1>1e999", file.read_text(encoding="utf-8"))
    assert n == 1
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ResultsError, match="too large"):
        read(file, scenario)


def test_bytes_that_are_no_text_and_folders_are_said_so(tmp_path: Path) -> None:
    file = tmp_path / "b.json"
    file.write_bytes(b"\xff\xfe\x00")
    for place in (file, tmp_path):
        with pytest.raises(ResultsError, match="baseline-damaged"):
            read(place, "launch")


def test_a_newer_one_and_one_of_another_plan_are_told_apart(tmp_path: Path) -> None:
    file = a_file(tmp_path)
    scenario = scenario_of(file)
    with pytest.raises(ResultsError, match="baseline-of-another") as error:
        read(file, "another")
    assert scenario in str(error.value)
    _changed(file, "schema", to=SCHEMA + 1)
    with pytest.raises(ResultsError, match="baseline-newer"):
        read(file, scenario)


def test_a_truncated_file_is_damaged_wherever_it_ends(tmp_path: Path) -> None:
    file = a_file(tmp_path)
    scenario, whole = scenario_of(file), file.read_bytes()
    for end in range(0, len(whole) - 2, max(len(whole) // 40, 1)):
        file.write_bytes(whole[:end])
        with pytest.raises(ResultsError, match="baseline-damaged"):
            read(file, scenario)
