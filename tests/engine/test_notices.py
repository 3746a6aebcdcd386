"""What notices say, word for word in both languages; each that a workflow names has its words."""

import pytest

from tests.builders import definitions
from vetting.engine.definition import Title
from vetting.engine.notices import (
    CATALOGUE,
    EMERGENCY,
    NAMED,
    NAMED_NO_MORE,
    ROLES_OF_AUDIENCE,
    SUBSTITUTE,
    title_of,
)
from vetting.engine.vocabulary import CaseType

# By trigger and audience: title and text, in Vietnamese and in English, as people read them.
SAID = {
    ("file", "board"): (
        "Hồ sơ mới được gửi",
        "Đơn vị đã gửi hồ sơ, riêng lẻ hoặc theo danh sách. Hồ sơ chờ Ban kiểm tra.",
        "A case was filed",
        "A unit has filed, one case or a list. It waits for the Board to check it.",
    ),
    ("return", "unit"): (
        "Hồ sơ được trả lại để bổ sung",
        (
            "Hồ sơ còn thiếu nên được trả lại để bổ sung; đây không phải là từ chối. Lý do "
            "và phần còn thiếu được ghi trong hồ sơ."
        ),
        "A case was returned for completion",
        (
            "The file lacks something and was returned for completion; that is no refusal. "
            "Why, and what is missing, stands in the case."
        ),
    ),
    ("consult", "bodies"): (
        "Có hồ sơ cần cho ý kiến",
        (
            "Ban Tổ chức đề nghị cơ quan của đồng chí cho ý kiến. Câu hỏi và thời hạn, nếu "
            "có, được ghi trong hồ sơ."
        ),
        "An opinion is asked for",
        (
            "The Organisation Board asks your body for its opinion. The question, and the "
            "day it is due where one was set, stand in the case."
        ),
    ),
    ("sign", "body"): (
        "Ý kiến đã ký được ghi nhận",
        "Ý kiến do cơ quan của đồng chí ký đã được ghi vào hồ sơ.",
        "The signed opinion was received",
        "The opinion that your body signed is on record in the case.",
    ),
    ("take_back", "body"): (
        "Thôi hỏi ý kiến",
        (
            "Ban Tổ chức không còn hỏi ý kiến cơ quan của đồng chí về một hồ sơ; việc đang "
            "làm ở hồ sơ đó không cần hoàn thành nữa."
        ),
        "The opinion is no longer asked for",
        (
            "The Organisation Board no longer asks your body about a case; what was under "
            "way in it need not be finished."
        ),
    ),
    ("time_asked", "board"): (
        "Cơ quan đề nghị gia hạn",
        (
            "Một cơ quan được lấy ý kiến đề nghị gia hạn trả lời. Lý do và ngày đề nghị được "
            "ghi trong hồ sơ; thời hạn cũ vẫn có hiệu lực cho đến khi Ban trả lời."
        ),
        "A body asks for more time",
        (
            "A body that was asked wants more time for its answer. Why, and until when, "
            "stands in the case; until the Board answers, the day that was set stands."
        ),
    ),
    ("time_granted", "body"): (
        "Đề nghị gia hạn được chấp thuận",
        (
            "Ban Tổ chức đã gia hạn cho ý kiến của cơ quan đồng chí. Thời hạn mới được ghi "
            "trong hồ sơ."
        ),
        "More time was given",
        (
            "The Organisation Board gave your body more time for its opinion. The day from "
            "now on stands in the case."
        ),
    ),
    ("time_refused", "body"): (
        "Đề nghị gia hạn không được chấp thuận",
        (
            "Ban Tổ chức không gia hạn cho ý kiến của cơ quan đồng chí; thời hạn cũ giữ "
            "nguyên. Lý do được ghi trong hồ sơ."
        ),
        "More time was not given",
        (
            "The Organisation Board did not give your body more time; the day that was set "
            "stands. Why is told in the case."
        ),
    ),
    ("time_moved", "body"): (
        "Thời hạn cho ý kiến thay đổi",
        (
            "Ngày đến hạn cho ý kiến của cơ quan đồng chí về một hồ sơ đã thay đổi. Ngày mới "
            "và lý do được ghi trong hồ sơ."
        ),
        "The day of an answer has moved",
        (
            "The last day for your body’s opinion on a case is another one now. The day and "
            "the reason stand in the case."
        ),
    ),
    ("questions_put", "unit"): (
        "Ban Tổ chức hỏi lại đơn vị",
        (
            "Ban Tổ chức có câu hỏi về một hồ sơ của đơn vị. Từng câu hỏi và lý do được ghi "
            "trong hồ sơ; mỗi câu được trả lời riêng."
        ),
        "The Board asks your unit",
        (
            "The Organisation Board has questions about a case of your unit. Each question, "
            "and why it is asked, stands in the case; each is answered apart."
        ),
    ),
    ("questions_answered", "board"): (
        "Đơn vị đã trả lời câu hỏi",
        "Đơn vị đã trả lời câu hỏi của Ban. Câu trả lời được ghi trong hồ sơ bên cạnh câu hỏi.",
        "The unit has answered",
        (
            "The unit has answered questions of the Board. What it said stands in the case "
            "beside what was asked."
        ),
    ),
    ("questions_closed", "unit"): (
        "Ban Tổ chức không chờ trả lời nữa",
        (
            "Ban Tổ chức không chờ câu trả lời còn thiếu của đơn vị về một hồ sơ nữa. Câu "
            "chưa trả lời vẫn là chưa trả lời; lý do được ghi trong hồ sơ."
        ),
        "The Board waits for no more answers",
        (
            "The Organisation Board no longer waits for what your unit has not answered about"
            " a case. What was not answered stays unanswered; why stands in the case."
        ),
    ),
    ("answer_shown", "body"): (
        "Đơn vị đã bổ sung trả lời",
        (
            "Đơn vị đã trả lời câu hỏi về một hồ sơ mà cơ quan đồng chí được lấy ý kiến. Câu "
            "hỏi, câu trả lời và phần thay đổi được ghi trong hồ sơ."
        ),
        "Something new came from the unit",
        (
            "The unit has answered questions about a case on which your body was asked. What "
            "was asked, what was said and what is different now stands in the case."
        ),
    ),
    ("clarification_asked", "board"): (
        "Cơ quan đề nghị làm rõ",
        (
            "Một cơ quan được lấy ý kiến đề nghị Ban hỏi lại đơn vị. Nội dung đề nghị được "
            "ghi trong hồ sơ."
        ),
        "A body wants something made clear",
        (
            "A body that was asked wants the Board to ask the unit. What it wants to know "
            "stands in the case."
        ),
    ),
    ("clarification_declined", "body"): (
        "Ban Tổ chức không hỏi lại đơn vị",
        (
            "Ban Tổ chức không hỏi lại đơn vị theo đề nghị của cơ quan đồng chí. Lý do được "
            "ghi trong hồ sơ."
        ),
        "The Board does not ask the unit",
        (
            "The Organisation Board does not ask the unit what your body wanted to know. Why "
            "is told in the case."
        ),
    ),
    ("body_added", "body"): (
        "Có hồ sơ cần cho ý kiến",
        (
            "Ban Tổ chức đề nghị cơ quan của đồng chí cho ý kiến về một hồ sơ đang được lấy ý"
            " kiến. Lý do và thời hạn, nếu có, được ghi trong hồ sơ."
        ),
        "An opinion is asked for",
        (
            "The Organisation Board asks your body for its opinion on a case that is with the"
            " bodies already. Why, and the day it is due where one was set, stands in the "
            "case."
        ),
    ),
    ("replies_complete", "board"): (
        "Đã đủ ý kiến",
        "Mọi cơ quan phải trả lời đều đã ký ý kiến. Hồ sơ chờ tổng hợp và đề xuất.",
        "All replies are in",
        "Every body that must answer has signed. The case waits to be assembled and proposed.",
    ),
    ("submit", "authority"): (
        "Có hồ sơ trình kết luận",
        "Ban Tổ chức đã trình đề xuất. Hồ sơ chờ kết luận của cấp có thẩm quyền.",
        "A case was submitted",
        (
            "The Organisation Board has submitted its proposal. The case waits for the "
            "authority’s conclusion."
        ),
    ),
    ("conclude", "board"): (
        "Đã có kết luận",
        "Cấp có thẩm quyền đã kết luận. Đơn vị và nhân sự chờ được thông báo.",
        "A conclusion was recorded",
        "The authority has concluded. The unit and the candidate wait to be told.",
    ),
    ("notify", "unit"): (
        "Thông báo kết quả thẩm định",
        (
            "Hồ sơ đã có kết quả. Kết quả và lý do được ghi trong hồ sơ; nhân sự phải được "
            "báo trước khi hồ sơ kết thúc."
        ),
        "The outcome is announced",
        (
            "The case has its outcome. What it is, and why, stands in the case; the "
            "candidate has to be told before the case can close."
        ),
    ),
    ("withdraw", "board"): (
        "Đơn vị đã rút hồ sơ",
        "Đơn vị đã rút đề nghị. Hồ sơ không còn việc phải làm.",
        "The unit withdrew a case",
        "The unit has withdrawn its request. Nothing is left to be done in the case.",
    ),
    **{
        ("conclusion_amended", audience): (
            "Kết luận đã được đính chính, hủy hoặc thu hồi",
            (
                "Kết luận mà đồng chí đã được biết nay không còn nguyên như trước. Nội dung hiện "
                "hành, lý do, căn cứ và ngày có hiệu lực được ghi trong hồ sơ; đề nghị không sử "
                "dụng bản trước."
            ),
            "A conclusion was corrected, annulled or revoked",
            (
                "A conclusion that you were told of does not stand as it did. What stands now, "
                "why, on what legal basis and from which day, is in the case; do not go on using "
                "the earlier version."
            ),
        )
        for audience in ("unit", "board", "bodies", "authority", "overseer")
    },
    **{
        ("opinion_amended", audience): (
            "Ý kiến đã ký được đính chính, hủy hoặc thu hồi",
            (
                "Ý kiến đã ký của một cơ quan nay không còn nguyên như trước. Nội dung hiện hành, "
                "lý do, căn cứ và ngày có hiệu lực được ghi trong hồ sơ; đề nghị không sử dụng bản "
                "trước."
            ),
            "A signed opinion was corrected, annulled or revoked",
            (
                "A body’s signed opinion does not stand as it did. What stands now, why, on what "
                "legal basis and from which day, is in the case; do not go on using the earlier "
                "version."
            ),
        )
        for audience in ("board", "authority", "body", "overseer")
    },
    ("amendment_drafted", "head"): (
        "Có đính chính, hủy hoặc thu hồi ý kiến chờ ký",
        (
            "Cán bộ của cơ quan đồng chí đã soạn việc đính chính, hủy hoặc thu hồi một ý kiến đã "
            "ký. Việc này chỉ có hiệu lực khi người có thẩm quyền ký."
        ),
        "A correction, annulment or revocation waits to be signed",
        (
            "An officer of your body has drawn up the correction, annulment or revocation of a "
            "signed opinion. It counts only once a signer has signed it."
        ),
    ),
    ("amendment_released", "body"): (
        "Việc đính chính, hủy hoặc thu hồi ý kiến thiếu người ký nháy hoặc phải soạn lại",
        (
            "Một người đã soạn hoặc ký nháy việc đính chính, hủy hoặc thu hồi một ý kiến đã ký "
            "của cơ quan đồng chí nay không được tham gia hồ sơ nữa. Chữ ký nháy của người đó "
            "không còn giá trị, người khác phải ký nháy lại; nếu người đó là người soạn thì phải "
            "soạn lại."
        ),
        "A correction, annulment or revocation lacks a name, or has to be drawn up anew",
        (
            "Somebody who drew up or countersigned the correction, annulment or revocation of a "
            "signed opinion of your body has nothing to do with the case any more. Their "
            "countersignature is void and somebody else has to countersign; where it was they who "
            "drew it up, it has to be drawn up anew."
        ),
    ),
    **dict.fromkeys(
        (("conflict_waiting", "board_head"), ("conflict_waiting", "overseer")),
        (
            "Đã khai báo xung đột lợi ích, chưa có người thay",
            (
                "Một cán bộ đã khai báo không được tham gia xử lý một hồ sơ và từ lúc đó không còn "
                "làm gì với hồ sơ. Còn có việc đang mở mà chưa ai làm được: cần giao vai trò cho "
                "người khác hoặc cử người làm thay. Các việc đó được ghi ở trang của hồ sơ."
            ),
            "A conflict of interest was declared, and nobody can take over yet",
            (
                "An officer declared that they must not deal with a case, and does nothing in it "
                "from then on. Steps are open that nobody can take yet: somebody has to be given "
                "the role, or named as a substitute. Which steps these are stands on the page of "
                "the case."
            ),
        ),
    ),
    ("conflict_waiting", "body"): (
        "Đã khai báo xung đột lợi ích, chưa có người thay",
        (
            "Một cán bộ của cơ quan đồng chí đã khai báo không được tham gia xử lý một hồ sơ và từ "
            "lúc đó không còn làm gì với hồ sơ. Việc của cơ quan trong hồ sơ này chưa ai làm được: "
            "đề nghị bảo đảm có người được giao vai trò hoặc được cử làm thay."
        ),
        "A conflict of interest was declared, and nobody can take over yet",
        (
            "An officer of your body declared that they must not deal with a case, and does "
            "nothing in it from then on. What your body has to do in it nobody can do yet: see to "
            "it that somebody is given the role, or named as a substitute."
        ),
    ),
    ("case_restricted", "overseer"): (
        "Phạm vi người được biết một hồ sơ đã thay đổi",
        (
            "Người đứng đầu Ban Tổ chức đã hạn chế một hồ sơ trong phạm vi một số người, hoặc đã "
            "thay đổi việc hạn chế đó. Cơ quan giám sát được báo mỗi lần như vậy, kể cả khi hồ sơ "
            "không còn dành cho đồng chí; khi đó, thông báo không nêu gì về hồ sơ."
        ),
        "It was changed who may know of a case",
        (
            "The head of the Organisation Board has kept a case to some people, or has changed to "
            "whom it is kept. Whoever supervises is told so every time, also where the case is "
            "kept from you; then nothing about it stands here."
        ),
    ),
    ("disposal_asked", "overseer"): (
        "Có đề nghị tiêu hủy hồ sơ chờ trả lời",
        (
            "Ban Tổ chức đề nghị tiêu hủy một hồ sơ đã hết thời hạn bảo quản. Người giám sát chưa "
            "làm gì trong hồ sơ đó xem danh mục và đồng ý hoặc không đồng ý; chưa trả lời không "
            "được coi là đồng ý."
        ),
        "It was asked that a record be destroyed",
        (
            "The Organisation Board asks that a record whose schedule has run out be destroyed. A "
            "supervisor who did nothing in it looks at the list and agrees or refuses; not to "
            "answer is not to consent."
        ),
    ),
    ("disposal_answered", "board"): (
        "Đề nghị tiêu hủy hồ sơ đã được trả lời",
        (
            "Người giám sát đã trả lời đề nghị tiêu hủy một hồ sơ. Câu trả lời được ghi ở trang "
            "thời hạn bảo quản của hồ sơ."
        ),
        "It was answered whether a record is destroyed",
        (
            "A supervisor has answered whether a record is destroyed. What was said stands on the "
            "page that tells how long it is kept."
        ),
    ),
    ("disposal_done", "board"): (
        "Hồ sơ đã được tiêu hủy",
        (
            "Một hồ sơ mà hai người đã đồng ý tiêu hủy nay đã được tiêu hủy. Phần còn lại được ghi "
            "ở trang thời hạn bảo quản."
        ),
        "A record was destroyed",
        (
            "A record that two people had agreed to destroy is destroyed. What stays of it stands "
            "on the page of retention."
        ),
    ),
    ("answer_due", "body"): (
        "Sắp đến hạn cho ý kiến",
        (
            "Cơ quan của đồng chí chưa ký ý kiến về một hồ sơ sắp đến hạn. Ngày đến hạn được "
            "ghi trong hồ sơ."
        ),
        "An answer is due soon",
        (
            "Your body has not signed its opinion on a case, and the last day for it is near. "
            "The day stands in the case."
        ),
    ),
    ("answer_late", "body"): (
        "Đã quá hạn cho ý kiến",
        (
            "Cơ quan của đồng chí chưa ký ý kiến về một hồ sơ đã quá hạn. Chưa trả lời không "
            "được coi là đồng ý."
        ),
        "An answer is late",
        (
            "Your body has not signed its opinion on a case, and the last day for it has "
            "passed. Not to answer is not to consent."
        ),
    ),
    ("answer_late", "head"): (
        "Cơ quan chậm cho ý kiến",
        (
            "Cơ quan của đồng chí đã quá hạn cho ý kiến về một hồ sơ. Đề nghị lãnh đạo cơ quan "
            "chỉ đạo giải quyết."
        ),
        "Your body is late with an answer",
        (
            "Your body’s opinion on a case is past its last day. As its head you are asked to "
            "see to it."
        ),
    ),
    ("answer_late", "board"): (
        "Cơ quan được hỏi chậm cho ý kiến",
        (
            "Một cơ quan được hỏi đã quá hạn mà chưa ký ý kiến. Hồ sơ vẫn chờ; chưa trả lời "
            "không được coi là đồng ý."
        ),
        "A consulted body is late",
        (
            "A body that was asked has not signed, and its last day has passed. The case goes "
            "on waiting; not to answer is not to consent."
        ),
    ),
    ("deadline_due", "unit"): (
        "Sắp đến thời hạn của hồ sơ",
        (
            "Một việc đơn vị của đồng chí phải làm trong một hồ sơ sắp đến hạn. Thời hạn và cách "
            "tính được ghi trong hồ sơ."
        ),
        "Something is due soon in a case",
        (
            "Something that your unit has to do in a case is due soon. By when, and why that day, "
            "stands in the case."
        ),
    ),
    ("deadline_due", "board"): (
        "Sắp đến thời hạn của hồ sơ",
        (
            "Một việc Ban phải làm trong một hồ sơ sắp đến hạn. Thời hạn và cách tính được ghi "
            "trong hồ sơ."
        ),
        "Something is due soon in a case",
        (
            "Something that the Board has to do in a case is due soon. By when, and why that day, "
            "stands in the case."
        ),
    ),
    ("deadline_due", "authority"): (
        "Sắp đến thời hạn của hồ sơ",
        (
            "Một việc cấp có thẩm quyền phải làm trong một hồ sơ sắp đến hạn. Thời hạn và cách "
            "tính được ghi trong hồ sơ."
        ),
        "Something is due soon in a case",
        (
            "Something that the authority has to do in a case is due soon. By when, and why that "
            "day, stands in the case."
        ),
    ),
    ("deadline_late", "unit"): (
        "Đã quá thời hạn của hồ sơ",
        (
            "Một việc đơn vị của đồng chí phải làm trong một hồ sơ đã quá hạn mà chưa xong. Thời "
            "hạn và cách tính được ghi trong hồ sơ."
        ),
        "Something is late in a case",
        (
            "Something that your unit has to do in a case was not done by its last day. By when it"
            " was due, and why that day, stands in the case."
        ),
    ),
    ("deadline_late", "board"): (
        "Đã quá thời hạn của hồ sơ",
        (
            "Một việc trong một hồ sơ đã quá hạn mà chưa xong. Việc đó của ai, thời hạn và cách "
            "tính được ghi trong hồ sơ."
        ),
        "Something is late in a case",
        (
            "Something in a case was not done by its last day. Who has to do it, by when it was "
            "due, and why that day, stands in the case."
        ),
    ),
    ("deadline_late", "board_head"): (
        "Ban chậm thời hạn của hồ sơ",
        (
            "Một việc Ban phải làm trong một hồ sơ đã quá hạn mà chưa xong. Đề nghị lãnh đạo Ban "
            "chỉ đạo giải quyết."
        ),
        "The Board is late in a case",
        (
            "Something that the Board has to do in a case was not done by its last day. As its "
            "head you are asked to see to it."
        ),
    ),
    ("deadline_late", "authority"): (
        "Đã quá thời hạn của hồ sơ",
        (
            "Một việc cấp có thẩm quyền phải làm trong một hồ sơ đã quá hạn mà chưa xong. Thời hạn"
            " và cách tính được ghi trong hồ sơ."
        ),
        "Something is late in a case",
        (
            "Something that the authority has to do in a case was not done by its last day. By "
            "when it was due, and why that day, stands in the case."
        ),
    ),
    ("conclusion_ends", "unit"): (
        "Kết luận sắp hết hiệu lực",
        (
            "Kết luận về một hồ sơ của đơn vị sắp hết thời hạn hiệu lực theo quy định. Ngày hết "
            "hiệu lực và cách tính được ghi trong hồ sơ. Không hồ sơ nào được tự gia hạn hoặc tự "
            "lập mới."
        ),
        "A conclusion ceases to hold soon",
        (
            "The conclusion on a case of your unit ceases to hold soon, by its rule. On which day,"
            " and why, stands in the case. Nothing is prolonged and no case begun by itself."
        ),
    ),
    ("conclusion_ends", "board"): (
        "Kết luận sắp hết hiệu lực",
        (
            "Kết luận về một hồ sơ sắp hết thời hạn hiệu lực theo quy định. Ngày hết hiệu lực và "
            "cách tính được ghi trong hồ sơ."
        ),
        "A conclusion ceases to hold soon",
        (
            "The conclusion on a case ceases to hold soon, by its rule. On which day, and why, "
            "stands in the case."
        ),
    ),
    ("paper_ends", "unit"): (
        "Giấy tờ sắp quá thời hạn",
        (
            "Một giấy tờ được dẫn trong một hồ sơ đang giải quyết sắp quá thời hạn theo quy định. "
            "Giấy tờ nào, đến ngày nào và vì sao được ghi trong hồ sơ."
        ),
        "A paper grows too old soon",
        (
            "A paper that a running case refers to grows too old soon, by its rule. Which it is, "
            "until which day it can be used, and why, stands in the case."
        ),
    ),
    ("paper_ends", "board"): (
        "Giấy tờ sắp quá thời hạn",
        (
            "Một giấy tờ được dẫn trong một hồ sơ đang giải quyết sắp quá thời hạn theo quy định. "
            "Giấy tờ nào, đến ngày nào và vì sao được ghi trong hồ sơ."
        ),
        "A paper grows too old soon",
        (
            "A paper that a running case refers to grows too old soon, by its rule. Which it is, "
            "until which day it can be used, and why, stands in the case."
        ),
    ),
    ("term_ends", "unit"): (
        "Sắp hết thời hạn giữ chức vụ",
        (
            "Thời hạn giữ chức vụ ghi trong một hồ sơ của đơn vị sắp hết. Ngày hết thời hạn được "
            "ghi trong hồ sơ; có xem xét bổ nhiệm lại hay không là việc của cấp có thẩm quyền, hồ "
            "sơ không tự lập."
        ),
        "A term ends soon",
        (
            "A term that is on record in a case of your unit ends soon; the day stands in the "
            "case. Whether re-appointment is considered is for those to say who may; no case is "
            "begun by itself."
        ),
    ),
    ("term_ends", "board"): (
        "Sắp hết thời hạn giữ chức vụ",
        "Thời hạn giữ chức vụ ghi trong một hồ sơ sắp hết. Ngày hết thời hạn được ghi trong hồ sơ.",
        "A term ends soon",
        "A term that is on record in a case ends soon. The day stands in the case.",
    ),
    ("probation_ended", "unit"): (
        "Hết thời gian dự bị, cần lập hồ sơ công nhận chính thức",
        (
            "Thời gian dự bị của một đảng viên do đơn vị đề nghị kết nạp đã hết. Đề nghị đơn vị "
            "lập hồ sơ thẩm định để công nhận đảng viên chính thức, tiếp theo hồ sơ kết nạp; hồ sơ"
            " không tự lập. Ngày hết thời gian dự bị và cách tính được ghi trong hồ sơ kết nạp."
        ),
        "A probation has ended: a case of full membership is to be filed",
        (
            "The probation of somebody whose admission your unit asked for has ended. Your unit "
            "files the case of full membership, after the case of admission; no case is begun by "
            "itself. The day, and why that day, stands in the case of admission."
        ),
    ),
    **dict.fromkeys(
        [(EMERGENCY, "unit"), (EMERGENCY, "board"), (EMERGENCY, "overseer")],
        (
            "Đã đồng ý cho truy cập khẩn cấp một hồ sơ",
            (
                "Một cán bộ đã đề nghị đọc trong thời gian ngắn một hồ sơ không dành cho mình, "
                "và người thứ hai đã đồng ý. Mã hồ sơ, ai đề nghị, đến khi nào, và hồ sơ có mở cho "
                "người đó hay không được ghi ở trang truy cập khẩn cấp."
            ),
            "Emergency access to a case was agreed to",
            (
                "Somebody from whom a case is kept asked to read it for a short time, and a "
                "second person agreed. Its reference, who asked, until when, and whether it is "
                "open to them by this stands on the page of emergency access."
            ),
        ),
    ),
    (NAMED, SUBSTITUTE): (
        "Được cử làm thay người vắng mặt",
        (
            "Đồng chí được cử làm thay một cán bộ vắng mặt, với vai trò và trong những ngày ghi "
            "dưới đây. Trong những ngày đó, đồng chí làm thay sau khi chọn tư cách ấy ở trang "
            "“Đổi tư cách làm việc”; việc làm thay được ghi dưới cả hai tên."
        ),
        "You are to act for somebody who is away",
        (
            "You were named to act for an officer who is away, in the role and on the days given "
            "here. On these days you act for them once you have chosen that capacity on the page "
            "“Change capacity”; whatever you do then is kept under both names."
        ),
    ),
    (NAMED_NO_MORE, SUBSTITUTE): (
        "Thôi làm thay người vắng mặt",
        (
            "Đồng chí không còn làm thay cán bộ ghi dưới đây: việc vắng mặt kết thúc sớm, hoặc "
            "đồng chí không còn được cử. Những việc đã làm thay vẫn được giữ nguyên."
        ),
        "You act for somebody no more",
        (
            "You no longer act for the officer given here: the absence ended early, or you are "
            "no longer named. What you did for them stands."
        ),
    ),
    ("request_recorded", "board"): (
        "Có yêu cầu của nhân sự",
        (
            "Nhân sự đã có yêu cầu bằng văn bản về dữ liệu của mình và yêu cầu đã được ghi vào hồ "
            "sơ. Nội dung và thời hạn trả lời, nếu có, được ghi ở trang yêu cầu của hồ sơ."
        ),
        "The candidate asks for something",
        (
            "The candidate has asked in writing about their own data, and the request is on "
            "record. What it asks, and by when it is to be answered where a rule says so, stands "
            "on the page of the case’s requests."
        ),
    ),
    ("request_answered", "unit"): (
        "Yêu cầu của nhân sự đã được trả lời",
        (
            "Ban Tổ chức đã trả lời yêu cầu của nhân sự về dữ liệu của mình. Câu trả lời, và ngày "
            "giao gói dữ liệu nếu có, được ghi ở trang yêu cầu của hồ sơ."
        ),
        "The candidate’s request was answered",
        (
            "The Organisation Board has answered what the candidate asked about their own data. "
            "The answer, and when a package was handed over if one goes with it, stands on the "
            "page of the case’s requests."
        ),
    ),
}
# What a workflow calls otherwise: the decision goes to the cell as well.
OWN_TITLES = {
    (CaseType.PARTY_ADMISSION, "notify"): (
        "Thông báo kết quả xem xét kết nạp",
        "The outcome is announced to the unit and its cell",
    ),
    (CaseType.FULL_MEMBERSHIP, "notify"): (
        "Thông báo kết quả xem xét công nhận",
        "The outcome is announced to the unit and its cell",
    ),
}
# With these a duty or a right begins: nobody can mute them.
AMENDED = {"conclusion_amended", "opinion_amended"}
STATUTORY = {
    *("return", "consult", "take_back", "notify", EMERGENCY, NAMED, NAMED_NO_MORE, *AMENDED),
    *("time_granted", "time_refused", "time_moved"),
    *("questions_put", "questions_closed", "answer_shown", "body_added"),
    *("request_recorded", "case_restricted", "conflict_waiting"),
}
ACKNOWLEDGED = {"take_back", "notify", EMERGENCY, "case_restricted", *AMENDED}
WRITTEN = [(definition, notice) for definition in definitions() for notice in definition.notices]


