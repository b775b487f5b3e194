"""The kernel engine as a machine: threads, blocks, compiled or not, one signature, a cache that survives."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from generate import make_scenario
from simrisk import engines
from simrisk.compile import compile_plan
from simrisk.engines import cache
from simrisk.engines.kernels import check_layout
from simrisk_kernels import layout

ROOT = Path(__file__).parents[1]

DIGEST = """
import hashlib, sys
sys.path[:0] = {paths!r}
from generate import make_scenario
from simrisk import engines
from simrisk.compile import compile_plan
digest = hashlib.sha256()
for number in range(12):
    for array in engines.run(compile_plan(make_scenario(number)), trials=4, seed=3):
        digest.update(array.tobytes())
print(digest.hexdigest())
"""


def digest(outcomes) -> str:
    return hashlib.sha256(b"".join(array.tobytes() for array in outcomes)).hexdigest()


def digest_elsewhere(**environment: str) -> str:
    """The digest of twelve small plans, computed in a process of its own."""
    paths = [str(ROOT), str(ROOT / "kernels"), str(ROOT / "tests")]
    process = subprocess.run(
        [sys.executable, "-W", "error", "-c", DIGEST.format(paths=paths)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return process.stdout.strip()


@pytest.mark.parametrize("threads", [1, 2, 4])
@pytest.mark.parametrize("block", [1, 7, 64, 1000])
def test_run__does_not_depend_on_threads_or_blocks(threads, block):
    plan = compile_plan(make_scenario(21))
    expected = digest(engines.run(plan, trials=200, seed=5, threads=1, block=200))
    assert digest(engines.run(plan, trials=200, seed=5, threads=threads, block=block)) == expected


def test_run__is_the_same_without_compilation():
    here = hashlib.sha256()
    for number in range(12):
        for array in engines.run(compile_plan(make_scenario(number)), trials=4, seed=3):
            here.update(array.tobytes())
    assert digest_elsewhere(NUMBA_DISABLE_JIT="1") == here.hexdigest()


def test_progress__counts_every_trial():
    plan = compile_plan(make_scenario(21))
    seen: list[int] = []
    engines.run(plan, trials=150, seed=5, threads=2, block=40, progress=seen.append)
    assert sum(seen) == 150
    assert sorted(seen) == [30, 40, 40, 40]


def test_run__stops_at_an_interrupt():
    plan = compile_plan(make_scenario(21))

    def interrupt(n: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        engines.run(plan, trials=10_000, seed=5, threads=2, block=10, progress=interrupt)


def test_kernel__has_one_compiled_signature():
    from simrisk_kernels.trials import run_trials

    for number in (1, 5, 21):
        engines.run(compile_plan(make_scenario(number)), trials=2, seed=1)
    assert len(run_trials.signatures) == 1


def test_layout__is_what_compile_makes():
    for number in range(30):
        check_layout(compile_plan(make_scenario(number)).arrays)
    assert tuple(layout.PLAN_SPEC) == layout.PlanArrays._fields


def test_layout__a_wrong_array_is_refused():
    arrays = compile_plan(make_scenario(1)).arrays
    with pytest.raises(AssertionError, match="task_out"):
        check_layout(arrays._replace(task_out=arrays.task_out.astype(np.int32)))


def test_cache_digest__changes_with_any_source(monkeypatch, tmp_path):
    """The folder is named by the sources, so a changed kernel can never meet an old compilation."""
    (tmp_path / "a.py").write_text("one")
    (tmp_path / "b.py").write_text("two")
    monkeypatch.setattr(cache, "kernel_sources", lambda: sorted(tmp_path.glob("*.py")))
    digests = set()
    for text in ("two", "three"):
        (tmp_path / "b.py").write_text(text)
        cache.kernel_digest.cache_clear()
        digests.add(cache.kernel_digest())
    cache.kernel_digest.cache_clear()
    assert len(digests) == 2


def run_elsewhere(home: Path) -> subprocess.CompletedProcess[str]:
    """Run two trials in a process that keeps its kernels below `home`."""
    code = (
        "from simrisk.engines import cache; assert cache.enable()\n"
        "from generate import make_scenario\nfrom simrisk import engines\nfrom simrisk.compile import compile_plan\n"
        "print(engines.run(compile_plan(make_scenario(3)), trials=2, seed=1).end.tolist())"
    )
    paths = os.pathsep.join([str(ROOT), str(ROOT / "kernels"), str(ROOT / "tests")])
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "XDG_CACHE_HOME": str(home), "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_cache__damaged_files_are_made_again(tmp_path):
    first = run_elsewhere(tmp_path)
    kept = [path for path in tmp_path.rglob("*") if path.suffix in (".nbi", ".nbc")]
    assert kept
    for path in kept:
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    second = run_elsewhere(tmp_path)
    assert (second.returncode, second.stdout) == (0, first.stdout), second.stderr


def test_cache__an_unwritable_home_is_no_error(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    code = "from simrisk.engines import cache; print(cache.enable(), cache.ready())"
    process = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "XDG_CACHE_HOME": str(blocked), "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'kernels'}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert process.stdout.split() == ["False", "False"]
