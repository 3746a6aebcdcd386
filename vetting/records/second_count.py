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
_KNOWN = f"""
WITH told AS (
  SELECT e.case_handle, e.number, e.verb, e.at, e.body
  FROM entries e JOIN log l ON l.case_handle = e.case_handle AND l.number = e.number
  WHERE l.position < :size
),
counted AS (
  SELECT c.handle, c.case_type, c.unit, c.round
  FROM cases c
  WHERE c.handle IN (SELECT case_handle FROM told WHERE verb = 'case.filed')
    AND c.handle NOT IN (SELECT case_handle FROM told WHERE verb = 'case.restricted')
),
stays AS (
  SELECT s.case_handle, s.number, s.at AS since,
    LEAD(s.at) OVER (PARTITION BY s.case_handle ORDER BY s.number) AS until,
    CASE s.verb WHEN 'case.resumed' THEN
      (SELECT {_WHOSE.format(verb="h.verb")} FROM entries h
       WHERE h.case_handle = s.case_handle AND h.number = (
         SELECT MAX(b.number) FROM entries b
         WHERE b.case_handle = s.case_handle AND b.number < s.number AND b.verb IN ({_HOLDS})))
    ELSE {_WHOSE.format(verb="s.verb")} END AS whose
  FROM told s WHERE s.verb IN ({_STAYS})
),
asking AS (
  SELECT case_handle, body, number, at,
    ROW_NUMBER() OVER (PARTITION BY case_handle, body ORDER BY number) AS nth
  FROM told WHERE verb = 'body.asked'
),
put AS (
  SELECT case_handle, body,
    COALESCE(
      (SELECT x.until FROM extensions x WHERE x.consultation = consultations.handle
        AND x.entry = (SELECT MAX(y.entry) FROM extensions y JOIN log l
          ON l.case_handle = y.case_handle AND l.number = y.entry
          WHERE y.consultation = consultations.handle AND l.position < :size)),
      (SELECT x.due_on FROM extensions x WHERE x.consultation = consultations.handle
        AND x.entry = (SELECT MIN(y.entry) FROM extensions y
          WHERE y.consultation = consultations.handle)),
      due_on
    ) AS due_on,
    CASE WHEN state = 'erased' THEN 1 ELSE turn END AS turn,
    CASE WHEN state = 'erased' THEN 'must' ELSE need END AS need,
    ROW_NUMBER() OVER (PARTITION BY case_handle, body ORDER BY consultations.turn) AS nth
  FROM consultations
),
ended AS (
  SELECT case_handle, body, number, at, verb,
    ROW_NUMBER() OVER (PARTITION BY case_handle, body ORDER BY number) AS nth
  FROM told WHERE verb IN ('opinion.signed','consultation.taken_back')
),
requests AS (
  SELECT p.case_handle, p.body, c.case_type, p.turn, p.due_on, a.number, a.at AS asked_at,
    CASE d.verb WHEN 'opinion.signed' THEN d.at END AS signed_at,
    d.number AS ended_by,
    CASE d.verb WHEN 'consultation.taken_back' THEN 1 ELSE 0 END AS back
  FROM put p
  JOIN counted c ON c.handle = p.case_handle
  JOIN asking a ON a.case_handle = p.case_handle AND a.body = p.body AND a.nth = p.nth
  LEFT JOIN ended d ON d.case_handle = p.case_handle AND d.body = p.body AND d.nth = p.nth
  WHERE p.need <> 'inform'
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
_MOVEMENT = f"""{_KNOWN}
SELECT c.case_type,
  SUM(CASE t.verb WHEN 'case.filed' THEN 1 ELSE 0 END) AS filed,
  SUM(CASE t.verb WHEN 'case.returned' THEN 1 ELSE 0 END) AS returned,
  SUM(CASE t.verb WHEN 'case.refiled' THEN 1 ELSE 0 END) AS refiled,
  SUM(CASE t.verb WHEN 'case.suspended' THEN 1 ELSE 0 END) AS suspended,
  SUM(CASE t.verb WHEN 'proposal.reworked' THEN 1 ELSE 0 END) AS reworked,
  SUM(CASE t.verb WHEN 'proposal.returned' THEN 1 ELSE 0 END) AS sent_back,
  SUM(CASE t.verb WHEN 'case.withdrawn' THEN 1 ELSE 0 END) AS withdrawn,
  SUM(CASE t.verb WHEN 'case.concluded' THEN 1 ELSE 0 END) AS concluded
FROM told t JOIN counted c ON c.handle = t.case_handle
WHERE DAY_OF(t.at) BETWEEN :since AND :until
  AND t.verb IN ('case.filed','case.returned','case.refiled','case.suspended',
    'proposal.reworked','proposal.returned','case.withdrawn','case.concluded')
