"""Health: is the program alive, and could it do an act now."""

from flask import Blueprint
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from vetting.engine.policy import Action
from vetting.records.migrate import revisions
from vetting.records.tampering import tampering
from vetting.web.desk import reading, shared
from vetting.web.gate import needs

bp = Blueprint("health", __name__, url_prefix="/health")


@bp.get("/live")
@needs(Action.OPEN)
def live() -> ResponseReturnValue:
    """Answer at all."""
    return {"live": True}


@bp.get("/ready")
@needs(Action.OPEN)
def ready() -> ResponseReturnValue:
    """Tell whether the database has our tables, is vouched for, and would take an act."""
    shared().database.let_go_of_replaced()
    try:
        stands_at, known = revisions(reading())
        fault = tampering(reading(), shared().settings.folder)
        with shared().database.writing(reading()):
            writes = True
    except SQLAlchemyError:
        return {"ready": False}, 503
    well = writes and stands_at == known and fault is None
    return {"ready": well}, 200 if well else 503
