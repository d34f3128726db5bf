"""Work counted in executed instructions of Python, so that a test of cost needs no clock."""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any


def instructions_of(call: Callable[[], object]) -> int:
    """How many instructions of Python functions the call takes."""
    count = 0

    def trace(frame: FrameType, event_name: str, _argument: Any) -> Any:
        nonlocal count
        frame.f_trace_opcodes = True
        count += event_name == "opcode"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        call()
    finally:
        sys.settrace(before)
    return count
