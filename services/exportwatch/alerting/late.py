"""The newest order of documents that have no alert, for as long as an older version of them may still come
late.

Bounded twice: by the time between records (the log's own times, never the clock) and by the number of
documents. What falls out costs an alert too many when an older version comes after all, never one too few.
"""

from exportwatch.alerting.order import Order


class LateWindow:
    """One input partition's memory. Two generations, of which the older is dropped as a whole."""

    def __init__(self, window_seconds: int, max_documents: int) -> None:
        self._generation_ms = window_seconds * 1000
        self._generation_size = max(1, max_documents // 2)
        self._young: dict[str, Order] = {}
        self._old: dict[str, Order] = {}
        self._started_ms = 0

    def __len__(self) -> int:
        return len(self._young.keys() | self._old.keys())

    def note(self, document_key: str, order: Order, timestamp_ms: int) -> None:
        """Remember an order; an older one than that known changes nothing."""
        if not self._generation_ms:
            return
        self._turn_over(timestamp_ms)
        known = self.newest(document_key)
        if known is None or known <= order:
            self._young[document_key] = order

    def newest(self, document_key: str) -> Order | None:
        """The newest order known of a document, or None."""
        return self._young.get(document_key) or self._old.get(document_key)

    def _turn_over(self, timestamp_ms: int) -> None:
        """Everything noted within a window's length is kept, and at most twice as long."""
        is_past = timestamp_ms - self._started_ms >= self._generation_ms
        if is_past or len(self._young) >= self._generation_size:
            self._old, self._young = self._young, {}
            self._started_ms = timestamp_ms
