"""Whoever changes the language in the middle of a form goes on where they were: nothing is lost."""

import re
from dataclasses import replace

from tests.house.forms import WORDS, send
from tests.house.judging import faults_of, says

SWITCH = re.compile(
    r'<button[^>]* form="sheet"[^>]* formaction="([^"]*)"[^>]* name="read_in"[^>]* value="(\w+)"'
)
# Where the switch takes nothing along that was written, with the reason.
NOTHING_TAKEN = {
    "sign_in.enter": "a password is never shown again",
    "own_factors.add_passkey": "the device is asked anew on each page",
    "own_sessions.password": "a password is never shown again",
}
# Where the form is there only once something was read.
READ_FIRST = {"/to-sign": "/to-sign/read"}


def test_every_form_comes_back_in_the_other_language_as_it_was_filled_in(site, surveyed):
    wrong, met = [], 0
    for form in surveyed.by_endpoint():
        fields = form.written()
        if not fields or form.endpoint in NOTHING_TAKEN:
            continue
        site.restore()
        if form.page in READ_FIRST:
            site.browser(form.visitor).get(READ_FIRST[form.page])
        page = site.browser(form.visitor).get(form.page)
        switch = SWITCH.search(page.text)
        if switch is None:
            wrong.append(f"{form.endpoint}: the switch on {form.page} loses what was written")
            continue
        met += 1
        before, (address, language) = site.counts(), switch.groups()
        pairs = [(name, WORDS if name in fields else value) for name, value in form.pairs()]
        answer = send(site, replace(form, action=address), [*pairs, ("read_in", language)])
        wrong += [f"{form.endpoint}: {it}" for it in faults_of(answer, "en")]
        if answer.status_code != 200 or not says(answer, WORDS):
            wrong.append(f"{form.endpoint}: {answer.status_code}, or it lost what was written")
        if site.counts() != before:
            wrong.append(f"{form.endpoint}: something was done")
        following = site.browser(form.visitor).get("/help")
        if '<html lang="en">' not in following.text:
            wrong.append(f"{form.endpoint}: the next page is in the old language")
    site.restore()

    assert wrong == []
    assert met >= 40
