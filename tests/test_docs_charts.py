"""docs/charts.md shows every chart of the gallery with its own caption and reading help; nothing is drawn here."""

import gc
import re
from pathlib import Path

import pytest

from simrisk.garbage import undisturbed
from simrisk.report.gallery import GALLERY

DOCS = Path(__file__).parents[1] / "docs"
PAGE = (DOCS / "charts.md").read_text(encoding="utf-8")
PARTS = re.findall(r"^## (.+)\n\n(.+)\n\n!\[.+\]\(charts/phase3/([\w-]+)\.svg\)$", PAGE, re.MULTILINE)
MOST_BYTES = 3_000_000


def test_page_and_gallery_agree() -> None:
    """Charts of the plan without dice and of a typical late trial come last."""
    shown = [(chart.caption, chart.reading, chart.name) for chart in GALLERY]
    assert PARTS[: len(shown)] == shown
    assert [name for _, _, name in PARTS[len(shown) :]] == ["plan-gantt", "plan-load", "story"]
    assert len(PARTS) == PAGE.count("\n## ")


@pytest.mark.parametrize("scenario", ["phase3", "tier3", "agentic-program"])
def test_folders_have_charts_of_the_gallery(scenario: str) -> None:
    found = {path.stem for path in (DOCS / "charts" / scenario).iterdir()}
    assert {"finish", "tornado", "plan-load"} < found <= {name for _, _, name in PARTS}
    assert scenario != "phase3" or found == {name for _, _, name in PARTS}


def test_charts_of_advice_are_there_and_so_are_their_pages() -> None:
    shown = re.findall(r"^### .+\n\n.+ See \[([\w-]+\.md)\]\(\1\)\.\n\n!\[.+\]\((.+\.svg)\)$", PAGE, re.MULTILINE)
    assert len(shown) == PAGE.count("\n### ") == 6
    for page, chart in shown:
        assert (DOCS / page).exists()
        assert (DOCS / chart).exists()


def test_charts_stay_small() -> None:
    assert sum(path.stat().st_size for path in (DOCS / "charts").rglob("*.svg")) < MOST_BYTES


def test_garbage_collector_works_again_after_drawing() -> None:
    def failing() -> None:
        with undisturbed():
            assert not gc.isenabled()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        failing()
    assert gc.isenabled()
