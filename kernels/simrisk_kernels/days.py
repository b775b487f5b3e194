"""Working days: when the next one begins."""

from __future__ import annotations

from simrisk_kernels._jit import kernel
from simrisk_kernels.layout import NEVER


@kernel
def whole_days(minute, day_minutes):
    """Return the first start of a working day at or after `minute`."""
    return (minute + day_minutes - 1) // day_minutes * day_minutes if minute < NEVER else NEVER