GROUP BY c.case_type"""  # noqa: S608
# Of entries after the last that counts none is asked: what they could end is over by then.
_OFF = f"""
  (SELECT COALESCE(SUM(
     SECOND_OF(LEAST(COALESCE(s.until, {{ends}}), {{ends}}))
     - SECOND_OF(GREATEST(s.since, {{begins}}))
   ), 0)
   FROM (
     SELECT x.at AS since, (
       SELECT MIN(n.at) FROM entries n
       WHERE n.case_handle = x.case_handle AND n.number > x.number AND n.verb IN ({_STAYS})
     ) AS until
     FROM entries x
     WHERE x.case_handle = r.case_handle AND x.number < r.ended_by AND x.verb = 'case.suspended'
   ) s
   WHERE s.since < {{ends}} AND COALESCE(s.until, {{ends}}) > {{begins}})"""  # noqa: S608
_BODY_TIMES = f"""{_KNOWN},
replies AS (
  SELECT r.*, COALESCE((
    SELECT MIN(t.at) FROM entries t
    WHERE t.case_handle = r.case_handle AND t.body = r.body
      AND t.number > r.number AND t.number < r.ended_by
      AND t.verb IN ('consultation.received','consultation.assigned','opinion.drafted')
  ), r.signed_at) AS received_at
  FROM requests r
  WHERE r.signed_at IS NOT NULL AND DAY_OF(r.signed_at) BETWEEN :since AND :until
),
times AS (
  SELECT r.body, r.case_type,
    SECOND_OF(r.received_at) - SECOND_OF(r.asked_at) AS way,
    SECOND_OF(r.signed_at) - SECOND_OF(r.received_at) AS own,
    {_OFF.format(begins="r.asked_at", ends="r.received_at")} AS off_way,
    {_OFF.format(begins="r.received_at", ends="r.signed_at")} AS off_own
  FROM replies r
)
SELECT body, case_type,
  COUNT(*) AS replied,
  SUM(way + own) AS elapsed,
  SUM(way + own - off_way - off_own) AS clock_on,
  SUM(way - off_way) AS on_the_way,
  SUM(own - off_own) AS own,
  SUM(off_way + off_own) AS clock_off
FROM times GROUP BY body, case_type"""  # noqa: S608
_CASE_TIMES = f"""{_KNOWN},
ends AS (
  SELECT t.case_handle, MIN(t.number) AS number, MIN(t.at) AS at
  FROM told t WHERE t.verb = 'case.concluded' GROUP BY t.case_handle
),
begins AS (
  SELECT t.case_handle, MIN(t.at) AS at
  FROM told t WHERE t.verb = 'case.filed' GROUP BY t.case_handle
),
held AS (
  SELECT c.handle, c.case_type,
    SECOND_OF(e.at) - SECOND_OF(b.at) AS elapsed,
    SUM(CASE s.whose WHEN 'unit' THEN SECOND_OF(s.until) - SECOND_OF(s.since) ELSE 0 END) AS unit,
    SUM(CASE s.whose WHEN 'board' THEN SECOND_OF(s.until) - SECOND_OF(s.since) ELSE 0 END) AS board,
    SUM(CASE s.whose WHEN 'bodies' THEN SECOND_OF(s.until) - SECOND_OF(s.since) ELSE 0 END)
      AS bodies,
    SUM(CASE s.whose WHEN 'authority' THEN SECOND_OF(s.until) - SECOND_OF(s.since) ELSE 0 END)
      AS authority,
    SUM(CASE s.whose WHEN 'paused' THEN SECOND_OF(s.until) - SECOND_OF(s.since) ELSE 0 END)
      AS clock_off
  FROM counted c
  JOIN ends e ON e.case_handle = c.handle
  JOIN begins b ON b.case_handle = c.handle
  JOIN stays s ON s.case_handle = c.handle AND s.number < e.number
  WHERE DAY_OF(e.at) BETWEEN :since AND :until
  GROUP BY c.handle, c.case_type, e.at, b.at
)
SELECT case_type, COUNT(*) AS cases, SUM(elapsed) AS elapsed,
  SUM(elapsed - clock_off) AS clock_on, SUM(unit) AS unit, SUM(board) AS board,
  SUM(bodies) AS bodies, SUM(authority) AS authority, SUM(clock_off) AS clock_off
FROM held GROUP BY case_type"""  # noqa: S608
_ROUNDS = f"""{_KNOWN}
SELECT c.round, c.unit, c.case_type, COUNT(*) AS cases,
  SUM(CASE s.whose WHEN 'unit' THEN 1 ELSE 0 END) AS unit_,
  SUM(CASE s.whose WHEN 'board' THEN 1 ELSE 0 END) AS board,
  SUM(CASE s.whose WHEN 'bodies' THEN 1 ELSE 0 END) AS bodies,
  SUM(CASE s.whose WHEN 'authority' THEN 1 ELSE 0 END) AS authority,
  SUM(CASE s.whose WHEN 'paused' THEN 1 ELSE 0 END) AS paused,
  SUM(CASE s.whose WHEN 'concluded' THEN 1 ELSE 0 END) AS concluded,
  SUM(CASE s.whose WHEN 'withdrawn' THEN 1 ELSE 0 END) AS withdrawn
FROM counted c
JOIN stays s ON s.case_handle = c.handle AND s.until IS NULL
JOIN (
  SELECT case_handle, MIN(at) AS at FROM told WHERE verb = 'case.filed' GROUP BY case_handle
) f ON f.case_handle = c.handle
WHERE c.round IS NOT NULL AND DAY_OF(f.at) BETWEEN :since AND :until
GROUP BY c.round, c.unit, c.case_type"""  # noqa: S608
_AMENDMENTS = f"""{_KNOWN}
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
FROM amendments m
JOIN counted c ON c.handle = m.case_handle
JOIN told t ON t.case_handle = m.case_handle AND t.number = m.entry
WHERE DAY_OF(t.at) BETWEEN :since AND :until
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
        "DAY_OF": r"date(\2, '+7 hours')",
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