def test_every_notice_says_what_it_says_word_for_word():
    assert {
        which: (told.title.vi, told.text.vi, told.title.en, told.text.en)
        for which, told in CATALOGUE.items()
    } == SAID
    assert {on for (on, _), told in CATALOGUE.items() if told.statutory} == STATUTORY
    assert {on for (on, _), told in CATALOGUE.items() if told.acknowledged} == ACKNOWLEDGED


def test_every_audience_is_somebody():
    assert {to for _, to in CATALOGUE} <= set(ROLES_OF_AUDIENCE)
    assert all(ROLES_OF_AUDIENCE.values())


@pytest.mark.parametrize(
    ("definition", "notice"), WRITTEN, ids=[f"{d.case_type}-{n.on}" for d, n in WRITTEN]
)
def test_every_notice_of_a_workflow_has_its_words_and_is_called_as_the_workflow_says(
    definition, notice
):
    own = OWN_TITLES.get((definition.case_type, notice.on))
    called = (notice.title.vi, notice.title.en)
    assert called == (own or (SAID[notice.on, notice.to][0], SAID[notice.on, notice.to][2]))
    assert title_of(definition, definitions().consultation(), notice.on, notice.to) == notice.title


def test_a_workflows_own_title_goes_before_that_of_the_catalogue():
    planning = definitions().of(CaseType.PLANNING, 1)
    own = Title(vi="Tên riêng", en="A title of its own")
    renamed = planning.model_copy(
        update={
            "notices": tuple(
                notice.model_copy(update={"title": own}) if notice.on == "notify" else notice
                for notice in planning.notices
            )
        }
    )

    assert title_of(renamed, definitions().consultation(), "notify", "unit") == own
    assert title_of(planning, definitions().consultation(), EMERGENCY, "unit").en == (
        "Emergency access to a case was agreed to"
    )
