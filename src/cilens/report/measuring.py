"""The steps: from a study to numbers, tables and figures, in the order of the paper."""

from __future__ import annotations

from dataclasses import replace

from cilens.datasets.distortions import DISTORTIONS
from cilens.datasets.mnist import load_mnist
from cilens.methods.contextual import ContextualImportance
from cilens.report import drawing
from cilens.report.figures.sets import highlights_figure
from cilens.report.measure import (
    asking,
    comparison,
    contrasts,
    data,
    distortions,
    equations,
    errors,
    highlights,
    objects,
    printed,
    segmentations,
    sentences,
)
from cilens.report.steps import Done, Result, Step
from cilens.report.study import Study
from cilens.report.verdicts import Found, from_plain, missing, to_plain

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
            for name in comparison.methods()
        ),
        Step("compare-forest", "P11 LIME on a random forest", _forest),
        Step("comparison", "P11 methods side by side, Fig. 4", _comparison),
        Step("contrasts", "P12, P13 contrasts, Fig. 5, Fig. 6", _contrasts),
        Step("absent", "P14 what is absent", _absent),
        *(Step(f"distorted-{name}", f"P15 {name}", _Distorted(name)) for name in DISTORTIONS),
        Step("distortions", "P15 distorted digits, Fig. 7", _distortions),
        *(
            Step(f"cut-{number}", f"P16 {name}", _Cut(name))
            for number, name in enumerate(segmentations.segmenters())
        ),
        Step("segmentations", "P16 the segmentation decides", _segmentations),
        Step("errors", "P17 misclassified digits, Fig. 8", _errors),
        Step("objects", "P18 several objects", _objects),
        Step("words", "P19 words", _words),
    )


def _data(study: Study, done: Done) -> Result:
    del done
    return _named("P1", data.data(load_mnist(), study.train))


def _network(study: Study, done: Done) -> Result:
    del done
    card = data.read_card(study.file)
    found = data.network(study.scores, study.test[1], drawing.network_of(study), card)
    return _named("P2", found)._replace(figures={"fig1": drawing.figure_1(study)})


def _any_model(study: Study, done: Done) -> Result:
    del done
    found = asking.wrapped(study.model, list(study.images), study.explanations)
    forest, images = study.forest, list(study.images[:FOREST_IMAGES])
    found["forest"] = missing("needs scikit-learn: pip install “cilens[lime]”")
    if forest is not None:
        found["forest"] = asking.explained_again(forest, images)
    return _named("P3", found)


def _segments(study: Study, done: Done) -> Result:
    del done
    images = list(study.images)
    checks = {
        **_named("P4", asking.segmentations(images)).checks,
        **_named("P5", asking.samples(images)).checks,
    }
    return Result(checks, figures={"fig2": drawing.figure_2(study)})


def _algorithm(study: Study, done: Done) -> Result:
    del done
    images = list(study.images)
    checks = {
        **_named("P6", asking.algorithm(study.model, images)).checks,
        **_named("P8", asking.rethreshold(study.model, images)).checks,
    }
    return Result(checks)


def _equations(study: Study, done: Done) -> Result:
    del done
    found = equations.equations(study.model, list(study.images), study.explanations)
    found |= equations.case(study.model, study.golden, is_authors=study.is_authors)
    return _named("P7", found)


def _explanations(study: Study, done: Done) -> Result:
    del done
    figure = drawing.figure_3(study)
    found = printed.printed(study.model, figure, drawing.AUTHORS)
    return _named("P9", found)._replace(figures={"fig3": figure})


def _highlights(study: Study, done: Done) -> Result:
    del done
    asked = highlights.ask_highlights(study.model, study.explanations)
    found, (blank, score) = highlights.faithfulness(asked), highlights.black(study.model)
    return _named("P10", {**found, "blank": score})._replace(
        tables={"blank": blank}, figures={"p10": highlights_figure(asked, study.network)}
    )


