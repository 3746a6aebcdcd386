"""File a case: a case officer begins it, changes it while it is a draft, and files it."""

from dataclasses import dataclass, replace
from datetime import date

from vetting.engine.casefile import CaseFile
from vetting.engine.facts import CaseDrafted, CaseFiled, CaseRefiled
from vetting.engine.membership import link_held_back
from vetting.engine.policy import Action
from vetting.engine.references import reference
from vetting.engine.refusals import HeldBack, Unacceptable
from vetting.engine.sentences import say
from vetting.engine.vocabulary import CaseType
from vetting.records import counters, organisations
from vetting.records.book import Book
from vetting.usecases.desk import Answer, Desk, Sent
from vetting.usecases.moves import step

LONGEST = 300  # characters of a name or a title


@dataclass(frozen=True)
class Request:
    """What a unit asks for: the vetting of one candidate for one act."""

    case_type: CaseType
    name: str
    born: str  # YYYY-MM-DD, or YYYY where no more is known
    target: str
    position: str | None = None
    management_level: str | None = None
    admission: str | None = None  # handle of the admission case
    round: str | None = None


def draft_case(desk: Desk, sent: Sent, request: Request) -> Answer:
    """Keep a new case as a draft; nobody outside the unit sees it."""

    def do(book: Book) -> Answer:
        return {"case": _begin(book, request).handle}

    return desk.act(Action.FILE_CASE, sent, _content(request), do)


def change_draft(desk: Desk, sent: Sent, case: str, request: Request) -> Answer:
    """Change a case that is still a draft."""

    def do(book: Book) -> Answer:
        before = book.case(case, sent.seen)
        if before.state != "draft":
            raise Unacceptable(say("This case has been filed; it can no longer be edited."))
        drafted = _drafted(book, request)
        if request.case_type is before.case_type:  # the version it began under is its own
            drafted = replace(drafted, definition_version=before.definition_version)
        book.state(case, drafted)
        return {"case": case}

    return desk.act(Action.FILE_CASE, sent, {"case": case, **_content(request)}, do)


def file_case(desk: Desk, sent: Sent, request: Request) -> Answer:
    """Begin a case and file it at once."""

    def do(book: Book) -> Answer:
        return {"case": filed(book, _begin(book, request)).handle}

    return desk.act(Action.FILE_CASE, sent, _content(request), do)


def file_draft(desk: Desk, sent: Sent, case: str) -> Answer:
    """File a case that was kept as a draft."""

    def do(book: Book) -> Answer:
        filed(book, book.case(case, sent.seen))
        return {"case": case}

    return desk.act(Action.FILE_CASE, sent, {"case": case}, do)


def refile_case(desk: Desk, sent: Sent, case: str, request: Request, answer: str) -> Answer:
    """Complete a case that was returned, and file it again."""

    def do(book: Book) -> Answer:
        before = book.case(case, sent.seen)
        _refuse_unlikely(request, book.today)
        completed = replace(before, name=request.name, born=request.born, target=request.target)
        made = step(book, completed, "refile")
        fact = CaseRefiled(
            made.source,
            made.target,
            request.name,
            request.born,
            request.target,
            answer,
            request.position,
        )
        book.state(case, fact, move="refile")
        return {"case": case}

    content = {"case": case, "answer": answer, **_content(request)}
    return desk.act(Action.REFILE_CASE, sent, content, do)


def filed(
    book: Book, case: CaseFile, *, number: int | None = None, submission: str | None = None
) -> CaseFile:
    """File a case that was begun; its reference is the next of its unit and year."""
    made = step(book, case, "file")
    year = int(book.today[:4])
    if number is None:
        number = counters.take(book.connection, counter_name(case, year))[0]
    fact = CaseFiled(
        made.source,
        made.target,
        reference(
            case.case_type, organisations.short_name(book.connection, case.unit), year, number
        ),
        submission,
    )
    return book.state(case.handle, fact, move=None if submission else "file")


def counter_name(case: CaseFile, year: int) -> str:
    """Return the name of the counter that numbers the cases of a unit in a year."""
    return f"case/{case.unit}/{year}"


def _begin(book: Book, request: Request) -> CaseFile:
    return book.begin(_drafted(book, request))


def _refuse_unlikely(request: Request, today: str) -> None:
    """Refuse what can be no request, whichever way it came in."""
    texts = (request.name, request.target, request.position or "")
    if any(len(text) > LONGEST for text in texts):
        raise Unacceptable(say("A name or a title has at most %(most)s characters.", most=LONGEST))
    if not request.born:
        return
    try:
        first = request.born if len(request.born) > len("YYYY") else f"{request.born}-01-01"
        born = date.fromisoformat(first).isoformat()
    except ValueError:
        raise Unacceptable(say("Write the date of birth, or the year alone.")) from None
    if born > today:
        raise Unacceptable(say("The date of birth lies in the future."))


def _drafted(book: Book, request: Request) -> CaseDrafted:
    _refuse_unlikely(request, book.today)
    definition = book.definitions.current(request.case_type, date.fromisoformat(book.today))
    if request.admission is not None:
        candidate = CaseFile("", request.case_type, definition.version, "draft", "")
        candidate = replace(candidate, name=request.name, born=request.born)
        held = link_held_back(definition, candidate, book.case(request.admission))
        if held is not None:
            raise HeldBack(held)
    return CaseDrafted(
        case_type=request.case_type.value,
        definition_version=definition.version,
        unit=book.principal.organisation,
        name=request.name,
        born=request.born,
        target=request.target,
        position=request.position,
        management_level=request.management_level,
        admission=request.admission,
        round=request.round,
    )


def _content(request: Request) -> dict[str, str | None]:
    return {
        "case_type": request.case_type.value,
        "name": request.name,
        "born": request.born,
        "target": request.target,
        "position": request.position,
        "management_level": request.management_level,
        "admission": request.admission,
        "round": request.round,
    }
