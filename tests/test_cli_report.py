"""`simrisk report`: the page of a stored run, from its file alone, and what it says when there is none."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import h5py
import pytest

from conftest import Said
from simrisk.cli import main
from test_cli import ENVIRONMENT, SCENARIO


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a scenario and the results of a run of it with changes."""
    folder = tmp_path_factory.mktemp("stored")
    (folder / "efforts.csv").write_text("30h\n45h\n60h\n")
    sampled = SCENARIO.replace('effort = "40h"', 'effort = { samples = "efforts.csv" }')
    (folder / "launch.toml").write_text(sampled, encoding="utf-8")
    command = ["run", "launch.toml", "--engine", "reference", "--out", "out", "--set", "people.ANN.fte=0.5", "-q"]
    subprocess.run([sys.executable, "-m", "simrisk", *command], cwd=folder, env=ENVIRONMENT, check=True)
    (folder / "efforts.csv").unlink()  # the run has kept it
    return folder


@pytest.fixture
def report(stored: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):  # type: ignore[no-untyped-def]
    """`simrisk report` as a function."""
    monkeypatch.chdir(stored)

    def call(*args: str) -> Said:
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main(("report", *args))
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        return Said(int(left.value.code or 0), captured.out, captured.err)

    return call


@pytest.mark.parametrize("run", ["out", "out/run.nc"])
def test_the_page_is_that_of_the_run(report, stored: Path, run: str) -> None:  # type: ignore[no-untyped-def]
    of_the_run = (stored / "out" / "report.html").read_bytes()
    said = report(run)
    assert (said.code, said.out, said.err) == (0, "out/report.html\n", "")
    assert (stored / "out" / "report.html").read_bytes() == of_the_run
    assert b"people.ANN.fte = 0.5" in of_the_run


def test_it_is_written_where_it_is_wanted(report, stored: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    for target, file in ((tmp_path / "new" / "page.html", "page.html"), (tmp_path / "new", "report.html")):
        assert report("out", "--out", str(target)).code == 0
        written = tmp_path / "new" / file
        assert written.read_bytes() == (stored / "out" / "report.html").read_bytes()


def test_it_runs_no_kernel(stored: Path) -> None:
    """The one trial that is told is lived through by the models; of the kernels they use the draws alone."""
    code = (
        "import sys\nfrom simrisk.cli import main\n"
        "try: main(['report', 'out', '-q', '--out', 'again.html'])\nexcept SystemExit as left: assert not left.code\n"
        "print([name for name in ('trials', 'network') if f'simrisk_kernels.{name}' in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=stored, env=ENVIRONMENT, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_what_is_no_run_is_refused(report, stored: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    for run, slug in (
        ("none.nc", "results-missing"),
        (str(tmp_path), "results-missing"),
        ("launch.toml", "results-foreign"),
    ):
        said = report(run)
        assert said.code == 2
        assert said.out == ""
        assert f"error[{slug}]" in said.err
    assert report().code == 2
    assert report("out", "--out", " ").code == 2


def test_damaged_and_older_runs_are_refused(report, stored: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    whole = (stored / "out" / "run.nc").read_bytes()
    (tmp_path / "half.nc").write_bytes(whole[: len(whole) // 2])
    assert "error[results-damaged]" in report(str(tmp_path / "half.nc")).err
    (tmp_path / "old.nc").write_bytes(whole)
    with h5py.File(tmp_path / "old.nc", "r+") as file:
        file.attrs["simrisk_schema"] = 1
    said = report(str(tmp_path / "old.nc"))
    assert "error[results-older]" in said.err
    assert said.code == 2
    assert not (tmp_path / "report.html").exists()


def test_where_nothing_can_be_written(report, stored: Path) -> None:  # type: ignore[no-untyped-def]
    said = report("out", "--out", "launch.toml/page.html")
    assert said.code == 2
    assert "error[results-unwritable]" in said.err


def test_help_opens_with_an_example(report) -> None:  # type: ignore[no-untyped-def]
    assert "Example:\n    simrisk report results/phase3/run.nc" in report("--help").out
