"""The command line: exit codes, what goes to stdout and what to stderr, and files that are whole or not there."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import h5py
import numpy as np
import pytest
import xarray as xr

import simrisk
from simrisk import engines
from simrisk.report import summary, text
from simrisk.report.gallery import charts_of
from simrisk_kernels.layout import new_outcomes

SCENARIO = """
[project]
name = "Launch"
start = 2026-01-05
deadline = 2026-01-30
budget = 20_000
[simulation]
trials = 40
seed = 3
[defaults]
spread = { low = 0.8, likely = 1.0, high = 1.6 }
[people.ANN]
rate = "100/h"
[tasks.design]
effort = "40h"
who = "ANN"
[tasks.build]
effort = "60h"
who = "ANN"
after = ["design"]
"""
# processes of their own find the packages where this one does, installed or not
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
HEAVY = ("numba", "xarray", "matplotlib", "scipy")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A current folder with launch.toml in it."""
    (tmp_path / "launch.toml").write_text(SCENARIO, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def cli(place: Path, typed):  # type: ignore[no-untyped-def]
    """The command line there."""
    return typed


RUN = ("run", "launch.toml", "--engine", "reference")  # which need not be compiled


# --- a run -------------------------------------------------------------------------------------


def test_a_run_prints_the_answer_and_leaves_its_files(cli, place: Path) -> None:  # type: ignore[no-untyped-def]
    said = cli(*RUN, "--png")
    assert said.code == 0
    folder = place / "results" / "launch"
    files = sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())
    run = simrisk.read(folder / "run.nc")
    charts = [file for chart in charts_of(run) for file in chart.files()]
    assert "charts/finish.svg" in charts
    assert files == sorted([*charts, "report.html", "run.nc", "summary.json", "summary.md"])
    assert said.out == text.render(run)
    assert (folder / "summary.json").read_text(encoding="utf-8") == summary.render(run)
    assert "Written to results/launch: run.nc" in said.err
    assert "\r" not in said.err  # no progress bar but on a terminal


def test_json_is_the_summary_and_nothing_else(cli, place: Path) -> None:  # type: ignore[no-untyped-def]
    said = cli(*RUN, "--json", "--trials", "7", "--seed", "11", "--out", "here", "--no-charts")
    assert said.code == 0
    assert (place / "here" / "summary.json").read_text(encoding="utf-8") == said.out
    found = json.loads(said.out)
    assert (found["trials"], found["seed"], found["engine"]) == (7, 11, "reference")
    assert not (place / "here" / "charts").exists()


