"""The steps: from a study to numbers, tables and figures, in the order of the paper."""

from __future__ import annotations

from dataclasses import replace

from cilens.datasets.distort.kinds import DISTORTIONS
from cilens.datasets.mnist import load_mnist
from cilens.methods.contextual import ContextualImportance
from cilens.paper import gallery
from cilens.paper.figures.many import highlights_figure
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
from cilens.paper.study import Study
from cilens.paper.verdicts import Found, from_plain, missing, to_plain

COMPARED_IMAGES, FOREST_IMAGES, ABSENT_IMAGES, CANVASES, MOSAICS = 100, 20, 300, 100, 50
"""How many are looked at, at most, where each takes many rows."""

PAPER = ContextualImportance.paper()


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
            Step(f"compare-{name.replace(' ', '-')}", f"P11 {name}", _Compared(name))
            for name in p11_comparison.methods()
        ),
        Step("compare-forest", "P11 LIME on a random forest", _forest),
        Step("comparison", "P11 methods side by side, Fig. 4", _comparison),
        Step("contrasts", "P12, P13 contrasts, Fig. 5, Fig. 6", _contrasts),
        Step("absent", "P14 what is absent", _absent),
        *(Step(f"distorted-{name}", f"P15 {name}", _Distorted(name)) for name in DISTORTIONS),
        Step("distortions", "P15 distorted digits, Fig. 7", _distortions),
        *(
            Step(f"cut-{number}", f"P16 {name}", _Cut(name))
            for number, name in enumerate(p16_segmentations.segmenters())
        ),
        Step("segmentations", "P16 the segmentation decides", _segmentations),
        Step("errors", "P17 misclassified digits, Fig. 8", _errors),
        Step("objects", "P18 several objects", _objects),
        Step("words", "P19 words", _words),
    )


def _data(study: Study, done: Done) -> Result:
    del done
    return _named("P1", p01_data.data(load_mnist(), study.train))


def _network(study: Study, done: Done) -> Result:
    del done
    card = p01_data.read_card(study.file)
    found = p01_data.network(study.scores, study.test[1], gallery.network_of(study), card)
    return _named("P2", found)._replace(figures={"fig1": gallery.figure_1(study)})


def _any_model(study: Study, done: Done) -> Result:
    del done
    found = p03_questions.wrapped(study.model, list(study.images), study.explanations)
    forest, images = study.forest, list(study.images[:FOREST_IMAGES])
    found["forest"] = missing("needs scikit-learn: pip install “cilens[lime]”")
    if forest is not None:
        found["forest"] = p03_questions.explained_again(forest, images)
    return _named("P3", found)


def _segments(study: Study, done: Done) -> Result:
    del done
    images = list(study.images)
    checks = {
        **_named("P4", p03_questions.segmentations(images)).checks,
        **_named("P5", p03_questions.samples(images)).checks,
    }
    return Result(checks, figures={"fig2": gallery.figure_2(study)})


def _algorithm(study: Study, done: Done) -> Result:
    del done
    images = list(study.images)
    checks = {
        **_named("P6", p03_questions.algorithm(study.model, images)).checks,
        **_named("P8", p03_questions.rethreshold(study.model, images)).checks,
    }
    return Result(checks)


def _equations(study: Study, done: Done) -> Result:
    del done
    found = p07_equations.equations(study.model, list(study.images), study.explanations)
    found |= p07_equations.case(study.model, study.golden, is_authors=study.is_authors)
    return _named("P7", found)


def _explanations(study: Study, done: Done) -> Result:
    del done
    figure = gallery.figure_3(study)
    found = p09_print.printed(study.model, figure, gallery.AUTHORS)
    return _named("P9", found)._replace(figures={"fig3": figure})


def _highlights(study: Study, done: Done) -> Result:
    del done
    asked = p10_highlights.ask_highlights(study.model, study.explanations)
    found, (blank, score) = p10_highlights.faithfulness(asked), p10_highlights.black(study.model)
    return _named("P10", {**found, "blank": score})._replace(
        tables={"blank": blank}, figures={"p10": highlights_figure(asked, study.name)}
    )


