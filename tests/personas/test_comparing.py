"""Two versions side by side."""

from hypothesis import given
from hypothesis import strategies as st

from csuite.personas.comparing import Line, side_by_side


def test_a_changed_word_is_marked_on_both_sides() -> None:
    same, changed = side_by_side("You are the CFO.\nBe brief.", "You are the CFO.\nBe exact.")
    assert (same.kind, changed.kind) == ("same", "changed")
    assert changed.left == ((False, "Be "), (True, "brief"), (False, "."))
    assert changed.right == ((False, "Be "), (True, "exact"), (False, "."))


def test_lines_that_only_one_side_has_stand_alone() -> None:
    assert side_by_side("a", "a\nb")[1] == Line("added", None, None, 2, ((True, "b"),))
    assert side_by_side("a\nb", "b")[0] == Line("removed", 1, ((True, "a"),), None, None)
    assert side_by_side("", "") == []


@given(st.lists(st.sampled_from(["one", "two words", "three, with more", ""])), st.lists(st.text("ab ,\t")))
def test_each_side_reads_as_its_text(left: list[str], right: list[str]) -> None:
    rows = side_by_side("\n".join(left), "\n".join(right))
    for side, text in (("left", left), ("right", right)):
        lines = ["".join(word for _, word in pieces) for row in rows if (pieces := getattr(row, side)) is not None]
        assert lines == "\n".join(text).splitlines()
        numbers = [number for row in rows if (number := getattr(row, f"{side}_number")) is not None]
        assert numbers == list(range(1, len(lines) + 1))
