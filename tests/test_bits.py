"""Bits and days in compiled code: the nth bit that is set, and the working day of a minute without a division."""

from __future__ import annotations

import random

import numba
import numpy as np

from simrisk_kernels.bits import nth_place
from simrisk_kernels.days import share_of_minute, upper_half


@numba.njit
def place(word, n):
    return nth_place(word, n)


@numba.njit
def day(minute, day_minutes):  # what `days.day_of` does with the share that the workspace keeps
    return upper_half(minute + 1, share_of_minute(day_minutes))


def test_nth_place__is_the_place_of_each_bit_in_turn():
    dice = random.Random(5)
    words = [
        1,
        2**63,
        2**64 - 1,
        0x8000000000000001,
        *(dice.getrandbits(64) & dice.getrandbits(64) for _ in range(200)),
    ]
    for word in words:
        places = [at for at in range(64) if word >> at & 1]
        assert [place(np.uint64(word), n) for n in range(len(places))] == places


def test_day__is_the_quotient_for_any_length_of_day():
    """Around whole days, near 0 and up to the largest minute it promises, where rounding would show first."""
    dice = random.Random(7)
    for day_minutes in (*range(1, 65), 450, 479, 480, 481, 1439, 1440):
        days = [
            0,
            1,
            2,
            259,
            (2**53 - 2) // day_minutes - 1,
            *(dice.randrange(2**53 // day_minutes) for _ in range(20)),
        ]
        for minute in {max(0, number * day_minutes + more) for number in days for more in (-1, 0, 1)}:
            assert day(minute, day_minutes) == minute // day_minutes, (minute, day_minutes)
