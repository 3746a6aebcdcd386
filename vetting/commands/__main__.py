"""`python -m vetting.commands`: the command line, where `vetting` itself is not on the path."""

from vetting.commands import main

main(prog_name="vetting")
