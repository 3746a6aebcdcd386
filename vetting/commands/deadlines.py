"""`vetting deadlines`: why a date is the date, and what is late or due soon."""

import json
from datetime import date, datetime
from typing import Any

import click
from sqlalchemy import or_, select

from vetting.commands.loading import news_of
from vetting.commands.officers import COMMAND
from vetting.commands.opening import Unusable, database, definitions, refused, whole_database
from vetting.commands.speak import speak, spoken
from vetting.engine.calendar import Calendar, Step, written
from vetting.engine.deadlines import Derived, counting_rules
from vetting.engine.definition import Definition, Title
from vetting.engine.policy import Principal
from vetting.engine.refusals import Refusal
from vetting.engine.sentences import Sentence, say
from vetting.engine.vocabulary import Role
from vetting.queries.answer_days import AnswerDays, answer_days
from vetting.queries.deadline_sweep import Due
from vetting.queries.deadline_sweep import sweep as find_due
from vetting.queries.due_dates import due_dates_of_case
from vetting.records.cases import case_of, cases
from vetting.records.consultations import OF_CASE
from vetting.records.database import Database
from vetting.records.identity import Ids
from vetting.records.officers import officers, role_assignments
from vetting.usecases.load_calendar import InTheNameOf, load_calendar, what_loading_moves
from vetting.usecases.sign_in import written_login

SOON = 5
MOST_DAYS = 3650


@click.group()
def deadlines() -> None:
    """Explain dates day by day, and tell what is late or due soon."""


@deadlines.command()
@click.argument("case")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def explain(case: str, *, as_json: bool) -> None:
    """Print how each deadline of CASE, a reference or a handle, came to its date."""
    known, opened = definitions(), database()
    today = Ids().today()
    with opened.reading() as connection:
        row = (
            connection.execute(
                select(cases).where((cases.c.reference == case) | (cases.c.handle == case))
            )
            .mappings()
            .first()
        )
        if row is None:
            raise Unusable(say("There is no such case."))
        file = case_of(row)
        derived, calendar = due_dates_of_case(connection, known, file, today=today)
        answers = [
            (asked["body"], answer_days(connection, file.handle, asked))
            for asked in OF_CASE(connection, {"case_handle": file.handle}).mappings()
            if asked["turn"] == file.turn and asked["due_on"] is not None
        ]
    opened.close()
    definition = known.of(file.case_type.value, file.definition_version)
    if as_json:
        told = {
            "case": file.reference,
            "handle": file.handle,
            "today": today,
            "workflow": {"case_type": definition.case_type, "version": definition.version},
            "calendar": _calendar_told(calendar),
            "deadlines": [_told(one) for one in derived],
            "answers": [_answer_told(body, one) for body, one in answers],
        }
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return
    click.echo(
        speak(
            "%(case)s: %(workflow)s, version %(version)s",
            case=file.reference or file.handle,
            workflow=definition.title,
            version=definition.version,
        )
    )
    if not derived:
        click.echo(speak("No rule gives this case a deadline."))
    for one in derived:
        _say(one, definition, calendar)
    for body, days in answers:
        _say_answer(body, days)


