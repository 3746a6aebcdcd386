"""`vetting serve`: serve the application with gunicorn on this machine."""

import os
import subprocess
import sys

import click

from vetting.commands.opening import database, refuse_tampered, settings
from vetting.commands.speak import speak
from vetting.config import ROOT
from vetting.records.database_roles import steps_out

PER_WORKER = 4  # threads


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=5000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64))
def serve(host: str, port: int, workers: int) -> None:
    """Serve the application until it is ended with Ctrl-C."""
    from vetting.web import create_app  # noqa: PLC0415  # no other command needs the pages

    opened = database()
    try:
        refuse_tampered(opened)
        with opened.reading() as connection:
            could_leave = steps_out(connection)
    finally:
        opened.close()
    create_app(settings())  # whatever else a worker would be refused for is said here, once
    if could_leave:
        click.echo(
            speak(
                "The database's login may do more than the application. Give the application a "
                "login of its own, and the database holds back whoever misuses it."
            ),
            err=True,
        )
    click.echo(speak("Open %(address)s in a browser.", address=f"http://{host}:{port}/"))
    sys.stdout.flush()
    here = str(os.getpid())  # gunicorn takes this process over, so the worker knows when it ends
    subprocess.Popen([sys.executable, "-m", "vetting.commands", "worker", "--beside", here])  # noqa: S603  # our own
    command = [sys.executable, "-m", "gunicorn", "--chdir", str(ROOT), "--bind", f"{host}:{port}"]
    command += ["--workers", str(workers), "--worker-class", "gthread"]
    command += ["--threads", str(PER_WORKER), "--no-control-socket", "--log-level", "warning"]
    os.execv(sys.executable, [*command, "app:app"])  # noqa: S606  # our own server, no shell
