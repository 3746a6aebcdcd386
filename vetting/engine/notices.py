"""Notices: every notice that the system writes, whom it is for and what it says. Pure.

A workflow says on which move whom is told, and how that is called; here stands what the notice says
and what is expected of whoever gets it. A notice tells that something happened in a case and where
to look. It never says what was found: that stands in the case, for those who may read it there.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from vetting.engine.definition import Definition, Title
from vetting.engine.vocabulary import Role

EMERGENCY = "emergency_opened"
REQUEST_RECORDED, REQUEST_ANSWERED = "request_recorded", "request_answered"

_BOARD = frozenset({Role.BOARD_OFFICER, Role.BOARD_HEAD})
_BODY = frozenset({Role.BODY_OFFICER, Role.BODY_SIGNER})
# As a workflow names them, and `overseer`, whom no workflow has to name.
ROLES_OF_AUDIENCE: Mapping[str, frozenset[Role]] = {
    "unit": frozenset({Role.CASE_OFFICER}),
    "board": _BOARD,
    "body": _BODY,
    "bodies": _BODY,
    "head": frozenset({Role.BODY_SIGNER}),
    "authority": frozenset({Role.SECRETARY}),
    "overseer": frozenset({Role.SUPERVISOR}),
}


@dataclass(frozen=True)
class Catalogued:
    """A notice as it is written, whatever the case type."""

    title: Title  # where the workflow of the case has none of its own
    text: Title
    # A duty or a right of those told begins with it: nobody can mute it, and it goes at once.
    statutory: bool = False
    # Nothing that they do next would show that they know: they say so.
    acknowledged: bool = False
    # The case is theirs no more: the notice stays, without anything about the case.
    released: bool = False


CATALOGUE: Mapping[tuple[str, str], Catalogued] = {
    ("file", "board"): Catalogued(
        Title(vi="Hồ sơ mới được gửi", en="A case was filed"),
        Title(
            vi="Đơn vị đã gửi hồ sơ, riêng lẻ hoặc theo danh sách. Hồ sơ chờ Ban kiểm tra.",
            en="A unit has filed, one case or a list. It waits for the Board to check it.",
        ),
    ),
    ("return", "unit"): Catalogued(
        Title(vi="Hồ sơ được trả lại để bổ sung", en="A case was returned for completion"),
        Title(
            vi="Hồ sơ còn thiếu nên được trả lại để bổ sung; đây không phải là từ chối. Lý do và "
            "phần còn thiếu được ghi trong hồ sơ.",
            en="The file lacks something and was returned for completion; that is no refusal. Why, "
            "and what is missing, stands in the case.",
        ),
        statutory=True,
    ),
    ("consult", "bodies"): Catalogued(
        Title(vi="Có hồ sơ cần cho ý kiến", en="An opinion is asked for"),
        Title(
            vi="Ban Tổ chức đề nghị cơ quan của đồng chí cho ý kiến. Câu hỏi và thời hạn, nếu có, "
            "được ghi trong hồ sơ.",
            en="The Organisation Board asks your body for its opinion. The question, and the day "
            "it is due where one was set, stand in the case.",
        ),
        statutory=True,
    ),
    ("sign", "body"): Catalogued(
        Title(vi="Ý kiến đã ký được ghi nhận", en="The signed opinion was received"),
        Title(
            vi="Ý kiến do cơ quan của đồng chí ký đã được ghi vào hồ sơ.",
            en="The opinion that your body signed is on record in the case.",
        ),
    ),
    ("take_back", "body"): Catalogued(
        Title(vi="Thôi hỏi ý kiến", en="The opinion is no longer asked for"),
        Title(
            vi="Ban Tổ chức không còn hỏi ý kiến cơ quan của đồng chí về một hồ sơ; việc đang làm "
            "ở hồ sơ đó không cần hoàn thành nữa.",
            en="The Organisation Board no longer asks your body about a case; what was under way "
            "in it need not be finished.",
        ),
        statutory=True,
        acknowledged=True,
        released=True,
    ),
    ("replies_complete", "board"): Catalogued(
        Title(vi="Đã đủ ý kiến", en="All replies are in"),
        Title(
            vi="Mọi cơ quan phải trả lời đều đã ký ý kiến. Hồ sơ chờ tổng hợp và đề xuất.",
            en="Every body that must answer has signed. The case waits to be assembled and "
            "proposed.",
        ),
    ),
    ("submit", "authority"): Catalogued(
        Title(vi="Có hồ sơ trình kết luận", en="A case was submitted"),
        Title(
            vi="Ban Tổ chức đã trình đề xuất. Hồ sơ chờ kết luận của cấp có thẩm quyền.",
            en="The Organisation Board has submitted its proposal. The case waits for the "
            "authority’s conclusion.",
        ),
    ),
    ("conclude", "board"): Catalogued(
        Title(vi="Đã có kết luận", en="A conclusion was recorded"),
        Title(
            vi="Cấp có thẩm quyền đã kết luận. Đơn vị và nhân sự chờ được thông báo.",
            en="The authority has concluded. The unit and the candidate wait to be told.",
        ),
    ),
    ("notify", "unit"): Catalogued(
        Title(vi="Thông báo kết quả thẩm định", en="The outcome is announced"),
        Title(
            vi="Hồ sơ đã có kết quả. Kết quả và lý do được ghi trong hồ sơ; nhân sự phải được báo "
            "trước khi hồ sơ kết thúc.",
            en="The case has its outcome. What it is, and why, stands in the case; the candidate "
            "has to be told before the case can close.",
        ),
        statutory=True,
        acknowledged=True,
    ),
    ("withdraw", "board"): Catalogued(
        Title(vi="Đơn vị đã rút hồ sơ", en="The unit withdrew a case"),
        Title(
            vi="Đơn vị đã rút đề nghị. Hồ sơ không còn việc phải làm.",
            en="The unit has withdrawn its request. Nothing is left to be done in the case.",
        ),
    ),
    ("answer_due", "body"): Catalogued(
        Title(vi="Sắp đến hạn cho ý kiến", en="An answer is due soon"),
        Title(
            vi="Cơ quan của đồng chí chưa ký ý kiến về một hồ sơ sắp đến hạn. Ngày đến hạn được "
            "ghi trong hồ sơ.",
            en="Your body has not signed its opinion on a case, and the last day for it is near. "
            "The day stands in the case.",
        ),
    ),
    ("answer_late", "body"): Catalogued(
        Title(vi="Đã quá hạn cho ý kiến", en="An answer is late"),
        Title(
            vi="Cơ quan của đồng chí chưa ký ý kiến về một hồ sơ đã quá hạn. Chưa trả lời không "
            "được coi là đồng ý.",
            en="Your body has not signed its opinion on a case, and the last day for it has "
            "passed. Not to answer is not to consent.",
        ),
    ),
    ("answer_late", "head"): Catalogued(
        Title(vi="Cơ quan chậm cho ý kiến", en="Your body is late with an answer"),
        Title(
            vi="Cơ quan của đồng chí đã quá hạn cho ý kiến về một hồ sơ. Đề nghị lãnh đạo cơ quan "
            "chỉ đạo giải quyết.",
            en="Your body’s opinion on a case is past its last day. As its head you are asked to "
            "see to it.",
        ),
    ),
    ("answer_late", "board"): Catalogued(
        Title(vi="Cơ quan được hỏi chậm cho ý kiến", en="A consulted body is late"),
        Title(
            vi="Một cơ quan được hỏi đã quá hạn mà chưa ký ý kiến. Hồ sơ vẫn chờ; chưa trả lời "
            "không được coi là đồng ý.",
            en="A body that was asked has not signed, and its last day has passed. The case goes "
            "on waiting; not to answer is not to consent.",
        ),
    ),
    (REQUEST_RECORDED, "board"): Catalogued(
        Title(vi="Có yêu cầu của nhân sự", en="The candidate asks for something"),
        Title(
            vi="Nhân sự đã có yêu cầu bằng văn bản về dữ liệu của mình và yêu cầu đã được ghi vào "
            "hồ sơ. Nội dung và thời hạn trả lời, nếu có, được ghi ở trang yêu cầu của hồ sơ.",
            en="The candidate has asked in writing about their own data, and the request is on "
            "record. What it asks, and by when it is to be answered where a rule says so, stands "
            "on the page of the case’s requests.",
        ),
        statutory=True,
    ),
    (REQUEST_ANSWERED, "unit"): Catalogued(
        Title(vi="Yêu cầu của nhân sự đã được trả lời", en="The candidate’s request was answered"),
        Title(
            vi="Ban Tổ chức đã trả lời yêu cầu của nhân sự về dữ liệu của mình. Câu trả lời được "
            "ghi ở trang yêu cầu của hồ sơ.",
            en="The Organisation Board has answered what the candidate asked about their own data. "
            "The answer stands on the page of the case’s requests.",
        ),
    ),
    **{
        (EMERGENCY, audience): Catalogued(
            Title(vi="Hồ sơ được mở để truy cập khẩn cấp", en="A case was opened in an emergency"),
            Title(
                vi="Một hồ sơ không dành cho người đề nghị đã được mở để người đó đọc trong thời "
                "gian ngắn, với sự đồng ý của người thứ hai. Mã hồ sơ, ai đọc và đến khi nào được "
                "ghi ở trang truy cập khẩn cấp.",
                en="A case was opened, to be read for a short time, to somebody from whom it is "
                "kept; a second person agreed. Its reference, who reads it and until when stands "
                "on the page of emergency access.",
            ),
            statutory=True,
            acknowledged=True,
        )
        for audience in ("unit", "board", "overseer")
    },
}


# What is told of emergency access but by a notice about a case: a request need not be about one.
TIDINGS: Mapping[str, Catalogued] = {
    "waiting": Catalogued(
        Title(vi="Có đề nghị truy cập khẩn cấp", en="Somebody asks for emergency access"),
        Title(
            vi="Một người đề nghị được đọc một hồ sơ không dành cho mình. Đồng chí có thể đồng ý "
            "hoặc từ chối; sau một ngày, đề nghị chưa có trả lời sẽ hết hiệu lực.",
            en="Somebody asks to read a case that is kept from them. You can agree or refuse; what "
            "nobody answers within a day lapses.",
        ),
    ),
    "answered": Catalogued(
        Title(
            vi="Đề nghị truy cập khẩn cấp của đồng chí đã được trả lời",
            en="Your request for emergency access was answered",
        ),
        Title(
            vi="Câu trả lời được ghi ở trang truy cập khẩn cấp.",
            en="The answer stands on the page of emergency access.",
        ),
    ),
    "to_review": Catalogued(
        Title(
            vi="Có lần truy cập khẩn cấp cần xem xét lại",
            en="An emergency access is to be reviewed",
        ),
        Title(
            vi="Lần truy cập đã kết thúc. Người giám sát xem xét lý do và những gì đã được đọc.",
            en="It is over. A supervisor looks at why it was opened and what was read.",
        ),
    ),
}


def title_of(definition: Definition, consulting: Definition, on: str, to: str) -> Title:
    """Return how a notice is called: as the workflow of its case says, else as all call it."""
    for machine in (definition, consulting):
        for notice in machine.notices:
            if (notice.on, notice.to) == (on, to):
                return notice.title
    return CATALOGUE[on, to].title


def title_of_trigger(on: str) -> Title:
    """Return what notices on a trigger are called, whatever the case type."""
    return next(told.title for (trigger, _), told in CATALOGUE.items() if trigger == on)
