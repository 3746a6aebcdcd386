"""Vetting: units file cases, bodies sign opinions, the authority concludes, the history remembers.

Four floors; imports go down only (`make floors` checks it):

    web, worker, commands        how a person, the clock or an operator reaches us
    usecases | queries           what the system does | what a page shows
    records | lists | registers  what is kept | how units' lists and register files are read
    engine                       the rules; knows nothing of Flask, SQL or the clock
"""
