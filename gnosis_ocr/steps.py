"""How the clients' one core asks for things to be done: plans, and the steps that they are made of.

What is to be asked of a server, what its answers mean, when to try again and after what pause: all that is written
once, as generators that are called plans. A plan does nothing itself. It yields steps; whoever carries it out does what
the step says, blocking (wire.py) or not (async_wire.py), and sends back what came of it:

Ask      a request, whole                         Answer
Open     a request whose answer comes in pieces   Answer, without content unless the request was refused
Read     the next piece of it                     bytes, empty at the end
Shut     the answer in pieces is let go of        None
Pause    so many seconds                          None
Look     at a clock that never goes back          seconds
Work     on files, which may take a while          what the call returned
Tell     the caller the next item of an iterator  None

Where no answer came, ServerUnreachable is raised inside the plan, at the step.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, Self, TypeVar, cast

T = TypeVar("T")


class Body(Protocol):
    """A request's body that is made piece by piece, anew for each attempt. size: bytes in all."""

    @property
    def size(self) -> int: ...

    def pieces(self) -> Iterator[bytes]:
        """Reads files, so it may block. SourceUnreadable."""
        ...

    def note(self, sent: int) -> None:
        """Told of each piece that was handed over. sent: bytes of the body so far, in this attempt."""
        ...


@dataclass(frozen=True, slots=True)
class Request:
    """path: from the server's address on, with the query. idle_s: how long the answer may keep silent; None: as the
    client was told."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | Body = b""
    idle_s: float | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """headers: by names in lower case. url: that was asked."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    url: str


@dataclass(frozen=True, slots=True)
class Ask:
    request: Request


@dataclass(frozen=True, slots=True)
class Open:
    request: Request


@dataclass(frozen=True, slots=True)
class Read:
    pass


@dataclass(frozen=True, slots=True)
class Shut:
    pass


@dataclass(frozen=True, slots=True)
class Pause:
    seconds: float


@dataclass(frozen=True, slots=True)
class Look:
    pass


@dataclass(frozen=True, slots=True)
class Work:
    call: Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Tell:
    item: Any


Deed = Ask | Open | Read | Shut | Pause | Look | Work
Step = Deed | Tell
Plan = Generator[Step, Any, T]


def ask(request: Request) -> Plan[Answer]:
    """ServerUnreachable."""
    return cast(Answer, (yield Ask(request)))


def opened(request: Request) -> Plan[Answer]:
    """ServerUnreachable."""
    return cast(Answer, (yield Open(request)))


def read() -> Plan[bytes]:
    """ServerUnreachable where the connection broke."""
    return cast(bytes, (yield Read()))


def look() -> Plan[float]:
    return cast(float, (yield Look()))


def work(call: Callable[[], T]) -> Plan[T]:
    return cast(T, (yield Work(call)))


class Course(Generic[T]):
    """A plan being carried out: the step that is due, None at the end; then ``result``. A context manager."""

    def __init__(self, plan: Plan[T]) -> None:
        self._plan = plan
        self._result: T | None = None
        self.step: Step | None = None
        self._go(lambda: next(plan))

    @property
    def result(self) -> T:
        return cast(T, self._result)

    def go_on(self, outcome: Any) -> None:
        self._go(lambda: self._plan.send(outcome))

    def fail(self, fault: BaseException) -> None:
        """The step came to nothing: the plan goes on with that, or ends by it."""
        self._go(lambda: self._plan.throw(fault))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._plan.close()

    def _go(self, move: Callable[[], Step]) -> None:
        try:
            self.step = move()
        except StopIteration as end:
            self.step, self._result = None, end.value
