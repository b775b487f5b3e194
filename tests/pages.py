"""HTML pages as tests read them: tables by their captions, elements with their attributes, and what stands in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

INLINE = {"span", "wbr", "strong", "a"}  # within a word or a sentence
VOID = {"meta", "link", "br", "wbr", "hr", "img", "input"}


@dataclass
class Cells:
    """A table of a page: rows of texts, with those of its head first."""

    caption: str = ""
    head: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    scopes: list[str] = field(default_factory=list)

    def row(self, name: str) -> list[str]:
        """The cells behind the one that names a row."""
        (found,) = [row for row in self.rows if row[0] == name]
        return found[1:]

    def column(self, name: str) -> list[str]:
        """The cells below a heading."""
        place = self.head.index(name)
        return [row[place] for row in self.rows]


class Page(HTMLParser):
    """A page, read once.

    Attributes
    ----------
    tables : list of Cells
    elements : list of (tag, attributes)
    headings : list of (level, text)
    faults : list of str
        Elements that are not closed in order.
    """

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[Cells] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.headings: list[tuple[int, str]] = []
        self.faults: list[str] = []
        self.texts: list[str] = []
        self._open: list[str] = []
        self._cell: list[str] | None = None
        self.feed(text)
        self.close()
        self.faults += [f"<{tag}> is never closed" for tag in self._open]

    def table(self, caption: str) -> Cells:
        """The table with this caption; there is one alone."""
        (found,) = [table for table in self.tables if table.caption == caption]
        return found

    def of(self, tag: str) -> list[dict[str, str | None]]:
        """Attributes of all elements with a tag."""
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def text(self) -> str:
        """All that is shown, in one line."""
        return " ".join("".join(self.texts).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in INLINE:
            self.texts.append(" ")
        if tag not in VOID:
            self._open.append(tag)
        if tag == "table":
            self.tables.append(Cells())
        elif tag == "tr" and "tbody" in self._open:
            self.tables[-1].rows.append([])
        if tag in ("td", "th", "caption", "h1", "h2", "h3"):
            self._cell = []
            if tag == "th":
                self.tables[-1].scopes.append(dict(attrs).get("scope") or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open[-1] != tag:
            self.faults.append(f"</{tag}> closes {self._open[-1:] or 'nothing'}")
            return
        self._open.pop()
        if tag not in ("td", "th", "caption", "h1", "h2", "h3") or self._cell is None:
            return
        text, self._cell = " ".join("".join(self._cell).split()), None
        if tag == "caption":
            self.tables[-1].caption = text
        elif tag in ("h1", "h2", "h3"):
            self.headings.append((int(tag[1]), text))
        elif "tbody" in self._open:
            self.tables[-1].rows[-1].append(text)
        else:
            self.tables[-1].head.append(text)

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)
        if "style" not in self._open and "script" not in self._open:
            self.texts.append(data)
