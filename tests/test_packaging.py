"""What the wheel holds, and what a command imports before it has anything to compute."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def test_wheel__has_two_packages_and_nothing_else(tmp_path):
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    top = {name.split("/")[0] for name in names}
    assert {name for name in top if not name.endswith(".dist-info")} == {"simrisk", "simrisk_kernels"}
    assert "simrisk_kernels/trials.py" in names
    assert "simrisk/cli/run.py" in names
    assert {f"simrisk/report/page/report.{ending}" for ending in ("html.jinja", "css", "js")} <= set(names)


def test_top_level__is_fixed():
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if tracked.returncode:
        pytest.fail("the tests run in a checkout: results and baselines are checked against it")
    top = {line.split("/")[0] for line in tracked.stdout.splitlines()}
    assert {name for name in top if not name.startswith(".")} <= {
        *("pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "docs"),
        *("simrisk", "scenarios", "kernels", "results", "tests"),
    }


def test_tracked_files__name_no_machine_and_no_registry():
    # Written in pieces, so that this file does not find itself.
    words = ["/ro" + "ot/", "/ho" + "me/", "/wo" + "rk/", "pypi." + "org", "python" + "hosted", "npm" + "js"]
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    found = []
    for name in listed.splitlines():
        text = (ROOT / name).read_text(encoding="utf-8", errors="ignore") if (ROOT / name).is_file() else ""
        found += [f"{name}: {word}" for word in words if word in text]
    assert not found


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["run", "--help"]])
def test_start_up__imports_nothing_heavy(arguments):
    code = (
        "import sys\nfrom simrisk.cli import main\n"
        f"try:\n    main({arguments!r})\nexcept SystemExit:\n    pass\n"
        "heavy = ('numba', 'numpy', 'xarray', 'matplotlib', 'scipy', 'simpy', 'pydantic')\n"
        "print([m for m in heavy if m in sys.modules])"
    )
    process = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'kernels'}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert process.stdout.splitlines()[-1] == "[]"


def test_readme__commands_exist():
    """The two commands of the README name this project's own extras and entry point."""
    readme = (ROOT / "README.md").read_text()
    assert re.search(r"simrisk run scenarios/phase3\.toml", readme)
    assert re.search(r"pip install -e '\.\[test\]'", readme)
