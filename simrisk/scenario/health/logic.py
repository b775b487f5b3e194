"""How the tasks of a plan are tied together: logic that hangs in the air, is redundant or runs against the sprints."""

from __future__ import annotations

from collections.abc import Iterator

from simrisk.errors import Issue
from simrisk.scenario.faults import issue, listed
from simrisk.scenario.health.view import View
from simrisk.scenario.model import Task


def logic_issues(view: View) -> Iterator[Issue]:
    """Everything about the links between tasks that are still to be done."""
    yield from _order_issues(view)
    yield from _dangling_issues(view)
    yield from _redundant_issues(view)


def _order_issues(view: View) -> Iterator[Issue]:
    for task in view.scenario.tasks:
        for link in task.links:
            sprint = view.tasks[link.task].sprint
            if link.kind == "FS" and task.sprint is not None and sprint is not None and sprint > task.sprint:
                found = (
                    f"This task is in sprint {task.sprint} and waits for '{link.task}', which is in sprint {sprint}."
                )
                yield issue("warning", "sprint-order", f"tasks.{task.id}.after", found)


class Ties:
    """What holds the starts of tasks, and what their ends hold.

    Links do, and gates (one that blocks a task, or requires it); a sprint and an earliest date hold a start. A sprint
    holds nothing at its end: what is not done by then is carried over.
    """

    def __init__(self, view: View) -> None:
        tasks = [task for task in view.scenario.tasks if task.finished is None]
        gates = [gate for gate in view.scenario.gates if gate.passed is None]
        links = [(link, task) for task in tasks for link in task.links]
        self.before = {task.id for _, task in links} | {name for gate in gates for name in gate.blocks_tasks}
        self.after = {link.task for link, _ in links} | {name for gate in gates for name in gate.requires}
        self.start_held = {task.id for link, task in links if link.kind in ("FS", "SS")}
        self.start_held |= {name for gate in gates for name in gate.blocks_tasks}
        self.start_held |= {task.id for task in tasks if task.sprint is not None or task.not_before is not None}
        self.end_holds = {link.task for link, _ in links if link.kind in ("FS", "FF")}
        self.end_holds |= {name for gate in gates for name in gate.requires}


def _dangling_issues(view: View) -> Iterator[Issue]:
    ties = Ties(view)
    tasks = [task for task in view.scenario.tasks if task.finished is None]
    for task in tasks:
        where = f"tasks.{task.id}.after"
        if task.id in ties.before and task.id not in ties.start_held:
            found = "Its links hold its end only: nothing says when it may start. Add one with link FS or SS."
            yield issue("notice", "dangling-logic", where, found)
        if task.id in ties.after and task.id not in ties.end_holds:
            found = "Others wait for its start only: nothing waits for its end. Let one of them have a link FS or FF."
            yield issue("notice", "dangling-logic", f"tasks.{task.id}", found)
    open_ends = [task.id for task in tasks if task.id not in ties.after and not _may_be_last(view, task)]
    if open_ends:
        found = f"Nothing waits for {listed(open_ends)}, and the plan ends with others. If something needs what they "
        found += "bring, say so in its 'after'; if only the finish does, let a last milestone come after all of them."
        yield issue("notice", "dangling-logic", f"tasks.{open_ends[0]}", found)


def _may_be_last(view: View, task: Task) -> bool:
    """Whether the plan may end with a task: it is optional, in the last sprint that has any, or last by the logic."""
    if view.network is None or task.optional:
        return True
    sprints = [other.sprint for other in view.scenario.tasks if other.sprint is not None]
    if sprints:
        return task.sprint in (None, max(sprints))
    return view.network.total_float(task.id) == 0


def _redundant_issues(view: View) -> Iterator[Issue]:
    """Links from a finish without a lag that follow from others of the kind."""
    befores = {
        task.id: [link.task for link in task.links if link.kind == "FS" and (link.lag is None or link.lag.planned == 0)]
        for task in view.scenario.tasks
    }
    above: dict[str, set[str]] = {}

    def all_before(task: str) -> set[str]:
        if task not in above:
            above[task] = set()
            above[task].update(*(all_before(name) | {name} for name in befores[task]))
        return above[task]

    for task in view.scenario.tasks:
        if task.share == "milestone":
            continue  # a list of all that it stands for reads better than one of the last of each
        said = []
        for name in befores[task.id]:
            by = next((other for other in befores[task.id] if other != name and name in all_before(other)), None)
            if by is not None:
                said.append(f"'{name}' (before '{by}')")
        if said:
            found = f"Another one in the list waits for these anyway, so they need not stand there: {', '.join(said)}."
            yield issue("notice", "redundant-link", f"tasks.{task.id}.after", found)
