"""What the paper says, what is measured of it, and from where on it holds: one line each.

The steps measure (`cilens.paper.measure`); here stands what their numbers are held against.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

from cilens.paper.verdicts import Bound

Unit: TypeAlias = Literal["share", "count", "error", "number"]
"""How a number is written: as a percentage, whole, by its size, with three decimals."""


class Claim(NamedTuple):
    """A claim or a piece of the paper.

    Attributes
    ----------
    id : str
        P1 to P20.
    title : str
        In a few words.
    says : str
        What the paper says or does, in a sentence.
    figures : tuple of str
        The figures that stand beside it.
    """

    id: str
    title: str
    says: str
    figures: tuple[str, ...] = ()


class Check(NamedTuple):
    """One number that is measured of a claim.

    Attributes
    ----------
    id : str
        The claim, a dot, and a word: the key of the number that a step measures.
    what : str
        What is measured.
    unit : {"share", "count", "error", "number"}
        How it is written.
    bound : Bound or None
        From where on the claim holds; None where the number is reported and decides nothing.
    """

    id: str
    what: str
    unit: Unit
    bound: Bound | None = None

    @property
    def claim(self) -> str:
        """The claim it belongs to."""
        return self.id.partition(".")[0]


# fmt: off
CLAIMS = (
    Claim("P1", "The data", "The experiments use MNIST: handwritten digits, 28 by 28 pixels."),
    Claim("P2", "The network", "A small convolutional network classifies the digits.", ("fig1",)),
    Claim("P3", "Any network, unaltered", "The method needs no change of the network and no look inside it."),
    Claim("P4", "Over-segmentation", "The features of an image are the segments of an over-segmentation.", ("fig2",)),
    Claim("P5", "Perturbed samples", "Each perturbed sample hides one segment."),
    Claim("P6", "Algorithm 1", "Ask about the image, then about the image with each segment hidden."),
    Claim("P7", "Contextual importance and utility", "Importance is the share of the output's range that inputs control (Eq. 1, Eq. 2)."),
    Claim("P8", "The threshold", "A segment counts as important from a contextual importance of 0.01 on."),
    Claim("P9", "Explanations of digits", "The important segments are shown, and scored, beside the image.", ("fig3",)),
    Claim("P10", "Leaving out what matters little", "Omitting what has low importance slightly increases the score.", ("p10",)),
    Claim("P11", "Beside other methods", "Contextual importance is compared with occlusion sensitivity and LIME.", ("fig4",)),
    Claim("P12", "Why this class and not that one", "An explanation can contrast the class predicted with another.", ("fig5", "fig6")),
    Claim("P13", "The two forms of sentence", "“It is j, because …” and “it is not c, because …”."),
    Claim("P14", "What is absent", "What an image lacks for another class explains too."),
    Claim("P15", "Distorted digits", "The explanation is robust against added noise.", ("fig7",)),
    Claim("P16", "The segmentation decides", "The explanation depends on the over-segmentation.", ("p16",)),
    Claim("P17", "Misclassified digits", "An explanation shows why an image is misclassified.", ("fig8",)),
    Claim("P18", "Several objects", "Future work: images with more than one object.", ("p18",)),
    Claim("P19", "Explanations in words", "Future work: explanations as text."),
    Claim("P20", "Reproduction", "The authors publish their code; here one command makes every figure."),
)
"""P1 to P20. What the paper says is told, not quoted, but for the few words in quotes."""

CHECKS = (
    Check("P1.shape", "shape and type of the test split: sizes that differ", "count", Bound("at most", 0)),
    Check("P1.counts", "digits whose number of test images differs from MNIST's", "count", Bound("at most", 0)),
    Check("P1.train", "the same for the training split", "count", Bound("at most", 0)),
    Check("P2.layers", "layers that differ from the paper's code", "count", Bound("at most", 0)),
    Check("P2.accuracy", "test images given their own digit", "share", Bound("at least", 0.985)),
    Check("P2.epochs", "epochs of training, by the model card", "count", Bound("at most", 4)),
    Check("P3.wrapped", "largest difference between the network and a plain function around it", "error", Bound("at most", 0)),
    Check("P3.forest", "a random forest, without layers or gradients: explanations that do not hold", "count", Bound("at most", 0)),
    Check("P3.touched", "input images modified", "count", Bound("at most", 0)),
    Check("P4.labels", "images with a pixel that has no label, or a label without a pixel", "count", Bound("at most", 0)),
    Check("P4.connected", "segments in more than one piece", "count", Bound("at most", 0)),
    Check("P4.again", "images cut differently the second time", "count", Bound("at most", 0)),
    Check("P4.number", "images with 5 to 10 segments", "share", Bound("at least", 0.99)),
    Check("P4.own", "images cut as no other is", "share"),
    Check("P5.number", "images without exactly one sample for each segment", "count", Bound("at most", 0)),
    Check("P5.kept", "kept pixels that changed", "count", Bound("at most", 0)),
    Check("P5.hidden", "hidden pixels that are not black", "count", Bound("at most", 0)),
    Check("P6.rows", "images that took another number of rows than segments + 1", "count", Bound("at most", 0)),
    Check("P6.linear", "linear model: largest error of an importance", "error", Bound("at most", 1e-12)),
    Check("P6.constant", "constant model: largest importance", "error", Bound("at most", 0)),
    Check("P6.black", "segments that are black already: largest importance", "error", Bound("at most", 0)),
    Check("P6.apart", "rows for highlight, remainder and blank image, counted apart", "count"),
    Check("P7.bounds", "importance, utility or influence out of bounds, or not a number", "count", Bound("at most", 0)),
    Check("P7.one", "one perturbation: largest difference of importance and size of influence", "error", Bound("at most", 1e-12)),
    Check("P7.more", "more perturbations: largest loss of importance", "error", Bound("at most", 0)),
    Check("P7.joint", "all segments as one region: largest error against the blank image", "error", Bound("at most", 1e-6)),
    Check("P7.range", "estimated output range: largest error of importance times range", "error", Bound("at most", 1e-12)),
    Check("P7.golden", "the authors' case 454: largest difference of an importance", "error", Bound("at most", 1e-5)),
    Check("P7.kept", "the authors' case 454: segments kept or dropped otherwise than by them", "count", Bound("at most", 0)),
    Check("P7.highlight", "the authors' case 454: difference of the highlight's score from 0.916180", "error", Bound("at most", 1e-5)),
    Check("P8.rows", "rows for other thresholds and classes", "count", Bound("at most", 0)),
    Check("P8.strict", "images where “higher than” instead of “at least” changes the highlight", "count"),
    Check("P9.printed", "scores in Fig. 3 that are not the API's", "count", Bound("at most", 0)),
    Check("P10.empty", "images with an empty highlight", "share"),
    Check("P10.kept", "highlights that keep the class", "share", Bound("at least", 0.98)),
    Check("P10.score", "highlights that score at least the image's score − 0.01", "share", Bound("at least", 0.9)),
    Check("P10.rises", "scores below 0.99: highlights that score higher than the image", "share", Bound("at least", 0.6)),
    Check("P10.median", "scores below 0.99: median change of the score", "number", Bound("at least", 1e-9)),
    Check("P10.random", "how much lower as many random segments score, on average", "number", Bound("at least", 0.3)),
    Check("P10.remainder", "mean score of the image without its highlight", "number"),
    Check("P10.ink", "share of the ink that a highlight keeps, on average", "share"),
    Check("P10.less", "highlights with less than 90 % of the ink: score at least the image's score − 0.01", "share"),
    Check("P10.blank", "score of the black image for the class it is taken for", "share"),
    Check("P11.uniform", "constant model: largest value of the occlusion map", "error", Bound("at most", 0)),
    Check("P11.peak", "one-pixel model: distance of the occlusion map's peak from the pixel", "count", Bound("at most", 0)),
    Check("P11.additive", "additive model: largest error of LIME's coefficients", "error", Bound("at most", 0.02)),
    Check("P11.gain", "SRG of contextual importance minus a random attribution's", "number", Bound("at least", 0)),
    Check("P11.forest", "accuracy of the random forest that LIME explains", "share"),
    Check("P12.same", "a class against itself: largest difference", "error", Bound("at most", 0)),
    Check("P12.swap", "classes swapped: largest error of the flipped sign", "error", Bound("at most", 0)),
    Check("P12.rows", "further rows for a contrast of any two classes", "count", Bound("at most", 0)),
    Check("P12.foil", "images where any region matters to the runner-up", "share"),
    Check("P12.unsure", "the same, of images with a score below 0.9", "share"),
    Check("P12.lime", "LIME on the same segments: the same ones matter to the class predicted and to the runner-up", "share"),
    Check("P12.ours", "contextual importance: the same", "share"),
    Check("P12.point", "images where LIME gives both classes the same segments, and contextual importance does not", "share"),
    Check("P12.forest", "LIME on a random forest, quickshift segments: the same ones matter to both classes", "share"),
    Check("P13.regions", "regions named in a sentence that do not do what it says", "count", Bound("at most", 0)),
    Check("P13.numbers", "percentages in a sentence that are not in the table", "count", Bound("at most", 0)),
    Check("P13.none", "images without a region that matters to the foil, and no word of it", "count", Bound("at most", 0)),
    Check("P14.toy", "toy digits with a bar missing: bars found elsewhere first", "count", Bound("at most", 0)),
    Check("P14.gain", "right digits with a score below 0.9: some region's prototype gains the runner-up 0.01", "share", Bound("at least", 0.95)),
    Check("P14.nearest", "the same with the nearest digit of the class instead of the mean", "share"),
    Check("P14.hidden", "the same images: hiding some region raises the runner-up by 0.01", "share"),
    Check("P15.a", "Fig. 7a, the authors' network: difference from 98.80 %, in points", "number", Bound("at most", 0.02)),
    Check("P15.b", "Fig. 7b, the authors' network: difference from 99.95 %, in points", "number", Bound("at most", 0.02)),
    Check("P15.c", "Fig. 7c, the authors' network: difference from 98.21 %, in points", "number", Bound("at most", 0.02)),
    Check("P15.class", "one line added: the class stays", "share", Bound("at least", 0.93)),
    Check("P15.ink", "one line added: mean overlap (IoU) of the highlighted ink", "number", Bound("at least", 0.7)),
    Check("P15.noise", "one line added: share of the line's own pixels that are highlighted", "share"),
    Check("P16.spread", "highlights within 0.01 of the score: best minus worst segmentation", "share", Bound("at least", 0.1)),
    Check("P17.four", "Fig. 8, the authors' network: difference from 51.46 % for 4, in points", "number", Bound("at most", 0.02)),
    Check("P17.nine", "Fig. 8, the authors' network: difference from 19.01 % for 9, in points", "number", Bound("at most", 0.02)),
    Check("P17.five", "Fig. 8, the authors' network: difference from 19.28 % for 5, in points", "number", Bound("at most", 0.02)),
    Check("P17.predicted", "all errors: highlight raises the class predicted", "share", Bound("at least", 0.8)),
    Check("P17.true", "all errors: highlight raises the true class", "share", Bound("at least", 0.7)),
    Check("P17.empty", "all errors: the true class has an empty highlight", "share"),
    Check("P17.sure", "errors with a score above 0.9", "share"),
    Check("P18.share", "two digits: share of a class's positive influence that lies on its object", "share", Bound("at least", 0.8)),
    Check("P18.mosaic", "mosaics of four digits: the same", "share", Bound("at least", 0.8)),
    Check("P18.random", "the same for a random attribution, two digits", "share"),
    Check("P19.numbers", "numbers in a paragraph that are not in the table", "count", Bound("at most", 0)),
    Check("P19.length", "words in a paragraph, on average", "count"),
    Check("P20.figures", "figures of the paper made", "count", Bound("at least", 8)),
)
# fmt: on
"""What is measured of each claim, in the order in which it is told."""


def claim(name: str) -> Claim:
    """Return a claim by its name.

    Examples
    --------
    >>> claim("P10").title
    'Leaving out what matters little'
    """
    return next(one for one in CLAIMS if one.id == name)


def checks(name: str) -> tuple[Check, ...]:
    """Return the checks of a claim.

    Examples
    --------
    >>> [check.id for check in checks("P5")]
    ['P5.number', 'P5.kept', 'P5.hidden']
    """
    return tuple(check for check in CHECKS if check.claim == name)
