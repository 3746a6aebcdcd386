"""The second count: every figure of a report, by SQL alone, from tables that the first leaves.

It was written apart from `engine/figures.py` and shares nothing with it but the names of columns:
where the two do not give the same numbers, one of them is wrong. It takes what was asked from the
rows of consultations and cases, and what became of it from the entries; the days and the seconds
are the database's own. Whoever may read the tables can run it, such as the auditor. Of
what was lawfully erased it takes no more than the first has: that somebody was asked, and no date.
"""

import re

from sqlalchemy import Connection, text

Numbers = dict[tuple[str, ...], dict[str, int]]  # by row, then by column

_HOLDS = (
    "'case.filed','case.taken_up','case.returned','case.refiled','case.accepted',"
    "'case.consulted','case.replies_complete','case.proposed','proposal.reworked',"
    "'case.submitted','proposal.returned','case.concluded','case.withdrawn'"
)
_STAYS = f"{_HOLDS},'case.suspended','case.resumed'"
_WHOSE = """
  CASE {verb}
    WHEN 'case.returned' THEN 'unit'
    WHEN 'case.consulted' THEN 'bodies'
    WHEN 'case.submitted' THEN 'authority'
    WHEN 'case.concluded' THEN 'concluded'
    WHEN 'case.withdrawn' THEN 'withdrawn'
    WHEN 'case.suspended' THEN 'paused'
    ELSE 'board' END"""