@deadlines.command()
@click.option(
    "--within",
    type=click.IntRange(0, MOST_DAYS),
    default=SOON,
    show_default=True,
    help="How many days ahead to look.",
)
@click.option(
    "--today",
    "on",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day to ask for, if it is not the present one.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def sweep(*, within: int, on: datetime | None, as_json: bool) -> None:
    """Print what is late or due soon in open cases. It changes and sends nothing."""
    known, opened = definitions(), database()
    today = on.date().isoformat() if on else Ids().today()
    with opened.reading() as connection:
        found = find_due(connection, known, today=today, within=within)
    opened.close()
    if as_json:
        told = {
            "today": today,
            "within": within,
            "late": [_line_told(one) for one in found.due if one.late],
            "due": [_line_told(one) for one in found.due if not one.late],
            "without_date": [_line_told(one) for one in found.dateless],
        }
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return
    for one in found.due:
        click.echo(_line(one))
    for one in found.dateless:
        click.echo(
            speak(
                "no date  %(case)s  %(deadline)s: %(why)s",
                case=one.reference or one.handle,
                deadline=one.title,
                why=one.why_no_date,
            )
        )
    click.echo(
        speak(
            "%(late)s late, %(due)s due within %(within)s days, %(dateless)s without a date.",
            late=sum(1 for one in found.due if one.late),
            due=sum(1 for one in found.due if not one.late),
            within=within,
            dateless=len(found.dateless),
        )
    )


@deadlines.command("take-over")
@click.option("--by", help="The log-in of the head of the Board in whose name it is done.")
@click.option("--reason", default="", help="Why; it stands in every case of which a date moves.")
def take_over(*, by: str | None, reason: str) -> None:
    """Print the running deadlines that the days of this version would move; with --by, move them.

    Every case of which a date moves gets an entry.
    """
    known, opened = definitions(), whole_database()
    try:
        for one in what_loading_moves(opened, known):
            click.echo(
                speak(
                    "%(case)s  %(deadline)s: %(before)s → %(after)s",
                    case=one.case.reference or one.case.handle,
                    deadline=one.title,
                    before=written(date.fromisoformat(one.before)) if one.before else "–",
                    after=written(date.fromisoformat(one.after)) if one.after else "–",
                )
            )
        if by is None:
            click.echo(speak("Nothing was changed. With --by and --reason it is."))
            return
        named = InTheNameOf(_head(opened, by), reason)
        for loaded in load_calendar(opened, definitions=known, by=named):
            click.echo(news_of(loaded))
    except Refusal as refusal:
        raise refused(refusal) from refusal
    finally:
        opened.close()


def _head(opened: Database, login: str) -> Principal:
    """Return the head of the Board of this log-in, who may change calendars today."""
    o, r, today = officers.c, role_assignments.c, Ids().today()
    with opened.reading() as connection:
        row = connection.execute(
            select(o.handle, o.name, r.organisation)
            .join(role_assignments, r.officer == o.handle)
            .where(
                o.login == written_login(login),
                o.disabled_at.is_(None),
                r.role == Role.BOARD_HEAD.value,
                r.valid_from <= today,
                or_(r.valid_to.is_(None), r.valid_to >= today),
            )
        ).first()
    if row is None:
        raise Unusable(speak("There is no head of the Board of this log-in."))
    return Principal(row.handle, row.name, Role.BOARD_HEAD, row.organisation, COMMAND, COMMAND)


def _say(one: Derived, definition: Definition, calendar: Calendar | None) -> None:
    click.echo(f"\n{spoken(one.title)}: {_stands(one)}")
    begins = written(one.begins_on) if one.begins_on else speak("has not begun")
    lines = [
        (speak("Counted from"), f"{spoken(one.starts)}: {begins}"),
        (speak("Rule"), spoken(one.rule)),
        *([(speak("Kind of date"), spoken(one.kind))] if one.kind else []),
        (speak("Legal basis"), one.deadline.basis.replace(";", ", ")),
        (speak("Workflow"), f"{spoken(definition.title)} v{definition.version}"),
    ]
    if one.deadline.extension:
        most = speak("one extension of at most %(length)s", length=one.deadline.extension)
        latest = written(one.latest_on) if one.latest_on else "–"
        lines.append((speak("Extension"), f"{most} → {latest}"))
    if calendar and one.deadline.unit == "working_days":
        lines.append((speak("Calendar"), f"{spoken(calendar.name)} ({calendar.source})"))
    for name, said in lines:
        click.echo(f"  {name}: {said}")
    if one.due_on is None:
        return
    for rule in counting_rules(one):
        click.echo(f"  – {spoken(rule)}")
    for first, last in one.pauses:
        line = speak(
            "the clock stood still from %(first)s to %(last)s",
            first=written(first),
            last=written(last) if last else "…",
        )
        click.echo(f"  – {line}")
    counted = one.counted.active if one.counted else 0
    click.echo(
        "  " + speak("counted: %(counted)s; paused: %(paused)s", counted=counted, paused=one.paused)
    )
    for step in one.steps:
        click.echo(f"  {_step(step)}")


def _say_answer(body: str, days: AnswerDays) -> None:
    """Say by when a body’s answer is due, and how that day came about."""
    due_on = _written(days.due_on)
    click.echo("\n" + speak("Answer of %(body)s", body=body) + f": {due_on}")
    first = speak("Day that was set first: %(day)s.", day=_written(days.first_due_on))
    click.echo(f"  {first}")
    for step in days.steps:
        told = f"{spoken(step.what)}: {_written(step.due_on)} → {_written(step.until)}"
        more = f" (+{step.working_days})" if step.working_days else ""
        basis = f" [{step.basis.replace(';', ', ')}]" if step.basis else ""
        click.echo(f"  – {step.at[:10]} {told}{more}. {step.reason}{basis}")
    for counted in days.counts:
        for one in counted.steps:
            click.echo(f"  {_step(one)}")


def _answer_told(body: str, days: AnswerDays) -> dict[str, Any]:
    return {
        "body": body,
        "due_on": days.due_on,
        "first_due_on": days.first_due_on,
        "given": days.times,
        "asked_for": days.waits.until if days.waits else None,
        "steps": [
            {
                "verb": step.verb,
                "at": step.at,
                "officer": step.officer,
                "before": step.due_on,
                "until": step.until,
                "working_days": step.working_days,
                "reason": step.reason,
                "basis": step.basis,
            }
            for step in days.steps
        ],
        "days": [
            {
                "day": step.day.isoformat(),
                "number": step.number,
                "because": step.because.value,
                "name": _both(step.name),
            }
            for counted in days.counts
            for step in counted.steps
        ],
    }


def _written(day: str | None) -> str:
    return written(date.fromisoformat(day)) if day else "–"


def _stands(one: Derived) -> str:
    standing = spoken(one.standing)
    if one.met_on:
        standing = f"{standing} ({written(one.met_on)})"
    if one.due_on:
        return f"{written(one.due_on)}, {standing}"
    return f"{standing}. {spoken(one.why_no_date)}" if one.why_no_date else standing


def _step(step: Step) -> str:
    number = str(step.number) if step.number else "–"
    name = f": {spoken(step.name)}" if step.name else ""
    return f"{written(step.day)}  {number:>4}  {spoken(step.because)}{name}"


def _line(one: Due) -> str:
    late = speak("late") if one.late else speak("due")
    day = written(date.fromisoformat(one.due_on)) if one.due_on else ""
    return f"{late:<8} {day}  {one.reference or one.handle}  {spoken(one.title)}"


def _told(one: Derived) -> dict[str, Any]:
    return {
        "name": one.name,
        "title": _both(one.title),
        "standing": one.standing.value,
        "kind": one.kind.value if one.kind else None,
        "owed_by": one.owed_by,
        "frozen": one.frozen,
        "begins_on": _day(one.begins_on),
        "counted_from": _english(one.starts),
        "due_on": _day(one.due_on),
        "first_due_on": _day(one.first_due_on),
        "latest_on": _day(one.latest_on),
        "met_on": _day(one.met_on),
        "why_no_date": _english(one.why_no_date),
        "rule": {
            "unit": one.deadline.unit,
            "length": one.deadline.length,
            "counted": "before" if one.before else "after",
            "extension": one.deadline.extension,
            "granted": one.extension,
            "text": _english(one.rule),
            "basis": one.deadline.basis,
        },
        "counting": [_english(rule) for rule in counting_rules(one)],
        "pauses": [{"first": _day(first), "last": _day(last)} for first, last in one.pauses],
        "stops": [
            {
                "state": stop.state,
                "first": _day(stop.first),
                "last": _day(stop.last),
                "officer": stop.officer,
            }
            for stop in one.stops
        ],
        "counted": one.counted.active if one.counted else None,
        "paused": one.paused,
        "days": [
            {
                "day": step.day.isoformat(),
                "number": step.number,
                "because": step.because.value,
                "name": _both(step.name),
            }
            for step in one.steps
        ],
    }


def _calendar_told(calendar: Calendar | None) -> dict[str, Any] | None:
    if calendar is None:
        return None
    return {
        "code": calendar.code,
        "first": calendar.first.isoformat(),
        "last": calendar.last.isoformat(),
        "announced_to": _day(calendar.announced_to),
        "source": calendar.source,
    }


def _line_told(one: Due) -> dict[str, Any]:
    return {
        "case": one.reference,
        "handle": one.handle,
        "case_type": one.case_type.value,
        "unit": one.unit,
        "deadline": one.name,
        "body": one.body,
        "title": _both(one.title),
        "due_on": one.due_on,
        "why_no_date": _english(one.why_no_date),
    }


def _both(title: Title | Sentence | None) -> dict[str, str] | str | None:
    if isinstance(title, Sentence):
        return str(title)
    return {"vi": title.vi, "en": title.en} if title else None


def _english(sentence: Sentence | None) -> str | None:
    return str(sentence) if sentence else None


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
