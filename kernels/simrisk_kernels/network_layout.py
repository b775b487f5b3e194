"""What the network kernel reads, works in and writes: record types, codes and the order of the arrays.

A network is a plan in which nothing is ever short, as activities in an order in which each comes after all it waits
for. A task is one activity or a few (its start, its work, its end); the reviews of a gate, the opening of a sprint and
a lag that is drawn are activities too. Each is a row of 64 trials.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simrisk_kernels.layout import PlanArrays
from simrisk_kernels.score_layout import score_rooms

BLOCK = 64  # trials in a row
LINE, LARGE_PAGE = 64, 1 << 21  # bytes: of a line of the cache, of a large page of memory
TIME_LIMIT = 1 << 28  # minutes: no time and no length in a network reaches it, so that sums of a few fit int32

# How the length of an activity comes about.
FIXED, ALONE, DRAWN, WORKED, DELAYED, LAGGED, AHEAD, BEHIND, REVIEWED, NEXT_DAY = range(10)
CHUNK = 4  # rows whose lengths are drawn before any of them is used

NETWORK = np.dtype(
    [
        ("horizon", np.int64),  # the last minute that counts
        ("status", np.int64),  # no trial ends before
        ("day_minutes", np.int64),
        ("common", np.int64),  # draw: the common factor; -1: none
    ],
    align=True,
)

ACTIVITY = np.dtype(
    [
        ("draw", np.int64),  # ALONE, DRAWN, LAGGED, AHEAD, BEHIND; else -1
        ("ptr", np.int64),  # WORKED: pieces; DELAYED: delays; REVIEWED: reviews; AHEAD, NEXT_DAY, DELAYED: see `row`
        ("n", np.int64),
        ("row", np.int64),  # AHEAD: the work before; NEXT_DAY: what is waited for; DELAYED: its conditions; else -1
        (
            "longest",
            np.int64,
        ),  # a length is cut off here, beyond the horizon, where it makes no difference; TIME_LIMIT: no
    ],
    align=True,
)

SHAPE = np.dtype(  # how the length of an ALONE activity is drawn, ready for vectors; two to a line of the cache
    [
        ("draw", np.int32),  # -1: it is none
        ("longest", np.int32),  # as above
        ("table", np.int32),  # by octave; -1: triangular
        ("turn", np.uint32),  # triangular, and the next two: see `lanes.triangular_lanes`
        ("likely", np.float32),
        ("rest", np.float32),
        ("location", np.float32),
        ("scale", np.float32),
    ]
)

PIECE_OF_WORK = np.dtype(  # what somebody does of a task, or of the rework of a gate
    [
        ("draw", np.int64),  # minutes; rework: index = review; -1: nobody can do it
        ("common", np.int64),  # 1: the common factor multiplies it
        ("done", np.int64),  # minutes to take off
        ("share", np.int64),  # this is number `share` ...
        ("n_shares", np.int64),  # ... of so many equal parts
        ("rate", np.int64),  # millionths of a minute of work per minute
        ("factor_ptr", np.int64),  # factors: risks that multiply it, in the order of the file
        ("n_factors", np.int64),
    ],
    align=True,
)

DELAY = np.dtype(  # a risk that may delay an activity
    [
        ("risk", np.int64),
        ("other_ptr", np.int64),  # others: rows of the conditions of the other tasks it affects
        ("n_others", np.int64),
    ],
    align=True,
)

REVIEW = np.dtype(
    [
        ("gate", np.int64),
        ("piece_ptr", np.int64),  # pieces: the rework
        ("n_pieces", np.int64),
        ("stop", np.int64),  # row of `stops` if it may stop the project; else -1
    ],
    align=True,
)


class NetworkArrays(NamedTuple):
    """Everything the network kernel reads beside the draws, gates and risks of the plan; C-contiguous."""

    facts: np.recarray  # (1,) NETWORK
    kinds: np.ndarray  # (n,) int8
    mornings: np.ndarray  # int64: rows of NEXT_DAY activities
    activities: np.recarray  # (n,) ACTIVITY
    shapes: np.recarray  # (n,) SHAPE
    bases: np.ndarray  # (n,) int32: no start before
    in_ptr: np.ndarray  # (n + 1,) int64 into the two below: what an activity waits for
    in_rows: np.ndarray  # int32
    in_lags: np.ndarray  # int32: minutes after its end
    out_ptr: np.ndarray  # (n + 1,) int64 into the two below: the same links by what is waited for
    out_rows: np.ndarray  # int32
    out_lags: np.ndarray  # int32
    ends: np.ndarray  # int64: rows of which the latest end is that of the project
    lengths: np.ndarray  # (n,) int32: those of FIXED activities
    pieces: np.recarray  # PIECE_OF_WORK
    factors: np.ndarray  # int64: risks
    delays: np.recarray  # DELAY
    others: np.ndarray  # int64: rows
    reviews: np.recarray  # REVIEW
    stops: np.ndarray  # int64: rows of the gates that may stop the project
    multiplying: np.ndarray  # int64: risks of which the factor is needed
    delaying: np.ndarray  # int64: risks of which the delay is needed


class NetworkState(NamedTuple):
    """The workspace of one thread."""

    keys: np.ndarray  # (n_draws,) uint64, stream keys under this run's seed
    criterion_keys: np.ndarray  # (n_criteria,) uint64
    risk_keys: np.ndarray  # (n_risks,) uint64
    met: np.ndarray  # (n_criteria,) uint8: passed at an earlier review
    times: np.ndarray  # (n, BLOCK) int32: ends, after the backward pass late starts
    lengths: np.ndarray  # (n, BLOCK) int32
    latest: np.ndarray  # (1, BLOCK) int32: the project's finish
    counted: np.ndarray  # (1, BLOCK) int32: -1 in trials that count, else 0; written where not all of a block do
    minutes: np.ndarray  # (2, BLOCK) int32: scratch
    delays: np.ndarray  # (n_risks, BLOCK) int32: minutes by which a risk delays
    scored: np.ndarray  # see `score_layout`, as the next three
    score_bases: np.ndarray
    normals: np.ndarray
    sums: np.ndarray
    values: np.ndarray  # (2, BLOCK) float64: scratch, the common factor
    factors: np.ndarray  # (n_risks, BLOCK) float64
    stopped: np.ndarray  # (n_stops, BLOCK) uint8


class NetworkResults(NamedTuple):
    """What the network kernel writes: two values a trial, and sums over the trials that are finished."""

    end: np.ndarray  # (n_trials,) int64: minute of the finish, the stop or the horizon
    outcome: np.ndarray  # (n_trials,) int8: FINISHED, CENSORED, STOPPED
    critical: np.ndarray  # (n,) int64: trials in which an activity has no float
    sums: np.ndarray  # (n, 3) int64: of its length, of its square, of the length times the finish
    finish: np.ndarray  # (3,) int64: finished trials, the sums of the finish and of its square


def aligned_rows(n: int) -> np.ndarray:
    """Return zeros of shape (n, BLOCK), int32, of which no vector crosses a cache line.

    What fills two large pages of memory takes whole ones: NumPy asks the system for them.
    """
    size = n * BLOCK * 4
    border = LARGE_PAGE if size >= 2 * LARGE_PAGE else LINE
    memory = np.zeros((-(-size // border) + 1) * border, np.uint8)
    first = -memory.ctypes.data % border
    return memory[first : first + size].view(np.int32).reshape(n, BLOCK)


def new_network_state(network: NetworkArrays, plan: PlanArrays) -> NetworkState:
    """Allocate a workspace for the network of a plan."""
    n = len(network.activities)
    times, lengths = aligned_rows(2 * n).reshape(2, n, BLOCK)
    lengths[:] = network.lengths[:, None]
    return NetworkState(
        keys=np.zeros(len(plan.draws), np.uint64),
        criterion_keys=np.zeros(len(plan.criteria), np.uint64),
        risk_keys=np.zeros(len(plan.risks), np.uint64),
        met=np.zeros(len(plan.criteria), np.uint8),
        times=times,
        lengths=lengths,
        latest=aligned_rows(1),
        counted=aligned_rows(1),
        minutes=aligned_rows(2),
        delays=aligned_rows(len(plan.risks)),
        values=np.zeros((2, BLOCK)),
        **score_rooms(plan, BLOCK),
        factors=np.ones((len(plan.risks), BLOCK)),
        stopped=np.zeros((len(network.stops), BLOCK), np.uint8),
    )


def new_network_results(network: NetworkArrays, trials: int) -> NetworkResults:
    """Allocate results, sums 0."""
    n = len(network.activities)
    return NetworkResults(
        end=np.empty(trials, np.int64),
        outcome=np.empty(trials, np.int8),
        critical=np.zeros(n, np.int64),
        sums=np.zeros((n, 3), np.int64),
        finish=np.zeros(3, np.int64),
    )


def empty_network() -> NetworkArrays:
    """Return a network of nothing, by which the kernels know the types."""
    small, long = np.zeros(0, np.int32), np.zeros(0, np.int64)
    return NetworkArrays(
        facts=np.zeros(1, NETWORK).view(np.recarray),
        kinds=np.zeros(0, np.int8),
        mornings=long,
        activities=np.zeros(0, ACTIVITY).view(np.recarray),
        shapes=np.zeros(0, SHAPE).view(np.recarray),
        bases=small,
        in_ptr=np.zeros(1, np.int64),
        in_rows=small,
        in_lags=small,
        out_ptr=np.zeros(1, np.int64),
        out_rows=small,
        out_lags=small,
        ends=long,
        lengths=small,
        pieces=np.zeros(0, PIECE_OF_WORK).view(np.recarray),
        factors=long,
        delays=np.zeros(0, DELAY).view(np.recarray),
        others=long,
        reviews=np.zeros(0, REVIEW).view(np.recarray),
        stops=long,
        multiplying=long,
        delaying=long,
    )
