"""Tests, and what they share: one master key for whatever they make, here and in other programs."""

import os

from vetting.records.master_key import MasterKeys, hold

MASTER_KEY = "A" * 43 + "="
os.environ["VETTING_MASTER_KEY"] = MASTER_KEY
hold(MasterKeys(MASTER_KEY))
