"""Rewrites a network's graph by rules.

A rule looks at one step, the last of its pattern, and gives the step that replaces it, or None. What the replaced step
alone had used is then used by nobody and dropped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from math import isclose

from torch import Tensor

from actors.ocr.onnx_graph import Graph, Step

Rule = Callable[["Draft", Step], Step | None]
Rules = Mapping[str, tuple[Rule, ...]]
"""By the operator of the step that they look at."""


def rewritten(graph: Graph, rules: Rules) -> Graph:
    """The graph after all rules that apply. A step that replaced another may be the last of a pattern again."""
    draft = Draft(graph)
    for step in graph.steps:
        draft.add(step)
    for name in list(draft.steps):
        while (better := _better(draft, name, rules)) is not None:
            draft.replace(better)
    return draft.graph()


def _better(draft: Draft, name: str, rules: Rules) -> Step | None:
    step = draft.steps.get(name)
    if step is None:
        return None
    return next((better for rule in rules.get(step.operator, ()) if (better := rule(draft, step))), None)


class Draft:
    """The graph while it is rewritten: steps by their output, in order; the number of users of each value."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self.constants = dict(graph.constants)
        self.steps: dict[str, Step] = {}
        self._users: Counter[str] = Counter([graph.output])

    def add(self, step: Step) -> None:
        self.steps[step.output] = step
        self._users.update(step.inputs)

    def replace(self, better: Step) -> None:
        worse = self.steps[better.output]
        self.steps[better.output] = better
        self._users.update(better.inputs)
        self._release(worse)

    def _release(self, step: Step) -> None:
        for name in step.inputs:
            self._users[name] -= 1
            if not self._users[name] and name in self.steps:
                self._release(self.steps.pop(name))

    def made_by(self, name: str, operator: str) -> Step | None:
        """The step that makes the value, where it is this operator."""
        step = self.steps.get(name)
        return step if step is not None and step.operator == operator else None

    def only_for(self, name: str) -> bool:
        """Whether the value has one user."""
        return self._users[name] == 1

    def number(self, name: str) -> float | None:
        """The value, where it is a constant of one number."""
        constant = self.constants.get(name)
        return float(constant) if constant is not None and constant.numel() == 1 else None

    def keep(self, name: str, constant: Tensor) -> str:
        """Adds a constant, and gives its name."""
        self.constants[name] = constant.contiguous()
        return name

    def graph(self) -> Graph:
        names = {name for step in self.steps.values() for name in step.inputs}
        constants = {name: value for name, value in self.constants.items() if name in names}
        return replace(self._graph, steps=tuple(self.steps.values()), constants=constants)

    def with_constant(self, step: Step) -> tuple[str, Tensor | None]:
        """Of an Add or a Mul: the variable's name, and the constant."""
        x, y = step.inputs
        return (x, self.constants[y]) if y in self.constants else (y, self.constants.get(x))

    def with_number(self, step: Step, number: float) -> str:
        """Of an Add or a Mul with this number: the name of what it is added to; "" where it is another."""
        value, constant = self.with_constant(step)
        same = constant is not None and constant.numel() == 1 and isclose(float(constant), number, rel_tol=1e-6)
        return value if same else ""

    def holds(self, name: str, number: float) -> bool:
        """Whether the value is this constant."""
        value = self.number(name)
        return value is not None and isclose(value, number, rel_tol=1e-6)
