"""What a proxy takes beside the forward passes, in processor time.

``OPENBLAS_NUM_THREADS=1 python benchmarks/proxy_speed.py`` prints it for a photograph of
scikit-image, the ImageNet network and each look: the passes, the fit and the order.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

import cilens
from cilens import scoring
from cilens.methods import Recommended
from cilens.scoring.statement import head_of

REPEATS = 5


def seconds(call: Callable[[], object], repeats: int = REPEATS) -> float:
    """Return the processor time of a call, the middle of several."""
    taken = []
    for _ in range(repeats):
        start = time.process_time()
        call()
        taken.append(time.process_time() - start)
    return float(np.median(taken))


def main() -> None:
    """Measure each look, and print."""
    model, grey = cilens.load_model("imagenet"), (cilens.Constant(0.5),)
    view = scoring.view(model, cilens.read_image("skimage:chelsea"))
    for name, asked in {
        "outside, grey alone": Recommended(look="outside", perturbations=grey),
        "outside": Recommended(look="outside"),
        "inside, grey alone": Recommended(look="inside", perturbations=grey),
        "inside": Recommended(look="inside"),
    }.items():
        method = asked.choose(view)
        plan, head = method.plan(view), head_of(model) if asked.look == "inside" else None
        answers = list(scoring.score(model, plan.questions))
        passes = seconds(lambda plan=plan: list(scoring.score(model, plan.questions)), 1)
        fit = seconds(lambda m=method, p=plan, a=answers, h=head: m.proxy(p, a, h))
        proxy, predicted = method.proxy(plan, answers, head), int(answers[0].scores[0].argmax())
        start = np.zeros(len(plan.labels))
        order = seconds(lambda p=proxy, t=predicted, s=start: p.order(t, s))
        share = (fit + order) / passes
        print(
            f"{name:20s} {plan.model_rows} rows: passes {passes:.2f} s, fit {fit:.3f} s, order "
            f"{order:.3f} s, {share:.1%} of the passes"
        )


if __name__ == "__main__":
    main()
