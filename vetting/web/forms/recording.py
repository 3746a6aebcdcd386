"""Forms for dated facts and papers: their fields are what the workflow asks for."""

from collections.abc import Iterable

from flask_babel import gettext

from vetting.engine.definition import FactField
from vetting.web.filters import said
from vetting.web.forms.base import AreaField, DayField, LineField, PageForm

# What is one line on paper is one line here.
_ONE_LINE = frozenset({"number", "custodian", "document", "symbol"})


class RecordForm(PageForm):
    """A form whose fields come from a workflow."""

    names: tuple[str, ...] = ()

    def details(self) -> dict[str, str]:
        """Return what was written down, by the names that the workflow uses."""
        return {name: str(self[_id(name)].data or "") for name in self.names}


def form_for(fields: Iterable[FactField]) -> type[RecordForm]:
    """Make the form that asks for *fields*, in the reader's language."""
    fields = tuple(fields)
    made = {_id(field.name): _field(field) for field in fields}
    return type("RecordForm", (RecordForm,), {**made, "names": tuple(f.name for f in fields)})


def _field(field: FactField) -> object:
    label = said(field.title)
    empty = gettext("This must be filled in.") if field.required else None
    match field.kind:
        case "date":
            return DayField(label, required=empty)
        case "count":
            return LineField(label, required=empty, most=7, render_kw={"inputmode": "numeric"})
        case "text":
            kind = LineField if field.name in _ONE_LINE else AreaField
            return kind(label, required=empty)


def _id(name: str) -> str:
    """Keep a workflow's name apart from what every form carries."""
    return f"field_{name}"
