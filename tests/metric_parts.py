"""How to draw the options of every metric, and which options of a part are parts themselves."""

from __future__ import annotations

from hypothesis import strategies as st

COUNT = st.integers(1, 10**6)
ANY = st.floats(allow_nan=False, allow_infinity=False)
POSITIVE = st.floats(min_value=1e-300, allow_infinity=False)

METRIC_VALUES = {
    "flipping": {"steps": COUNT, "batch_size": COUNT},
    "deletion": {"steps": COUNT, "batch_size": COUNT},
    "insertion": {"steps": COUNT, "batch_size": COUNT},
    "irof": {"batch_size": COUNT},
    "highlight": {
        "additions": st.integers(0, 50),
        "threshold": ANY,
        "batch_size": COUNT,
    },
    "stability": {
        "change": st.sampled_from(["segments", "noise", "seed"]),
        "runs": COUNT,
        "shift": POSITIVE,
        "noise": POSITIVE,
        "seed": COUNT,
    },
    "sparsity": {},
}


def nested(option) -> bool:
    """Return whether an option is a part itself; those are tried in `test_parts_within`."""
    return option.takes.split(" or ")[0] in ("a segmenter", "a perturbation")
