"""What can be asked for: each option once, typed, with its help.

The command line, a file and a form are faces of these records: a field is an option, named as the
field is, and its `Option` says what every face tells of it. A record within a record is a group of
options.
"""

from __future__ import annotations

from cilens.findings.request.calibrate import CalibrateRequest
from cilens.findings.request.compare import CompareRequest
from cilens.findings.request.evaluate import EvaluateRequest
from cilens.findings.request.explain import Request
from cilens.findings.request.images import ImageOptions
from cilens.findings.request.inspect import InspectRequest
from cilens.findings.request.method import MethodOptions
from cilens.findings.request.model import ModelOptions
from cilens.findings.request.option import Field, Option, assembled, is_record, options_of
from cilens.findings.request.result import ResultOptions
from cilens.findings.request.run import RunOptions, RunRequest

__all__ = [
    "CalibrateRequest",
    "CompareRequest",
    "EvaluateRequest",
    "Field",
    "ImageOptions",
    "InspectRequest",
    "MethodOptions",
    "ModelOptions",
    "Option",
    "Request",
    "ResultOptions",
    "RunOptions",
    "RunRequest",
    "assembled",
    "is_record",
    "options_of",
]
