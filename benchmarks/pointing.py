"""The grid pointing game: of a class's positive influence, how much lies on the tile that shows it.

``python benchmarks/pointing.py PHOTOGRAPHS --side 2 --scenes 60`` lays every second file of a
directory, from the second on, out as mosaics (those between were for tuning: ``--half 0``).
``python benchmarks/pointing.py digits --side 2 --scenes 100`` does so with digits, and ``canvases
--scenes 300`` puts two digits on a canvas; ``--model FILE.onnx`` asks another digits network.
Results go to ``benchmarks/results/``, with 95 % intervals over scenes by bootstrap.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import platform
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from rich.progress import track

import cilens
from cilens import scoring
from cilens.datasets.mnist import load_mnist, mnist_image
from cilens.datasets.synthetic import Scene, mosaic, two_digits
from cilens.evaluation.evaluate import Judged, Summary, summarize
from cilens.files import whole_file
from cilens.methods import Recommended
from cilens.methods.lime import Lime
from cilens.methods.occlusion import Occlusion
from cilens.methods.random import RandomAttribution
from cilens.metrics.localization import on_view, pointing
from cilens.models.wrappers.canvas import CanvasModel
from cilens.scoring.protocols import Method
from cilens.types import Image, Model

RESULTS = Path(__file__).parent / "results"
DEFAULT = "sampled (the default)"
SURE = 0.9
"""A photograph or a digit is a tile if the network is right about it alone, with this score."""
SEEN = {2: 4, 3: 2}
"""How many of a mosaic's classes must be among the mosaic's first five, by tiles in a row."""


class Game(NamedTuple):
    """One scene, and the objects in it whose classes are asked about."""

    name: str
    scene: Scene
    played: tuple[int, ...]


class Tile(NamedTuple):
    """An image that the network is right about."""

    image: Image
    index: int


def photograph_methods() -> dict[str, Method]:
    """Return what plays on photographs; the first is what the others are compared with."""
    slic, sampled, grey = cilens.Slic, cilens.SampledImportance, cilens.Constant(0.5)
    one_out = cilens.ContextualImportance(slic(50, 10.0), (grey,))
    one_in = replace(one_out, strategy="one-in")
    return {
        "LIME 1000, slic 20, compactness 40": Lime(slic(20, 40.0), grey, 1000),
        DEFAULT: Recommended(),
        "sampled 200, slic 30, compactness 40": sampled((slic(30, 40.0),), (grey,), 200),
        "one-out, slic 50, compactness 10": one_out,
        "one-in, slic 50, compactness 40": replace(one_in, segmenter=slic(50, 40.0)),
        "one-in, slic 30, compactness 20": replace(one_in, segmenter=slic(30, 20.0)),
        "one-in, slic 20, compactness 40": replace(one_in, segmenter=slic(20, 40.0)),
        "occlusion 48, stride 24": Occlusion(48, 24),
        "random": RandomAttribution(slic(50, 40.0)),
    }


def digit_methods(*, lime: bool) -> dict[str, Method]:
    """Return what plays on digits; the first is what the others are compared with."""
    slic, black = cilens.Slic, cilens.Constant(0.0)
    paper = cilens.ContextualImportance.paper()
    peer: dict[str, Method] = {"LIME 1000, slic 40": Lime(slic(40, 0.3), black, 1000)}
    return (peer if lime else {}) | {
        DEFAULT: Recommended(),
        "sampled 100, slic 20": cilens.SampledImportance((slic(20, 0.3),), (black,), 100),
        "one-out, slic 9 (the paper)": paper,
        "one-out, slic 18": replace(paper, segmenter=slic(18, 0.3)),
        "one-out, slic 40": replace(paper, segmenter=slic(40, 0.3)),
        "one-out, slic 100": replace(paper, segmenter=slic(100, 0.3)),
        "one-in, slic 40": replace(paper, segmenter=slic(40, 0.3), strategy="one-in"),
        "occlusion 6, stride 3": Occlusion(),
        "random": RandomAttribution(slic(40, 0.3)),
    }


def mosaics(model: Model, tiles: Sequence[Tile], side: int, seen: int) -> Iterator[Game | None]:
    """Draw mosaics; None for one in which too few classes are among the first five."""
    for seed in range(100_000):
        random, drawn = np.random.default_rng(seed), list[Tile]()
        for place in random.permutation(len(tiles)):
            if tiles[place].index not in {tile.index for tile in drawn}:
                drawn.append(tiles[place])
            if len(drawn) == side * side:
                break
        scene = mosaic([one.image for one in drawn], [one.index for one in drawn], columns=side)
        (scores,) = scoring.score_images(model, [scene.image])
        first = np.argsort(-scores)[:5]
        played = tuple(k for k, index in enumerate(scene.classes) if index in first)
        yield Game(str(seed), scene, played) if len(played) >= seen else None


def draw(
    model: Model, tiles: Sequence[Tile], side: int, seen: int, scenes: int
) -> tuple[list[Game], int]:
    """Return so many mosaics, and how many were tried for them."""
    kept, tried = list[Game](), 0
    for game in mosaics(model, tiles, side, seen):
        tried += 1
        kept += [game] if game else []
        if len(kept) == scenes:
            break
    return kept, tried


def play(model: Model, game: Game, methods: dict[str, Method]) -> list[Judged]:
    """Let every method explain one scene, and see where the influence of each class lies."""
    judged = []
    for name, method in methods.items():
        explanation = method(model, game.scene.image)
        found: dict[str, list[float | None]] = {"share": [], "sure": [], "hit": []}
        for place in game.played:
            target, tile = game.scene.classes[place], game.scene.objects[place]
            on = on_view(tile, explanation)
            plain = pointing(explanation, on, target)
            found["share"].append(plain.share)
            found["sure"].append(pointing(explanation, on, target, sure=True).share)
            found["hit"].append(plain.hit)
        for number, values in found.items():
            known = [value for value in values if value is not None]
            value = float(np.mean(known)) if known else None
            rows = explanation.model_rows
            judged.append(Judged(game.name, name, "pointing", number, value, "higher", rows, 0.0))
    return judged


def photograph_model(threads: int) -> cilens.OnnxModel:
    """Return the ImageNet network, made to see the whole of a mosaic."""
    network = cilens.load_model("imagenet")
    return replace(network, threads=threads, preprocess=replace(network.preprocess, fit="stretch"))


def photographs(files: Sequence[Path]) -> list[Tile]:
    """Return the photographs that the network is sure and right about, as it sees them alone."""
    network, tiles = cilens.load_model("imagenet"), list[Tile]()
    for file in files:
        image, index = cilens.read_image(file), int(file.name.split("_")[0])
        (scores,) = scoring.score_images(network, [image])
        if scores.argmax() == index and scores[index] >= SURE:
            tiles.append(Tile(network.view(image).image, index))
    return tiles


def digits(network: Model, first: int, count: int) -> list[Tile]:
    """Return the digits of the test split that the network is sure and right about."""
    images, labels = [mnist_image(i) for i in range(first, first + count)], load_mnist()[1][first:]
    scores = scoring.score_images(network, images)
    return [
        Tile(image, int(label))
        for image, label, found in zip(images, labels[:count], scores, strict=True)
        if found.argmax() == label and found[label] >= SURE
    ]


def play_photographs(game: Game, only: str) -> list[Judged]:
    """Play one mosaic of photographs, on one thread."""
    return play(photograph_model(1), game, named(only, photograph_methods()))


def named(only: str, methods: dict[str, Method]) -> dict[str, Method]:
    """Return the methods in whose names there is a word."""
    return {name: method for name, method in methods.items() if only in name}


def play_all(asked: argparse.Namespace) -> tuple[str, dict[str, object], list[Judged]]:
    """Draw the scenes and play; return the game's name, what is known of it, and the findings."""
    if asked.game not in ("digits", "canvases"):
        files = sorted(Path(asked.game).glob("*.jpg"))[asked.half :: 2]
        tiles = photographs(files)
        games, tried = draw(photograph_model(0), tiles, asked.side, SEEN[asked.side], asked.scenes)
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(asked.jobs, mp_context=context) as pool:
            played = pool.map(play_photographs, games, [asked.only] * len(games))
            found = list(track(played, "mosaics", len(games)))
        facts = {"photographs": len(files), "tiles": len(tiles), "half": asked.half}
        name = f"photographs-{asked.side}x{asked.side}"
    else:
        network = cilens.load_model(asked.model)
        model, tried, tiles = CanvasModel(network), asked.scenes, list[Tile]()
        if asked.game == "digits":
            tiles, name = digits(network, 6000, 1000), f"digits-{asked.side}x{asked.side}"
            games, tried = draw(model, tiles, asked.side, 1, asked.scenes)
            games = [game._replace(played=tuple(range(asked.side**2))) for game in games]
        else:
            name, layouts = "canvases", ("beside", "corners")
            scenes = [two_digits(layout=layouts[i % 2], seed=1000 + i) for i in range(asked.scenes)]
            games = [Game(str(i), scene, (0, 1)) for i, scene in enumerate(scenes)]
        methods = named(asked.only, digit_methods(lime=asked.game == "digits"))
        found = [play(model, game, methods) for game in track(games, name)]
        facts = {"model": Path(asked.model).stem, "tiles": len(tiles)}
        name += "" if asked.model == "digits" else f"-{Path(asked.model).stem}"
    facts |= {"tried": tried, "scenes": len(games), "objects": sum(len(g.played) for g in games)}
    return name, facts, [row for rows in found for row in rows]


