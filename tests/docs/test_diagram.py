"""The diagram in docs/internals.md is made of the table that the code uses."""

from pathlib import Path

from dayjob.states import TRANSITIONS

ROOT = Path(__file__).parents[2]


def test_the_diagram_shows_exactly_the_transitions() -> None:
    text = (ROOT / "docs/internals.md").read_text()
    drawn = text.partition("<!-- transitions -->")[2].partition("<!-- /transitions -->")[0]
    arrows = {line.strip() for line in drawn.splitlines() if "-->" in line}
    assert arrows == {f"{before or '[*]'} --> {after}: {event}" for (before, event), after in TRANSITIONS.items()}
