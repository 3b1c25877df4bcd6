"""Takes the thinking out of answers of local servers that leave it in the text, between tags at its beginning."""

OPENING, CLOSING = "<think>", "</think>"


class Unthinking:
    """Fed with text in pieces of any size; gives it back without a leading <think>…</think>.

    Only at the very beginning: the same words later in an answer are the model's.
    """

    __slots__ = ("_held", "_state")

    def __init__(self) -> None:
        self._held = ""
        self._state = "looking"

    def feed(self, text: str) -> str:
        """What may be shown of it now."""
        if self._state == "through":
            return text
        self._held += text
        if self._state == "looking":
            start = self._held.lstrip()
            if not start.startswith(OPENING):
                return "" if OPENING.startswith(start) else self._through(self._held)
            self._state, self._held = "thinking", start[len(OPENING) :]
        if self._state == "thinking":
            thought, closing, answer = self._held.partition(CLOSING)
            if not closing:
                self._held = thought[-len(CLOSING) :]
                return ""
            self._state, self._held = "after", answer
        answer = self._held.lstrip()
        return self._through(answer) if answer else ""

    def rest(self) -> str:
        """The text is at its end: what was held back and is no thinking."""
        return self._through(self._held) if self._state == "looking" else ""

    def _through(self, text: str) -> str:
        self._state, self._held = "through", ""
        return text
