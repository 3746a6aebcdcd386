"""The registers: organisations, legal bases, the regulation, the authority table, calendars."""

import re

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from vetting.engine.policy import Action, may
from vetting.engine.vocabulary import Kind
from vetting.queries.calendar_page import calendar_page
from vetting.queries.registers_page import (
    authority_table,
    basis_list,
    organisation_list,
    regulation_list,
)
from vetting.records.calendars import PROVINCE
from vetting.web.desk import ids, reading, this_principal
from vetting.web.gate import needs
from vetting.web.names import know_officers

bp = Blueprint("registers", __name__)


@bp.get("/registers/organisations")
@needs(Action.SEE_REGISTERS)
def organisations() -> ResponseReturnValue:
    """Show the organisations, all or those of one kind."""
    kind = request.args.get("kind")
    wanted = next((one for one in Kind if one.value == kind), None)
    return render_template(
        "registers/organisations.html",
        organisations=organisation_list(reading(), wanted),
        kinds=tuple(Kind),
        wanted=wanted,
    )


@bp.get("/registers/legal-bases")
@needs(Action.SEE_REGISTERS)
def legal_bases() -> ResponseReturnValue:
    """Show the legal bases as chains of what replaces what."""
    return render_template("registers/legal_bases.html", bases=basis_list(reading()))


@bp.get("/registers/regulation")
@needs(Action.SEE_REGISTERS)
def regulation() -> ResponseReturnValue:
    """Show the coordination regulations and the bodies they name."""
    return render_template("registers/regulation.html", regulations=regulation_list(reading()))


@bp.get("/registers/authorities")
@needs(Action.SEE_REGISTERS)
def authorities() -> ResponseReturnValue:
    """Show the authority table."""
    return render_template("registers/authorities.html", table=authority_table(reading()))


@bp.get("/registers/calendar")
@needs(Action.SEE_REGISTERS)
def calendar() -> ResponseReturnValue:
    """Show a year of a calendar; without a year that can be read, the present."""
    asked = request.args.get("year", "")
    this_year = int(ids().today()[:4])
    year = int(asked) if _YEAR.fullmatch(asked) else this_year
    page = calendar_page(reading(), year, request.args.get("calendar", PROVINCE))
    know_officers(change.officer for change in (page.changes if page else ()))
    return render_template(
        "registers/calendar.html",
        page=page,
        may_change=may(this_principal(), Action.KEEP_CALENDAR),
    )


_YEAR = re.compile(r"[0-9]{4}")
