"""The paper's own digits: the edits of Fig. 7, pixel by pixel, and the error of Fig. 8.

The edited images are MNIST test images 82, 9750 and 178; the edits are those of the published code.
"""

from __future__ import annotations

import numpy as np

from cilens.datasets.distort.record import Distorted, paint
from cilens.datasets.mnist import mnist_image

FIGURE_8 = 8322
"""The MNIST test image of Fig. 8: a nine that the paper's network calls a four, at 51.46 %."""


def figure_7a() -> Distorted:
    """Return a two (``mnist:82``) with a white bar added at the lower right.

    References
    ----------
    Anjomshoae, Jiang and Främling, Visual Explanations for DNNs with Contextual Importance, 2021,
    doi:10.1007/978-3-030-82017-6_6, Fig. 7

    Examples
    --------
    >>> int(figure_7a().noise.sum())
    24
    """
    covered = np.zeros((28, 28))
    covered[20:28, 22:25] = 1.0
    return paint(mnist_image(82), covered)


def figure_7b() -> Distorted:
    """Return a three (``mnist:9750``) with a stroke of a neighbouring digit at its right.

    The stroke is in MNIST's image: nothing is edited. It is the ink from column 20 on.

    References
    ----------
    Anjomshoae, Jiang and Främling, Visual Explanations for DNNs with Contextual Importance, 2021,
    doi:10.1007/978-3-030-82017-6_6, Fig. 7

    Examples
    --------
    >>> bool((figure_7b().image[..., 0] > 0)[:, 20:].sum() == figure_7b().noise.sum())
    True
    """
    image = mnist_image(9750)
    noise = image[..., 0] > 0
    noise[:, :20] = False
    return Distorted(image, noise)


def figure_7c() -> Distorted:
    """Return a one (``mnist:178``) with a light grey line added across its middle.

    References
    ----------
    Anjomshoae, Jiang and Främling, Visual Explanations for DNNs with Contextual Importance, 2021,
    doi:10.1007/978-3-030-82017-6_6, Fig. 7

    Examples
    --------
    >>> figure_7c().noise.any(axis=1).nonzero()[0].tolist()
    [13]
    """
    covered = np.zeros((28, 28))
    covered[13, 9:15] = 1.0
    covered[13, [8, 15]] = 0.5
    return paint(mnist_image(178), covered, 226 / 255)