# Every statement goes through what it needs once, however much there is of it. Entries are read by
# their verbs, and what belongs together is found by windows over them and by grouping. Where two
# are joined, CROSS JOIN holds SQLite to the order in which they are named: it keeps no statistics,
# and would read all entries of a verb again for each case. To PostgreSQL it is a join like any; it
# takes a day to be a condition that hardly a row meets, and would go through all cases again for
# each of these few: so which cases count is asked before the days are.
_KNOWN = f"""
WITH logged AS NOT MATERIALIZED (
  SELECT e.case_handle, e.number, e.verb, e.at, e.body
  FROM entries e CROSS JOIN log l
  WHERE l.case_handle = e.case_handle AND l.number = e.number AND l.position < :size
),
known AS MATERIALIZED (
  SELECT case_handle FROM logged WHERE verb = 'case.filed'
  EXCEPT
  SELECT case_handle FROM logged WHERE verb = 'case.restricted'
),
told AS NOT MATERIALIZED (
  SELECT * FROM logged WHERE case_handle IN (SELECT case_handle FROM known)
),
stays AS MATERIALIZED (
  SELECT s.case_handle, s.verb, s.at AS since,
    LEAD(s.at) OVER so_far AS until,
    MIN(CASE s.verb WHEN 'case.filed' THEN s.at END) OVER so_far AS filed_at,
    SUM(CASE s.verb WHEN 'case.concluded' THEN 1 ELSE 0 END) OVER so_far AS conclusions,
    CASE s.verb WHEN 'case.resumed' THEN
      (SELECT {_WHOSE.format(verb="h.verb")} FROM entries h
       WHERE h.case_handle = s.case_handle AND h.number = (
         SELECT MAX(b.number) FROM entries b
         WHERE b.case_handle = s.case_handle AND b.number < s.number AND b.verb IN ({_HOLDS})))
    ELSE {_WHOSE.format(verb="s.verb")} END AS whose
  FROM told s WHERE s.verb IN ({_STAYS})
  WINDOW so_far AS (PARTITION BY s.case_handle ORDER BY s.number)
),
steps AS (
  SELECT case_handle, body, number, at, verb,
    SUM(CASE verb WHEN 'body.asked' THEN 1 ELSE 0 END)
      OVER (PARTITION BY case_handle, body ORDER BY number) AS nth
  FROM told
  WHERE verb IN ('body.asked','consultation.received','consultation.assigned','opinion.drafted',
    'opinion.signed','consultation.taken_back')
),
turns AS MATERIALIZED (
  SELECT case_handle, body, nth,
    MIN(CASE verb WHEN 'body.asked' THEN at END) AS asked_at,
    MIN(CASE WHEN verb IN ('consultation.received','consultation.assigned','opinion.drafted')
      THEN at END) AS received_at,
    MIN(CASE verb WHEN 'opinion.signed' THEN at END) AS signed_at,
    MIN(CASE verb WHEN 'opinion.signed' THEN number END) AS signed_by,
    MIN(CASE verb WHEN 'consultation.taken_back' THEN number END) AS back_by
  FROM steps WHERE nth > 0 GROUP BY case_handle, body, nth
),
moved AS (
  SELECT x.consultation, MIN(x.entry) AS first,
    MAX(CASE WHEN l.position < :size THEN x.entry END) AS last
  FROM extensions x LEFT JOIN log l ON l.case_handle = x.case_handle AND l.number = x.entry
  GROUP BY x.consultation
),
put AS (
  SELECT k.case_handle, k.body,
    CASE WHEN m.last IS NOT NULL THEN x.until WHEN m.first IS NOT NULL THEN x.due_on
      ELSE k.due_on END AS due_on,
    CASE WHEN k.state = 'erased' THEN 1 ELSE k.turn END AS turn,
    CASE WHEN k.state = 'erased' THEN 'must' ELSE k.need END AS need,
    ROW_NUMBER() OVER (PARTITION BY k.case_handle, k.body ORDER BY k.turn) AS nth
  FROM consultations k
  LEFT JOIN moved m ON m.consultation = k.handle
  LEFT JOIN extensions x
    ON x.consultation = m.consultation AND x.entry = COALESCE(m.last, m.first)
),
requests AS MATERIALIZED (
  SELECT p.case_handle, p.body, c.case_type, p.turn, p.due_on, t.asked_at, t.received_at,
    t.signed_by,
    CASE WHEN t.back_by IS NULL OR t.signed_by < t.back_by THEN t.signed_at END AS signed_at,
    CASE WHEN t.back_by < COALESCE(t.signed_by, t.back_by + 1) THEN 1 ELSE 0 END AS back
  FROM put p CROSS JOIN turns t CROSS JOIN cases c
  WHERE p.need <> 'inform'
    AND t.case_handle = p.case_handle AND t.body = p.body AND t.nth = p.nth
    AND c.handle = p.case_handle
)"""  # noqa: S608  # our own words only
_REQUESTS = f"""{_KNOWN}
SELECT body, case_type,
  COUNT(*) AS sent,
  SUM(CASE WHEN turn > 1 THEN 1 ELSE 0 END) AS again,
  COUNT(signed_at) AS replied,
  SUM(CASE WHEN DAY_OF(signed_at) <= due_on THEN 1 ELSE 0 END) AS in_time,
  SUM(CASE WHEN DAY_OF(signed_at) > due_on THEN 1 ELSE 0 END) AS late,
  SUM(CASE WHEN signed_at IS NOT NULL AND due_on IS NULL THEN 1 ELSE 0 END) AS no_date,
  SUM(back) AS taken_back,
  SUM(CASE WHEN signed_at IS NULL AND back = 0 THEN 1 ELSE 0 END) AS unanswered,
  SUM(CASE WHEN signed_at IS NULL AND back = 0 AND due_on < DAY_OF(:as_of) THEN 1 ELSE 0 END)
    AS overdue,
  SUM(CASE WHEN signed_at IS NULL AND back = 0 AND due_on IS NULL THEN 1 ELSE 0 END)
    AS open_no_date
FROM requests
WHERE DAY_OF(asked_at) BETWEEN :since AND :until
GROUP BY body, case_type"""  # noqa: S608
_MOVEMENT = f"""{_KNOWN},
moves AS MATERIALIZED (
  SELECT case_handle, verb, at FROM told
  WHERE verb IN ('case.filed','case.returned','case.refiled','case.suspended',
    'proposal.reworked','proposal.returned','case.withdrawn','case.concluded')
)
SELECT c.case_type,
  SUM(CASE t.verb WHEN 'case.filed' THEN 1 ELSE 0 END) AS filed,
  SUM(CASE t.verb WHEN 'case.returned' THEN 1 ELSE 0 END) AS returned,
  SUM(CASE t.verb WHEN 'case.refiled' THEN 1 ELSE 0 END) AS refiled,
  SUM(CASE t.verb WHEN 'case.suspended' THEN 1 ELSE 0 END) AS suspended,
  SUM(CASE t.verb WHEN 'proposal.reworked' THEN 1 ELSE 0 END) AS reworked,
  SUM(CASE t.verb WHEN 'proposal.returned' THEN 1 ELSE 0 END) AS sent_back,
  SUM(CASE t.verb WHEN 'case.withdrawn' THEN 1 ELSE 0 END) AS withdrawn,
  SUM(CASE t.verb WHEN 'case.concluded' THEN 1 ELSE 0 END) AS concluded
FROM moves t CROSS JOIN cases c
WHERE c.handle = t.case_handle AND DAY_OF(t.at) BETWEEN :since AND :until
GROUP BY c.case_type"""  # noqa: S608
_OFF = """
    CASE WHEN since < {ends} AND COALESCE(until, {ends}) > {begins} THEN
      SECOND_OF(LEAST(COALESCE(until, {ends}), {ends})) - SECOND_OF(GREATEST(since, {begins}))
    ELSE 0 END"""