class _Compared:
    """One method of the comparison."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, study: Study, done: Done) -> Result:
        del done
        method = p11_comparison.methods()[self.name]
        if method is None:
            return Result({}, {"missing": p11_comparison.NEEDS_LIME})
        images = list(study.images[:: max(len(study.images) // COMPARED_IMAGES, 1)])
        images = images[:COMPARED_IMAGES]
        found = p11_comparison.stand(study.model, images, self.name, method)
        tables = {
            "numbers": to_plain(p11_comparison.summary(found)),
            "srg": [one.curves.srg for one in found],
        }
        spent = sum(one.seconds for one in found) / len(found)
        return Result({}, tables, seconds={"seconds_for_each_image": spent})


def _forest(study: Study, done: Done) -> Result:
    del done
    method, forest = p11_comparison.paper_lime(), study.forest
    if method is None or forest is None:
        return Result(
            {"P11.forest": missing(p11_comparison.NEEDS_LIME)},
            {"missing": p11_comparison.NEEDS_LIME},
        )
    images, labels = study.test[0][::2], study.test[1][::2]
    trained = "the other half of the test split"
    if study.train is not None:
        images, labels, trained = *study.test, "the training split"
    accuracy = p11_comparison.accuracy(forest, list(images), labels)
    most = min(FOREST_IMAGES, study.count)
    shown = list(images[:: len(images) // most][:most])
    found = p11_comparison.stand(forest, shown, "LIME", method)
    spent = sum(one.seconds for one in found) / len(found)
    return Result(
        {"P11.forest": accuracy._replace(note=f"trained on {trained}")},
        {"numbers": to_plain(p11_comparison.summary(found)), "trained": trained},
        seconds={"seconds_for_each_image": spent},
    )


def _comparison(study: Study, done: Done) -> Result:
    found = p11_comparison.known_answers(study.images[0])
    ours, control = (
        done[f"compare-{name}"].tables["srg"] for name in ("contextual-importance", "random")
    )
    rows = [
        int(done[f"compare-{name}"].tables["numbers"]["srg"]["rows"])
        for name in ("contextual-importance", "random")
    ]
    found["gain"] = p11_comparison.gain(ours, control, sum(rows))
    return _named("P11", found)._replace(figures={"fig4": gallery.figure_4(study)})


def _contrasts(study: Study, done: Done) -> Result:
    del done
    checks = {
        **_named("P12", p12_contrasts.contrasts(study.explanations)).checks,
        **_named("P13", p13_sentences.reasons(study.explanations)).checks,
    }
    figures = {"fig5": gallery.figure_5(study), "fig6": gallery.figure_6(study)}
    return Result(checks, figures=figures)


def _absent(study: Study, done: Done) -> Result:
    del done
    images, labels = study.test
    most = min(ABSENT_IMAGES, max(study.count, 50))
    return _named("P14", p12_contrasts.absent(study.model, images, labels, study.scores, most))


class _Distorted:
    """One kind of distortion."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, study: Study, done: Done) -> Result:
        del done
        found = p15_distortions.distorted(
            study.model, list(study.images), study.explanations, self.name
        )
        return Result({}, {"numbers": to_plain(found)})


def _distortions(study: Study, done: Done) -> Result:
    found = p15_distortions.edits(study.model, is_authors=study.is_authors)
    line = from_plain(done["distorted-line"].tables["numbers"])
    found |= {name: line[name] for name in ("class", "ink", "noise")}
    return _named("P15", found)._replace(figures={"fig7": gallery.figure_7(study)})


class _Cut:
    """One segmentation."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, study: Study, done: Done) -> Result:
        del done
        segmenter = p16_segmentations.segmenters()[self.name]
        found = p16_segmentations.segmentation(study.model, list(study.images), segmenter)
        return Result({}, {"name": self.name, "numbers": to_plain(found)})


def _segmentations(study: Study, done: Done) -> Result:
    found = {
        result.tables["name"]: from_plain(result.tables["numbers"])
        for name, result in done.items()
        if name.startswith("cut-")
    }
    figures = {"p16": gallery.figure_p16(study, found)}
    return Result({"P16.spread": p16_segmentations.spread(found)}, figures=figures)


def _errors(study: Study, done: Done) -> Result:
    del done
    listed = p17_errors.listed(study.scores, study.test[1])
    found = p17_errors.errors(study.model, list(study.test[0]), listed)
    found |= p17_errors.figure_8(study.model, is_authors=study.is_authors)
    surest = [error.__dict__ for error in listed[:5]]
    return _named("P17", found)._replace(
        tables={"errors": len(listed), "surest": surest}, figures={"fig8": gallery.figure_8(study)}
    )


def _objects(study: Study, done: Done) -> Result:
    del done
    scenes = p18_objects.canvases(min(CANVASES, study.count))
    tiled = list(p18_objects.mosaics(min(MOSAICS, study.count), study.test[1].tolist()))
    four = replace(PAPER, segmenter=p18_objects.FOUR)
    found = {
        "share": p18_objects.objects(study.model, scenes)["share"],
        "mosaic": p18_objects.objects(study.model, tiled, four)["share"],
        "random": p18_objects.random_objects(study.model, scenes)["share"],
    }
    return _named("P18", found)._replace(figures={"p18": gallery.figure_p18(study)})


def _words(study: Study, done: Done) -> Result:
    del done
    step = max(study.count // 200, 1)
    explained = study.explanations[::step][:200]
    found, place, example = p13_sentences.paragraphs(study.model, explained)
    tables = {"example": example, "image": f"mnist:{study.chosen[place * step]}"}
    return _named("P19", found)._replace(tables=tables)


def _named(claim: str, found: Found) -> Result:
    """Return numbers under the full names of their checks."""
    return Result({f"{claim}.{name}": measured for name, measured in found.items()})
