"""How much one list may ask of the machine."""

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Ceilings for one file; all but the last block hold without the child as well."""

    file_bytes: int = 10 * MIB
    unpacked_bytes: int = 160 * MIB
    unpacked_ratio: int = 250
    entries: int = 2_000
    rows: int = 60_000
    cells: int = 2_500_000
    merged_ranges: int = 5_000
    merged_rows: int = 1_000

    memory_bytes: int = 256 * MIB
    cpu_seconds: int = 20
    wall_seconds: float = 25.0
    answer_bytes: int = 32 * MIB
