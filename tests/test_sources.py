"""What can be compared: files, stored runs and git revisions, and what is said when they cannot be had."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import h5py
import pytest

import simrisk
from simrisk import revisions, sources
from simrisk.errors import Issue, ResultsError, SimriskError, SourceError
from simrisk.scenario.load import load

PLAN = """
[project]
start = 2026-01-05
[people.ANN]
[tasks.build]
effort = "{effort}"
who = "ANN"
"""
SAMPLED = PLAN.replace('"{effort}"', '{ samples = "../past/hours.csv", unit = "h" }')


def git(folder: Path, *words: str) -> str:
    """Run git with an identity of its own and none of the user's settings."""
    who = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in IDENTITY.items()}
    alone = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    command = ("git", "-C", str(folder), *words)
    done = subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ, **who, **alone})
    return done.stdout.strip()


IDENTITY = {"NAME": "Ann", "EMAIL": "ann@example.com"}


def commit(folder: Path, message: str) -> str:
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", message)
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, a repository: 40h on main~1, 60h on main, 80h in the working copy."""
    folder = tmp_path / "repository"
    (folder / "plans").mkdir(parents=True)
    git(tmp_path, "init", "-q", "-b", "main", str(folder))
    for hours in ("40h", "60h"):
        (folder / "plans" / "launch.toml").write_text(PLAN.format(effort=hours), encoding="utf-8")
        commit(folder, hours)
    (folder / "plans" / "launch.toml").write_text(PLAN.format(effort="80h"), encoding="utf-8")
    monkeypatch.chdir(folder)
    return folder


def effort(name: str, **options: object) -> float:
    """Planned minutes of the only task of what `name` stands for."""
    with sources.opened(name, **options) as source:  # type: ignore[arg-type]
        (drawn,) = source.scenario.tasks[0].efforts
        return drawn.planned


def refused(name: str) -> Issue:
    with pytest.raises(SimriskError) as caught, sources.opened(name):
        pass
    return caught.value.issues[0]


# --- revisions ------------------------------------------------------------------------------------


def test_a_file_and_the_same_file_in_revisions(repository: Path) -> None:
    assert effort("plans/launch.toml") == 80 * 60
    assert effort("main:plans/launch.toml") == 60 * 60
    assert effort("HEAD~1:plans/launch.toml") == 40 * 60
    git(repository, "tag", "v1.0", "HEAD~1")
    assert effort("v1.0:plans/launch.toml") == 40 * 60
    assert effort(f"{git(repository, 'rev-parse', '--short', 'HEAD')}:plans/launch.toml") == 60 * 60


def test_what_is_staged(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = repository / "plans" / "launch.toml"
    plan.write_text(PLAN.format(effort="100h"), encoding="utf-8")
    git(repository, "add", "plans/launch.toml")
    plan.write_text(PLAN.format(effort="120h"), encoding="utf-8")
    names = ("HEAD:plans/launch.toml", ":plans/launch.toml", "plans/launch.toml")
    assert [effort(name) / 60 for name in names] == [60, 100, 120]
    monkeypatch.chdir(repository / "plans")
    assert effort(":launch.toml") == 6_000
    issue = refused(":lunch.toml")
    assert (issue.slug, issue.file) == ("git-unknown-file", ":lunch.toml")
    assert issue.found.startswith("What is staged for the next commit has no file 'lunch.toml'. Did you mean")
    git(repository, "rm", "-q", "--cached", "-f", "plans/launch.toml")
    assert "It has no .toml file at all." in refused(":launch.toml").found


def test_what_a_source_says_of_itself(repository: Path) -> None:
    with sources.opened("main:plans/launch.toml") as source:
        assert (source.label, source.kind, source.run) == ("main:plans/launch.toml", "revision", None)
        assert source.commit == git(repository, "rev-parse", "main")
        assert source.scenario.id == "launch"
        assert source.scenario.path == "main:plans/launch.toml"
    with sources.opened("plans/launch.toml") as source:
        assert (source.kind, source.commit, source.samples) == ("file", "", {})


def test_paths_are_seen_from_the_current_folder_and_else_from_the_top(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository / "plans")
    for path in ("launch.toml", "./launch.toml", "../plans/launch.toml", "plans/launch.toml"):
        assert effort(f"main:{path}") == 60 * 60


def test_options_hold_for_a_revision(repository: Path) -> None:
    assert effort("main:plans/launch.toml", changes=(("tasks.build.effort", "5h"),)) == 5 * 60


def test_a_file_that_exists_is_no_revision(repository: Path) -> None:
    Path("main:odd.toml").write_text(PLAN.format(effort="1h"), encoding="utf-8")
    assert effort("main:odd.toml") == 60


def test_names_are_split_at_the_first_colon_outside_of_braces() -> None:
    assert revisions.split("main:a.toml") == ("main", "a.toml")
    assert revisions.split("main@{2026-01-05 10:30}:a.toml") == ("main@{2026-01-05 10:30}", "a.toml")
    assert revisions.split("main:a:b.toml") == ("main", "a:b.toml")
    assert revisions.split("plan.toml") is None
    assert revisions.split("C:\\plans\\a.toml") is None
    assert revisions.split("c:/plans/a.toml") is None


def test_samples_come_from_the_same_revision(repository: Path) -> None:
    (repository / "past").mkdir()
    (repository / "past" / "hours.csv").write_text("10\n30\n", encoding="utf-8")
    (repository / "plans" / "sampled.toml").write_text(SAMPLED, encoding="utf-8")
    commit(repository, "samples")
    (repository / "past" / "hours.csv").write_text("99\n", encoding="utf-8")
    with sources.opened("main:plans/sampled.toml") as source:
        (drawn,) = source.scenario.tasks[0].efforts
        assert drawn.params == (600.0, 1800.0)
        assert source.samples == {"../past/hours.csv": "10\n30\n"}
        kept = simrisk.simulate(source.scenario, trials=2, engine="reference").attrs["samples"]
        assert kept == '{"../past/hours.csv": "10\\n30\\n"}'
    assert effort("plans/sampled.toml") == 99 * 60


def test_samples_that_the_revision_lacks_or_that_lie_outside(repository: Path) -> None:
    for name in ("inside.csv", "../../outside.csv"):
        (repository / "plans" / name).write_text("10\n", encoding="utf-8")
    (repository / "plans" / "a.toml").write_text(SAMPLED.replace("../past/hours", "inside"), encoding="utf-8")
    (repository / "plans" / "b.toml").write_text(SAMPLED.replace("../past/hours", "../../outside"), encoding="utf-8")
    git(repository, "add", "plans/a.toml", "plans/b.toml")
    git(repository, "commit", "-q", "-m", "no samples")
    missing = refused("main:plans/a.toml")
    assert (missing.slug, missing.file, missing.line) == ("bad-samples", "main:plans/a.toml", 6)
    assert "There is no file 'main:plans/inside.csv'." in missing.found
    assert refused("main:plans/b.toml").slug == "git-outside"


def test_damaged_samples_are_named_without_a_temporary_folder(repository: Path) -> None:
    (repository / "past").mkdir()
    (repository / "past" / "hours.csv").write_text("10\nten\n", encoding="utf-8")
    (repository / "plans" / "sampled.toml").write_text(SAMPLED, encoding="utf-8")
    commit(repository, "damaged")
    issue = refused("main:plans/sampled.toml")
    assert (issue.slug, issue.line) == ("bad-samples", 2)
    assert issue.file == "../past/hours.csv"  # as the scenario names it


def test_faults_of_a_revision_have_its_name_and_line(repository: Path) -> None:
    (repository / "plans" / "launch.toml").write_text(PLAN.format(effort="4 moons"), encoding="utf-8")
    commit(repository, "moons")
    issue = refused("main:plans/launch.toml")
    assert (issue.slug, issue.file, issue.line) == ("unknown-unit", "main:plans/launch.toml", 6)


# --- revisions that cannot be had ------------------------------------------------------------------


def test_no_such_revision(repository: Path) -> None:
    git(repository, "branch", "release-1")
    issue = refused("relaese-1:plans/launch.toml")
    assert (issue.slug, issue.file) == ("git-unknown-revision", "relaese-1:plans/launch.toml")
    assert issue.found.endswith("'relaese-1' in this repository. Did you mean 'release-1'?")
    assert refused("--output=stolen:plans/launch.toml").slug == "git-unknown-revision"
    assert not (repository / "stolen").exists()


def test_a_branch_that_only_the_remote_has_and_a_clone_without_history(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(repository, "branch", "other", "HEAD~1")
    git(tmp_path, "clone", "-q", "--depth", "1", "--no-single-branch", repository.as_uri(), "clone")
    monkeypatch.chdir(tmp_path / "clone")
    assert "Did you mean 'origin/other'?" in refused("other:plans/launch.toml").found
    assert effort("origin/other:plans/launch.toml") == 40 * 60
    assert "fetch-depth: 0" in refused("HEAD~1:plans/launch.toml").found


def test_no_such_file_in_the_revision(repository: Path) -> None:
    issue = refused("main:plans/lunch.toml")
    assert issue.slug == "git-unknown-file"
    assert issue.found == "Revision 'main' has no file 'plans/lunch.toml'. Did you mean 'plans/launch.toml'?"
    assert refused("main:x").found.endswith("Its .toml files: 'plans/launch.toml'.")
    assert "this is a folder" in refused("main:plans").found
    assert refused("main:").slug == "git-outside"
    assert refused("main:../../x.toml").slug == "git-outside"


def test_what_is_no_scenario_in_the_revision(repository: Path) -> None:
    (repository / "picture.toml").write_bytes(b"\x89PNG\0\0")
    (repository / "notes.txt").write_text("so it goes", encoding="utf-8")
    commit(repository, "others")
    assert refused("main:picture.toml").slug == "file-not-text"
    assert refused("main:notes.txt").slug == "toml-syntax"


def test_no_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    issue = refused("main:plan.toml")
    assert (issue.slug, "in no git repository" in issue.found) == ("git-no-repository", True)


def test_without_git(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert refused("main:plans/launch.toml").slug == "git-missing"
    assert effort("plans/launch.toml") == 80 * 60


def test_a_git_that_does_not_answer(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(revisions, "SECONDS", 0)
    assert refused("main:plans/launch.toml").slug == "git-failed"
    monkeypatch.undo()


def test_a_repository_of_somebody_else(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    issue = refused("main:plans/launch.toml")
    assert (issue.slug, "safe.directory" in issue.found) == ("git-failed", True)


def test_a_damaged_repository(repository: Path) -> None:
    (repository / ".git" / "HEAD").write_text("nonsense", encoding="utf-8")
    assert refused("main:plans/launch.toml").slug in ("git-no-repository", "git-failed")


# --- files and runs ---------------------------------------------------------------------------------


@pytest.fixture
def run(repository: Path) -> Path:
    """A results folder in the current one, of launch.toml with a change."""
    scenario = load("plans/launch.toml", changes=(("tasks.build.effort", "7h"),))
    Path("results").mkdir()
    simrisk.write(simrisk.simulate(scenario, trials=3, engine="reference"), "results/run.nc")
    return Path("results")


def test_a_run_by_its_folder_or_its_file(run: Path) -> None:
    for name in ("results", "results/", "results/run.nc"):
        with sources.opened(name) as source:
            assert (source.label, source.kind) == (name, "run")
            assert source.run is not None
            assert source.run.sizes["trial"] == 3
            assert source.scenario.changes == (("tasks.build.effort", "7h"),)
            assert source.scenario.tasks[0].efforts[0].planned == 7 * 60


def test_a_run_of_another_name_is_known_by_its_bytes(run: Path) -> None:
    (run / "run.nc").rename("kept")
    with sources.opened("kept") as source:
        assert source.kind == "run"


def test_a_run_keeps_its_samples(repository: Path) -> None:
    Path("past").mkdir()
    Path("past/hours.csv").write_text("10\n30\n", encoding="utf-8")
    Path("plans/sampled.toml").write_text(SAMPLED, encoding="utf-8")
    simrisk.write(simrisk.simulate("plans/sampled.toml", trials=2, engine="reference"), "run.nc")
    Path("past/hours.csv").unlink()
    with sources.opened("run.nc") as source:
        assert source.samples == {"../past/hours.csv": "10\n30\n"}
        assert source.scenario.tasks[0].efforts[0].params == (600.0, 1800.0)


def test_a_run_cannot_be_changed(run: Path) -> None:
    with pytest.raises(SourceError) as caught, sources.opened("results", without=("risks",)):
        pass
    assert caught.value.issues[0].slug == "run-is-stored"


def test_damaged_runs(run: Path) -> None:
    whole = (run / "run.nc").read_bytes()
    (run / "run.nc").write_bytes(whole[: len(whole) // 2])
    assert refused("results").slug == "results-damaged"
    (run / "run.nc").write_bytes(b"")
    assert refused("results").slug == "results-foreign"
    assert refused("none.nc").slug == "results-missing"


def test_a_stored_scenario_that_is_refused_today(run: Path) -> None:
    with h5py.File(run / "run.nc", "r+") as file:
        file.attrs["scenario_text"] = file.attrs["scenario_text"].replace("who =", "whom =")
    issue = refused("results")
    assert (issue.slug, issue.file) == ("unknown-key", "results")


def test_files_and_folders_that_are_neither(repository: Path) -> None:
    issue = refused("plans")
    assert issue.slug == "not-a-source"
    assert issue.found.endswith("Scenarios in it: launch.toml.")
    assert refused("plans/lunch.toml").slug == "file-missing"
    assert refused("C:\\plans\\a.toml").slug == "file-missing"
    assert refused("").slug in ("file-missing", "not-a-source", "file-is-a-directory")
    assert issubclass(ResultsError, SimriskError)
