"""A workflow's picture: well-formed, in both languages, saying in words what it shows."""

from xml.etree import ElementTree as ET

import pytest

from tests.workflows.shipped import definition, shipped
from vetting.engine.draw import FILLS, dot
from vetting.queries.workflow_picture import picture

SVG = "{http://www.w3.org/2000/svg}"
EVERY = [(it, language) for it in shipped() for language in ("vi", "en")]


@pytest.mark.parametrize(
    ("it", "language"), EVERY, ids=[f"{it.case_type}-{language}" for it, language in EVERY]
)
def test_a_picture_shows_every_state_and_move_in_its_language(it, language):
    drawn = ET.fromstring(picture(it, language))  # noqa: S314  # we drew it
    shown = [text.text.strip().lstrip("←→ ") for text in drawn.iter(f"{SVG}text")]
    titles = [part.title.said(language) for part in (*it.states, *it.moves)]
    assert sorted(set(titles) - set(shown)) == []
    assert drawn.find(f"{SVG}title").text == it.title.said(language)
    said = drawn.find(f"{SVG}desc").text
    assert [title for title in titles if title not in said] == []
    assert drawn.get("aria-labelledby") == " ".join(
        drawn.find(f"{SVG}{part}").get("id") for part in ("title", "desc")
    )


def test_a_picture_asks_for_nothing_from_outside_and_runs_nothing():
    drawn = ET.fromstring(picture(definition("planning"), "vi"))  # noqa: S314
    tags = {element.tag.removeprefix(SVG) for element in drawn.iter()}
    assert tags <= {"svg", "g", "title", "desc", "path", "polygon", "text", "ellipse"}
    values = [value for element in drawn.iter() for value in element.attrib.values()]
    assert [value for value in values if "http" in value or "url(" in value] == []


def test_where_a_case_stands_is_set_off_and_said():
    planning = definition("planning")
    assert FILLS["here"] in picture(planning, "vi", "consulting")
    assert FILLS["here"] not in picture(planning, "vi")
    assert "Hồ sơ đang ở: Đang lấy ý kiến." in picture(planning, "vi", "consulting")


def test_a_title_cannot_break_out_of_the_picture():
    planning = definition("planning")
    state = planning.states[0]
    odd = state.model_copy(
        update={"title": state.title.model_copy(update={"en": 'a"]; b [label="<&>\\'})}
    )
    changed = planning.model_copy(update={"states": (odd, *planning.states[1:]), "version": 99})
    drawn = ET.fromstring(picture(changed, "en"))  # noqa: S314
    assert 'a"]; b [label="<&>\\' in [text.text for text in drawn.iter(f"{SVG}text")]
    assert dot(changed, "en").count("\n") == dot(planning, "en").count("\n")
