"""The policies on rows in a PostgreSQL database: how they get there, and whether they still stand.

What each says comes from `records/rows.py`. A database keeps a policy in words of its own, so with
each is kept what it was made from and how the database put it then: what was changed since, on
either side, no longer fits.
"""

# ruff: noqa: S608  (our own words only)

from collections.abc import Iterator
from hashlib import sha256
from textwrap import dedent

from sqlalchemy import Connection, text

from vetting.engine.sentences import Sentence, say
from vetting.records.rights import DatabaseRole
from vetting.records.rows import GUARDS, KNOWS_CASE, Policy, knows_case, policies

_PUT = (
    "md5(concat_ws('|', polcmd, polpermissive, polroles::regrole[]::text,"
    " pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)))"
)
# Body, owner, and who may call it: whatever makes it tell something else, or tell it to others.
_PUT_FUNCTION = (
    "md5(concat_ws('|', prosrc, prosecdef, provolatile, proconfig,"
    " pg_get_userbyid(proowner), proacl))"
)
_IN_SCHEMA = "relnamespace = current_schema()::regnamespace"


def guarding(names: dict[DatabaseRole, str]) -> Iterator[str]:
    """Yield what takes down whatever guards rows, and puts up what has to."""
    yield _TAKE_DOWN
    yield dedent(
        f"""\
        DO $do$ BEGIN EXECUTE format(
          'CREATE FUNCTION {KNOWS_CASE}(text) RETURNS boolean LANGUAGE plpgsql STABLE'
          ' SECURITY DEFINER COST 1000 SET search_path = %I, pg_temp AS %L',
          current_schema(), $body${knows_case()}$body$);
        END $do$"""
    )
    yield f'ALTER FUNCTION {KNOWS_CASE}(text) OWNER TO "{names[DatabaseRole.OWNER]}"'
    yield f"REVOKE ALL ON FUNCTION {KNOWS_CASE}(text) FROM PUBLIC"
    yield f'GRANT EXECUTE ON FUNCTION {KNOWS_CASE}(text) TO "{names[DatabaseRole.APPLICATION]}"'
    for table in GUARDS:
        yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
        yield f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"
    for policy in policies():
        parts = [f"CREATE POLICY {policy.name} ON {policy.table} FOR {policy.deed}"]
        parts.append(f'TO "{names[policy.role]}"')
        if policy.using:
            parts.append(f"USING ({policy.using})")
        if policy.check:
            parts.append(f"WITH CHECK ({policy.check})")
        yield " ".join(parts)
    made = ", ".join(
        f"('{policy.table}', '{policy.name}', '{_made_from(policy)}')" for policy in policies()
    )
    yield dedent(
        f"""\
        DO $$ DECLARE it record; BEGIN
        FOR it IN SELECT relname, polname, given.made, {_PUT} AS put FROM pg_policy
          JOIN pg_class ON pg_class.oid = polrelid AND {_IN_SCHEMA}
          JOIN (VALUES {made}) AS given(tab, name, made) ON tab = relname AND name = polname
        LOOP EXECUTE format('COMMENT ON POLICY %I ON %I IS %L',
          it.polname, it.relname, it.made || ' ' || it.put);
        END LOOP;
        EXECUTE format('COMMENT ON FUNCTION {KNOWS_CASE}(text) IS %L',
          '{_hash(knows_case())} ' || (SELECT {_PUT_FUNCTION} FROM pg_proc
            WHERE oid = '{KNOWS_CASE}(text)'::regprocedure));
        END $$"""
    )


def take_down(connection: Connection) -> None:
    """Take down whatever guards rows: a migration sees all of them, and may change any table."""
    connection.exec_driver_sql(_TAKE_DOWN.replace("%", "%%"))


_TAKE_DOWN = dedent(
    f"""\
    DO $$ DECLARE it record; BEGIN
    FOR it IN SELECT relname, polname FROM pg_policy
      JOIN pg_class ON pg_class.oid = polrelid AND {_IN_SCHEMA}
    LOOP EXECUTE format('DROP POLICY %I ON %I', it.polname, it.relname); END LOOP;
    FOR it IN SELECT relname FROM pg_class
      WHERE {_IN_SCHEMA} AND (relrowsecurity OR relforcerowsecurity)
    LOOP EXECUTE format(
      'ALTER TABLE %I DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY', it.relname);
    END LOOP;
    DROP VIEW IF EXISTS my_cases;  -- what there was in the place of the function
    DROP FUNCTION IF EXISTS {KNOWS_CASE}(text);
    END $$"""
)


def row_faults(connection: Connection, names: dict[DatabaseRole, str]) -> Iterator[Sentence]:
    """Yield everything in which the guard of the rows is not what it has to be."""
    guarded = connection.execute(
        text(
            "SELECT relname, relrowsecurity AND relforcerowsecurity AS whole, "
            f"relrowsecurity OR relforcerowsecurity AS some FROM pg_class WHERE {_IN_SCHEMA} "
            "AND relkind IN ('r','p') ORDER BY relname"
        )
    ).all()
    for row in guarded:
        if row.relname in GUARDS and not row.whole:
            yield say(
                "The rows of the table %(table)s are not guarded. Run `vetting db roles`.",
                table=row.relname,
            )
        elif row.relname not in GUARDS and row.some:
            yield say(
                "The rows of the table %(table)s are guarded, and must not be.", table=row.relname
            )
    yield from _wrong_policies(connection, names)
    put = connection.scalar(
        text(
            f"SELECT obj_description(oid, 'pg_proc') IS NOT DISTINCT FROM "
            f":made || ' ' || {_PUT_FUNCTION} FROM pg_proc "
            "WHERE pronamespace = current_schema()::regnamespace AND proname = :function"
        ),
        {"made": _hash(knows_case()), "function": KNOWS_CASE},
    )
    if not put:
        yield say(
            "The function %(function)s is not there, or not as it must be. Run `vetting db roles`.",
            function=KNOWS_CASE,
        )


def _wrong_policies(connection: Connection, names: dict[DatabaseRole, str]) -> Iterator[Sentence]:
    rows = connection.execute(
        text(
            f"SELECT relname, polname, obj_description(pg_policy.oid, 'pg_policy') AS kept, "
            f"{_PUT} AS put, polroles::regrole[]::text[] AS roles, polpermissive "
            f"FROM pg_policy JOIN pg_class ON pg_class.oid = polrelid AND {_IN_SCHEMA} "
            "ORDER BY relname, polname"
        )
    ).all()
    there = {(row.relname, row.polname): row for row in rows}
    wanted = {(policy.table, policy.name): policy for policy in policies()}
    for table, name in sorted(there.keys() - wanted.keys()):
        yield say(
            "The table %(table)s has the policy %(policy)s, and must not.", table=table, policy=name
        )
    for (table, name), policy in sorted(wanted.items()):
        row = there.get((table, name))
        if row is None:
            yield say(
                "The table %(table)s lacks the policy %(policy)s. Run `vetting db roles`.",
                table=table,
                policy=name,
            )
        elif row.kept != f"{_made_from(policy)} {row.put}" or [
            given.strip('"') for given in row.roles
        ] != [names[policy.role]]:
            yield say(
                "The policy %(policy)s of the table %(table)s is not as it must be. "
                "Run `vetting db roles`.",
                table=table,
                policy=name,
            )


def _made_from(policy: Policy) -> str:
    return _hash(f"{policy.deed}|{policy.using}|{policy.check}")


def _hash(made_from: str) -> str:
    return sha256(made_from.encode()).hexdigest()[:32]
