"""Speak: how the command line says a sentence in the language of the installation."""

import os
from functools import cache
from gettext import NullTranslations, translation

from vetting.config import ROOT, Settings
from vetting.engine.definition import Title, Titles
from vetting.engine.sentences import Sentence, Years, say
from vetting.engine.vocabulary import Named


def language() -> str:
    """Return the language of the installation."""
    return Settings.from_env(os.environ).language


def spoken(sentence: Sentence | Title | Titles | Named) -> str:
    """Return a sentence or a title in the language of the installation."""
    if isinstance(sentence, Title | Titles):
        return sentence.said(language())
    if isinstance(sentence, Named):
        return _catalogue(language()).gettext(sentence.title)
    said = _catalogue(language()).gettext(sentence.msgid)
    return said % {name: _part(value) for name, value in sentence.params} if "%" in said else said


def speak(msgid: str, /, **params: object) -> str:
    """Return a sentence of a command itself."""
    return spoken(say(msgid, **params))


def _part(value: object) -> object:
    if isinstance(value, Years):
        counted = _catalogue(language()).ngettext("%(num)s year", "%(num)s years", value.count)
        return counted % {"num": value.count}
    return spoken(value) if isinstance(value, Sentence | Title | Titles | Named) else value


@cache
def _catalogue(tongue: str) -> NullTranslations:
    return translation("messages", str(ROOT / "translations"), [tongue], fallback=True)
