"""An explanation for the terminal and for other programs: tables, and records ready for JSON."""

from __future__ import annotations

from cilens.table.audit import audit_record, audit_table
from cilens.table.minimal import minimal_records, redundancy_records
from cilens.table.objects import objects_records
from cilens.table.regions import as_records, regions_table

__all__ = [
    "as_records",
    "audit_record",
    "audit_table",
    "minimal_records",
    "objects_records",
    "redundancy_records",
    "regions_table",
]
