"""Notices: every notice that the system writes, whom it is for and what it says. Pure.

A workflow says on which move whom is told, and how that is called; here stands what the notice says
and what is expected of whoever gets it. A notice tells that something happened in a case and where
to look. It never says what was found: that stands in the case, for those who may read it there.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from vetting.engine.definition import Definition, Title
from vetting.engine.substitutes import SUBSTITUTED
from vetting.engine.vocabulary import Role

EMERGENCY, RESTRICTED = "emergency_opened", "case_restricted"
CONFLICT_WAITING = "conflict_waiting"
# Told also to those from whom the case is kept: that it is so, and nothing about the case.
TOLD_WHERE_KEPT = frozenset({EMERGENCY, RESTRICTED})
# About no case: whoever is named to act for an officer who is away is told so by name.
NAMED, NAMED_NO_MORE = "substitute_named", "substitute_no_more"
SUBSTITUTE = "substitute"
REQUEST_RECORDED, REQUEST_ANSWERED = "request_recorded", "request_answered"

_BOARD = frozenset({Role.BOARD_OFFICER, Role.BOARD_HEAD})
_BODY = frozenset({Role.BODY_OFFICER, Role.BODY_SIGNER})
# As a workflow names them, and `overseer` and `substitute`, whom no workflow has to name.
ROLES_OF_AUDIENCE: Mapping[str, frozenset[Role]] = {
    "unit": frozenset({Role.CASE_OFFICER}),
    "board": _BOARD,
    "body": _BODY,
    "bodies": _BODY,
    "head": frozenset({Role.BODY_SIGNER}),
    "board_head": frozenset({Role.BOARD_HEAD}),
    "authority": frozenset({Role.SECRETARY}),
    "overseer": frozenset({Role.SUPERVISOR}),
    SUBSTITUTE: SUBSTITUTED,
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
    ("body_added", "body"): Catalogued(
        Title(vi="Có hồ sơ cần cho ý kiến", en="An opinion is asked for"),
        Title(
            vi="Ban Tổ chức đề nghị cơ quan của đồng chí cho ý kiến về một hồ sơ đang được lấy ý "
            "kiến. Lý do và thời hạn, nếu có, được ghi trong hồ sơ.",
            en="The Organisation Board asks your body for its opinion on a case that is with the "
            "bodies already. Why, and the day it is due where one was set, stands in the case.",
        ),
        statutory=True,
    ),
    ("time_asked", "board"): Catalogued(
        Title(vi="Cơ quan đề nghị gia hạn", en="A body asks for more time"),
        Title(
            vi="Một cơ quan được lấy ý kiến đề nghị gia hạn trả lời. Lý do và ngày đề nghị được "
            "ghi trong hồ sơ; thời hạn cũ vẫn có hiệu lực cho đến khi Ban trả lời.",
            en="A body that was asked wants more time for its answer. Why, and until when, stands "
            "in the case; until the Board answers, the day that was set stands.",
        ),
    ),
    ("time_granted", "body"): Catalogued(
        Title(vi="Đề nghị gia hạn được chấp thuận", en="More time was given"),
        Title(
            vi="Ban Tổ chức đã gia hạn cho ý kiến của cơ quan đồng chí. Thời hạn mới được ghi "
            "trong hồ sơ.",
            en="The Organisation Board gave your body more time for its opinion. The day from now "
            "on stands in the case.",
        ),
        statutory=True,
    ),
    ("time_refused", "body"): Catalogued(
        Title(vi="Đề nghị gia hạn không được chấp thuận", en="More time was not given"),
        Title(
            vi="Ban Tổ chức không gia hạn cho ý kiến của cơ quan đồng chí; thời hạn cũ giữ nguyên. "
            "Lý do được ghi trong hồ sơ.",
            en="The Organisation Board did not give your body more time; the day that was set "
            "stands. Why is told in the case.",
        ),
        statutory=True,
    ),
    ("time_moved", "body"): Catalogued(
        Title(vi="Thời hạn cho ý kiến thay đổi", en="The day of an answer has moved"),
        Title(
            vi="Ngày đến hạn cho ý kiến của cơ quan đồng chí về một hồ sơ đã thay đổi. Ngày mới "
            "và lý do được ghi trong hồ sơ.",
            en="The last day for your body’s opinion on a case is another one now. The day and "
            "the reason stand in the case.",
        ),
        statutory=True,
    ),
    ("questions_put", "unit"): Catalogued(
        Title(vi="Ban Tổ chức hỏi lại đơn vị", en="The Board asks your unit"),
        Title(
            vi="Ban Tổ chức có câu hỏi về một hồ sơ của đơn vị. Từng câu hỏi và lý do được ghi "
            "trong hồ sơ; mỗi câu được trả lời riêng.",
            en="The Organisation Board has questions about a case of your unit. Each question, and "
            "why it is asked, stands in the case; each is answered apart.",
        ),
        statutory=True,
    ),
    ("questions_answered", "board"): Catalogued(
        Title(vi="Đơn vị đã trả lời câu hỏi", en="The unit has answered"),
        Title(
            vi="Đơn vị đã trả lời câu hỏi của Ban. Câu trả lời được ghi trong hồ sơ bên cạnh câu "
            "hỏi.",
            en="The unit has answered questions of the Board. What it said stands in the case "
            "beside what was asked.",
        ),
    ),
    ("questions_closed", "unit"): Catalogued(
        Title(vi="Ban Tổ chức không chờ trả lời nữa", en="The Board waits for no more answers"),
        Title(
            vi="Ban Tổ chức không chờ câu trả lời còn thiếu của đơn vị về một hồ sơ nữa. Câu chưa "
            "trả lời vẫn là chưa trả lời; lý do được ghi trong hồ sơ.",
            en="The Organisation Board no longer waits for what your unit has not answered about a "
            "case. What was not answered stays unanswered; why stands in the case.",
        ),
        statutory=True,
    ),
    ("answer_shown", "body"): Catalogued(
        Title(vi="Đơn vị đã bổ sung trả lời", en="Something new came from the unit"),
        Title(
            vi="Đơn vị đã trả lời câu hỏi về một hồ sơ mà cơ quan đồng chí được lấy ý kiến. Câu "
            "hỏi, câu trả lời và phần thay đổi được ghi trong hồ sơ.",
            en="The unit has answered questions about a case on which your body was asked. What "
            "was asked, what was said and what is different now stands in the case.",
        ),
        statutory=True,
    ),
    ("clarification_asked", "board"): Catalogued(
        Title(vi="Cơ quan đề nghị làm rõ", en="A body wants something made clear"),
        Title(
            vi="Một cơ quan được lấy ý kiến đề nghị Ban hỏi lại đơn vị. Nội dung đề nghị được ghi "
            "trong hồ sơ.",
            en="A body that was asked wants the Board to ask the unit. What it wants to know "
            "stands in the case.",
        ),
    ),
    ("clarification_declined", "body"): Catalogued(
        Title(vi="Ban Tổ chức không hỏi lại đơn vị", en="The Board does not ask the unit"),
        Title(
            vi="Ban Tổ chức không hỏi lại đơn vị theo đề nghị của cơ quan đồng chí. Lý do được ghi "
            "trong hồ sơ.",
            en="The Organisation Board does not ask the unit what your body wanted to know. Why is "
            "told in the case.",
        ),
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
    ("deadline_due", "unit"): Catalogued(
        Title(vi="Sắp đến thời hạn của hồ sơ", en="Something is due soon in a case"),
        Title(
            vi="Một việc đơn vị của đồng chí phải làm trong một hồ sơ sắp đến hạn. Thời hạn và "
            "cách tính được ghi trong hồ sơ.",
            en="Something that your unit has to do in a case is due soon. By when, and why that "
            "day, stands in the case.",
        ),
    ),
    ("deadline_due", "board"): Catalogued(
        Title(vi="Sắp đến thời hạn của hồ sơ", en="Something is due soon in a case"),
        Title(
            vi="Một việc Ban phải làm trong một hồ sơ sắp đến hạn. Thời hạn và cách tính được ghi "
            "trong hồ sơ.",
            en="Something that the Board has to do in a case is due soon. By when, and why that "
            "day, stands in the case.",
        ),
    ),
    ("deadline_due", "authority"): Catalogued(
        Title(vi="Sắp đến thời hạn của hồ sơ", en="Something is due soon in a case"),
        Title(
            vi="Một việc cấp có thẩm quyền phải làm trong một hồ sơ sắp đến hạn. Thời hạn và cách "
            "tính được ghi trong hồ sơ.",
            en="Something that the authority has to do in a case is due soon. By when, and why "
            "that day, stands in the case.",
        ),
    ),
    ("deadline_late", "unit"): Catalogued(
        Title(vi="Đã quá thời hạn của hồ sơ", en="Something is late in a case"),
        Title(
            vi="Một việc đơn vị của đồng chí phải làm trong một hồ sơ đã quá hạn mà chưa xong. "
            "Thời hạn và cách tính được ghi trong hồ sơ.",
            en="Something that your unit has to do in a case was not done by its last day. By "
            "when it was due, and why that day, stands in the case.",
        ),
    ),
    ("deadline_late", "board"): Catalogued(
        Title(vi="Đã quá thời hạn của hồ sơ", en="Something is late in a case"),
        Title(
            vi="Một việc trong một hồ sơ đã quá hạn mà chưa xong. Việc đó của ai, thời hạn và cách "
            "tính được ghi trong hồ sơ.",
            en="Something in a case was not done by its last day. Who has to do it, by when it was "
            "due, and why that day, stands in the case.",
        ),
    ),
    ("deadline_late", "board_head"): Catalogued(
        Title(vi="Ban chậm thời hạn của hồ sơ", en="The Board is late in a case"),
        Title(
            vi="Một việc Ban phải làm trong một hồ sơ đã quá hạn mà chưa xong. Đề nghị lãnh đạo "
            "Ban chỉ đạo giải quyết.",
            en="Something that the Board has to do in a case was not done by its last day. As its "
            "head you are asked to see to it.",
        ),
    ),
    ("deadline_late", "authority"): Catalogued(
        Title(vi="Đã quá thời hạn của hồ sơ", en="Something is late in a case"),
        Title(
            vi="Một việc cấp có thẩm quyền phải làm trong một hồ sơ đã quá hạn mà chưa xong. Thời "
            "hạn và cách tính được ghi trong hồ sơ.",
            en="Something that the authority has to do in a case was not done by its last day. By "
            "when it was due, and why that day, stands in the case.",
        ),
    ),
    ("conclusion_ends", "unit"): Catalogued(
        Title(vi="Kết luận sắp hết hiệu lực", en="A conclusion ceases to hold soon"),
        Title(
            vi="Kết luận về một hồ sơ của đơn vị sắp hết thời hạn hiệu lực theo quy định. Ngày hết "
            "hiệu lực và cách tính được ghi trong hồ sơ. Không hồ sơ nào được tự gia hạn hoặc tự "
            "lập mới.",
            en="The conclusion on a case of your unit ceases to hold soon, by its rule. On which "
            "day, and why, stands in the case. Nothing is prolonged and no case begun by itself.",
        ),
    ),
    ("conclusion_ends", "board"): Catalogued(
        Title(vi="Kết luận sắp hết hiệu lực", en="A conclusion ceases to hold soon"),
        Title(
            vi="Kết luận về một hồ sơ sắp hết thời hạn hiệu lực theo quy định. Ngày hết hiệu lực "
            "và cách tính được ghi trong hồ sơ.",
            en="The conclusion on a case ceases to hold soon, by its rule. On which day, and why, "
            "stands in the case.",
        ),
    ),
    **{
        ("paper_ends", audience): Catalogued(
            Title(vi="Giấy tờ sắp quá thời hạn", en="A paper grows too old soon"),
            Title(
                vi="Một giấy tờ được dẫn trong một hồ sơ đang giải quyết sắp quá thời hạn theo quy "
                "định. Giấy tờ nào, đến ngày nào và vì sao được ghi trong hồ sơ.",
                en="A paper that a running case refers to grows too old soon, by its rule. Which "
                "it is, until which day it can be used, and why, stands in the case.",
            ),
        )
        for audience in ("unit", "board")
    },
    ("term_ends", "unit"): Catalogued(
        Title(vi="Sắp hết thời hạn giữ chức vụ", en="A term ends soon"),
        Title(
            vi="Thời hạn giữ chức vụ ghi trong một hồ sơ của đơn vị sắp hết. Ngày hết thời hạn "
            "được ghi trong hồ sơ; có xem xét bổ nhiệm lại hay không là việc của cấp có thẩm "
            "quyền, hồ sơ không tự lập.",
            en="A term that is on record in a case of your unit ends soon; the day stands in the "
            "case. Whether re-appointment is considered is for those to say who may; no case is "
            "begun by itself.",
        ),
    ),
    ("term_ends", "board"): Catalogued(
        Title(vi="Sắp hết thời hạn giữ chức vụ", en="A term ends soon"),
        Title(
            vi="Thời hạn giữ chức vụ ghi trong một hồ sơ sắp hết. Ngày hết thời hạn được ghi trong "
            "hồ sơ.",
            en="A term that is on record in a case ends soon. The day stands in the case.",
        ),
    ),
    ("probation_ended", "unit"): Catalogued(
        Title(
            vi="Hết thời gian dự bị, cần lập hồ sơ công nhận chính thức",
            en="A probation has ended: a case of full membership is to be filed",
        ),
        Title(
            vi="Thời gian dự bị của một đảng viên do đơn vị đề nghị kết nạp đã hết. Đề nghị đơn vị "
            "lập hồ sơ thẩm định để công nhận đảng viên chính thức, tiếp theo hồ sơ kết nạp; hồ sơ "
            "không tự lập. Ngày hết thời gian dự bị và cách tính được ghi trong hồ sơ kết nạp.",
            en="The probation of somebody whose admission your unit asked for has ended. Your unit "
            "files the case of full membership, after the case of admission; no case is begun by "
            "itself. The day, and why that day, stands in the case of admission.",
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
            vi="Ban Tổ chức đã trả lời yêu cầu của nhân sự về dữ liệu của mình. Câu trả lời, và "
            "ngày giao gói dữ liệu nếu có, được ghi ở trang yêu cầu của hồ sơ.",
            en="The Organisation Board has answered what the candidate asked about their own data. "
            "The answer, and when a package was handed over if one goes with it, stands on the "
            "page of the case’s requests.",
        ),
    ),
    **{
        ("conclusion_amended", audience): Catalogued(
            Title(
                vi="Kết luận đã được đính chính, hủy hoặc thu hồi",
                en="A conclusion was corrected, annulled or revoked",
            ),
            Title(
                vi="Kết luận mà đồng chí đã được biết nay không còn nguyên như trước. Nội dung "
                "hiện hành, lý do, căn cứ và ngày có hiệu lực được ghi trong hồ sơ; đề nghị không "
                "sử dụng bản trước.",
                en="A conclusion that you were told of does not stand as it did. What stands now, "
                "why, on what legal basis and from which day, is in the case; do not go on using "
                "the earlier version.",
            ),
            statutory=True,
            acknowledged=True,
        )
        for audience in ("unit", "board", "bodies", "authority", "overseer")
    },
    **{
        ("opinion_amended", audience): Catalogued(
            Title(
                vi="Ý kiến đã ký được đính chính, hủy hoặc thu hồi",
                en="A signed opinion was corrected, annulled or revoked",
            ),
            Title(
                vi="Ý kiến đã ký của một cơ quan nay không còn nguyên như trước. Nội dung hiện "
                "hành, lý do, căn cứ và ngày có hiệu lực được ghi trong hồ sơ; đề nghị không sử "
                "dụng bản trước.",
                en="A body’s signed opinion does not stand as it did. What stands now, why, on "
                "what legal basis and from which day, is in the case; do not go on using the "
                "earlier version.",
            ),
            statutory=True,
            acknowledged=True,
        )
        for audience in ("board", "authority", "body", "overseer")
    },
    ("amendment_drafted", "head"): Catalogued(
        Title(
            vi="Có đính chính, hủy hoặc thu hồi ý kiến chờ ký",
            en="A correction, annulment or revocation waits to be signed",
        ),
        Title(
            vi="Cán bộ của cơ quan đồng chí đã soạn việc đính chính, hủy hoặc thu hồi một ý kiến "
            "đã ký. Việc này chỉ có hiệu lực khi người có thẩm quyền ký.",
            en="An officer of your body has drawn up the correction, annulment or revocation of a "
            "signed opinion. It counts only once a signer has signed it.",
        ),
    ),
    ("amendment_released", "body"): Catalogued(
        Title(
            vi="Việc đính chính, hủy hoặc thu hồi ý kiến thiếu người ký nháy hoặc phải soạn lại",
            en="A correction, annulment or revocation lacks a name, or has to be drawn up anew",
        ),
        Title(
            vi="Một người đã soạn hoặc ký nháy việc đính chính, hủy hoặc thu hồi một ý kiến đã ký "
            "của cơ quan đồng chí nay không được tham gia hồ sơ nữa. Chữ ký nháy của người đó "
            "không còn giá trị, người khác phải ký nháy lại; nếu người đó là người soạn thì phải "
            "soạn lại.",
            en="Somebody who drew up or countersigned the correction, annulment or revocation of a "
            "signed opinion of your body has nothing to do with the case any more. Their "
            "countersignature is void and somebody else has to countersign; where it was they who "
            "drew it up, it has to be drawn up anew.",
        ),
    ),
    ("disposal_asked", "overseer"): Catalogued(
        Title(
            vi="Có đề nghị tiêu hủy hồ sơ chờ trả lời",
            en="It was asked that a record be destroyed",
        ),
        Title(
            vi="Ban Tổ chức đề nghị tiêu hủy một hồ sơ đã hết thời hạn bảo quản. Người giám sát "
            "chưa làm gì trong hồ sơ đó xem danh mục và đồng ý hoặc không đồng ý; chưa trả lời "
            "không được coi là đồng ý.",
            en="The Organisation Board asks that a record whose schedule has run out be destroyed. "
            "A supervisor who did nothing in it looks at the list and agrees or refuses; not to "
            "answer is not to consent.",
        ),
    ),
    ("disposal_answered", "board"): Catalogued(
        Title(
            vi="Đề nghị tiêu hủy hồ sơ đã được trả lời",
            en="It was answered whether a record is destroyed",
        ),
        Title(
            vi="Người giám sát đã trả lời đề nghị tiêu hủy một hồ sơ. Câu trả lời được ghi ở trang "
            "thời hạn bảo quản của hồ sơ.",
            en="A supervisor has answered whether a record is destroyed. What was said stands on "
            "the page that tells how long it is kept.",
        ),
    ),
    ("disposal_done", "board"): Catalogued(
        Title(vi="Hồ sơ đã được tiêu hủy", en="A record was destroyed"),
        Title(
            vi="Một hồ sơ mà hai người đã đồng ý tiêu hủy nay đã được tiêu hủy. Phần còn lại được "
            "ghi ở trang thời hạn bảo quản.",
            en="A record that two people had agreed to destroy is destroyed. What stays of it "
            "stands on the page of retention.",
        ),
        released=True,
    ),
    (RESTRICTED, "overseer"): Catalogued(
        Title(
            vi="Phạm vi người được biết một hồ sơ đã thay đổi",
            en="It was changed who may know of a case",
        ),
        Title(
            vi="Người đứng đầu Ban Tổ chức đã hạn chế một hồ sơ trong phạm vi một số người, hoặc "
            "đã thay đổi việc hạn chế đó. Cơ quan giám sát được báo mỗi lần như vậy, kể cả khi "
            "hồ sơ không còn dành cho đồng chí; khi đó, thông báo không nêu gì về hồ sơ.",
            en="The head of the Organisation Board has kept a case to some people, or has changed "
            "to whom it is kept. Whoever supervises is told so every time, also where the case is "
            "kept from you; then nothing about it stands here.",
        ),
        statutory=True,
        acknowledged=True,
    ),
    **{
        (CONFLICT_WAITING, audience): Catalogued(
            Title(
                vi="Đã khai báo xung đột lợi ích, chưa có người thay",
                en="A conflict of interest was declared, and nobody can take over yet",
            ),
            Title(
                vi="Một cán bộ đã khai báo không được tham gia xử lý một hồ sơ và từ lúc đó không "
                "còn làm gì với hồ sơ. Còn có việc đang mở mà chưa ai làm được: cần giao vai trò "
                "cho người khác hoặc cử người làm thay. Các việc đó được ghi ở trang của hồ sơ.",
                en="An officer declared that they must not deal with a case, and does nothing in "
                "it from then on. Steps are open that nobody can take yet: somebody has to be "
                "given the role, or named as a substitute. Which steps these are stands on the "
                "page of the case.",
            ),
            statutory=True,
        )
        for audience in ("board_head", "overseer")
    },
    (CONFLICT_WAITING, "body"): Catalogued(
        Title(
            vi="Đã khai báo xung đột lợi ích, chưa có người thay",
            en="A conflict of interest was declared, and nobody can take over yet",
        ),
        Title(
            vi="Một cán bộ của cơ quan đồng chí đã khai báo không được tham gia xử lý một hồ sơ và "
            "từ lúc đó không còn làm gì với hồ sơ. Việc của cơ quan trong hồ sơ này chưa ai làm "
            "được: đề nghị bảo đảm có người được giao vai trò hoặc được cử làm thay.",
            en="An officer of your body declared that they must not deal with a case, and does "
            "nothing in it from then on. What your body has to do in it nobody can do yet: see to "
            "it that somebody is given the role, or named as a substitute.",
        ),
        statutory=True,
    ),
    **{
        (EMERGENCY, audience): Catalogued(
            Title(
                vi="Đã đồng ý cho truy cập khẩn cấp một hồ sơ",
                en="Emergency access to a case was agreed to",
            ),
            Title(
                vi="Một cán bộ đã đề nghị đọc trong thời gian ngắn một hồ sơ không dành cho mình, "
                "và người thứ hai đã đồng ý. Mã hồ sơ, ai đề nghị, đến khi nào, và hồ sơ có mở cho "
                "người đó hay không được ghi ở trang truy cập khẩn cấp.",
                en="Somebody from whom a case is kept asked to read it for a short time, and a "
                "second person agreed. Its reference, who asked, until when, and whether it is "
                "open to them by this stands on the page of emergency access.",
            ),
            statutory=True,
            acknowledged=True,
        )
        for audience in ("unit", "board", "overseer")
    },
    (NAMED, SUBSTITUTE): Catalogued(
        Title(vi="Được cử làm thay người vắng mặt", en="You are to act for somebody who is away"),
        Title(
            vi="Đồng chí được cử làm thay một cán bộ vắng mặt, với vai trò và trong những ngày ghi "
            "dưới đây. Trong những ngày đó, đồng chí làm thay sau khi chọn tư cách ấy ở trang “Đổi "
            "tư cách làm việc”; việc làm thay được ghi dưới cả hai tên.",
            en="You were named to act for an officer who is away, in the role and on the days "
            "given here. On these days you act for them once you have chosen that capacity on the "
            "page “Change capacity”; whatever you do then is kept under both names.",
        ),
        statutory=True,
    ),
    (NAMED_NO_MORE, SUBSTITUTE): Catalogued(
        Title(vi="Thôi làm thay người vắng mặt", en="You act for somebody no more"),
        Title(
            vi="Đồng chí không còn làm thay cán bộ ghi dưới đây: việc vắng mặt kết thúc sớm, hoặc "
            "đồng chí không còn được cử. Những việc đã làm thay vẫn được giữ nguyên.",
            en="You no longer act for the officer given here: the absence ended early, or you are "
            "no longer named. What you did for them stands.",
        ),
        statutory=True,
    ),
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
