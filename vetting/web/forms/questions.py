"""Forms about questions to a unit, each answered apart."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import gettext, lazy_gettext
from flask_babel import lazy_gettext as _
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.validators import Optional

from vetting.engine.definition import Definition
from vetting.engine.questions import LONGEST, Question, Reply
from vetting.engine.record import REFERENCE
from vetting.queries.unit_questions import QuestionLine
from vetting.web.filters import said
from vetting.web.forms.acts import ActForm
from vetting.web.forms.base import AreaField, DayField, HiddenLineField, LineField, PageForm

ROWS = 5  # questions on one form; a further set takes more


class PutForm(ActForm):
    """Questions to the unit, and why they are asked."""

    reason = AreaField(_("Why the unit is asked"), required=_("Give a reason."))
    answer_by = DayField(_("Asked to answer by"))
    clarifies = HiddenLineField("", most=22)

    def rows(self) -> list[tuple[Any, Any]]:
        """Return each question with the paper it may be about."""
        return [(self[f"question_{n}"], self[f"about_{n}"]) for n in range(1, ROWS + 1)]

    def questions(self) -> list[Question]:
        """Return what is asked."""
        return [
            Question(str(text.data), str(about.data or ""))
            for text, about in self.rows()
            if text.data
        ]


def put_form(definition: Definition) -> type[PutForm]:
    """Return the form for a workflow, whose papers a question may be about."""
    papers = [
        SelectChoice("", gettext("no paper")),
        *(SelectChoice(one.name, said(one.title)) for one in definition.papers),
    ]
    fields: dict[str, Any] = {}
    for n in range(1, ROWS + 1):
        needed = _("Write at least one question.") if n == 1 else None
        fields[f"question_{n}"] = AreaField(
            lazy_gettext("Question %(number)s", number=n), required=needed, most=LONGEST
        )
        fields[f"about_{n}"] = SelectField(
            lazy_gettext("Question %(number)s is about the paper", number=n),
            choices=papers,
            validators=[Optional(strip_whitespace=False)],
        )
    if definition.questions is not None:
        fields["answer_by"] = None  # the workflow says by when, and nobody names another day
    return type("PutTheseQuestions", (PutForm,), fields)


class ReplyForm(PageForm):
    """Answers of the unit. What is left empty is not answered."""

    places: tuple[int, ...] = ()

    def replies(self) -> Mapping[int, Reply]:
        """Return what was answered, by the place of the question."""
        return {
            place: Reply(
                str(self[f"said_{place}"].data or ""),
                {
                    one.name: str(self[name].data or "")
                    for one in REFERENCE
                    if (name := f"paper_{place}_{one.name}") in self
                },
            )
            for place in self.places
            if self[f"said_{place}"].data
        }

    def paper_fields(self, place: int) -> list[Any]:
        """Return the fields of the paper that a question is about."""
        return [field for field in self if field.name.startswith(f"paper_{place}_")]


def reply_form(questions: Iterable[QuestionLine]) -> type[ReplyForm]:
    """Return the form for these questions."""
    fields: dict[str, Any] = {}
    places = []
    for one in questions:
        places.append(one.place)
        fields[f"said_{one.place}"] = AreaField(
            lazy_gettext("Answer to question %(number)s", number=one.place), most=LONGEST
        )
        for field in REFERENCE if one.about else ():
            kind = DayField if field.kind == "date" else LineField
            fields[f"paper_{one.place}_{field.name}"] = kind(said(field.title))
    return type("ReplyToThese", (ReplyForm,), {**fields, "places": tuple(places)})


class ClarifyForm(PageForm):
    """What a body wants the Board to ask, and why."""

    question_1 = AreaField(
        _("Question 1"), required=_("Write at least one question."), most=LONGEST
    )
    question_2 = AreaField(_("Question 2"), most=LONGEST)
    question_3 = AreaField(_("Question 3"), most=LONGEST)
    reason = AreaField(_("Reason"), required=_("Give a reason."))

    def questions(self) -> list[str]:
        """Return what is to be asked."""
        fields = (self.question_1, self.question_2, self.question_3)
        return [str(field.data) for field in fields if field.data]
