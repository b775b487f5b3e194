"""Money on an axis and in labels: three digits and a unit."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.ticker import Formatter

UNITS = ((1e9, " bn"), (1e6, " M"), (1e3, " k"))


def money_text(value: float, currency: str = "") -> str:
    """``USD 1.95 M``: three significant digits."""
    sign = "\N{MINUS SIGN}" if value < 0 else ""
    size = abs(value)
    unit, name = next(((unit, name) for unit, name in UNITS if size >= 0.9995 * unit), (1.0, ""))
    number = size / unit
    digits = 0 if number >= 99.95 or (unit == 1 and number == int(number)) else 1 if number >= 9.995 else 2
    return f"{currency} {sign}{number:,.{digits}f}{name}".strip()


class MoneyFormatter(Formatter):
    """Amounts of an axis, all in the same unit."""

    def __call__(self, x: float, pos: int | None = None) -> str:
        """Text of one tick."""
        return self.format_ticks([x])[0]

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        """Texts of all ticks."""
        largest = max((abs(x) for x in values), default=0.0)
        unit, name = next(((unit, name) for unit, name in UNITS if largest >= unit), (1.0, ""))
        numbers = [x / unit for x in values]
        digits = next((d for d in range(3) if all(abs(round(x, d) - x) < 1e-9 for x in numbers)), 2)
        minus = "\N{MINUS SIGN}"
        return ["0" if x == 0 else f"{x:,.{digits}f}{name}".replace("-", minus) for x in numbers]
