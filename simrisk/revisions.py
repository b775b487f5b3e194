"""Files of a git revision: what stands in `main:scenarios/phase3.toml`, asked of the user's own git."""

from __future__ import annotations

import os
import posixpath
import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass

from simrisk.errors import Issue, SourceError
from simrisk.scenario.faults import did_you_mean, listed
from simrisk.scenario.source import LARGEST_FILE, decoded

SECONDS = 60  # for one question; a partial clone may have to fetch the file first
_LONGEST = 500  # letters of what git says
_QUIET = {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_PAGER": "cat", "GIT_OPTIONAL_LOCKS": "0"}
# a colon within braces belongs to the revision: HEAD@{2026-01-05 10:30}
_NAME = re.compile(r"(?P<revision>(?:[^:{]|\{[^}]*\})*):(?P<path>.*)", re.DOTALL)
STAGED = ("ls-files", "-z", "--full-name", "--cached", ":/")
_DRIVE = re.compile(r"[A-Za-z]:[\\/]")


def split(name: str) -> tuple[str, str] | None:
    """``main:scenarios/phase3.toml`` as revision and path; None when it is no such thing.

    ``:scenarios/phase3.toml`` has no revision: it is what is staged for the next commit.
    """
    match = _NAME.fullmatch(name)
    if match is None or _DRIVE.match(name):
        return None
    return match["revision"], match["path"]


@dataclass(frozen=True)
class RevisionFile:
    """A file as it stands in a commit, or staged for the next one.

    Parameters
    ----------
    commit : str
        Full hash; empty: staged.
    path : str
        From the top of the repository, with ``/``.
    name : str
        As the user named it, for messages.
    raw : bytes
    """

    commit: str
    path: str
    name: str
    raw: bytes

    def text(self) -> str:
        """Its text.

        Raises
        ------
        ScenarioError
            file-not-text
        """
        return decoded(self.raw, self.name)

    def beside(self, other: str) -> str | None:
        """Text of a file whose name is relative to this one's folder; None when the commit has no such text.

        Raises
        ------
        SourceError
            ``git-outside``: the name leads out of the repository.
        """
        if os.path.isabs(other):  # on this machine and not in the repository: read where it stands
            return None
        place = posixpath.normpath(posixpath.join(posixpath.dirname(self.path), other.replace(os.sep, "/")))
        if _leaves(place):
            found = f"The file of samples '{other}' would lie outside of the repository, so no revision has it."
            raise _refuse("git-outside", self.name, found)
        answer = _git(self.name, "cat-file", "blob", f"{self.commit}:{place}")
        try:
            return None if answer.code else answer.out.decode("utf-8-sig")
        except UnicodeDecodeError:
            return None


def fetch(revision: str, path: str, name: str) -> RevisionFile:
    """Fetch a file of a revision from the repository of the current folder.

    Parameters
    ----------
    revision : str
        Branch, tag, hash or whatever else git takes for a commit; empty: what is staged.
    path : str
        As seen from the current folder; if there is none, from the top of the repository.
    name : str
        Both, as the user wrote them, for messages.

    Raises
    ------
    SourceError
        ``git-missing``, ``git-no-repository``, ``git-unknown-revision``, ``git-unknown-file``, ``git-outside``,
        ``git-failed``, each with what can be done about it.
    ScenarioError
        ``file-too-large``
    """
    prefix = _prefix(name)
    commit = _commit(revision, name)
    written = path.replace(os.sep, "/")
    here, top = (posixpath.normpath(posixpath.join(start, written)) for start in (prefix, ""))
    places = [place for place in dict.fromkeys((here, top)) if not _leaves(place)]
    if not places:
        raise _refuse("git-outside", name, f"'{path}' lies outside of the repository, so no revision has it.")
    for place in places:
        answer = _git(name, "cat-file", "-s", f"{commit}:{place}")
        if answer.code == 0 and int(answer.out) > LARGEST_FILE:
            raise _refuse("file-too-large", name, f"A scenario has at most {LARGEST_FILE // 1_000_000} MB.")
        answer = _git(name, "cat-file", "blob", f"{commit}:{place}")
        if answer.code == 0:
            return RevisionFile(commit, place, name, answer.out)
    raise _refuse("git-unknown-file", name, _no_such_file(commit, revision, path, places, name))


def _leaves(place: str) -> bool:
    return place.startswith(("../", "/")) or place in ("..", ".")


def _prefix(name: str) -> str:
    """Path of the current folder from the top of its repository."""
    answer = _git(name, "rev-parse", "--show-prefix")
    if answer.code == 0:
        return answer.out.decode(errors="replace").rstrip("\n")
    if "not a git repository" in answer.said:
        found = (
            f"There is no file '{name}', and this folder is in no git repository, so that it cannot be a revision "
            "either. Check the name, or change to the folder of the repository."
        )
        raise _refuse("git-no-repository", name, found)
    raise _refuse("git-failed", name, f"git says: {answer.said}")


def _commit(revision: str, name: str) -> str:
    """Full hash of a revision; empty for what is staged."""
    if not revision:
        return ""
    if not revision.startswith("-"):  # git would take it for an option
        answer = _git(name, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
        if answer.code == 0:
            return answer.out.decode("ascii").strip()
    found = f"There is no file '{name}', and no branch, tag or commit '{revision}' in this repository."
    raise _refuse("git-unknown-revision", name, found + _nearest(revision, name))


def _nearest(revision: str, name: str) -> str:
    """What may have been meant; in a clone without its history, how to get that."""
    refs = _lines(_git(name, "for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/tags", "refs/remotes"))
    remote = [ref for ref in refs if ref.endswith(f"/{revision}")]
    hint = f" Did you mean '{remote[0]}'?" if remote else did_you_mean(revision, refs)
    if not hint and refs:
        hint = f" There are: {listed(refs)}."
    shallow = _git(name, "rev-parse", "--is-shallow-repository")
    if shallow.out.strip() == b"true":
        hint += " This clone has only the latest commits: `git fetch --unshallow` gets the rest"
        hint += " (in GitHub's checkout action: fetch-depth: 0)."
    return hint


def _no_such_file(commit: str, revision: str, path: str, places: Iterable[str], name: str) -> str:
    all_files = ("ls-tree", "-r", "-z", "--name-only", "--full-tree", commit) if commit else STAGED
    where = f"revision '{revision}'" if commit else "what is staged for the next commit"
    answer = _git(name, *all_files)
    files = [file.decode(errors="replace") for file in answer.out.split(b"\0") if file]
    if any(file.startswith(f"{place}/") for place in places for file in files):
        found = f"In {where} this is a folder; name the scenario file in it."
    else:
        found = f"{where[0].upper()}{where[1:]} has no file '{path}'."
    plans = [file for file in files if file.endswith(".toml")]
    if not plans:
        return f"{found} It has no .toml file at all."
    return found + (did_you_mean(path, plans) or f" Its .toml files: {listed(plans)}.")


@dataclass(frozen=True)
class _Answer:
    code: int
    out: bytes
    said: str  # what git complained of, in one line


def _git(name: str, *words: str) -> _Answer:
    """Ask git, in the current folder: without a shell, a pager or a question back."""
    command = ("git", "--no-pager", *words)
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            env={**os.environ, **_QUIET},
            timeout=SECONDS,
            check=False,
        )
    except FileNotFoundError:
        found = f"There is no file '{name}', and to look for a revision git is needed, which is not installed here."
        raise _refuse("git-missing", name, found) from None
    except subprocess.TimeoutExpired:
        found = f"git did not answer within {SECONDS} seconds: git {' '.join(words)}"
        raise _refuse("git-failed", name, found) from None
    except (OSError, ValueError) as error:  # a name with a zero byte, for one
        reason = getattr(error, "strerror", None) or error
        raise _refuse("git-failed", name, f"git cannot be run: {reason}.") from None
    said = " ".join(done.stderr.decode(errors="replace").split()).removeprefix("fatal: ")[:_LONGEST]
    return _Answer(done.returncode, done.stdout, said)


def _lines(answer: _Answer) -> list[str]:
    return answer.out.decode(errors="replace").splitlines() if answer.code == 0 else []


def _refuse(slug: str, name: str, found: str) -> SourceError:
    return SourceError(Issue(slug, "error", name, 0, "", found))
