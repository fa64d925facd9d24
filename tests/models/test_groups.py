"""The shipped groups hold what their names say, by ImageNet's own class names."""

from __future__ import annotations

import re

import pytest

import cilens
from cilens.errors import InputError

GROUPS = cilens.imagenet_groups()
NAMES = cilens.load_model("imagenet").class_names

ANIMALS = (
    "fish, bird, salamander, frog, turtle, lizard, crocodile, snake, spider, crab, dog, wolf, fox, "
    "cat, bear, insect, rabbit, ape, monkey, elephant, big cat, hoofed animal"
)
WITHIN = [("any animal", kind) for kind in ANIMALS.split(", ")]
WITHIN += [("any insect", "beetle"), ("any insect", "butterfly")]
WITHIN += [("any vehicle", kind) for kind in ("car", "truck", "bus", "train")]
WITHIN += [("any vehicle", "bicycle or motorcycle")]

# All the classes of small groups, by the first of their names.
LISTED = {
    "any cat": "tabby, tiger cat, Persian cat, Siamese cat, Egyptian cat",
    "any big cat": "cougar, lynx, leopard, snow leopard, jaguar, lion, tiger, cheetah",
    "any bear": "brown bear, American black bear, ice bear, sloth bear",
    "any wolf": "timber wolf, white wolf, red wolf",
    "any fox": "red fox, kit fox, Arctic fox, grey fox",
    "any rabbit": "wood rabbit, hare, Angora",
    "any frog": "bullfrog, tree frog, tailed frog",
    "any elephant": "tusker, Indian elephant, African elephant",
    "any crab": "Dungeness crab, rock crab, fiddler crab, king crab, hermit crab",
    "any ape": "orangutan, gorilla, chimpanzee, gibbon, siamang",
    "any fruit": "Granny Smith, strawberry, orange, lemon, fig, pineapple, banana, jackfruit, "
    "custard apple, pomegranate",
    "any car": "ambulance, beach wagon, cab, convertible, jeep, limousine, minivan, Model T, "
    "racer, sports car",
    "any bus": "minibus, school bus, trolleybus",
    "any train": "bullet train, electric locomotive, freight car, passenger car, steam locomotive, "
    "streetcar",
    "any boat": "aircraft carrier, canoe, catamaran, container ship, fireboat, gondola, lifeboat, "
    "liner, pirate, schooner, speedboat, submarine, trimaran, yawl",
    "any aircraft": "airliner, airship, balloon, warplane",
    "any ball": "baseball, basketball, croquet ball, golf ball, ping-pong ball, rugby ball, "
    "soccer ball, tennis ball, volleyball",
    "any clock": "analog clock, digital clock, wall clock",
    "any musical instrument": "accordion, acoustic guitar, banjo, bassoon, cello, chime, cornet, "
    "drum, electric guitar, flute, French horn, gong, grand piano, harmonica, harp, maraca, "
    "marimba, oboe, ocarina, organ, panpipe, sax, steel drum, trombone, upright, violin",
}

# What is called so is in the group, these classes aside.
CALLED = [
    (r"terrier|spaniel|poodle|retriever|\bhound|sheepdog", "any dog", set()),
    (r"\bsnake$|rattlesnake|\bcobra|viper", "any snake", set()),
    (r"\bshark\b|\bfish$", "any fish", set()),
    (r"finch|\bowl\b|\beagle|grouse|stork|penguin|\bgoose", "any bird", set()),
    (r"\bmonkey$", "any monkey", set()),
    (r"\bbutterfly\b", "any butterfly", set()),
    (r"\bbeetle\b", "any beetle", set()),
    (r"\bbee$|\bfly$|\bant$|cricket$|dragonfly", "any insect", set()),
    (r"\blizard\b|gecko|iguana|chameleon", "any lizard", set()),
    (r"\bturtle\b|\btortoise\b", "any turtle", set()),
    (r"\bspider$", "any spider", set()),
    (r"\bcat$", "any cat", {"cougar", "lynx", "lesser panda", "Madagascar cat", "giant panda"}),
    (r"fungus|mushroom|agaric", "any mushroom", set()),
    (
        r"cabbage|squash|cucumber|pepper|artichoke",
        "any vegetable",
        {"sea cucumber", "cabbage butterfly"},
    ),
    (r"\btruck$|\bvan$", "any truck", set()),
]


@pytest.mark.parametrize(("group", "names"), LISTED.items())
def test_a_group_has_what_it_is_called(group, names):
    assert [NAMES[index].split(",")[0] for index in GROUPS[group]] == names.split(", ")


@pytest.mark.parametrize(("pattern", "group", "others"), CALLED)
def test_whatever_is_called_so_is_in_the_group(pattern, group, others):
    called = {
        index
        for index, name in enumerate(NAMES)
        if any(re.search(pattern, one) for one in name.split(","))
    }
    assert len(called & set(GROUPS[group])) >= 3
    assert {NAMES[index].split(",")[0] for index in called - set(GROUPS[group])} <= others


@pytest.mark.parametrize(("whole", "part"), WITHIN)
def test_a_kind_lies_within_its_kind(whole, part):
    assert set(GROUPS[f"any {part}"]) < set(GROUPS[whole])


def test_kinds_lie_apart():
    wholes = {"any animal", "any insect", "any vehicle"}
    seen: dict[int, str] = {}
    for name, members in GROUPS.items():
        assert list(members) == sorted(set(members))
        assert 0 <= members[0] <= members[-1] < len(NAMES)
        for index in members if name not in wholes else ():
            assert index not in seen, (name, seen[index], NAMES[index])
            seen[index] = name
    assert len(GROUPS) > 40


def test_counts_are_those_that_are_known():
    counts = {"any dog": 118, "any bird": 59, "any snake": 17, "any cat": 5, "any animal": 398}
    assert {name: len(GROUPS[name]) for name in counts} == counts


def test_a_group_that_does_not_exist():
    with pytest.raises(InputError, match="unknown group 'any cta'; did you mean 'any cat'"):
        cilens.imagenet_groups("any cta")


def test_a_cat_is_a_cat_whichever_breed():
    model = cilens.load_model("imagenet")
    photograph = cilens.read_image("skimage:chelsea")
    seen = cilens.Grouped(model, cilens.imagenet_groups("any cat", "any dog"))
    batch = seen.view(photograph).image[None]
    breeds, grouped = model(batch)[0], seen(batch)[0]
    assert breeds.max() < 0.5
    assert seen.class_names[int(grouped.argmax())] == "any cat"
    assert grouped[-2] == pytest.approx(breeds[281:286].sum(), abs=1e-6)
    assert grouped[-2] > 0.85
