"""The kernel engine as a machine: threads, blocks, compiled or not, one signature, a cache that survives."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from generate import make_scenario
from simrisk import engines
from simrisk.compile import compile_plan
from simrisk.engines import cache, entries, images, kernels
from simrisk.engines.kernels import check_layout, in_one_piece
from simrisk_kernels import layout
from simrisk_kernels.layout import new_outcomes
from simrisk_kernels.room import LINE

ROOT = Path(__file__).parents[1]

DIGEST = """
import hashlib, sys
from generate import make_scenario
from simrisk import engines
from simrisk.compile import compile_plan
from simrisk.engines import cache, entries, images
if sys.argv[1:]:
    assert cache.enable()
digest = hashlib.sha256()
for number in range(12):
    for array in engines.run(compile_plan(make_scenario(number)), trials=4, seed=3):
        digest.update(array.tobytes())
print(digest.hexdigest())
"""


def digest(outcomes) -> str:
    return hashlib.sha256(b"".join(array.tobytes() for array in outcomes)).hexdigest()


def elsewhere(code: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A Python process of its own."""
    paths = os.pathsep.join([str(ROOT), str(ROOT / "kernels"), str(ROOT / "tests")])
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code, *arguments],
        env={**os.environ, "PYTHONPATH": paths, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def digest_elsewhere(*, keep: bool = False, **environment: str) -> str:
    """The digest of twelve small plans, computed in a process of its own, which may keep its kernels."""
    process = elsewhere(DIGEST, *(["keep"] if keep else []), **environment)
    assert process.returncode == 0, process.stderr
    return process.stdout.strip()


@pytest.mark.parametrize("threads", [1, 2, 4])
@pytest.mark.parametrize("block", [1, 7, 64, 1000, None])
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


def test_blocks__grow_when_only_the_first_trials_were_slow(monkeypatch):
    """The first 16 take 1.6 s, as when Python is held meanwhile; whatever follows takes a millisecond a block."""
    plan, sizes = compile_plan(make_scenario(3)), []
    times = iter(itertools.accumulate(itertools.chain([0.0, 1.6], itertools.cycle([1.0, 0.001]))))
    monkeypatch.setattr(kernels, "CLOCK", lambda: next(times))
    monkeypatch.setattr(kernels, "MOST_TOGETHER", 1024)
    run = engines.run(plan, trials=3_000, seed=5, threads=1, progress=sizes.append)
    # at 0.1 s a trial one at a time; at 0.001 ten; at 0.0001 a hundred, in whole blocks of draws; at 0.00001 the most
    assert sizes == [16, 1, 10, 101, 1024, 1024, 824]
    assert (run.end == engines.run(plan, trials=3_000, seed=5, threads=1, block=3_000).end).all()


def test_run__stops_at_an_interrupt():
    plan = compile_plan(make_scenario(21))

    def interrupt(n: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        engines.run(plan, trials=10_000, seed=5, threads=2, block=10, progress=interrupt)


def test_in_one_piece__fields_lie_side_by_side_and_do_not_touch():
    outcomes = in_one_piece(new_outcomes(7, compile_plan(make_scenario(1)).arrays))
    for number, field in enumerate(outcomes):
        field[...] = number
    for number, field in enumerate(outcomes):
        assert (field == number).all()
        assert field.flags.c_contiguous
        assert field.ctypes.data % LINE == 0
    assert len({id(field.base) for field in outcomes}) == 1


def test_in_one_piece__large_fields_are_given_back_one_by_one(monkeypatch):
    monkeypatch.setattr(kernels, "MOST_IN_ONE_PIECE", 1_000)
    outcomes = new_outcomes(100, compile_plan(make_scenario(1)).arrays)
    assert in_one_piece(outcomes) is outcomes


def test_kernel__is_compiled_once():
    from simrisk_kernels.trials import run_small

    ready = entries.kernel("run_small")
    for number in (1, 5, 21):
        engines.run(compile_plan(make_scenario(number)), trials=2, seed=1)
    assert entries.kernel("run_small") is ready
    assert len(run_small.signatures) == (0 if images.TRIED else 1)  # 0: as one piece


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


def test_cache__an_unwritable_home_is_no_error(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    code = "from simrisk.engines import cache; print(cache.enable(), cache.ready('run_trials'), cache.image_path('x'))"
    process = elsewhere(code, XDG_CACHE_HOME=str(blocked))
    assert process.stdout.split() == ["False", "False", "None"], process.stderr


# --- machine code, kept and loaded ----------------------------------------------------------------

IMAGES = """
import sys
from pathlib import Path
from simrisk.engines import cache, entries, images
assert cache.enable()
import numpy as np
from simrisk_kernels import draws
entry = next(entry for entry in entries.ENTRIES if entry.name == "word_of")
path = Path(sys.argv[1]) / "word_of.image"
types = entries.types_of(entry.arguments)
draws.word_of.compile(types)
images.save(draws.word_of, path)
ways = [images.load(path, entry.arguments)]
images.make(draws.word_of.py_func, types, "uuiii", "i", path)  # as one piece
ways.append(images.load(path, entry.arguments))
for seed in (0, 1, 2**64 - 1):
    for name in (3, 2**63 + 5):
        for trial in range(40):
            given = np.uint64(seed), np.uint64(name), trial, trial % 3, 256 * (trial % 2)
            assert {way(*given) for way in ways} == {draws.word_of(*given)}
whole = path.read_bytes()
assert images.load(path.with_name("none"), "uuii") is None
for spoilt in (b"", whole[:5], whole[:40], whole[:-1], b"x" + whole, whole[:-9] + b"y" + whole[-8:]):
    path.write_bytes(spoilt)
    assert images.load(path, "uuii") is None, len(spoilt)
"""


@pytest.mark.skipif(not images.TRIED, reason="machine code is loaded by numba here")
def test_image__is_the_compiled_kernel_and_damage_is_noticed(tmp_path):
    process = elsewhere(IMAGES, str(tmp_path), XDG_CACHE_HOME=str(tmp_path / "cache"))
    assert process.returncode == 0, process.stderr
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["word_of.image"]


def test_entries__are_all_there_are():
    """A kernel that the table lacks would not be warmed up, nor one found that it names in vain."""
    found = set()
    for path in cache.kernel_sources():
        lines = path.read_text(encoding="utf-8").splitlines()
        for line, following in itertools.pairwise(lines):
            if line == "@entry_kernel":
                found.add((path.stem, following.removeprefix("def ").partition("(")[0]))
    assert found == {(entry.module, entry.name) for entry in entries.ENTRIES}


WARM = """
import sys
from simrisk.cli import main
from simrisk.engines import entries
code = 0
try:
    main(sys.argv[1:])
except SystemExit as left:
    code = left.code
print("numba" in sys.modules, type(entries.kernel("run_small")).__name__, file=sys.stderr)
sys.exit(code)
"""


DRAWN = """
import sys
from generate import make_scenario
from simrisk.compile import compile_plan
from simrisk.engines import cache, entries, images
from simrisk.models.quantities import Draws
assert cache.enable()
plan = compile_plan(make_scenario(3))
for trial in range(5):
    ours = Draws(plan.arrays, 7, trial, entries.drawing())
    assert ("numba" not in sys.modules) == (images.TRIED and trial == 0)
    theirs = Draws(plan.arrays, 7, trial)
    for draw, record in enumerate(plan.arrays.draws):
        for index in (0, 1):
            value = ours.value(draw, index)
            assert value == theirs.value(draw, index)
            assert ours.whole_minutes(value) == theirs.whole_minutes(value)
            assert ours.minutes_at(draw, 2**63 + draw, index) == theirs.minutes_at(draw, 2**63 + draw, index)
            assert ours.word(int(record.hash), index) == theirs.word(int(record.hash), index)
"""


@pytest.mark.slow
def test_cache__compiled_once_for_each_processor_loaded_ever_after(tmp_path):
    """The same numbers come out of machine code, of numba's cache, without compilation, for any processor."""
    home = {"XDG_CACHE_HOME": str(tmp_path)}
    first = elsewhere(WARM, "warmup", "--json", **home)
    assert first.returncode == 0, first.stderr
    (folder,) = (tmp_path / "simrisk").iterdir()
    told = json.loads(first.stdout)
    assert told["folder"] == str(folder)
    assert {row["state"] for row in told["kernels"]} == {"compiled"}
    assert [row["kernel"] for row in told["kernels"]] == [entry.name for entry in entries.ENTRIES]
    second = elsewhere(WARM, "warmup", "--json", **home)
    assert {row["state"] for row in json.loads(second.stdout)["kernels"]} == {"loaded"}
    drawn = elsewhere(DRAWN, **home)
    assert drawn.returncode == 0, drawn.stderr
    expected = digest_elsewhere(keep=True, **home)
    assert expected == digest_elsewhere(keep=True, NUMBA_DISABLE_JIT="1", **home)
    image = folder / "run_small.image"
    whole = image.read_bytes()
    image.write_bytes(whole[: len(whole) // 2])
    assert expected == digest_elsewhere(keep=True, **home)  # made again
    again = image.read_bytes()
    assert len(again) > len(whole) // 2
    assert expected == digest_elsewhere(keep=True, NUMBA_CPU_NAME="generic", **home)  # in a folder of its own
    assert len(list((tmp_path / "simrisk").iterdir())) == 2
    assert image.read_bytes() == again


LEFT = """
from simrisk.engines import entries, whole
from simrisk_kernels.draws import value_of
whole.compile_whole(value_of.py_func, entries.types_of("aii"))
assert len(whole._kernels()) > 20
print([each.__name__ for each in whole._kernels() if each.overloads])
"""


def test_compile_whole__leaves_nothing_unoptimised_for_other_kernels():
    """Kernels compiled after one that is compiled as one piece would be pasted together from slow functions."""
    done = elsewhere(LEFT)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"


ONE = """
from simrisk.engines import cache, entries
assert cache.enable()
print(entries.prepare("word_of"), entries.kernel("word_of")(np.uint64(1), np.uint64(2), 3, 0, 0))
"""


def test_cache__damaged_files_are_made_again(tmp_path):
    said = []
    for _ in range(3):
        process = elsewhere("import numpy as np" + ONE, XDG_CACHE_HOME=str(tmp_path))
        assert process.returncode == 0, process.stderr
        said.append(process.stdout.split())
        if len(said) == 2:
            kept = [path for path in tmp_path.rglob("*.nb?") if path.is_file()]
            assert len(kept) == 2
            for path in (*kept, *tmp_path.rglob("*.image")):
                path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert [state for state, _ in said] == ["compiled", "loaded", "compiled"]
    assert len({value for _, value in said}) == 1


def test_cache__another_processor_has_another_folder():
    code = "from simrisk.engines import cache; print(cache.folder().name)"
    names = {
        elsewhere(code, **settings).stdout
        for settings in ({}, {"NUMBA_NUM_THREADS": "1"}, {"NUMBA_CPU_NAME": "generic"}, {"NUMBA_CPU_FEATURES": "+sse2"})
    }
    assert len(names) == 3
    assert all(cache.NAME.fullmatch(name.strip()) for name in names)


def test_cache__only_our_own_unused_folders_are_removed(tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "user_cache", lambda: tmp_path)
    monkeypatch.setattr(cache, "_enabled", tmp_path)
    own = cache.folder().name
    monkeypatch.setattr(cache, "folder", lambda: tmp_path / own)
    aged = time.time() - 31 * 86_400

    def made(name, *files, age=aged):
        for file in files:
            (tmp_path / name / file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name / file).write_text("x")
        os.utime(tmp_path / name, (age, age))

    made(own, "run_trials.image")
    made("0123456789abcdef-0.68.1-311-01234567", "run_trials.image", "numba_1/x.nbi", "numba_1/x.1.nbc")
    made("0123456789abcdef-0.60.0-312", "numba_1/x.nbi", "numba_1/x.nbi.tmp.0a")
    made("1123456789abcdef-0.68.1-311-01234567", "run_trials.image", age=time.time() - 29 * 86_400)
    made("2123456789abcdef-0.68.1-311-01234567", "run_trials.image", "diary.txt")
    made("tables", "old.image")
    assert len(cache.remove_unused()) == 2
    left = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file())
    assert left == sorted(
        [
            f"{own}/run_trials.image",
            "1123456789abcdef-0.68.1-311-01234567/run_trials.image",
            "2123456789abcdef-0.68.1-311-01234567/diary.txt",
            "tables/old.image",
        ]
    )
    assert not (tmp_path / "0123456789abcdef-0.68.1-311-01234567").exists()
    assert cache.remove_unused() == []