def show(one: Summary) -> str:
    """Write one line about a number of a method."""
    return (
        f"{one.number:10s} {one.method:36s} {one.model_rows:6.0f} rows  {one.mean:.3f} "
        f"[{one.low:.3f}, {one.high:.3f}]  {one.difference:+.3f} "
        f"[{one.difference_low:+.3f}, {one.difference_high:+.3f}]  n = {one.images}"
    )


def main() -> None:
    """Play, print and write down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("game", metavar="PHOTOGRAPHS|digits|canvases")
    parser.add_argument("--side", type=int, choices=(2, 3), default=2, help="tiles in a row")
    parser.add_argument("--scenes", type=int, default=60)
    parser.add_argument("--half", type=int, choices=(0, 1), default=1)
    parser.add_argument("--model", default="digits", help="for digits: an ONNX file")
    parser.add_argument("--jobs", type=int, default=2, help="mosaics of photographs at a time")
    parser.add_argument("--only", default="", metavar="WORD", help="methods with this in the name")
    asked = parser.parse_args()
    name, facts, judged = play_all(asked)
    summaries = summarize(judged)
    result = {
        "machine": {"cores": os.cpu_count(), "python": platform.python_version()},
        "game": facts,
        "summary": [summary._asdict() for summary in summaries],
    }
    with whole_file(RESULTS / f"pointing-{name}.json") as draft:
        draft.write_text(json.dumps(result, indent=1) + "\n")
    print(facts)
    print("\n".join(map(show, summaries)))


if __name__ == "__main__":
    main()
