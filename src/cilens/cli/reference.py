"""The reference of the command line, in Markdown, from the commands and parts themselves.

``python -m cilens.cli.reference > docs/reference/cli.md`` writes it anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import typer

from cilens.cli import app
from cilens.cli.listing import described, preprocess_options
from cilens.parts.options import Description, Option

_HEAD = """# The command line

Written by `python -m cilens.cli.reference`; do not edit.

Every command has `--help`, and every command that prints has `--json`: one JSON document on
standard output and nothing else there. Errors are one line each on standard error. Exit codes:
0 done; 1 some images failed, the others are done; 2 nothing was begun; 130 interrupted."""

_IMAGES = """## Images

IMAGE is a file (PNG, JPEG, TIFF, GIF, WebP, BMP, AVIF, JPEG 2000, HEIC, PBM/PGM/PPM, TGA, DICOM,
.npy), a pattern (`"photos/*.jpg"`), a directory (its images in counting order, not those of its
subdirectories), `-` for standard input, `mnist:0` to `mnist:9999` for the MNIST test split,
`shapes:0` to `shapes:999` and `shapes:circle-with-tag` for pictures of shapes, or `skimage:NAME`
for a photograph of scikit-image. `mnist:0-99` names a hundred. What is named so needs no download.
Pixels become numbers from 0 to 1:

- rotation stated in EXIF is applied;
- palettes and CMYK become RGB;
- 16-bit pixels are divided by 65535, 8-bit pixels by 255; where white is zero, they are inverted;
- numbers of no known range (signed, 12 bits in a 16-bit file, floats beyond 0 to 1) are refused
  until `--black` and `--white` say what they mean;
- transparent pixels are laid over white;
- of a photograph with a second picture inside, the first is read; of a TIFF stack or an animation,
  `--frame` chooses;
- more than 100,000,000 pixels are refused before they are decoded, unless `--max-pixels` is higher.

Grey files have one channel, all others three; `--channels` converts."""

_FILES = """## Files and JSON

`--out DIR` writes `DIR/NAME.png` (the figure), `DIR/NAME.detail.png` (its second sheet),
`DIR/NAME.json` (what `--json` prints of this image) and `DIR/NAME.npz` (all numbers, for
`cilens.Explanation.load`): all four or none, over those of an earlier run. NAME is the file's name
without its suffix; `mnist:4013` becomes `mnist-4013`, and
standard input `stdin`. Images of one name are refused, and so is a figure that would overwrite an
image. `--json` prints a list with one object for each image that did not fail:

