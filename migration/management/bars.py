"""Progress bars of a run on a terminal: one for each collection being copied."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from migration.engine.copying import Phase, Step


class CollectionBars:
    """Shows steps as they are committed; silent where nobody watches. A context manager."""

    def __init__(self, *, is_shown: bool) -> None:
        console = Console()
        self._progress = Progress(
            TextColumn("{task.description:<28}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
            TextColumn("{task.fields[documents]:>10,} documents"),
            TimeRemainingColumn(),
            console=console,
            disable=not (is_shown and console.is_terminal),
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def show(self, step: Step) -> None:
        """Move a collection's bar to where a step brought it."""
        task = self._tasks.get(step.collection)
        if task is None:
            task = self._progress.add_task(step.collection, total=None, documents=0)
            self._tasks[step.collection] = task
        name = (
            step.collection if step.phase is Phase.DOCUMENTS else f"{step.collection}, {step.phase}"
        )
        self._progress.update(
            task,
            description=name,
            total=max(step.size, 1),
            completed=step.offset if step.size else 1,
            documents=step.documents,
        )