def test_a_run_that_fails_leaves_no_folder(cli, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    def interrupted(*args: object, **options: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(engines, "run", interrupted)
        assert cli(*RUN).code == 130
    with monkeypatch.context() as patch:
        patch.setattr(summary, "render", interrupted)
        assert cli(*RUN).code == 130
    assert cli(*RUN, "--until", "banana=1").code == 2
    assert [path.name for path in place.iterdir()] == ["launch.toml"]


def test_an_interrupt_in_the_middle_of_a_lock__is_one_all_the_same(  # type: ignore[no-untyped-def]
    cli, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when it comes while a thread is being started: Python cannot release what it does not hold."""

    def interrupted(*args: object, **options: object) -> None:
        try:
            raise KeyboardInterrupt
        finally:
            raise RuntimeError("release unlocked lock")

    monkeypatch.setattr(engines, "run", interrupted)
    said = cli(*RUN)
    assert (said.code, said.out) == (130, "")
    assert [path.name for path in place.iterdir()] == ["launch.toml"]


def test_quiet_is_quiet_wherever_it_stands(cli) -> None:  # type: ignore[no-untyped-def]
    assert cli("--quiet", *RUN).err == ""
    assert cli(*RUN, "-q").err == ""
    said = cli(*RUN, "-v").err
    stages = [line.rpartition(" s")[0].rstrip("0123456789. ") for line in said.splitlines() if line.endswith(" s")]
    assert stages == ["read", "compile", "simulate", "logic only", "write", "charts", "report"]


def test_same_run_same_bytes(cli, place: Path) -> None:  # type: ignore[no-untyped-def]
    for folder in ("a", "b"):
        cli(*RUN, "--png", "--out", folder)
    for first in (place / "a").rglob("*.*"):
        assert first.read_bytes() == (place / "b" / first.relative_to(place / "a")).read_bytes(), first


def test_pictures_of_an_earlier_run_do_not_stay(cli, place: Path) -> None:  # type: ignore[no-untyped-def]
    cli(*RUN, "--png")
    cli(*RUN, "--no-charts")
    assert list((place / "results" / "launch" / "charts").iterdir()) == []
    assert not (place / "results" / "launch" / "report.html").exists()
    assert "finish.svg" not in (place / "results" / "launch" / "summary.md").read_text(encoding="utf-8")


def test_the_python_verbs_give_the_same_run(cli, place: Path) -> None:  # type: ignore[no-untyped-def]
    cli(*RUN)
    run = simrisk.simulate(simrisk.load("launch.toml"), engine="reference")
    xr.testing.assert_identical(run, simrisk.read(place / "results" / "launch" / "run.nc"))
    values = np.sort(run["project_finish"].values)
    assert simrisk.measure(run, "finish.p80").value == values[31]  # the 32nd of 40
    for path in ("launch.toml", Path("launch.toml")):
        xr.testing.assert_identical(run, simrisk.simulate(path, engine="reference"))


@pytest.mark.parametrize(
    ("arguments", "error", "advice"),
    [
        ({"trials": 0}, ValueError, "at least one trial"),
        ({"trials": 1.5}, TypeError, "integer"),
        ({"seed": -1}, ValueError, "from 0 to 9223372036854775807; got -1"),
        ({"seed": 2**63}, ValueError, "from 0 to"),
        ({"seed": "1"}, TypeError, "integer"),
        ({"engine": "steam"}, ValueError, "'kernel' and 'reference'"),
        ({"scenario": 5}, TypeError, r"simrisk\.load\(\)"),
    ],
)
def test_the_python_verbs_say_what_they_want(
    place: Path, arguments: dict[str, object], error: type[Exception], advice: str
) -> None:
    with pytest.raises(error, match=advice):
        simrisk.simulate(**{"scenario": "launch.toml", "engine": "reference", **arguments})  # type: ignore[arg-type]


def test_set_changes_the_scenario_and_is_kept(cli, place: Path) -> None:  # type: ignore[no-untyped-def]
    cli(*RUN, "--out", "plain")
    cli(*RUN, "--out", "slow", "--set", "people.ANN.fte=0.5")
    plain, slow = (simrisk.read(place / name / "run.nc") for name in ("plain", "slow"))
    assert (slow["project_finish"] > 1.9 * plain["project_finish"]).all()
    assert json.loads(slow.attrs["scenario_changes"]) == [["people.ANN.fte", "0.5"]]
    assert "people.ANN.fte = 0.5" in (place / "slow" / "summary.md").read_text(encoding="utf-8")


SWITCHES = """
[risks.storm]
probability = 1.0
affects = ["design"]
factor = 2.0
[risks.flood]
probability = 1.0
cost = 500
[mitigations.second]
name = "A second pair of hands"
price = 1_000
changes = { "people.ANN.fte" = 0.5 }
"""


def test_with_and_without_switch_and_are_kept(cli, place: Path) -> None:  # type: ignore[no-untyped-def]
    (place / "launch.toml").write_text(SCENARIO + SWITCHES, encoding="utf-8")
    runs = {}
    for name, switches in {
        "plain": (),
        "calm": ("--without", "storm"),
        "sure": ("--without", "risks"),
        "half": ("--with", "second", "--without", "storm", "--without", "flood"),
    }.items():
        assert cli(*RUN, *switches, "--out", name).code == 0
        runs[name] = simrisk.read(place / name / "run.nc")
    assert runs["plain"]["risk"].values.tolist() == ["storm", "flood"]
    assert runs["calm"]["risk"].values.tolist() == ["flood"]
    assert (runs["calm"]["project_finish"] < runs["plain"]["project_finish"]).all()
    assert (runs["calm"]["project_cost"] == runs["sure"]["project_cost"] + 500).all()
    assert json.loads(runs["half"].attrs["switched_on"]) == ["second"]
    assert json.loads(runs["half"].attrs["switched_off"]) == ["storm", "flood"]
    assert (runs["half"]["project_finish"] > 1.9 * runs["sure"]["project_finish"]).all()
    # the same work at the same pay, and the price
    assert abs(runs["half"]["project_cost"] - runs["sure"]["project_cost"] - 1000).max() < 2
    page = (place / "half" / "summary.md").read_text(encoding="utf-8")
    assert "with second; without storm, flood" in page
    assert "| second (A second pair of hands) | 1,000 |" in page
    found = json.loads((place / "half" / "summary.json").read_text(encoding="utf-8"))
    assert (found["provenance"]["with"], found["provenance"]["without"]) == (["second"], ["storm", "flood"])
    for name in runs:
        again = cli("run", "--again", f"{name}/run.nc")
        assert again.out.startswith(f"{name}/run.nc: the same, bit for bit: "), again.out


def test_switches_that_name_nothing_are_refused(cli) -> None:  # type: ignore[no-untyped-def]
    said = cli(*RUN, "--with", "wishes")
    assert said.code == 2
    assert "wishes" in said.err
    said = cli("run", "--again", "x/run.nc", "--without", "risks")
    assert said.code == 2
    assert "--without" in said.err


def test_a_run_with_samples_repeats_itself_where_they_are_not(cli, place: Path) -> None:  # type: ignore[no-untyped-def]
    (place / "plans").mkdir()
    (place / "seen.txt").write_text("30h\n50h\n", encoding="utf-8")
    text = SCENARIO.replace('effort = "40h"', 'effort = { samples = "../seen.txt" }')
    (place / "plans" / "launch.toml").write_text(text, encoding="utf-8")
    assert cli("run", "plans/launch.toml", *RUN[2:], "--out", "x").code == 0
    run = simrisk.read(place / "x" / "run.nc")
    assert set(run["task_effort"].values[:, 0].tolist()) == {1800, 3000}
    (place / "seen.txt").unlink()
    assert "the same, bit for bit" in cli("run", "--again", "x/run.nc").out


# --- until and again ---------------------------------------------------------------------------


def test_until_doubles_and_equals_the_plain_run(cli, place: Path) -> None:  # type: ignore[no-untyped-def]
    said = cli(*RUN, "--until", "finish.mean=2h", "--trials", "10", "--out", "until")
    run = simrisk.read(place / "until" / "run.nc")
    n = run.sizes["trial"]
    assert n in {20 * 2**k for k in range(8)}
    assert simrisk.measure(run, "finish.mean").half_width <= 120
    assert simrisk.measure(run.isel(trial=slice(n // 2)), "finish.mean").half_width > 120
    assert "is reached" in said.err
    plain = simrisk.simulate(simrisk.load("launch.toml"), trials=n, engine="reference")
    assert json.loads(run.attrs.pop("until")) == ["finish.mean", 120, "2h"]
    xr.testing.assert_identical(run, plain)


def test_again_of_a_run_with_until_is_the_same(cli) -> None:  # type: ignore[no-untyped-def]
    cli(*RUN, "--until", "finish.mean=2h", "--trials", "10", "--no-charts")
    said = cli("run", "--again", "results/launch/run.nc")
    assert said.code == 0
    assert "the same, bit for bit" in said.out


def test_until_gives_up_at_its_limit(cli, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr("simrisk.simulation.MOST_TRIALS", 60)
    said = cli(*RUN, "--until", "finish.mean=1m")
    assert said.code == 0
    assert "not reached (the limit is 60 trials)" in said.err
    assert said.out.startswith("Launch: 60 trials")


GIVEN_UP = ("--set", 'project.horizon="1d"', "--set", "project.deadline=2026-01-05")


def test_until_gives_up_on_what_cannot_be_known(cli) -> None:  # type: ignore[no-untyped-def]
    said = cli(*RUN, "--until", "finish.p80=4h", "--trials", "300", *GIVEN_UP, "--no-charts")
    assert said.code == 0
    assert "300 trials: finish.p80 is not known; doubling them." in said.err
    assert "1,200 trials: finish.p80 has no value" in said.err
    assert "1,200 trials" in said.out


def test_until_believes_that_nothing_varies_after_enough_trials_only(cli) -> None:  # type: ignore[no-untyped-def]
    exact = ("--set", "defaults.spread={exactly=1}")
    said = cli(*RUN, "--until", "finish.mean=30m", "--trials", "2", *exact, "--no-charts")
    assert "1,024 trials: finish.mean is known to +- 0m, +- 30m is reached." in said.err


def test_until_answers_in_the_unit_of_the_question(cli) -> None:  # type: ignore[no-untyped-def]
    said = cli(*RUN, "--until", "finish.mean=90m", "--trials", "40", "--no-charts")
    run = simrisk.read("results/launch/run.nc")
    reached = simrisk.measure(run, "finish.mean").half_width
    assert f"is known to +- {reached:.3g}m, +- 90m is reached" in said.err
    said = cli(*RUN, "--until", "finish.on_time=20%", "--trials", "40", "--no-charts")
    reached = simrisk.measure(simrisk.read("results/launch/run.nc"), "finish.on_time").half_width
    assert f"is known to +- {100 * reached:.3g}%, +- 20% is reached" in said.err


@pytest.mark.parametrize(
    "until",
    ["finish.p80", "=4h", "finish.p8O=4h", "finish.p80=4", "finish.p80=-1h", "joint=x", "joint=nan", "baseline.cost=5"],
)
def test_until_says_what_it_does_not_understand(cli, until: str) -> None:  # type: ignore[no-untyped-def]
    said = cli(*RUN, "--until", until)
    assert said.code == 2
    assert said.out == ""
    assert said.err


def test_again_is_the_same_bit_for_bit(cli) -> None:  # type: ignore[no-untyped-def]
    cli(*RUN, "--set", "people.ANN.fte=0.5", "--trials", "12", "--out", "x")
    said = cli("run", "--again", "x/run.nc")
    assert said.code == 0
    assert said.out.startswith("x/run.nc: the same, bit for bit: ")
    cli(*RUN, *GIVEN_UP, "--out", "y")  # nothing is known of the cash flow: what is no number is the same, too
    assert "the same, bit for bit" in cli("run", "--again", "y/run.nc").out


def test_again_says_what_differs(cli, place: Path) -> None:  # type: ignore[no-untyped-def]
    cli(*RUN, "--out", "x")
    with h5py.File(place / "x" / "run.nc", "r+") as file:
        file["task_finish"][5, 0] += 1
    said = cli("run", "--again", "x/run.nc")
    assert said.code == 3
    assert "not the same" in said.out
    assert "task_finish: 1 of 80 values differ" in said.out


def test_again_takes_nothing_else(cli) -> None:  # type: ignore[no-untyped-def]
    assert cli("run", "--again", "x/run.nc", "--trials", "5").code == 2
    for option in ("--json", "--png", "--no-charts"):
        said = cli("run", "--again", "x/run.nc", option)
        assert said.code == 2
        assert option in said.err
    said = cli("run", "--again", "x/run.nc")
    assert said.code == 2
    assert "error[results-missing]: x/run.nc" in said.err


# --- what goes wrong ---------------------------------------------------------------------------


def test_every_fault_of_a_scenario_is_said_at_once(cli, place: Path) -> None:  # type: ignore[no-untyped-def]
    spoilt = SCENARIO.replace("design", "desing", 1).replace('rate = "100/h"', "rat = 1")
    (place / "launch.toml").write_text(spoilt, encoding="utf-8")
    for command in (RUN, ("lint", "launch.toml")):
        said = cli(*command)
        assert said.code == 2
        assert "launch.toml:13" in said.err
        assert "design" in said.err
        assert not (place / "results").exists()


@pytest.mark.parametrize("command", ["run", "lint"])
@pytest.mark.parametrize("content", [b"", b"\x00\xff\x89PNG" * 100, b"[project", b"just words"])
def test_files_that_are_no_scenarios(cli, place: Path, command: str, content: bytes) -> None:  # type: ignore[no-untyped-def]
    (place / "launch.toml").write_bytes(content)
    said = cli(command, "launch.toml")
    assert said.code == 2
    assert "launch.toml" in said.err


@pytest.mark.parametrize("command", ["run", "lint"])
def test_scenarios_that_are_not_there(cli, place: Path, command: str) -> None:  # type: ignore[no-untyped-def]
    assert "none.toml" in cli(command, "none.toml").err
    assert cli(command, "none.toml").code == 2
    (place / "folder.toml").mkdir()
    assert cli(command, "folder.toml").code == 2


def test_unwritable_out_is_said_before_the_run(  # type: ignore[no-untyped-def]
    cli, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_run(*args: object, **options: object) -> None:
        raise AssertionError("the run began")

    monkeypatch.setattr(engines, "run", no_run)
    (place / "file").write_text("in the way")
    for folder in ("file", "file/below"):
        said = cli(*RUN, "--out", folder)
        assert said.code == 2
        assert said.out == ""
        assert f"error[results-unwritable]: {folder}" in said.err
    assert (place / "file").read_text() == "in the way"


def test_an_interrupt_leaves_the_old_files(  # type: ignore[no-untyped-def]
    cli, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli(*RUN)
    before = (place / "results/launch/run.nc").read_bytes()

    def interrupted(*args: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(engines, "run", interrupted)
    said = cli(*RUN, "--seed", "9")
    assert said.code == 130
    assert said.out == ""
    monkeypatch.undo()
    monkeypatch.chdir(place)
    monkeypatch.setattr(h5py.File, "create_dataset", interrupted)
    assert cli(*RUN, "--seed", "9").code == 130
    assert (place / "results/launch/run.nc").read_bytes() == before
    assert not list(place.rglob("*.part"))


def interrupt_a_run(place: Path, *args: str, **environment: str) -> None:
    """Ctrl-C while trials are run: nothing but a word, the exit code, and the files of the run before."""
    kept = {path: path.read_bytes() for path in place.rglob("*") if path.is_file()}
    process = subprocess.Popen(
        [sys.executable, "-m", "simrisk", "-v", "run", "launch.toml", "--trials", "10000000", *args],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**ENVIRONMENT, **environment},
    )
    assert process.stderr is not None
    said = iter(process.stderr.readline, "")
    assert any(line.startswith("compile") for line in said)  # what comes next takes seconds at least
    time.sleep(0.7)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err.strip()) == (130, "", "Interrupted.")
    assert kept == {path: path.read_bytes() for path in place.rglob("*") if path.is_file()}


@pytest.mark.skipif(sys.platform == "win32", reason="has no signal for it")
def test_an_interrupt_says_no_more_than_that(cli, place: Path) -> None:  # type: ignore[no-untyped-def]
    cli(*RUN)
    interrupt_a_run(place, "--engine", "reference")


def test_no_room_for_the_trials(cli, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    def too_many(*args: object, **options: object) -> None:
        raise MemoryError

    monkeypatch.setattr(engines, "run", too_many)
    said = cli(*RUN)
    assert said.code == 2
    assert "error[out-of-memory]" in said.err


@pytest.mark.parametrize(
    ("args", "hint"),
    [
        (("rum", "launch.toml"), "Did you mean 'run'?"),
        (("run",), "Example: simrisk run"),
        ((*RUN, "--trials", "0"), "--trials"),
        ((*RUN, "--trails", "5"), "--trials"),
        ((*RUN, "--trials", "1e4"), "a whole number from 1 to 10,000,000"),
        ((*RUN, "--trials", "10000001"), "a whole number from 1 to 10,000,000"),
        ((*RUN, "--set", "simulation.trials=10000001"), "a whole number from 1 to 10000000"),
        ((*RUN, "--out", ""), "--out"),
        ((*RUN, "--seed", "-1"), "--seed"),
        ((*RUN, "--set", "nonsense"), "KEY=VALUE"),
        ((*RUN, "--set", "people.BOB.fte=1"), "--set"),
        (("run", "launch.toml", "--engine", "steam"), "steam"),
    ],
)
def test_wrong_use(cli, args: tuple[str, ...], hint: str) -> None:  # type: ignore[no-untyped-def]
    said = cli(*args)
    assert said.code == 2
    assert said.out == ""
    assert hint in said.err


# --- the other commands, and how fast they are --------------------------------------------------


def test_lint_counts_on_stdout_and_lists_on_stderr(cli) -> None:  # type: ignore[no-untyped-def]
    said = cli("lint", "launch.toml")
    assert said.code == 0
    assert said.out.splitlines()[0].startswith("launch.toml: ")
    assert "warning" not in said.out.partition("\n")[2]
    assert "DCMA 14-point assessment" in said.out


def test_schema_is_json(cli) -> None:  # type: ignore[no-untyped-def]
    assert "project" in json.loads(cli("schema").out)["properties"]


def test_warmup_says_what_it_did(cli, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    from simrisk.engines import cache, entries

    monkeypatch.setattr(cache, "enable", lambda: True)
    monkeypatch.setattr(cache, "remove_unused", lambda: [Path("old")])
    monkeypatch.setattr(entries, "prepare", lambda name: "compiled" if name == "run_trials" else "loaded")
    said = cli("warmup")
    n = len(entries.ENTRIES)
    assert said.code == 0
    assert said.out.startswith(f"{n} kernels are ready, 1 compiled. They are kept in {cache.folder()}.\n")
    assert [line.split()[:2] for line in said.out.splitlines()[1:-1]] == [
        [entry.name, "compiled" if entry.name == "run_trials" else "loaded"] for entry in entries.ENTRIES
    ]
    assert "Removed 1 folder " in said.out
    found = json.loads(cli("warmup", "--json").out)
    assert found["folder"] == str(cache.folder())
    assert found["removed"] == ["old"]
    assert [row["kernel"] for row in found["kernels"]] == [entry.name for entry in entries.ENTRIES]
    monkeypatch.setattr(cache, "enable", lambda: False)
    said = cli("warmup")
    assert said.code == 2
    assert "cannot be kept" in said.err


def test_version(cli) -> None:  # type: ignore[no-untyped-def]
    assert cli("--version").out == f"simrisk {simrisk.__version__}\n"


@pytest.mark.parametrize(
    "command", [(), ("run",), ("lint",), ("show",), ("replay",), ("report",), ("schema",), ("warmup",)]
)
def test_help_opens_with_an_example(cli, command: tuple[str, ...]) -> None:  # type: ignore[no-untyped-def]
    lines = cli(*command, "--help").out.splitlines()
    assert lines[2].strip() == "Example:"
    assert lines[3].strip().startswith(f"simrisk {command[0] if command else 'run'}")


@pytest.mark.parametrize("args", [["--help"], ["--version"], ["run", "--help"], ["lint", "launch.toml"]])
def test_what_must_be_fast_imports_nothing_heavy(place: Path, args: list[str]) -> None:
    code = (
        "import sys, simrisk.cli\n"
        "try: simrisk.cli.main(sys.argv[1:])\n"
        f"except SystemExit: pass\nprint(sorted(set(sys.modules) & {set(HEAVY)!r}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *args], capture_output=True, text=True, check=True, cwd=place, env=ENVIRONMENT
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_importing_simrisk_binds_nothing_heavy() -> None:
    code = "import sys, simrisk; simrisk.ScenarioError; print('numpy' in sys.modules, sorted(dir(simrisk))[:1])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=ENVIRONMENT)
    assert done.stdout.startswith("False")
    for verb in simrisk.__all__:
        assert verb == "__version__" or callable(getattr(simrisk, verb)), verb
    with pytest.raises(AttributeError, match="simulat'"):
        _ = simrisk.simulat


def test_a_closed_pipe_is_no_traceback(place: Path) -> None:
    command = [sys.executable, "-m", "simrisk", "schema"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 141


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a place that takes nothing")
@pytest.mark.parametrize("command", [["lint", "launch.toml"], ["schema"], ["--help"], [*RUN, "--no-charts", "-q"]])
def test_an_answer_that_cannot_be_printed(place: Path, command: list[str]) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "simrisk", *command],
            check=False,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            env=ENVIRONMENT,
        )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "error[output-unwritable]: stdout\n  The answer cannot be printed: No space left" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell")
def test_streams_that_are_closed(place: Path) -> None:
    def run(closed: str) -> subprocess.CompletedProcess[str]:
        command = f"exec {shlex.quote(sys.executable)} -m simrisk {shlex.join(RUN)} --no-charts {closed}"
        return subprocess.run(["sh", "-c", command], check=False, capture_output=True, text=True, env=ENVIRONMENT)

    done = run(">&-")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error[output-unwritable]: stdout\n  It is closed, so no answer can be printed.\n"
    done = run("2>&-")  # nobody listens to what is said there
    assert (done.returncode, done.stdout[:8]) == (0, "Launch: ")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have names of files in Unicode")
def test_names_of_files_that_the_locale_has_no_letters_for(place: Path) -> None:
    (place / "launch.toml").rename(place / "pl\u00e4n \u00fc.toml")
    plain = {**ENVIRONMENT, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    change = 'project.name="gr\u00f6\u00dfer"'
    command = ["run", "pl\u00e4n \u00fc.toml", "--engine", "reference", "--no-charts", "--set", change]
    subprocess.run([sys.executable, "-m", "simrisk", *command], capture_output=True, check=True, env=plain)
    run = simrisk.read("results/pl\u00e4n \u00fc/run.nc")
    assert (run.attrs["scenario"], run.attrs["title"]) == ("pl\u00e4n \u00fc", "gr\u00f6\u00dfer")


def test_a_cache_that_cannot_be_written_is_said_truly(  # type: ignore[no-untyped-def]
    cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    from simrisk.cli.console import Console
    from simrisk.cli.run import begin
    from simrisk.engines import cache

    said: list[str] = []
    monkeypatch.setattr(Console, "say", lambda self, text: said.append(text))
    monkeypatch.setattr(engines, "run_baseline", lambda plan, **_: new_outcomes(1, plan.arrays))
    for kept, ready in ((False, True), (True, False), (True, True)):
        monkeypatch.setattr(cache, "enable", lambda kept=kept: kept)
        monkeypatch.setattr(engines, "kernels_ready", lambda plan, ready=ready: ready)
        begin(Console(), simrisk.load("launch.toml"), seed=None, engine="kernel", threads=None)
    assert len(said) == 2
    assert "in every run: the cache folder cannot be written" in said[0]
    assert "once per machine" in said[1]


@pytest.mark.slow
def test_the_kernels_are_compiled_once_and_the_wait_is_announced(place: Path) -> None:
    """Both engines from a cold start: the second run does not wait, and the numbers are the reference's."""
    from simrisk.engines import images

    homes = dict.fromkeys(("XDG_CACHE_HOME", "LOCALAPPDATA", "HOME"), str(place / "cache"))
    environment = {**ENVIRONMENT, **homes}

    def run(*args: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "simrisk", "run", *args]
        return subprocess.run(command, capture_output=True, text=True, check=True, env=environment)

    assert "Compiling the kernels" in run("launch.toml", "--no-charts").stderr
    assert "Compiling the kernels" not in run("launch.toml").stderr
    code = f"import sys; from simrisk.cli import main\ntry: main({['run', 'launch.toml', '-q']!r})\n"
    code += "except SystemExit: pass\nprint([name for name in ('numba', 'xarray', 'pandas') if name in sys.modules])"
    lean = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    if images.TRIED:
        assert lean.stdout.endswith("\n[]\n"), lean.stdout[-200:]  # what starts slowly, not even for a told trial
    again = run("--again", "results/launch/run.nc", "--engine", "reference")
    assert "the same numbers, bit for bit" in again.stdout
    if sys.platform != "win32":
        interrupt_a_run(place, **homes)  # on threads, with trials packed meanwhile
