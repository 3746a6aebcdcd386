"""The roles of the database: how PostgreSQL is told of them, and whether it still knows.

What each may do stands in `records/rights.py`. The database keeps the roles' names itself, in a
function, so that one URL is enough to find them, and several databases of one server never share
a role by accident.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from textwrap import dedent

from sqlalchemy import Connection, text

from vetting.engine.sentences import Sentence, say
from vetting.records.database import RoleRefused
from vetting.records.rights import RIGHTS, DatabaseRole, grants
from vetting.records.row_policies import guarding, row_faults
from vetting.records.tables import METADATA

LONGEST_NAME = 63  # PostgreSQL cuts off what is longer
_MEANT = frozenset({DatabaseRole.APPLICATION, DatabaseRole.AUDITOR, DatabaseRole.SEQUENCER})


class NoSuchName(ValueError):
    """The names of the roles would be longer than a name may be."""


def names_under(prefix: str) -> dict[DatabaseRole, str]:
    """Return what the roles are called under a prefix."""
    names = {role: f"{prefix}_{role.value}" for role in DatabaseRole}
    if not prefix or max(len(name.encode()) for name in names.values()) > LONGEST_NAME:
        raise NoSuchName(prefix)
    return names


def written_roles(connection: Connection) -> dict[DatabaseRole, str] | None:
    """Return what the roles of a database are called, or None where nobody has written any."""
    if connection.scalar(text("SELECT to_regproc('database_role')")) is None:
        return None
    return {
        role: str(connection.scalar(text("SELECT database_role(:role)"), {"role": role.value}))
        for role in DatabaseRole
    }


def may_make_roles(connection: Connection) -> bool:
    """Tell whether the login may make roles."""
    return bool(
        connection.scalar(
            text("SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user")
        )
    )


_UNLESS_SUPERUSER = (
    "DO $$ BEGIN IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) "
    "THEN GRANT; END IF; END $$"
)


def making(prefix: str, database: str) -> Iterator[str]:
    """Yield what makes the roles and lets them in; for whoever may make roles."""
    for role, name in names_under(prefix).items():
        yield (
            f"DO $$ BEGIN CREATE ROLE {_name(name)} NOLOGIN NOBYPASSRLS; "
            "EXCEPTION WHEN duplicate_object THEN NULL; END $$"
        )
        # Who makes the roles steps into them; a superuser may anyway.
        grant = f"GRANT {_name(name)} TO CURRENT_USER"
        yield _UNLESS_SUPERUSER.replace("GRANT", grant)
        yield _in_schema("GRANT USAGE ON SCHEMA %I TO %I", name)
        yield f"GRANT CONNECT ON DATABASE {_name(database)} TO {_name(name)}"
        if role is DatabaseRole.OWNER:
            yield _in_schema("GRANT CREATE ON SCHEMA %I TO %I", name)
    yield _in_schema("REVOKE CREATE ON SCHEMA %I FROM PUBLIC")


def granting(prefix: str, columns: dict[str, list[str]]) -> Iterator[str]:
    """Yield what gives every table to the owner and each role its rights, and takes all others."""
    names = names_under(prefix)
    cases = " ".join(f"WHEN '{role.value}' THEN {_text(name)}" for role, name in names.items())
    yield (
        "CREATE OR REPLACE FUNCTION database_role(kind text) RETURNS text LANGUAGE sql IMMUTABLE "
        f"AS $$ SELECT CASE kind {cases} END $$"
    )
    yield _hand_over(names[DatabaseRole.OWNER])
    everybody = ", ".join(["PUBLIC", *(_name(names[role]) for role in sorted(_MEANT))])
    for kind in ("TABLES", "SEQUENCES", "ROUTINES"):
        yield _in_schema(f"REVOKE ALL ON ALL {kind} IN SCHEMA %I FROM {everybody}")
    yield "GRANT EXECUTE ON FUNCTION database_role(text) TO PUBLIC"
    yield _in_schema(
        "GRANT USAGE ON ALL SEQUENCES IN SCHEMA %I TO %I", names[DatabaseRole.APPLICATION]
    )
    together: dict[tuple[DatabaseRole, str], list[str]] = defaultdict(list)
    by_column: dict[tuple[DatabaseRole, str, str], list[str]] = defaultdict(list)
    for role, table, deed, column in grants(columns):
        if column:
            by_column[role, table, deed].append(_name(column))
        else:
            together[role, table].append(deed)
    for (role, table, deed), wanted in by_column.items():
        together[role, table].append(f"{deed} ({', '.join(wanted)})")
    for (role, table), deeds in together.items():
        yield f"GRANT {', '.join(deeds)} ON {_name(table)} TO {_name(names[role])}"
    yield from guarding(names)


def known_columns() -> dict[str, list[str]]:
    """Return the columns of every table, as this program knows them."""
    columns = {name: [column.name for column in it.c] for name, it in METADATA.tables.items()}
    return {**columns, "alembic_version": ["version_num"]}


def write_roles(connection: Connection, prefix: str) -> None:
    """Make the roles under a prefix and give each what it may do."""
    database = str(connection.scalar(text("SELECT current_database()")))
    _carry_out(connection, making(prefix, database))
    grant_rights(connection, prefix)


def grant_rights(connection: Connection, prefix: str) -> None:
    """Give the roles that there are what each may do, and nothing else."""
    _carry_out(connection, granting(prefix, known_columns()))


def prefix_of(names: dict[DatabaseRole, str]) -> str:
    """Return under which prefix roles are called what they are called."""
    return names[DatabaseRole.OWNER].removesuffix(f"_{DatabaseRole.OWNER.value}")


def faults(
    connection: Connection,
    taken: DatabaseRole = DatabaseRole.APPLICATION,
    *,
    one_login: bool = False,
) -> list[Sentence]:
    """Return everything in which the database's roles are not what they have to be.

    *taken* is the role that the connection is meant to work in. Where one login is all there is,
    nothing can be asked of roles.
    """
    if connection.dialect.name != "postgresql" or one_login:
        return []
    names = written_roles(connection)
    if names is None:
        return [say("The database has no roles yet. Run `vetting db roles`.")]
    return [
        *_not_taken(connection, names[taken]),
        *_wrong_attributes(connection, names),
        *_owned(connection, names),
        *_wrong_rights(connection, names),
        *row_faults(connection, names),
    ]


def said_of(refused: RoleRefused) -> Sentence:
    """Say that a login may not work in the role that is needed."""
    return say(
        "The login of the database may not work as its %(role)s, or that role is not there. "
        "Run `vetting db roles`, or name a login that may.",
        role=str(refused),
    )


def _not_taken(connection: Connection, name: str) -> Iterator[Sentence]:
    now = connection.scalar(text("SELECT current_user"))
    if now != name:
        yield say("The connection works as %(login)s and not as %(role)s.", login=now, role=name)


def steps_out(connection: Connection) -> bool:
    """Tell whether the login behind a connection could leave the application's role again.

    Then whoever can run SQL of their own as the application can become the owner.
    """
    if connection.dialect.name != "postgresql":
        return False
    names = written_roles(connection)
    return names is None or bool(
        connection.scalar(
            text("SELECT pg_has_role(session_user, :owner, 'MEMBER')"),
            {"owner": names[DatabaseRole.OWNER]},
        )
    )


def _wrong_attributes(connection: Connection, names: dict[DatabaseRole, str]) -> Iterator[Sentence]:
    found = connection.execute(
        text(
            "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication, "
            "ARRAY(SELECT g.rolname FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid "
            "WHERE m.member = r.oid) AS within FROM pg_roles r WHERE rolname = ANY(:names)"
        ),
        {"names": list(names.values())},
    ).all()
    there = {row.rolname: row for row in found}
    for role, name in names.items():
        row = there.get(name)
        if row is None:
            yield say("The database role %(role)s is not there. Run `vetting db roles`.", role=name)
            continue
        flags = {
            "SUPERUSER": row.rolsuper,
            "BYPASSRLS": row.rolbypassrls,
            "CREATEROLE": row.rolcreaterole,
            "CREATEDB": row.rolcreatedb,
            "REPLICATION": row.rolreplication,
        }
        for flag, has in flags.items():
            if has:
                yield say(
                    "The database role %(role)s has %(flag)s, and must not.", role=name, flag=flag
                )
        if role in _MEANT:
            for other in row.within:
                yield say(
                    "The database role %(role)s belongs to %(other)s, and must belong to none.",
                    role=name,
                    other=other,
                )


def _owned(connection: Connection, names: dict[DatabaseRole, str]) -> Iterator[Sentence]:
    rows = connection.execute(
        text(
            "SELECT pg_get_userbyid(owner) AS role, name, kind FROM ("
            " SELECT relowner AS owner, relname AS name, 'table' AS kind FROM pg_class"
            " WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r','p','v')"
            " UNION ALL SELECT proowner, proname, 'function' FROM pg_proc"
            " WHERE pronamespace = current_schema()::regnamespace"
            " UNION ALL SELECT nspowner, nspname, 'schema' FROM pg_namespace"
            " UNION ALL SELECT datdba, datname, 'database' FROM pg_database"
            ") AS owned ORDER BY kind, name"
        )
    ).all()
    owner, meant = names[DatabaseRole.OWNER], {names[role] for role in _MEANT}
    for row in rows:
        if row.role in meant:
            yield say(
                "The database role %(role)s owns the %(kind)s %(name)s, and must own nothing.",
                role=row.role,
                kind=row.kind,
                name=row.name,
            )
        elif row.kind == "table" and row.role != owner and row.name in RIGHTS:
            yield say(
                "The table %(table)s belongs to %(other)s and not to %(role)s. "
                "Run `vetting db roles`.",
                table=row.name,
                other=row.role,
                role=owner,
            )
    creates = connection.execute(
        text(
            "SELECT rolname FROM pg_roles WHERE rolname = ANY(:names) "
            "AND has_schema_privilege(rolname, current_schema(), 'CREATE')"
        ),
        {"names": sorted(meant)},
    ).scalars()
    for name in creates:
        yield say("The database role %(role)s may make tables, and must not.", role=name)


def _wrong_rights(connection: Connection, names: dict[DatabaseRole, str]) -> Iterator[Sentence]:
    roles = {names[role]: role for role in _MEANT} | {"PUBLIC": None}
    rows = connection.execute(
        text(
            "SELECT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(a.grantee) END, "
            "c.relname, a.privilege_type, '' FROM pg_class c, aclexplode(c.relacl) a "
            "WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r','p','v') "
            "AND a.grantee <> c.relowner UNION ALL "
            "SELECT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(a.grantee) END, "
            "c.relname, a.privilege_type, t.attname FROM pg_class c "
            "JOIN pg_attribute t ON t.attrelid = c.oid AND t.attnum > 0 AND NOT t.attisdropped, "
            "aclexplode(t.attacl) a WHERE c.relnamespace = current_schema()::regnamespace "
            "AND t.attacl IS NOT NULL"
        )
    )
    has = {tuple(row) for row in rows if row[0] in roles}
    may = {(names[role], *rest) for role, *rest in grants(known_columns())}
    yield from (
        _sentence(say("The database role %(role)s may %(deed)s %(table)s, and must not."), *one)
        for one in sorted(has - may)
    )
    yield from (
        _sentence(
            say(
                "The database role %(role)s may not %(deed)s %(table)s, and must. "
                "Run `vetting db roles`."
            ),
            *one,
        )
        for one in sorted(may - has)
    )


def _sentence(said: Sentence, role: str, table: str, deed: str, column: str) -> Sentence:
    where = f"{table}.{column}" if column else table
    return say(said.msgid, role=role, deed=deed, table=where)


def as_script(statements: Iterable[str]) -> str:
    """Return statements as a file for psql."""
    return "".join(f"{statement};\n" for statement in statements)


def _carry_out(connection: Connection, statements: Iterable[str]) -> None:
    """Have each carried out as it stands; nothing in it is a parameter."""
    cursor = connection.connection.cursor()
    for statement in statements:
        cursor.execute(statement)
    cursor.close()


def _hand_over(owner: str) -> str:
    """Return what makes a role the owner of everything in the schema that is not its own yet."""
    return dedent(
        f"""\
        DO $$ DECLARE it record; BEGIN
        FOR it IN SELECT c.oid::regclass AS name, c.relkind FROM pg_class c
          WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r','p','v')
          AND pg_get_userbyid(c.relowner) <> {_text(owner)}
        LOOP EXECUTE format('ALTER %s %s OWNER TO %I',
          CASE it.relkind WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END, it.name, {_text(owner)});
        END LOOP;
        FOR it IN SELECT p.oid::regprocedure AS name FROM pg_proc p
          WHERE p.pronamespace = current_schema()::regnamespace
          AND pg_get_userbyid(p.proowner) <> {_text(owner)}
        LOOP EXECUTE format('ALTER ROUTINE %s OWNER TO %I', it.name, {_text(owner)});
        END LOOP; END $$"""  # noqa: S608  # our own names only
    )


def _in_schema(statement: str, *names: str) -> str:
    """Return a statement about the schema in which the tables are, whatever it is called."""
    given = ", ".join(["current_schema()", *map(_text, names)])
    return f"DO $$ BEGIN EXECUTE format({_text(statement)}, {given}); END $$"


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
