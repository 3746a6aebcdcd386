"""Draw: a definition as the text of a picture, in the DOT language, in Vietnamese or English."""

from collections.abc import Mapping
from typing import Literal

from vetting.engine.definition import Definition, Move, State

INK = "#1f2933"
FILLS = {"open": "#eef4fb", "waits": "#f3f0e7", "final": "#e7f0e8", "here": "#fff1b8"}
QUIET = "#5b6770"
FAINT = "#76828c"


MANY = 4  # a move with so many ways is written into the state at their common end

LOOKS = (
    '  graph [rankdir=TB, bgcolor="transparent", nodesep=0.45, ranksep=0.4];',
    '  node [shape=box, style="rounded,filled", fontname="sans-serif", fontsize=14];',
    f'  node [color="{INK}", fontcolor="{INK}", margin="0.18,0.1"];',
    f'  edge [fontname="sans-serif", fontsize=12, color="{QUIET}", fontcolor="{INK}"];',
    "  edge [arrowsize=0.8];",
)


def dot(definition: Definition, language: str, here: str | None = None) -> str:
    """Return the DOT text of a definition; *here* is the state a case stands in, if any."""
    lines = [
        f"digraph {_quoted(str(definition.case_type))} {{",
        *LOOKS,
        *(f"  {_node(definition, state, language, here)}" for state in definition.states),
        *(f"  {line}" for line in _edges(definition, language)),
        "}",
    ]
    return "\n".join(lines) + "\n"


def _node(definition: Definition, state: State, language: str, here: str | None) -> str:
    waits = any(move.automatic for move in definition.moves_from(state.name))
    kind = "here" if state.name == here else "final" if state.final else "open"
    width = 3 if state.name == here else 2 if state.final else 1
    label = [state.title.said(language)]
    label += [f"← {move.title.said(language)}" for move in _many(definition, state.name, "target")]
    label += [f"→ {move.title.said(language)}" for move in _many(definition, state.name, "source")]
    return (
        f"{_quoted(state.name)} [label={_quoted(chr(10).join(label))}, "
        f'fillcolor="{FILLS["waits" if waits and kind == "open" else kind]}", penwidth={width}];'
    )


def _many(definition: Definition, state: str, end: Literal["source", "target"]) -> list[Move]:
    """Return the moves with many ways that have *state* as their common end."""
    return [
        move
        for move in definition.moves
        if getattr(move, end) == (state,) and len(move.source) * len(move.target) >= MANY
    ]


def _edges(definition: Definition, language: str) -> list[str]:
    """Return one arrow for each way; moves that share a way share its arrow."""
    ways: dict[tuple[str, str], list[Move]] = {}
    for move in definition.moves:
        for source in move.source:
            for target in move.target:
                ways.setdefault((source, target), []).append(move)
    return [_edge(way, moves, ways, language) for way, moves in ways.items() if _drawn(way, ways)]


def _edge(
    way: tuple[str, str],
    moves: list[Move],
    ways: Mapping[tuple[str, str], list[Move]],
    language: str,
) -> str:
    titles = [f"  {move.title.said(language)}" for move in moves if not _is_many(move)]
    looks = [f"label={_quoted(chr(10).join(titles))}"] if titles else [f'color="{FAINT}"']
    if any(move.automatic for move in moves):
        looks.append("style=dashed")
    if not titles and way[::-1] in ways:
        looks.append("dir=both")
    return f"{_quoted(way[0])} -> {_quoted(way[1])} [{', '.join(looks)}];"


def _drawn(way: tuple[str, str], ways: Mapping[tuple[str, str], list[Move]]) -> bool:
    """Tell whether a way has an arrow of its own: there and back among many is one arrow."""
    back = ways.get(way[::-1])
    both_many = back is not None and all(map(_is_many, [*ways[way], *back]))
    return not both_many or list(ways).index(way) < list(ways).index(way[::-1])


def _is_many(move: Move) -> bool:
    return len(move.source) * len(move.target) >= MANY


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
