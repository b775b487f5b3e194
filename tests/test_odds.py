"""Odds of branches: what LLVM is told is what was counted, and only where it fits."""

from __future__ import annotations

from importlib import import_module

import pytest
from llvmlite import binding

from simrisk.engines import counting, odds, whole

CODE = """
!7 = !{i32 1}

define i64 @_ZN15simrisk_kernels4bits8next_oneB2v1Ex(i64 %x) {
entry:
  %low = icmp slt i64 %x, 10
  br i1 %low, label %again, label %done
again:
  %odd = trunc i64 %x to i1
  br i1 %odd, label %done, label %done2
done:
  ret i64 1
done2:
  ret i64 2
}

define i64 @_ZN7cpython15simrisk_kernels4bits8next_oneB2v1Ex(i64 %x) {
entry:
  %low = icmp slt i64 %x, 10
  br i1 %low, label %done, label %done2
done:
  ret i64 1
done2:
  ret i64 2
}
"""


def hinted(code: str) -> list[str]:
    return [line.strip() for line in code.splitlines() if "!prof" in line]


def test_with_odds__tells_llvm_what_is_known():
    told = odds.with_odds(CODE, {"bits.next_one": "9.", "bits.next_gap": "0"})
    binding.parse_assembly(told).verify()
    assert hinted(told) == ["br i1 %low, label %again, label %done, !prof !8"]
    assert told.splitlines()[-1] == '!8 = !{!"branch_weights", i32 1000, i32 1}'


@pytest.mark.parametrize("known", [{}, {"bits.next_one": "9"}, {"bits.next_one": "999"}, {"bits.next_one": ".."}])
def test_with_odds__is_silent_about_what_does_not_fit(known):
    assert odds.with_odds(CODE, known) == CODE.rstrip("\n")


@pytest.mark.parametrize(("others", "first"), [(0, 1), (1, 0), (1, 1), (30, 70), (7, 1), (500, 6), (1, 999)])
def test_weights__are_near_what_was_counted(others, first):
    one, other = odds.weights(odds.odd(others, first))
    assert one / (one + other) == pytest.approx(first / (first + others), abs=1 / 16)


def test_odd__says_never_and_always_only_of_what_is_rare():
    assert [odds.odd(0, 0), odds.odd(1000, 9), odds.odd(1000, 11), odds.odd(9, 1000)] == [".", "0", "1", "9"]


def test_known_odds__are_those_of_kernels_that_there_are():
    """A function that has gone, or was renamed, has left its line behind: count again."""
    for entry in counting.CASES:
        known = odds.known_odds(entry)
        assert len(known) > 100
        for name, branches in known.items():
            module, function = name.split(".")
            assert callable(getattr(import_module(f"simrisk_kernels.{module}"), function)), name
            assert set(branches) <= set(".0123456789"), name
    assert odds.known_odds("run_plain") == {}


def test_with_counters__counts_which_way_branches_go():
    """What goes the first way and what goes the other, by hand: 4 is below 10 and even, 11 is not below 10."""
    from ctypes import CFUNCTYPE, c_int64

    import numpy as np

    name = "_ZN15simrisk_kernels4bits8next_oneB2v1Ex"
    counts = np.zeros((2, 2), np.int64)
    assert len(counting.branches_of(CODE)) == 2
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    machine = binding.Target.from_default_triple().create_target_machine(jit=True, codemodel="jitdefault")
    engine = binding.create_mcjit_compiler(binding.parse_assembly(""), machine)
    code = whole.optimise(name, counting.with_counters(CODE, counts))
    engine.add_object_file(binding.ObjectFileRef.from_data(code))
    engine.finalize_object()
    function = CFUNCTYPE(c_int64, c_int64)(engine.get_function_address(name))
    assert [function(4), function(4), function(5), function(11)] == [2, 2, 1, 1]
    assert counts.tolist() == [[1, 3], [2, 1]]
