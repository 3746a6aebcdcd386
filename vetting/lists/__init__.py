"""Reading the lists of candidates that requesting units send."""

from vetting.lists.answers import GoodRow, ReadList, Reason, RefusedRow, UnreadableList
from vetting.lists.in_child import read_list_safely
from vetting.lists.limits import Limits
from vetting.lists.read_list import read_list

__all__ = [
    "GoodRow",
    "Limits",
    "ReadList",
    "Reason",
    "RefusedRow",
    "UnreadableList",
    "read_list",
    "read_list_safely",
]
