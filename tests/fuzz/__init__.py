"""Every reader of cilens, handed damaged files: `python -m fuzz`, or `make fuzz`.

`corpus` makes small valid files of every kind, `damage` and `structure` spoil them, `readers` says
how each kind is read and used a little, `worker` does so in a process that may die, and
`campaign` starts the workers, watches over them, and counts what was found.
"""

from __future__ import annotations

import os

# Before numpy, torch and ONNX Runtime come: a worker that is forked has one thread and keeps it.
for _library in ("OMP", "OPENBLAS", "MKL"):
    os.environ.setdefault(f"{_library}_NUM_THREADS", "1")