class _Compared:
    """One method of the comparison."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, study: Study, done: Done) -> Result:
        del done
        method = comparison.methods()[self.name]
        if method is None:
            return Result({}, {"missing": comparison.NEEDS_LIME})
        images = list(study.images[:: max(len(study.images) // COMPARED_IMAGES, 1)])
        images = images[:COMPARED_IMAGES]
        found = comparison.stand(study.model, images, self.name, method)
        tables = {
            "numbers": to_plain(comparison.summary(found)),
            "srg": [one.curves.srg for one in found],
        }
        spent = sum(one.seconds for one in found) / len(found)
        return Result({}, tables, seconds={"seconds_for_each_image": spent})


def _forest(study: Study, done: Done) -> Result:
    del done
    method, forest = comparison.paper_lime(), study.forest
    if method is None or forest is None:
        return Result(
            {"P11.forest": missing(comparison.NEEDS_LIME)}, {"missing": comparison.NEEDS_LIME}
        )
    images, labels = study.test[0][::2], study.test[1][::2]
    trained = "the other half of the test split"
    if study.train is not None:
        images, labels, trained = *study.test, "the training split"
    accuracy = comparison.accuracy(forest, list(images), labels)
    most = min(FOREST_IMAGES, study.count)
    shown = list(images[:: len(images) // most][:most])
    found = comparison.stand(forest, shown, "LIME", method)
    spent = sum(one.seconds for one in found) / len(found)
    return Result(
        {"P11.forest": accuracy._replace(note=f"trained on {trained}")},
        {"numbers": to_plain(comparison.summary(found)), "trained": trained},
        seconds={"seconds_for_each_image": spent},
    )


def _comparison(study: Study, done: Done) -> Result:
    found = comparison.known_answers(study.images[0])
    ours, control = (
        done[f"compare-{name}"].tables["srg"] for name in ("contextual-importance", "random")
    )
    rows = [
        int(done[f"compare-{name}"].tables["numbers"]["srg"]["rows"])
        for name in ("contextual-importance", "random")
    ]
    found["gain"] = comparison.gain(ours, control, sum(rows))
    return _named("P11", found)._replace(figures={"fig4": drawing.figure_4(study)})


def _contrasts(study: Study, done: Done) -> Result:
    del done
    checks = {
        **_named("P12", contrasts.contrasts(study.explanations)).checks,
        **_named("P13", sentences.reasons(study.explanations)).checks,
    }
    figures = {"fig5": drawing.figure_5(study), "fig6": drawing.figure_6(study)}
    return Result(checks, figures=figures)


def _absent(study: Study, done: Done) -> Result:
    del done
    images, labels = study.test
    most = min(ABSENT_IMAGES, max(study.count, 50))
    return _named("P14", contrasts.absent(study.model, images, labels, study.scores, most))


class _Distorted:
    """One kind of distortion."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, study: Study, done: Done) -> Result:
        del done
        found = distortions.distorted(
            study.model, list(study.images), study.explanations, self.name
        )
        return Result({}, {"numbers": to_plain(found)})


def _distortions(study: Study, done: Done) -> Result:
    found = distortions.edits(study.model, is_authors=study.is_authors)
    line = from_plain(done["distorted-line"].tables["numbers"])
    found |= {name: line[name] for name in ("class", "ink", "noise")}
    return _named("P15", found)._replace(figures={"fig7": drawing.figure_7(study)})


class _Cut:
    """One segmentation."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, study: Study, done: Done) -> Result:
        del done
        segmenter = segmentations.segmenters()[self.name]
        found = segmentations.segmentation(study.model, list(study.images), segmenter)
        return Result({}, {"name": self.name, "numbers": to_plain(found)})


def _segmentations(study: Study, done: Done) -> Result:
    found = {
        result.tables["name"]: from_plain(result.tables["numbers"])
        for name, result in done.items()
        if name.startswith("cut-")
    }
    figures = {"p16": drawing.figure_p16(study, found)}
    return Result({"P16.spread": segmentations.spread(found)}, figures=figures)


def _errors(study: Study, done: Done) -> Result:
    del done
    listed = errors.listed(study.scores, study.test[1])
    found = errors.errors(study.model, list(study.test[0]), listed)
    found |= errors.figure_8(study.model, is_authors=study.is_authors)
    surest = [error.__dict__ for error in listed[:5]]
    return _named("P17", found)._replace(
        tables={"errors": len(listed), "surest": surest}, figures={"fig8": drawing.figure_8(study)}
    )


def _objects(study: Study, done: Done) -> Result:
    del done
    scenes = objects.canvases(min(CANVASES, study.count))
    tiled = list(objects.mosaics(min(MOSAICS, study.count), study.test[1].tolist()))
    four = replace(PAPER, segmenter=objects.FOUR)
    found = {
        "share": objects.objects(study.model, scenes)["share"],
        "mosaic": objects.objects(study.model, tiled, four)["share"],
        "random": objects.random_objects(study.model, scenes)["share"],
    }
    return _named("P18", found)._replace(figures={"p18": drawing.figure_p18(study)})


def _words(study: Study, done: Done) -> Result:
    del done
    step = max(study.count // 200, 1)
    explained = study.explanations[::step][:200]
    found, place, example = sentences.paragraphs(study.model, explained)
    tables = {"example": example, "image": f"mnist:{study.chosen[place * step]}"}
    return _named("P19", found)._replace(tables=tables)


def _named(claim: str, found: Found) -> Result:
    """Return numbers under the full names of their checks."""
    return Result({f"{claim}.{name}": measured for name, measured in found.items()})
