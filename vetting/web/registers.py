"""The registers: organisations, legal bases, the regulation, the authority table, the calendar."""

import re

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from vetting.engine.policy import Action
from vetting.engine.vocabulary import Kind
from vetting.queries.calendar_page import calendar_page
from vetting.queries.registers_page import (
    authority_table,
    basis_list,
    organisation_list,
    regulation_list,
)
from vetting.web.desk import ids, reading
from vetting.web.gate import needs

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
    """Show a year of the calendar of working days; without a year that can be read, the present."""
    asked = request.args.get("year", "")
    this_year = int(ids().today()[:4])
    year = int(asked) if _YEAR.fullmatch(asked) else this_year
    return render_template("registers/calendar.html", page=calendar_page(reading(), year))


_YEAR = re.compile(r"[0-9]{4}")
