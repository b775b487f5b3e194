"""What `simrisk lint` prints beside its findings: single points of failure, and the 14-point assessment."""

from __future__ import annotations

from collections.abc import Sequence

from simrisk.report.columns import aligned, shortened, wrapped
from simrisk.scenario.health.assessment import Point, assess
from simrisk.scenario.health.cover import Hanging, cover_of, policy_of, single_points
from simrisk.scenario.health.view import View
from simrisk.scenario.units import hours, percent

WIDTH = 118
MOST_NAMES = 4  # of what an assessment counts
MOST_TASKS = 44  # letters of their names


def render(view: View) -> str:
    """Return both tables; nothing for a plan that has no work of people, or no logic."""
    blocks = [_cover(view), _assessment(view)]
    return "\n".join(f"\n{block}" for block in blocks if block)


def _cover(view: View) -> str:
    text = cover_said(view)
    if not text:
        return ""
    lines = [wrapped(text, WIDTH)]
    rows = points_of_failure(view)
    if rows:
        lines.append("Single points of failure:")
        lines += aligned([(*row[:-1], shortened(row[-1], MOST_TASKS)) for row in rows], left=(0, 1, 3, 4))
    return "\n".join(lines)


def cover_said(view: View) -> str:
    """Say how much of people's work could go to somebody else; nothing for a plan without such work."""
    counts = cover_of(view)
    (n, minutes), (n_unnamed, minutes_unnamed), (n_all, minutes_all) = counts.covered, counts.unnamed, counts.total
    if not n_all:
        return ""
    text = f"Cover: {n} of {n_all} parts of people's work ({hours(minutes)} of {hours(minutes_all)}) could go to "
    text += f"somebody else, at level {view.scenario.backup_level} or above where a skill is named."
    if n_unnamed:
        text += f" {n_unnamed} ({hours(minutes_unnamed)}) name neither a skill nor a backup."
    return text


def points_of_failure(view: View) -> list[tuple[str, ...]]:
    """Return what hangs on one person alone, a row each, headings first; empty when nothing does."""
    rows = [_row(view, entry) for entry in single_points(view)]
    return [("person", "skill", "hours", "who else", "tasks"), *rows] if rows else []


def _row(view: View, entry: Hanging) -> tuple[str, ...]:
    stand_in = [f"{name} (below {view.scenario.backup_level})" for name in entry.weak]
    stand_in += [f"{name} after {task}" for name, task in entry.learning]
    stand_in += sorted({text for task in entry.tasks if (text := _policy(view, task, entry.person))})
    skills = " + ".join(entry.skills)
    return entry.person, skills, hours(entry.minutes), ", ".join(stand_in) or "nobody", ", ".join(entry.tasks)


def _policy(view: View, task: str, owner: str) -> str:
    """Say when a policy brings a contractor or drops work."""
    policy = policy_of(view, view.tasks[task], owner)
    if policy is None:
        return ""
    days = view.day_minutes
    said = []
    if policy.contractor_after is not None:
        said.append(f"contractor after {policy.contractor_after / days:g} days")
    if policy.descope_after is not None:
        said.append(f"less work after {policy.descope_after / days:g} days")
    return ", ".join(said)


def _assessment(view: View) -> str:
    points = assess(view)
    if not points:
        return ""
    rows: list[tuple[str, ...]] = [("", "", "found", "share", "limit", "", "")]
    rows += [point_row(point) for point in points]
    return "\n".join([wrapped(assessment_said(points), WIDTH), *aligned(rows, left=(1, 5, 6))])


def assessment_said(points: Sequence[Point]) -> str:
    """Say how many of the points hold."""
    over = sum(point.verdict == "over" for point in points)
    held = sum(point.verdict != "none" for point in points)
    return f"DCMA 14-point assessment of the logic, resources ignored: {held - over} of {held} points that apply hold."


def point_row(point: Point) -> tuple[str, ...]:
    """Number, name, what was counted, the share, its limit, the verdict, and names or a note."""
    counted = "" if point.count is None else f"{point.count} of {point.of}"
    share = ""
    if point.figure is not None:
        share = f"{point.figure:.2f}" if point.count is None else percent(point.figure)
    verdict = {"ok": "ok", "over": "OVER", "none": "-"}[point.verdict]
    named = _named(point.names) if point.names else ""
    return str(point.number), point.name, counted, share, point.threshold, verdict, named or point.note


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return ", ".join(names[:MOST_NAMES]) + more
