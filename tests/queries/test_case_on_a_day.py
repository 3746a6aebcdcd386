"""A case on an earlier day is shown as its page showed it that day, and differences are named."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.builders import Cast, definitions, officer_of, request, sent
from tests.records.conftest import province
from vetting.engine.refusals import Forbidden, Unacceptable, Unknown
from vetting.engine.vocabulary import Role
from vetting.queries.case_on_a_day import case_on_a_day, entry_changes
from vetting.queries.case_page import case_page
from vetting.records.identity import Ids
from vetting.usecases.check_completeness import accept_cases, return_case, take_up_cases
from vetting.usecases.conclude import Conclusion, conclude_cases
from vetting.usecases.file_case import refile_case
from vetting.usecases.interrupt_case import resume_case, suspend_case
from vetting.usecases.issue_consultations import Asking, issue_consultations
from vetting.usecases.propose import propose, submit_proposals
from vetting.usecases.record_fact import record_fact
from vetting.usecases.restrict_case import restrict_case

FIRST = datetime(2026, 3, 2, 16, 59, 59, tzinfo=UTC)  # the last second of a legal day
ALIKE = (
    "name",
    "born",
    "target",
    "position",
    "reference",
    "state_title",
    "since",
    "who",
    "missing",
    "papers",
    "records",
    "opinions",
    "proposals",
    "conclusion",
    "due_dates",
    "regulation",
    "authority",
    "bases",
    "unit",
    "round",
    "version",
)


class Days:
    """A clock that stands still until a day is over."""

    def __init__(self):
        self.now = FIRST

    def __call__(self):
        return self.now


@pytest.fixture
def cast(engine_url):
    for database in province(engine_url):
        cast = Cast(database, Ids(Days()))
        cast.day = cast.ids.clock
        yield cast


def overseer(cast):
    return cast.desk("uy-ban-kiem-tra", Role.SUPERVISOR).principal


def on_a_day(cast, case, on, since=None, principal=None):
    with cast.database.reading() as connection:
        return case_on_a_day(
            connection,
            principal or overseer(cast),
            definitions(),
            case,
            cast.ids,
            on=on,
            since=since,
        )


def page(cast, case):
    with cast.database.reading() as connection:
        return case_page(connection, overseer(cast), definitions(), case, today=cast.ids.today())


def steps(cast, case):
    """What happens to a case, a step a day."""
    board, head = cast.board, cast.head
    yield lambda: take_up_cases(board, sent(), [case])
    yield lambda: return_case(board, sent(), case, "Thiếu giấy tờ.", ["Bản kê khai"])
    again = request(name="Nguyễn Thị Ân Mới", target="Giám đốc Sở Y tế")
    yield lambda: refile_case(cast.unit, sent(), case, again, "Đã bổ sung.")
    yield lambda: take_up_cases(board, sent(), [case])
    yield lambda: accept_cases(
        board, sent(), [case], authority="thuong-truc", authority_reason="Phân cấp"
    )
    yield lambda: suspend_case(board, sent(), case, "Chờ xác minh.")
    yield lambda: resume_case(board, sent(), case, "Đã rõ.")
    yield lambda: issue_consultations(board, sent(), [case], Asking(due_on="2026-03-12"))
    for body in cast.bodies:
        yield lambda body=body: cast.sign(case, body)
    heard = {"held_on": "2026-03-03", "said": "Nhân sự đã trình bày."}
    yield lambda: record_fact(board, sent(), [case], "hearing", heard)
    yield lambda: propose(board, sent(), [case], "meets", "Đủ điều kiện.")
    yield lambda: submit_proposals(head, sent(), [case])
    yield lambda: conclude_cases(
        cast.secretary, sent(), [case], Conclusion("meets", "Đủ tiêu chuẩn.", "2026-03-05")
    )


@pytest.fixture
def lived(cast):
    """A case with a step a day, and its page as it was at the end of each day."""
    case = cast.filed()
    seen = {cast.ids.today(): page(cast, case)}
    for step in steps(cast, case):
        cast.day.now += timedelta(days=1)
        answer = step() or {}
        assert not answer.get("refused"), answer
        seen[cast.ids.today()] = page(cast, case)
    return case, seen


def test_each_day_is_shown_as_its_page_showed_it_that_day(cast, lived):
    case, seen = lived
    for on, then in seen.items():
        found = on_a_day(cast, case, on)
        assert found.untold is None
        for name in ALIKE:
            assert getattr(found.then, name) == getattr(then, name), (on, name)
        late = [lane.late for lane in then.lanes if lane.state != "signed"]
        asked = [one.late for one in found.then.asked if one.signed_at is None]
        assert asked == late, on
    assert found.unlike_now == 0
    assert on_a_day(cast, case, min(seen)).unlike_now > 15


def test_a_day_ends_where_the_officers_are(cast):
    """An entry of the last second of a legal day belongs to it, one a second later does not."""
    case = cast.filed()
    assert cast.ids.today() == "2026-03-02"
    cast.day.now += timedelta(seconds=1)
    take_up_cases(cast.board, sent(), [case])
    assert cast.ids.today() == "2026-03-03"

    assert on_a_day(cast, case, "2026-03-02").then.state_title.en.startswith("Filed")
    assert on_a_day(cast, case, "2026-03-03").then.state_title.en.startswith("Being checked")


def test_differences_name_each_field_with_what_it_said(cast, lived):
    case, seen = lived
    days = sorted(seen)
    whole = on_a_day(cast, case, days[-1], days[0])
    told = {
        " ".join(str(getattr(part, "msgid", None) or part.en) for part in one.label): (
            one.before,
            one.after,
        )
        for one in whole.changes
    }
    assert told["Candidate"] == ("Nguyễn Thị Ân", "Nguyễn Thị Ân Mới")
    assert told["Title asked for"] == ("Phó Giám đốc Sở Y tế", "Giám đốc Sở Y tế")
    before, after = told["State"]
    assert before.en.startswith("Filed")
    assert after.en.startswith("Concluded")
    assert told["Office thue Opinion"][0] is None
    assert "Born" not in told
    first = whole.between[0].told.did.msgid
    assert first == "began to check whether the file is complete."
    assert on_a_day(cast, case, days[1], days[0]).changes


def test_an_entry_says_what_it_changed_and_every_change_is_some_entrys(cast, lived):
    case, seen = lived
    days, changed = sorted(seen), set()
    with cast.database.reading() as connection:
        for number in range(1, 60):
            found = entry_changes(connection, overseer(cast), definitions(), case, number)
            if found is None:
                continue  # a body's inner work, or after the end
            assert found.untold is None
            changed |= {one.label for one in found.changes}
    whole = on_a_day(cast, case, days[-1], days[0])
    assert {one.label for one in whole.changes} <= changed


def test_what_a_body_does_before_it_signs_shows_on_no_day(cast):
    """Neither a draft nor when it was written can be found by asking day after day."""
    case = cast.consulting()
    consultation = cast.asked(case)["thue"]
    seen = []
    cast.day.now += timedelta(days=1)
    cast.ready(case, consultation, "thue")
    for on in ("2026-03-02", "2026-03-03"):
        found = on_a_day(cast, case, on)
        seen.append([one.state_title.en for one in found.then.asked])
    assert "Drafting" not in str(seen)
    assert "Ready" not in str(seen)


def test_days_that_cannot_be_shown_are_refused_or_say_why(cast):
    case = cast.filed()
    early = on_a_day(cast, case, "2026-03-01")
    assert early.then is None
    assert early.untold.msgid == "The case did not exist yet on that day."
    with pytest.raises(Unacceptable, match="has not come yet"):
        on_a_day(cast, case, "2026-03-03")
    with pytest.raises(Unacceptable, match="earlier"):
        on_a_day(cast, case, "2026-03-02", "2026-03-02")


def test_nobody_sees_more_of_the_past_than_of_today(cast, monkeypatch):
    case = cast.consulting()
    for desk in (cast.unit, cast.drafter("thue")):
        with pytest.raises(Forbidden):
            on_a_day(cast, case, "2026-03-02", principal=desk.principal)
    on_a_day(cast, case, "2026-03-02")
    cast.day.now += timedelta(days=1)
    monkeypatch.setattr("vetting.usecases.restrict_case.refuse_stranding", lambda *_: None)
    restrict_case(cast.head, sent(), case, 0, [officer_of("so-y-te", Role.CASE_OFFICER)])
    with pytest.raises(Unknown):
        on_a_day(cast, case, "2026-03-02")
    with cast.database.reading() as connection, pytest.raises(Unknown):
        entry_changes(connection, overseer(cast), definitions(), case, 1)