# The pauses of a reply are looked for among the entries of its case, which are few, and not in a
# list of all. Of entries after the last that counts none is asked: what they could end is over.
_BODY_TIMES = f"""{_KNOWN},
replies AS MATERIALIZED (
  SELECT case_handle, body, case_type, signed_by, asked_at, signed_at,
    LEAST(COALESCE(received_at, signed_at), signed_at) AS received_at,
    CASE WHEN case_handle IN (SELECT case_handle FROM told WHERE verb = 'case.suspended')
      THEN 1 ELSE 0 END AS paused
  FROM requests
  WHERE signed_at IS NOT NULL AND DAY_OF(signed_at) BETWEEN :since AND :until
),
pauses AS MATERIALIZED (
  SELECT r.body, r.case_type, r.asked_at, r.received_at, r.signed_at, x.at AS since, (
    SELECT MIN(n.at) FROM entries n
    WHERE n.case_handle = x.case_handle AND n.number > x.number AND n.verb IN ({_STAYS})
  ) AS until
  FROM replies r CROSS JOIN entries x
  WHERE r.paused = 1
    AND x.case_handle = r.case_handle AND x.number < r.signed_by AND x.verb = 'case.suspended'
),
times AS (
  SELECT r.body, r.case_type, 1 AS replied,
    SECOND_OF(r.received_at) - SECOND_OF(r.asked_at) AS way,
    SECOND_OF(r.signed_at) - SECOND_OF(r.received_at) AS own,
    0 AS off_way, 0 AS off_own
  FROM replies r
  UNION ALL
  SELECT body, case_type, 0, 0, 0,
    {_OFF.format(begins="asked_at", ends="received_at")},
    {_OFF.format(begins="received_at", ends="signed_at")}
  FROM pauses
)
SELECT body, case_type,
  SUM(replied) AS replied,
  SUM(way + own) AS elapsed,
  SUM(way + own - off_way - off_own) AS clock_on,
  SUM(way - off_way) AS on_the_way,
  SUM(own - off_own) AS own,
  SUM(off_way + off_own) AS clock_off
FROM times GROUP BY body, case_type"""  # noqa: S608
_CASE_TIMES = f"""{_KNOWN},
times AS (
  SELECT case_handle, filed_at, verb, since, whose,
    SECOND_OF(until) - SECOND_OF(since) AS lasted
  FROM stays WHERE conclusions = 0 OR (conclusions = 1 AND verb = 'case.concluded')
),
held AS (
  SELECT case_handle,
    MAX(CASE verb WHEN 'case.concluded' THEN since END) AS at,
    MIN(filed_at) AS filed_at,
    SUM(CASE whose WHEN 'unit' THEN lasted ELSE 0 END) AS unit,
    SUM(CASE whose WHEN 'board' THEN lasted ELSE 0 END) AS board,
    SUM(CASE whose WHEN 'bodies' THEN lasted ELSE 0 END) AS bodies,
    SUM(CASE whose WHEN 'authority' THEN lasted ELSE 0 END) AS authority,
    SUM(CASE whose WHEN 'paused' THEN lasted ELSE 0 END) AS clock_off
  FROM times GROUP BY case_handle
),
ended AS (
  SELECT c.case_type, SECOND_OF(h.at) - SECOND_OF(h.filed_at) AS elapsed,
    h.unit, h.board, h.bodies, h.authority, h.clock_off
  FROM held h CROSS JOIN cases c
  WHERE c.handle = h.case_handle AND DAY_OF(h.at) BETWEEN :since AND :until
)
SELECT case_type, COUNT(*) AS cases, SUM(elapsed) AS elapsed,
  SUM(elapsed - clock_off) AS clock_on, SUM(unit) AS unit, SUM(board) AS board,
  SUM(bodies) AS bodies, SUM(authority) AS authority, SUM(clock_off) AS clock_off
FROM ended GROUP BY case_type"""  # noqa: S608
_ROUNDS = f"""{_KNOWN}
SELECT c.round, c.unit, c.case_type, COUNT(*) AS cases,
  SUM(CASE s.whose WHEN 'unit' THEN 1 ELSE 0 END) AS unit_,
  SUM(CASE s.whose WHEN 'board' THEN 1 ELSE 0 END) AS board,
  SUM(CASE s.whose WHEN 'bodies' THEN 1 ELSE 0 END) AS bodies,
  SUM(CASE s.whose WHEN 'authority' THEN 1 ELSE 0 END) AS authority,
  SUM(CASE s.whose WHEN 'paused' THEN 1 ELSE 0 END) AS paused,
  SUM(CASE s.whose WHEN 'concluded' THEN 1 ELSE 0 END) AS concluded,
  SUM(CASE s.whose WHEN 'withdrawn' THEN 1 ELSE 0 END) AS withdrawn
FROM stays s CROSS JOIN cases c
WHERE s.until IS NULL AND c.handle = s.case_handle AND c.round IS NOT NULL
  AND DAY_OF(s.filed_at) BETWEEN :since AND :until
GROUP BY c.round, c.unit, c.case_type"""  # noqa: S608
_AMENDMENTS = f"""{_KNOWN},
amended AS MATERIALIZED (
  SELECT a.organisation, a.consultation, a.kind, t.case_handle, t.at
  FROM amendments a CROSS JOIN told t
  WHERE t.case_handle = a.case_handle AND t.number = a.entry
)
SELECT m.organisation, c.case_type,
  COUNT(CASE WHEN m.consultation IS NOT NULL AND m.kind = 'correction' THEN 1 END)
    AS opinions_corrected,
  COUNT(CASE WHEN m.consultation IS NOT NULL AND m.kind = 'annulment' THEN 1 END)
    AS opinions_annulled,
  COUNT(CASE WHEN m.consultation IS NOT NULL AND m.kind = 'revocation' THEN 1 END)
    AS opinions_revoked,
  COUNT(CASE WHEN m.consultation IS NULL AND m.kind = 'correction' THEN 1 END)
    AS conclusions_corrected,
  COUNT(CASE WHEN m.consultation IS NULL AND m.kind = 'annulment' THEN 1 END)
    AS conclusions_annulled,
  COUNT(CASE WHEN m.consultation IS NULL AND m.kind = 'revocation' THEN 1 END)
    AS conclusions_revoked
FROM amended m CROSS JOIN cases c
WHERE c.handle = m.case_handle AND DAY_OF(m.at) BETWEEN :since AND :until
GROUP BY m.organisation, c.case_type"""  # noqa: S608
_FIGURES = {  # with how many columns name a row
    "requests": (_REQUESTS, 2),
    "movement": (_MOVEMENT, 1),
    "body_times": (_BODY_TIMES, 2),
    "case_times": (_CASE_TIMES, 1),
    "rounds": (_ROUNDS, 3),
    "amendments": (_AMENDMENTS, 2),
}
_WORDS = re.compile(r"\b(DAY_OF|SECOND_OF)\(([^()]+(?:\([^()]*(?:\([^()]*\)[^()]*)*\))?)\)")
_SAID = {
    "sqlite": {
        "DAY_OF": r"date(substr(\2, 1, 19), '+7 hours')",
        "SECOND_OF": r"CAST(strftime('%s', substr(\2, 1, 19)) AS INTEGER)",
    },
    "postgresql": {
        "DAY_OF": (
            r"to_char(CAST(\2 AS timestamptz) AT TIME ZONE 'Asia/Ho_Chi_Minh', 'YYYY-MM-DD')"
        ),
        "SECOND_OF": r"CAST(extract(epoch FROM CAST(substr(\2, 1, 19) AS timestamp)) AS bigint)",
    },
}


def second_count(
    connection: Connection, *, size: int, as_of: str, since: str, until: str
) -> dict[str, Numbers]:
    """Return every figure, counted by the database itself; rows in which nothing counts are not."""
    given = {"size": size, "as_of": as_of, "since": since, "until": until}
    found: dict[str, Numbers] = {}
    for name, (statement, parts) in _FIGURES.items():
        rows = connection.execute(text(_in_dialect(statement, connection.dialect.name)), given)
        columns = [column.rstrip("_") for column in list(rows.keys())]
        found[name] = {
            tuple(row[:parts]): {
                column: int(number)
                for column, number in zip(columns[parts:], row[parts:], strict=True)
            }
            for row in rows
        }
    return found


def _in_dialect(statement: str, dialect: str) -> str:
    """Say the two words that databases say differently, and on SQLite the two that it lacks."""
    said = _SAID["postgresql" if dialect == "postgresql" else "sqlite"]
    statement = _WORDS.sub(
        lambda found: found.expand(said[found[1]]),
        statement,
    )
    if dialect != "postgresql":
        statement = statement.replace("LEAST(", "min(").replace("GREATEST(", "max(")
    return statement
