"""`cilens explain`: what the options are."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cilens.cli.factory import Factory
from cilens.cli.wishes import Above, Groups, Objects, Wishes

HELP = """Explain what a network saw in images.

Each image is cut into segments, and the network is asked again with many choices of them hidden: \
a region's influence is the share of the score's range that is lost, on average, with it.

Exit code: 0 if all went well; 1 if some images failed, the others are done; 2 if nothing could be \
begun."""


def explain(
    images: Annotated[
        list[str],
        typer.Argument(
            metavar="IMAGE",
            help="Files, patterns or directories; - for standard input; mnist:4013 for an image "
            "of the MNIST test split, 0 to 9999; skimage:chelsea for a photograph of scikit-image.",
        ),
    ],
    model: Annotated[
        str,
        typer.Option(
            metavar="NAME|FILE",
            help="A network that comes with cilens, or a model file; see: cilens models.",
            rich_help_panel="Model",
        ),
    ] = "digits",
    preprocess: Annotated[
        str | None,
        typer.Option(
            metavar="KEY=VALUE,...",
            help="What the network wants its input to be, such as size=224x224,scale=255; see: "
            "cilens models.",
            show_default="what the file states",
            rich_help_panel="Model",
        ),
    ] = None,
    activation: Annotated[
        str | None,
        typer.Option(
            metavar="none|softmax|sigmoid",
            help="What to apply to the network's output to get probabilities.",
            show_default="what is stated beside the file, or none",
            rich_help_panel="Model",
        ),
    ] = None,
    output_name: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Which output of the network holds the scores, where it has several.",
            show_default="the only one",
            rich_help_panel="Model",
        ),
    ] = None,
    class_names: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Text with one class name a line.",
            show_default="what the file states",
            rich_help_panel="Model",
        ),
    ] = None,
    factory: Factory = None,
    batch_size: Annotated[
        int | None,
        typer.Option(
            metavar="ROWS",
            help="Most images in one call of the network.",
            show_default="the method's",
            rich_help_panel="Model",
        ),
    ] = None,
    channels: Annotated[
        int | None,
        typer.Option(
            metavar="1|3",
            help="Read images as grey or as RGB.",
            show_default="as the file has it",
            rich_help_panel="Model",
        ),
    ] = None,
    max_pixels: Annotated[
        int | None,
        typer.Option(
            metavar="PIXELS",
            help="Refuse larger images before they are decoded.",
            show_default="100000000",
            rich_help_panel="Model",
        ),
    ] = None,
    method: Annotated[
        str,
        typer.Option(
            metavar="default|paper|NAME:...",
            help="The recommended settings, the paper's, or another method; see: cilens methods.",
            rich_help_panel="Method",
        ),
    ] = "default",
    segmenter: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME:...",
            help="How the image is cut, such as slic:n_segments=50; may be repeated; see: cilens "
            "segmenters.",
            show_default="the method's",
            rich_help_panel="Method",
        ),
    ] = None,
    perturbation: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME:...",
            help="What replaces a hidden segment, such as constant:value=0; may be repeated; see: "
            "cilens perturbations.",
            show_default="the method's",
            rich_help_panel="Method",
        ),
    ] = None,
    strategy: Annotated[
        str | None,
        typer.Option(
            metavar="one-out|one-in",
            help="Hide one region at a time, or show one at a time.",
            show_default="the method's",
            rich_help_panel="Method",
        ),
    ] = None,
    budget: Annotated[
        int | None,
        typer.Option(
            metavar="ROWS",
            help="Most images to ask the network about, for methods that have a budget.",
            show_default="the method's: 100 for small images, 200 for others",
            rich_help_panel="Method",
        ),
    ] = None,
    output_range: Annotated[
        tuple[float, float] | None,
        typer.Option(
            metavar="LOW HIGH",
            help="The scores' range; those outside are an error.",
            show_default="what cilens calibrate measured, or 0 1",
            rich_help_panel="Method",
        ),
    ] = None,
    target: Annotated[
        str | None,
        typer.Option(
            metavar="INDEX|NAME",
            help='The class to explain, or a group of classes, such as "any cat" of the imagenet '
            "network.",
            show_default="the predicted one",
            rich_help_panel="Result",
        ),
    ] = None,
    group: Groups = None,
    objects: Objects = False,
    above: Above = 0.05,
    against: Annotated[
        str | None,
        typer.Option(
            metavar="INDEX|NAME|runner-up",
            help="Another class: say what speaks for the one and not for the other. Costs no "
            "further question.",
            show_default="none",
            rich_help_panel="Result",
        ),
    ] = None,
    words: Annotated[
        bool,
        typer.Option(
            "--words",
            metavar="",
            help="Explain in a paragraph instead of a line.",
            rich_help_panel="Result",
        ),
    ] = False,
    minimal: Annotated[
        bool,
        typer.Option(
            "--minimal",
            metavar="",
            help="Ask further what is enough, what is needed, and which regions stand in for each "
            "other: at most 200 model rows, and one for each region.",
            rich_help_panel="Result",
        ),
    ] = False,
    audit: Annotated[
        bool,
        typer.Option(
            "--audit",
            metavar="",
            help="Check the explanation itself: beside an edge detector and chance, against what "
            "the blank image loses, and a second time. About 250 model rows, and two further "
            "explanations.",
            rich_help_panel="Result",
        ),
    ] = False,
    threshold: Annotated[
        float,
        typer.Option(
            metavar="SHARE",
            help="Regions from this share of the output range on are important.",
            rich_help_panel="Result",
        ),
    ] = 0.01,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Write NAME.png (figure), NAME.json and NAME.npz (all numbers) for each image, "
            "over those of an earlier run.",
            show_default="write nothing",
            rich_help_panel="Result",
        ),
    ] = None,
    json: Annotated[
        bool,
        typer.Option(
            "--json", metavar="", help="Print one JSON document.", rich_help_panel="Result"
        ),
    ] = False,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            metavar="",
            help="Explain nothing: print what it would cost, from one timed batch.",
            rich_help_panel="Result",
        ),
    ] = False,
) -> None:
    from cilens.cli.explaining import run

    wishes = Wishes(
        images=images,
        model=model,
        method=method,
        target=target,
        segmenter=segmenter or [],
        perturbation=perturbation or [],
        strategy=strategy,
        budget=budget,
        group=group or [],
        objects=objects,
        above=above,
        against=against,
        words=words,
        minimal=minimal,
        audit=audit,
        threshold=threshold,
        output_range=output_range,
        preprocess=preprocess,
        class_names=class_names,
        activation=activation,
        output_name=output_name,
        factory=factory,
        batch_size=batch_size,
        channels=channels,
        max_pixels=max_pixels,
        out=out,
        json=json,
        dry_run=dry_run,
    )
    raise typer.Exit(run(wishes))
