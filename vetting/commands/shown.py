"""Shown: why no command of the command line leaves a line in the ledger of reads.

The ledger tells which officer looked, in which capacity and session. A command has none of them:
whoever may run it stands at the machine and could read the database itself, which no ledger inside
it can tell. So no command prints what a case says; each says here what it prints instead.
"""

from collections.abc import Mapping

_OWN = "it prints nothing about any case"
_FIELD = "it is about the field: registers, workflows, officers"
_DATES = "it prints references, days and the rules that they follow from, and no candidate"
_PROOF = "it prints handles and numbers of entries, and nothing that an entry says"
_WITNESS = "it is about a witness and its key, and knows of no case"

NOT_IN_THE_LEDGER: Mapping[str, str] = {
    "init": _OWN,
    "db roles": "it prints the roles of the database and what they may do",
    "keys rotate": _OWN,
    "keys retire": _OWN,
    "serve": "it serves pages, and each page leaves its own lines",
    "worker": _OWN,
    "officers add": _FIELD,
    "officers waiting": _FIELD,
    "officers confirm": _FIELD,
    "officers refuse": _FIELD,
    "officers take-back": _FIELD,
    "officers password": _FIELD,
    "officers reset-factor": _FIELD,
    "officers end-role": _FIELD,
    "officers clear": _FIELD,
    "officers disable": "it prints how many cases, and none of them",
    "officers tie": _FIELD,
    "officers untie": _FIELD,
    "officers list": _FIELD,
    "registers load": _FIELD,
    "registers list": _FIELD,
    "workflows check": _FIELD,
    "workflows draw": _FIELD,
    "workflows list": _FIELD,
    "workflows publish": _FIELD,
    "lists import": "it prints rows of the file that it was given, and files them by entries",
    "deadlines explain": _DATES,
    "deadlines sweep": _DATES,
    "deadlines take-over": _DATES,
    "demo round": "it plays with candidates who do not exist, in a database of its own",
    "history verify": _PROOF,
    "doctor": "it prints handles, bodies and days, and nothing that an entry says",
    "retention load": _FIELD,
    "retention list": _FIELD,
    "retention run": "it prints how many records were destroyed, and handles of those that stay",
    "history line": _PROOF,
    "history rebuild": _PROOF,
    "history seal": _PROOF,
    "reports check": "it prints periods and names of figures, and nothing of any case",
    "history trust-witness": _WITNESS,
    "history ask": _PROOF,
    "history keep": _PROOF,
    "history declare-gap": _PROOF,
    "witness init": _WITNESS,
    "witness know": _WITNESS,
    "witness sign": _WITNESS,
    "witness begin-anew": _WITNESS,
    "witness serve": _WITNESS,
    "bench": "it measures on databases of its own that are thrown away",
}
