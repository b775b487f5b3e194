"""The story of one trial, told by the SimPy models: what happened, who was away, what set the date."""

from simrisk.story.choosing import LATE, nearest, replay, retold, retold_of
from simrisk.story.model import Story

__all__ = ["LATE", "Story", "nearest", "replay", "retold", "retold_of"]
