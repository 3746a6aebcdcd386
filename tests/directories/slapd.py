"""An OpenLDAP server of one's own: on loopback, in a folder that goes with it."""

import socket
import subprocess
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from ldap3 import Connection, Server

from vetting.directories.ask_ldap import Guarded

PROGRAM = Path("/usr/sbin/slapd")
BASE = "dc=tinh,dc=vn"
PEOPLE = f"ou=can-bo,{BASE}"
READER = f"cn=doc,{BASE}"
READERS_PASSWORD = "mat-khau-cua-nguoi-doc"
ADMINISTRATOR = f"cn=admin,{BASE}"
ADMINISTRATORS_PASSWORD = "mat-khau-cua-nguoi-giu"
LOADABLE = "/usr/lib/ldap"

SETTINGS = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
pidfile {folder}/pid
argsfile {folder}/args
modulepath {loadable}
moduleload back_mdb
loglevel stats
{tls}
database mdb
maxsize 16777216
suffix "{base}"
directory {folder}/data
rootdn "{administrator}"
rootpw {password}
index objectClass,uid eq
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="{reader}" read by anonymous auth by * none
"""

FIRST = f"""dn: {BASE}
objectClass: dcObject
objectClass: organization
dc: tinh
o: Tinh

dn: {PEOPLE}
objectClass: organizationalUnit
ou: can-bo

dn: {READER}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: doc
userPassword: {READERS_PASSWORD}
"""


@dataclass
class Slapd:
    """A running server."""

    port: int
    tls_port: int
    log: list[str] = field(default_factory=list)  # what it did so far, a line an operation

    @contextmanager
    def administrator(self, authority=None):
        """Be the administrator there, under TLS where an authority is named."""
        tls = Guarded(authority) if authority else None
        there = Server("127.0.0.1", self.tls_port if tls else self.port, bool(tls), tls=tls)
        connection = Connection(
            there, ADMINISTRATOR, ADMINISTRATORS_PASSWORD, auto_bind=True, raise_exceptions=True
        )
        try:
            yield connection
        finally:
            connection.unbind()

    def enter(self, connection, uid, password, rdn=None):
        uids = [uid] if isinstance(uid, str) else uid
        dn = f"uid={rdn or uids[0]},{PEOPLE}"
        words = {"uid": uids, "cn": "Nguyễn Văn A", "sn": "Nguyễn", "userPassword": password}
        connection.add(dn, "inetOrgPerson", words)
        return dn

    def add(self, uid, password, rdn=None):
        """Enter a person; *uid* may be several."""
        with self.administrator() as connection:
            return self.enter(connection, uid, password, rdn)

    def has(self, uid):
        with self.administrator() as connection:
            return connection.search(PEOPLE, f"(uid={uid})")

    def remove(self, dn):
        with self.administrator() as connection:
            connection.delete(dn)

    def settle(self):
        """Wait until the log has caught up with what was done; waiting leaves no line in it."""
        mark = f"settled-{len(self.log)}"
        with self.administrator() as connection:
            connection.search(BASE, f"(cn={mark})")
        for _ in range(2000):
            number = next((_connection(line) for line in self.log if mark in line), None)
            if any(_connection(line) == number and line.endswith(" closed") for line in self.log):
                self.log[:] = [line for line in self.log if _connection(line) != number]
                return
            threading.Event().wait(0.005)
        raise AssertionError("the log does not catch up")

    def binds(self):
        """As whom somebody tried to bind with a password, in order."""
        return [
            line.split('dn="')[1].split('"')[0]
            for line in self.log
            if " BIND dn=" in line and "method=128" in line
        ]


@contextmanager
def running_slapd(folder, tls="", *, also_ldaps=False):
    """Run a server as long as the block lasts."""
    if not PROGRAM.exists():
        pytest.skip("slapd is not installed; `make slapd` brings it or says how to get it")
    (folder / "data").mkdir(parents=True)
    settings = folder / "slapd.conf"
    settings.write_text(
        SETTINGS.format(
            folder=folder,
            loadable=LOADABLE,
            base=BASE,
            administrator=ADMINISTRATOR,
            password=ADMINISTRATORS_PASSWORD,
            reader=READER,
            tls=tls,
        )
    )
    first = folder / "first.ldif"
    first.write_text(FIRST)
    subprocess.run(
        ["/usr/sbin/slapadd", "-f", settings, "-l", first], check=True, capture_output=True
    )
    slapd = Slapd(_free_port(), _free_port())
    addresses = f"ldap://127.0.0.1:{slapd.port}"
    if also_ldaps:
        addresses += f" ldaps://127.0.0.1:{slapd.tls_port}"
    process = subprocess.Popen(
        [PROGRAM, "-f", settings, "-h", addresses, "-d", "stats"],
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    )
    ready = threading.Event()
    thread = threading.Thread(target=_listen, args=(process.stderr, slapd.log, ready))
    thread.start()
    try:
        assert ready.wait(20)
        assert _answers(slapd.port), "\n".join(slapd.log)
        yield slapd
    finally:
        process.terminate()
        process.wait(10)
        thread.join()
        process.stderr.close()


def certificates(folder):
    """Make an authority and a certificate of it for 127.0.0.1; return the authority's file."""
    folder.mkdir(exist_ok=True)
    begins, key = datetime.now(UTC) - timedelta(days=1), ec.generate_private_key(ec.SECP256R1())
    authority = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority of this test")])

    def signed(subject, its_key, *extensions):
        made = x509.CertificateBuilder(
            authority, subject, its_key.public_key(), x509.random_serial_number(), begins,
            begins + timedelta(days=2), [],
        )  # fmt: skip
        for extension in extensions:
            made = made.add_extension(extension, critical=True)
        return made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)

    own = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "thu-muc")])
    here = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    file = folder / "authority.pem"
    file.write_bytes(signed(authority, key, x509.BasicConstraints(ca=True, path_length=0)))
    (folder / "server.pem").write_bytes(signed(name, own, here))
    (folder / "server.key").write_bytes(
        own.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    )
    return file


def _connection(line):
    _, told, rest = line.partition(" conn=")
    return rest.split()[0] if told else "none"


def _listen(stream, log, ready):
    for line in stream:
        log.append(line.rstrip())
        if "slapd starting" in line:
            ready.set()
    ready.set()  # it ended; whoever waits finds out


def _answers(port):
    """Wait for the moment after it says that it starts."""
    for _ in range(500):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except ConnectionRefusedError:
            threading.Event().wait(0.01)
        else:
            return True
    return False


def _free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]
