"""What the demo writes on the screen: one line a step, and a line that moves where a terminal can show it."""

import sys
from dataclasses import dataclass, field
from typing import TextIO

LABEL = 12
BAR = 30


@dataclass(slots=True)
class Show:
    out: TextIO = field(default_factory=lambda: sys.stdout)
    _moving: bool = field(default=False, init=False)

    def step(self, label: str, text: str) -> None:
        """A finished step; takes the place of the moving line."""
        self._rub_out()
        self.out.write(f"{label:<{LABEL}}{text}\n")
        self.out.flush()

    def text(self, text: str = "") -> None:
        self._rub_out()
        self.out.write(text + "\n")
        self.out.flush()

    def bar(self, label: str, done: int, total: int) -> None:
        filled = BAR * done // max(total, 1)
        self.moving(label, f"{'█' * filled}{'░' * (BAR - filled)} {done} of {total}")

    def moving(self, label: str, text: str) -> None:
        """Replaces itself; nothing at all where the output is no terminal."""
        if self.out.isatty():
            self.out.write(f"\r\x1b[2K{label:<{LABEL}}{text}")
            self.out.flush()
            self._moving = True

    def _rub_out(self) -> None:
        if self._moving:
            self.out.write("\r\x1b[2K")
            self._moving = False
