"""A made-up library to label file names with: nobody has these names, and some of them are meant to mislead."""

from stashwork.plans.detectors import Entity, Kind

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
    numbers = {name: number for number, name in enumerate(STUDIOS, 1)}
    people = [Entity(Kind.PERFORMER, n, name, PERFORMERS[name]) for n, name in enumerate(PERFORMERS, 1)]
    studios = [
        Entity(Kind.STUDIO, n, name, STUDIOS[name], numbers.get(PARENTS.get(name, ""))) for name, n in numbers.items()
    ]
    return people + studios + [Entity(Kind.TAG, n, name) for n, name in enumerate(TAGS, 1)]
