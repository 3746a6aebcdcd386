"""Open a round: an occasion on which many units file, such as a planning round."""

from vetting.engine.calendar import refuse_no_day
from vetting.engine.policy import Action
from vetting.engine.refusals import Unacceptable
from vetting.engine.sentences import say
from vetting.engine.vocabulary import CaseType
from vetting.records import submissions
from vetting.records.book import Book
from vetting.usecases.desk import Answer, Desk, Sent


def open_round(
    desk: Desk, sent: Sent, case_type: CaseType, name_vi: str, name_en: str, opened_on: str
) -> Answer:
    """Open a round for one case type, from a day on."""

    def do(book: Book) -> Answer:
        if not (name_vi.strip() and name_en.strip()):
            raise Unacceptable(say("Name the round in both languages."))
        refuse_no_day(opened_on)
        handle = book.ids.handle()
        book.insert(
            submissions.INSERT_ROUND,
            {
                "handle": handle,
                "name_vi": name_vi.strip(),
                "name_en": name_en.strip(),
                "case_type": case_type.value,
                "opened_on": opened_on,
                "closed_on": None,
            },
        )
        return {"round": handle}

    content = {
        "case_type": case_type.value,
        "name_vi": name_vi,
        "name_en": name_en,
        "opened_on": opened_on,
    }
    return desk.act(Action.OPEN_ROUND, sent, content, do)
