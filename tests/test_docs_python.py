"""docs/python.md: its blocks run in order, as in a notebook, and print what the page says."""

import contextlib
import io
import re
from pathlib import Path
from types import ModuleType

import pytest

from simrisk import charts, measures

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"```python\n(?P<code>.*?)```\n(?:\n```text\n(?P<printed>.*?)```\n)?", re.DOTALL)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "scenarios").symlink_to(ROOT / "scenarios")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_page_prints_what_it_says(place: Path) -> None:
    names: dict[str, object] = {}
    for block in BLOCK.finditer(PAGE):
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            exec(compile(block["code"], "docs/python.md", "exec"), names)
        assert said.getvalue() == (block["printed"] or ""), block["code"]
    saved = re.findall(r'save(?:_html)?\(.*?"([\w.]+)"\)', PAGE)
    assert len(saved) > 15
    assert all((place / name).stat().st_size > 1000 for name in saved)


def test_every_chart_is_on_the_page() -> None:
    assert {name for name in charts.__all__ if name.startswith("plot_")} == set(re.findall(r"charts\.(plot_\w+)", PAGE))


def test_what_the_page_imports_are_functions() -> None:
    """Some functions are called like the module that they live in."""
    assert not [name for name in measures.__all__ if isinstance(getattr(measures, name), ModuleType)]
