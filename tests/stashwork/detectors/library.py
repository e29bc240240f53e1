"""A made-up library to label file names with: nobody has these names, and some of them are meant to mislead."""

from collections.abc import Mapping, Sequence

from stashwork.detectors import Entity, Kind

Aliases = tuple[str, ...]

PERFORMERS = {
    "Marla Quenby": ("Marley Quen",),
    "Tess Orvane": (),
    "Vera Lindqvast": (),
    "Zoë O'Brannock": (),
    "Björn Müllenhoff": (),
    "Inès Carrouel": ("Ines Carou",),
    "Jade Kushner": ("Jade",),
    "Jade Fellworth": (),
    "Ann": (),
    "Anna Bellweather": (),
    "Anna-Lena Prowse": (),
    "Mary Jane Holloway": (),
    "Joy": (),
    "Angel": (),
    "Summer Rain": (),
    "Paris Delmonte": (),
    "Tildara": (),
    "Lexa Vantongeren": ("Lex Vantong",),
    "Kit Mossbank": ("Shared Alias",),
    "Rue Delacroft": ("Shared Alias",),
    "Dee Harrowgate": (),
    "Ottoline Fenwick-Shaw": (),
    "Petra Van der Kooij": (),
    "Łucja Wiśnarowska": (),
    "Cass McAllory": (),
    "Nova Sterrin": (),
    "Ivy Blackthorpe": (),
    "Sol Amparino": (),
    "Wilhelmina Tarrow": ("Billie Tarrow",),
    "Ruby Oakenhurst": (),
    "Quill Everdene": (),
    "Noor Haddawi": (),
}
STUDIOS = {
    "Copper Lantern": (),
    "Vexelon": (),
    "Salt & Pepperell Films": (),
    "NorthQuay": (),
    "Lumenworks Media": ("LWM",),
    "Dreamfjord": (),
    "Velvet Orchard Network": (),
    "Orchard After Dark": (),
    "Brass Monkey Pictures": (),
    "Quayside": (),
    "Harrow's Gate": (),
    "Studio 87": (),
    "Zweitlicht": (),
    "PaperKite": ("Paper Kite Originals",),
    "Nova Sterrin": (),
    "Summer": (),
    "Hollowbrook.com": (),
    "Ember & Ash": (),
}
PARENTS = {"Orchard After Dark": "Velvet Orchard Network"}
TAGS = ("City", "Time-lapse", "Wide Shot", "Outdoor", "Interview", "Kitchen", "Rain")


def entities() -> list[Entity]:
    """The library; ids count from 1 within each kind."""
    return entities_of(PERFORMERS, STUDIOS, PARENTS, TAGS)


def entities_of(
    performers: Mapping[str, Aliases], studios: Mapping[str, Aliases], parents: Mapping[str, str], tags: Sequence[str]
) -> list[Entity]:
    """Entities for names with their aliases; `parents` says which studio belongs to which."""
    numbers = {name: number for number, name in enumerate(studios, 1)}
    people = [Entity(Kind.PERFORMER, n, name, performers[name]) for n, name in enumerate(performers, 1)]
    houses = [
        Entity(Kind.STUDIO, n, name, studios[name], numbers.get(parents.get(name, ""))) for name, n in numbers.items()
    ]
    return people + houses + [Entity(Kind.TAG, n, name) for n, name in enumerate(tags, 1)]
