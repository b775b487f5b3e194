"""From a trial of the reference engine to its story: who did what when, who was away, and what set the date."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator

from simrisk.baseline import Baseline, describe
from simrisk.engines.reference import Trial
from simrisk.models.chain import Behind, Ground
from simrisk.models.contractors import CONTRACTOR
from simrisk.models.events import Event, Kind
from simrisk.plan import Plan
from simrisk.story.model import AT_WORK, Chosen, Open, Piece, Review, Spell, Step, Story
from simrisk_kernels.layout import CAUSES

AWAY = (Kind.LEAVE, Kind.ABSENT, Kind.TAKEN, Kind.LEAVES, Kind.RETIRES)
BACK = (Kind.RETURNS, Kind.REPLACED, Kind.ARRIVES)
AT_EITHER_END = (Kind.BEGINS, Kind.ENDS)


def tell(
    plan: Plan,
    planned: tuple[Baseline, Trial],
    trial: Trial,
    *,
    number: int,
    seed: int,
    sampling: str,
    chosen: Chosen | None = None,
) -> Story:
    """Return the story of a trial.

    Parameters
    ----------
    plan : Plan
        That the trial is of.
    planned : (Baseline, Trial)
        The plan without dice.
    trial : Trial
    number, seed, sampling, chosen
        See `Story`.
    """
    told = describe(plan.scenario, trial)
    hands = Hands(trial.events)
    steps = chain_of(trial, hands)
    return Story(
        told=told,
        plan=planned[0],
        number=number,
        seed=seed,
        sampling=sampling,
        chosen=chosen,
        events=tuple(trial.events),
        moved=frozenset(movers(trial.events, steps)),
        steps=steps,
        plan_steps=chain_of(planned[1], Hands(planned[1].events)),
        pieces=tuple(pieces_of(plan, trial, hands)),
        spells=tuple(spells_of(trial.events, told.end)),
        reviews=tuple(reviews_of(trial.events)),
        open=tuple(open_at_end(plan, trial, hands, told)),
        rework=frozenset(i for i, part in enumerate(plan.arrays.parts.task.tolist()) if part >= len(plan.task_ids)),
    )


class Hands:
    """In whose hands each part was, and for whom it waited, minute by minute.

    Parameters
    ----------
    events : list of Event
        Of a trial, in order.
    """

    def __init__(self, events: list[Event]) -> None:
        self._held: dict[int, list[tuple[int, tuple[str, ...]]]] = defaultdict(list)
        self._awaited: dict[int, list[tuple[int, tuple[str, ...]]]] = defaultdict(list)
        for event in events:
            if event.part < 0:
                continue
            held = self._held[event.part]
            if event.kind is Kind.TAKES:
                held.append((event.minute, event.who))
            elif event.kind is Kind.HANDED:
                first, second = event.who
                before = held[-1][1] if held else ()
                held.append((event.minute, tuple(second if name == first else name for name in before)))
            elif event.kind is Kind.CONTRACTED:
                held.append((event.minute, (CONTRACTOR,)))
            elif event.kind is Kind.WAITS:
                self._awaited[event.part].append((event.minute, event.who))

    def holding(self, part: int, minute: int) -> tuple[str, ...]:
        """Return who has a part from this minute on."""
        return _last(self._held[part], minute)

    def awaited(self, part: int, minute: int) -> tuple[str, ...]:
        """Return for whom a part waits from this minute on."""
        return _last(self._awaited[part], minute)

    def of(self, part: int, minute: int, cause: str) -> tuple[str, ...]:
        """Return who is at work on it from this minute on, or for whom it waits."""
        return self.holding(part, minute) if cause in AT_WORK else self.awaited(part, minute)

    def changes(self, part: int) -> list[int]:
        """Return the minutes in which it came into other hands."""
        return [minute for minute, _ in self._held[part]]


def _last(known: list[tuple[int, tuple[str, ...]]], minute: int) -> tuple[str, ...]:
    place = bisect_right(known, minute, key=lambda entry: entry[0])
    return known[place - 1][1] if place else ()


def chain_of(trial: Trial, hands: Hands) -> tuple[Step, ...]:
    """Return the stretches of the chain with who stood behind them; neighbours that only differ in minutes are one."""
    delays = {event.what: event.who for event in trial.events if event.kind is Kind.DELAYED}
    found: list[Step] = []
    for (begin, end, label), ground in zip(trial.stretches, trial.grounds, strict=True):
        for step in _split(begin, end, CAUSES[label], ground, hands, delays):
            last = found[-1] if found else None
            if last is not None and _like(last) == _like(step):
                found[-1] = Step(last.start, step.finish, *_like(last))
            else:
                found.append(step)
    return tuple(found)


def _like(step: Step) -> tuple[str, str, str, tuple[str, ...], int]:
    return step.cause, step.behind, step.what, step.who, step.part


def _split(
    begin: int, end: int, cause: str, ground: Ground, hands: Hands, delays: dict[str, tuple[str, ...]]
) -> Iterator[Step]:
    """Yield a stretch in as many steps as there were hands that had it."""
    if ground.kind is not Behind.PART:
        who = delays.get(ground.name, ()) if ground.kind is Behind.DELAY else ()
        yield Step(begin, end, cause, ground.kind.value, ground.name, who)
        return
    inner = [minute for minute in hands.changes(ground.part) if begin < minute < end] if cause in AT_WORK else []
    for first, last in zip([begin, *inner], [*inner, end], strict=True):
        who = hands.of(ground.part, first, cause)
        yield Step(first, last, cause, ground.kind.value, ground.name, who, ground.part)


def movers(events: list[Event], steps: tuple[Step, ...]) -> Iterator[int]:
    """Yield the places of the events that stand where a stretch of the chain begins or ends, and have to do with it."""
    ends: dict[int, list[Step]] = defaultdict(list)
    for step in steps:
        ends[step.start].append(step)
        ends[step.finish].append(step)
    for place, event in enumerate(events):
        if any(_concerns(event, step) for step in ends.get(event.minute, ())):
            yield place


def _concerns(event: Event, step: Step) -> bool:
    if event.kind in AT_EITHER_END:
        return True
    if event.part >= 0:
        return event.part == step.part if step.part >= 0 else event.what == step.what and step.behind != "gate"
    if event.kind in AWAY or event.kind in BACK:
        return not set(event.who).isdisjoint(step.who)
    return event.what == step.what or (event.kind is Kind.LINKED and step.what in event.who)


def pieces_of(plan: Plan, trial: Trial, hands: Hands) -> Iterator[Piece]:
    """Yield how each part of a task was worked on, and waited once it had begun."""
    n_tasks = len(plan.task_ids)
    for part, (record, stretches) in enumerate(zip(plan.arrays.parts, trial.pieces, strict=True)):
        if record.task >= n_tasks:  # rework
            continue
        begun = min(hands.changes(part), default=None)
        last: Piece | None = None
        for begin, end, label in stretches:
            if begun is None or begin < begun:
                continue
            cause = CAUSES[label]
            piece = Piece(plan.task_ids[record.task], hands.of(part, begin, cause), begin, end, cause)
            if last is not None and (last.who, last.cause, last.finish) == (piece.who, cause, begin):
                piece = Piece(piece.task, piece.who, last.start, end, cause)
            elif last is not None:
                yield last
            last = piece
        if last is not None:
            yield last


def spells_of(events: list[Event], end: int) -> Iterator[Spell]:
    """Yield who was away, from when to when, in the order in which they went."""
    found: list[Spell] = []
    since: dict[str, tuple[int, Kind]] = {}
    for event in events:
        if event.kind is Kind.LEAVES and event.more == (event.minute,):  # the replacement comes in this very minute
            continue
        if event.kind in AWAY or event.kind in BACK:
            for name in event.who:
                begun = since.pop(name, None)
                if begun is not None and begun[0] < event.minute:
                    found.append(Spell(name, begun[1], begun[0], event.minute))
                if event.kind in AWAY:
                    since[name] = event.minute, event.kind
    found += [Spell(name, kind, minute, end) for name, (minute, kind) in since.items() if minute < end]
    yield from sorted(found, key=lambda spell: spell.start)


def reviews_of(events: list[Event]) -> Iterator[Review]:
    """Yield the reviews and extensions of the gates, in the order in which they begin."""
    found: list[Review] = []
    running: dict[str, tuple[int, str]] = {}  # since when, "review" or "extension"
    for event in events:
        if event.kind is Kind.REVIEW:
            begun = running.get(event.what)
            if begun is not None:
                found.append(Review(event.what, begun[0], event.minute, "extension"))
            running[event.what] = event.minute, "review"
        elif event.kind in (Kind.NO_GO, Kind.PASSES) and event.what in running:
            outcome = "no-go" if event.kind is Kind.NO_GO else str(event.more[0])
            found.append(Review(event.what, running.pop(event.what)[0], event.minute, outcome))
            if event.kind is Kind.NO_GO:
                running[event.what] = event.minute, "extension"
    for gate, (minute, what) in running.items():
        found.append(Review(gate, minute, None, "undecided" if what == "review" else what))
    yield from sorted(found, key=lambda review: review.start)


def open_at_end(plan: Plan, trial: Trial, hands: Hands, told: Baseline) -> Iterator[Open]:
    """Yield the tasks that had begun, or could have, and were not finished when the trial ended."""
    unfinished = {bar.id for bar in told.bars if bar.kind != "gate" and bar.finish is None}
    for part, (record, stretches) in enumerate(zip(plan.arrays.parts, trial.pieces, strict=True)):
        if record.task >= len(plan.task_ids) or plan.task_ids[record.task] not in unfinished or not stretches:
            continue
        task = plan.task_ids[record.task]
        unfinished.discard(task)
        end, label = stretches[-1][1:]
        since = end
        for begin, last, other in reversed(stretches):
            if other != label or last != since:
                break
            since = begin
        yield Open(task, since, CAUSES[label], hands.of(part, since, CAUSES[label]))
