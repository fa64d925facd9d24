"""The steps: from a study to numbers, tables and figures, in the order of the paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from cilens.datasets.distort import DISTORTIONS
from cilens.datasets.mnist import load_mnist
from cilens.evaluation.compare import Compared
from cilens.evaluation.mistakes import list_errors
from cilens.paper.figures import (
    fig1_network,
    fig3_explanation,
    fig4_comparison,
    fig5_contrast,
    fig7_change,
    fig8_mistakes,
    many,
    objects,
)
from cilens.paper.measure import (
    p01_data,
    p03_questions,
    p07_equations,
    p09_print,
    p10_highlights,
    p11_comparison,
    p12_contrasts,
    p13_sentences,
    p15_distortions,
    p16_segmentations,
    p17_errors,
    p18_objects,
)
from cilens.paper.steps import Done, Result, Step
from cilens.paper.study import PAPER, TUTORIAL, Study
from cilens.paper.verdicts import Found, from_plain, to_plain
from cilens.scoring.explain import explain_each

COMPARED_IMAGES, FOREST_IMAGES, TUTORIAL_IMAGES, ABSENT_IMAGES = 100, 20, 200, 300
CANVASES, MOSAICS = 100, 50
"""How many are looked at, at most, where each takes many rows."""


def all_steps() -> tuple[Step, ...]:
    """Return all steps, in order.

    Examples
    --------
    >>> [step.name for step in all_steps()][:3]
    ['data', 'network', 'any-model']
    """
    return (
        Step("data", "P1 the data", _data),
        Step("network", "P2 the network, Fig. 1", _network),
        Step("any-model", "P3 any network", _any_model),
        Step("segments", "P4, P5 segments and samples, Fig. 2", _segments),
        Step("algorithm", "P6, P8 what is asked", _algorithm),
        Step("equations", "P7 the equations", _equations),
        Step("explanations", "P9 explanations, Fig. 3", _explanations),
        Step("highlights", "P10 highlights", _highlights),
        *(
            Step(f"compare-{name.replace(' ', '-')}", f"P11 {name}", partial(_compared, name))
            for name in p11_comparison.METHODS
        ),
        Step("compare-forest", "P11 LIME on a random forest", _forest),
        Step("comparison", "P11 methods side by side, Fig. 4", _comparison),
        Step("contrasts", "P12, P13 contrasts, Fig. 5, Fig. 6", _contrasts),
        Step("absent", "P14 what is absent", _absent),
        *(
            Step(f"distorted-{name}", f"P15 {name}", partial(_distorted, name))
            for name in DISTORTIONS
        ),
        Step("distortions", "P15 distorted digits, Fig. 7", _distortions),
        *(
            Step(f"cut-{number}", f"P16 {name}", partial(_cut, name))
            for number, name in enumerate(p16_segmentations.segmenters())
        ),
        Step("segmentations", "P16 the segmentation decides", _segmentations),
        Step("errors", "P17 misclassified digits, Fig. 8", _errors),
        Step("objects", "P18 several objects", _objects),
        Step("words", "P19 words", _words),
    )


def _data(study: Study, _: Done) -> Result:
    return Result.of({"P1": p01_data.data(load_mnist(), study.train)})


def _network(study: Study, _: Done) -> Result:
    layers, card = fig1_network.network_of(study), p01_data.read_card(study.file)
    found = p01_data.network(study.scores, study.test[1], layers, card)
    return Result.of({"P2": found}, figures={"fig1": fig1_network.figure_1(study)})


def _any_model(study: Study, _: Done) -> Result:
    found = p03_questions.wrapped(study.model, study.images, study.explanations)
    found["forest"] = p03_questions.explained_again(study.forest, study.images[:FOREST_IMAGES])
    return Result.of({"P3": found})


def _segments(study: Study, _: Done) -> Result:
    found = {
        "P4": p03_questions.segmentations(study.images),
        "P5": p03_questions.samples(study.images),
    }
    return Result.of(found, figures={"fig2": fig3_explanation.figure_2(study)})


def _algorithm(study: Study, _: Done) -> Result:
    asked = study.model, study.images
    return Result.of(
        {"P6": p03_questions.algorithm(*asked), "P8": p03_questions.rethreshold(*asked)}
    )


def _equations(study: Study, _: Done) -> Result:
    found = p07_equations.equations(study.model, study.images, study.explanations)
    found |= p07_equations.case(study.model, study.golden, is_authors=study.is_authors)
    return Result.of({"P7": found})


def _explanations(study: Study, _: Done) -> Result:
    figure = fig3_explanation.figure_3(study)
    found = p09_print.printed(study.model, figure, fig3_explanation.AUTHORS)
    return Result.of({"P9": found}, figures={"fig3": figure})


def _highlights(study: Study, _: Done) -> Result:
    asked = p10_highlights.ask_highlights(study.model, study.explanations)
    found, (blank, score) = p10_highlights.faithfulness(asked), p10_highlights.black(study.model)
    figures = {"p10": many.highlights_figure(study, asked)}
    return Result.of({"P10": {**found, "blank": score}}, {"blank": blank}, figures)


def _compared(name: str, study: Study, _: Done) -> Result:
    images = study.images[:: max(study.count // COMPARED_IMAGES, 1)][:COMPARED_IMAGES]
    method = p11_comparison.METHODS[name]
    return _judged(p11_comparison.stand(study.model, images, name, method))


def _judged(found: Sequence[Compared]) -> Result:
    """Tell what the judges say of one method."""
    numbers = to_plain(p11_comparison.summary(found))
    spent = sum(one.seconds for one in found) / len(found)
    tables = {"numbers": numbers, "srg": [one.curves.srg for one in found]}
    return Result({}, tables, seconds={"seconds_for_each_image": spent})


def _forest(study: Study, _: Done) -> Result:
    images, labels = study.test[0][::2], study.test[1][::2]
    trained = "the other half of the test split"
    if study.train is not None:
        images, labels, trained = *study.test, "the training split"
    accuracy = p11_comparison.accuracy(study.forest, list(images), labels)
    most = min(FOREST_IMAGES, study.count)
    shown = list(images[:: len(images) // most][:most])
    found = _judged(p11_comparison.stand(study.forest, shown, "LIME", TUTORIAL))
    checks = {"P11.forest": accuracy._replace(note=f"trained on {trained}")}
    return found._replace(checks=checks, tables={**found.tables, "trained": trained})


def _comparison(study: Study, done: Done) -> Result:
    both = [done[f"compare-{name}"].tables for name in ("contextual-importance", "random")]
    rows = sum(int(tables["numbers"]["srg"]["rows"]) for tables in both)
    found = p11_comparison.known_answers(study.images[0])
    found["gain"] = p11_comparison.gain(both[0]["srg"], both[1]["srg"], rows)
    return Result.of({"P11": found}, figures={"fig4": fig4_comparison.figure_4(study)})


def _contrasts(study: Study, _: Done) -> Result:
    tried = study.test[0][::2] if study.train is None else study.test[0]
    most = min(TUTORIAL_IMAGES, study.count)
    forest = explain_each(TUTORIAL, study.forest, tried[:: len(tried) // most][:most])
    found = p12_contrasts.contrasts(study.explanations)
    found |= p12_contrasts.told_apart(study.explanations, study.limes, list(forest))
    figures = {"fig5": fig5_contrast.figure_5(study), "fig6": fig5_contrast.figure_6(study)}
    said = p13_sentences.reasons(study.explanations)
    return Result.of({"P12": found, "P13": said}, figures=figures)


def _absent(study: Study, _: Done) -> Result:
    most = min(ABSENT_IMAGES, max(study.count, 50))
    return Result.of({"P14": p12_contrasts.absent(study.model, *study.test, study.scores, most)})


def _distorted(name: str, study: Study, _: Done) -> Result:
    found = p15_distortions.distorted(study.model, study.images, study.explanations, name)
    return Result({}, {"numbers": to_plain(found)})


def _distortions(study: Study, done: Done) -> Result:
    found = _printed(study, p15_distortions.FIGURE_7)
    line = from_plain(done["distorted-line"].tables["numbers"])
    found |= {name: line[name] for name in ("class", "ink", "noise")}
    return Result.of({"P15": found}, figures={"fig7": fig7_change.figure_7(study)})


def _cut(name: str, study: Study, _: Done) -> Result:
    segmenter = p16_segmentations.segmenters()[name]
    found = p16_segmentations.segmentation(study.model, study.images, segmenter)
    return Result({}, {"name": name, "numbers": to_plain(found)})


def _segmentations(study: Study, done: Done) -> Result:
    cuts = [result.tables for name, result in done.items() if name.startswith("cut-")]
    found = {tables["name"]: from_plain(tables["numbers"]) for tables in cuts}
    figures = {"p16": many.segmentations_figure(study, found)}
    return Result.of({"P16": {"spread": p16_segmentations.spread(found)}}, figures=figures)


def _printed(study: Study, wanted: Mapping[str, p09_print.Printed]) -> Found:
    return p09_print.differences(study.model, wanted, is_authors=study.is_authors)


def _errors(study: Study, _: Done) -> Result:
    listed = list_errors(study.scores, study.test[1])
    found = p17_errors.errors(study.model, list(study.test[0]), listed)
    found |= _printed(study, p17_errors.PRINTED)
    tables = {"errors": len(listed), "surest": [error.__dict__ for error in listed[:5]]}
    return Result.of({"P17": found}, tables, {"fig8": fig8_mistakes.figure_8(study)})


def _objects(study: Study, _: Done) -> Result:
    scenes = p18_objects.canvases(min(CANVASES, study.count))
    tiled = list(p18_objects.mosaics(min(MOSAICS, study.count), study.test[1].tolist()))
    four = replace(PAPER, segmenter=p18_objects.FOUR)
    found = {
        "share": p18_objects.objects(study.model, scenes),
        "mosaic": p18_objects.objects(study.model, tiled, four),
        "random": p18_objects.random_objects(study.model, scenes),
    }
    return Result.of({"P18": found}, figures={"p18": objects.objects_figure(study)})


def _words(study: Study, _: Done) -> Result:
    step = max(study.count // 200, 1)
    found, place, example = p13_sentences.paragraphs(study.model, study.explanations[::step][:200])
    tables = {"example": example, "image": f"mnist:{study.chosen[place * step]}"}
    return Result.of({"P19": found}, tables)