| key | what |
| --- | --- |
| `image`, `model`, `method` | As typed; the method with all its settings. |
| `shape`, `box` | Of the image as the network saw it: height, width, channels; and its top, left, \
bottom, right edges in pixels of the file. |
| `predicted`, `target` | `index`, `name` and `score` of the predicted and of the explained class. |
| `top` | The same of the five classes with the highest scores. With groups, an `index` counts the \
classes in no group first, then the groups. |
| `threshold`, `output_range` | From which share on a region is important; the target's range. |
| `model_rows`, `check_rows` | Images the network was asked about, and those that check the \
highlight. |
| `seconds` | Segmentation and all answers; without reading, checking, writing. |
| `sentence` | One line of plain words. |
| `regions` | Strongest influence first: `id`, `name` (the segmenter's label), `area` (share of \
the image), `centroid` (row and column), `importance`, `utility`, `influence`; `margin`, half of \
the influence's 95 % interval over contexts, or null; `sure`, whether its sign is sure; \
`important`, whether it surely reaches the threshold. |
| `highlight` | The important regions alone: their `area`, the target's `score`, the index of the \
class `predicted`, and whether it is `empty`; its `regions`, and how many of them were `added`, \
the strongest first, because the important ones alone do not keep the class. |
| `remainder`, `blank` | The same `score` and `predicted` with the important regions hidden, and \
with all of them hidden. |
| `objects` | With `--objects`, for each class that is there: `index`, `name`, `score`; the \
`regions` that speak for it and those `shared` with others of the classes; their `area`; and \
`own`, the part of its influence on regions that speak for no other (null where none does so). |
| `minimal` | With `--minimal`: the sets `sufficient` and `necessary`, each with its `regions` \
(strongest influence first), `area`, `score` and `predicted` (alone; without it), whether it \
`holds` and is `minimal`, and the `reason` if it is empty, the whole image or not minimal. |
| `redundancy` | With `--minimal`: `drops` (the share lost with each region hidden alone), \
which are `dispensable`, and `pairs` that cost more together, with their `joint_drop`. |
| `insertion` | With `--animate`: of each step `areas` (the share of the image that is there), \
`scores` of the target and classes `predicted`; and `model_rows`. |
| `audit` | With `--audit`: `perturbation`, `steps`, `output_range`; `own`, `edges` and `random`, \
each with `srg`, `lif` (insertion) and `mif` (deletion); how far `chance` alone comes; \
the `verdict` in words, and the `verdicts` beside edges and chance; `completeness` (`influences`, \
`difference`, `gap`); `hidden` (`blank_predicted`, \
`blank_score`, whether scores are `probabilities`, the `unrelated` class that hidden images are \
taken for most and its `share`); `stability` under `segments` and `noise` (`rank_correlation`, \
`max_difference`, `model_rows`); the `warning` in words, or empty; `judge_rows`, and with those \
for stability `model_rows`. |

`--minimal` writes `DIR/NAME.minimal.png` beside the figure, `--objects` `DIR/NAME.objects.png`,
`--animate` `DIR/NAME.animation.gif`.

`--dry-run --json` prints an object: `images`, each with `image`, `model_rows`, `check_rows`,
`batch_size`, `batch_bytes` (pixels of a batch, and as much for the network's input), `seconds`, and
`minimal_rows` and `animate_rows`, the most that `--minimal` and `--animate` ask beside, and
`audit_rows`, about what `--audit` asks beside; and their `total`."""

_KINDS = {
    "segmenter": ("Segmenters", "`--segmenter NAME:OPTION=VALUE,...`"),
    "perturbation": ("Perturbations", "`--perturbation NAME:OPTION=VALUE,...`, may be repeated"),
    "method": ("Methods", "`--method NAME:OPTION=VALUE,...`"),
    "metric": ("Metrics", "`--metric NAME:OPTION=VALUE,...` of `cilens evaluate`, may be repeated"),
}

_PREPROCESS = """## Preprocessing

`--preprocess OPTION=VALUE,...` states what a file's network wants its input to be, where the file
does not say so: `--preprocess size=224x224,scale=255,mean=123/116/104`."""

_COLUMNS = ("option", "what", "default")


def reference() -> str:
    """Return the whole page."""
    group: Any = typer.main.get_command(app)
    pages = [_HEAD, *_commands("cilens", group)]
    pages += [_IMAGES, _FILES]
    for kind, (title, usage) in _KINDS.items():
        pages += [f"## {title}\n\n{usage}.", *map(_part, described(kind))]
    pages += [_PREPROCESS, _table(_COLUMNS, _option_rows(preprocess_options()))]
    return "\n\n".join(pages) + "\n"


def _commands(path: str, command: Any) -> Iterator[str]:  # noqa: ANN401 (Typer's, not exported)
    """Describe a command, and those below it."""
    if "commands" not in vars(command):
        yield _command(path, command)
        return
    for name, below in vars(command)["commands"].items():
        yield from _commands(f"{path} {name}", below)


def _command(path: str, command: Any) -> str:  # noqa: ANN401
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    options = [p for p in command.params if p.param_type_name == "option"]
    usage = " ".join([path, "[OPTIONS]", *(p.metavar + "..." * (p.nargs == -1) for p in arguments)])
    text = f"## {path}\n\n```\n{usage}\n```\n\n{command.help}"
    rows = [(f"`{p.metavar}`", _told(p), "") for p in arguments]
    rows += [(f"`{_spelled(p)}`", _told(p), _default(p)) for p in options]
    return f"{text}\n\n{_table(_COLUMNS, rows)}"


def _spelled(option: Any) -> str:  # noqa: ANN401
    return f"{option.opts[0]} {option.metavar or ''}".strip()


def _told(parameter: Any) -> str:  # noqa: ANN401
    return str(parameter.help)


def _default(option: Any) -> str:  # noqa: ANN401
    if isinstance(option.show_default, str):
        return option.show_default
    if option.required:
        return "must be given"
    return "" if option.is_flag else f"`{option.default}`"


def _part(part: Description) -> str:
    text = f"### {part.name}\n\n{part.summary}"
    rows = _option_rows(part.options)
    return f"{text}\n\n{_table(_COLUMNS, rows)}" if rows else text


def _option_rows(options: Sequence[Option]) -> list[tuple[str, ...]]:
    return [
        (
            f"`{option.name}`",
            f"{option.help} {f'({option.takes})' if option.takes else ''}".strip(),
            "must be given" if option.default is None else f"`{option.default}`",
        )
        for option in options
    ]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    cells = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(c.replace("|", "\\|") for c in row) + " |" for row in cells)


if __name__ == "__main__":
    print(reference(), end="")
