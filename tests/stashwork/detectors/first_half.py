"""Labelled paths made while the detectors were written: patterns filled with names, and lines written by hand."""

from datetime import date, timedelta
from itertools import cycle

from .score import Labelled, labelled

_STUDIOS = (
    "Copper Lantern", "Vexelon", "Salt & Pepperell Films", "NorthQuay", "Lumenworks Media", "Dreamfjord",
    "Brass Monkey Pictures", "Harrow's Gate", "Zweitlicht", "PaperKite", "Quayside", "Ember & Ash",
)  # fmt: skip
_PEOPLE = (
    "Marla Quenby", "Tess Orvane", "Vera Lindqvast", "Zoë O'Brannock", "Björn Müllenhoff", "Inès Carrouel",
    "Jade Fellworth", "Anna Bellweather", "Anna-Lena Prowse", "Mary Jane Holloway", "Paris Delmonte",
    "Lexa Vantongeren", "Dee Harrowgate", "Ottoline Fenwick-Shaw", "Cass McAllory", "Ivy Blackthorpe", "Sol Amparino",
)  # fmt: skip
_TITLES = (
    "The Long Way Home", "Sunday Morning", "A Walk in Paris", "Angel of the Harbour", "Two Hours Late", "Joy of Baking",
    "Nobody Is Watching", "Kitchen Stories", "Last Summer", "The Pottery Lesson",
)  # fmt: skip

# {S} studio, {s} the same in lower case with dots, {C} in CamelCase; {P}, {Q} performers, {p} with dots, {u} with
# underscores; {T} title, {t} with dots; dates by their format.
_PATTERNS = (
    "/data/{S}/{P}/{T}.mp4",
    "/data/{S} - {P} - {T}.mp4",
    "/data/{S} - {P}, {Q} - {T} (1080p).mkv",
    "/data/[{S}] {P} & {Q} - {T} ({d:%Y}).mp4",
    "/data/[{S}] {P} - {T} [{d:%Y-%m-%d}].mp4",
    "/data/{s}.{d:%y.%m.%d}.{p}.{t}.1080p.mp4-GRP",
    "/data/{C}.{d:%y.%m.%d}.{P.}.{T.}.XXX.1080p.HEVC.x265.PRT.mp4",
    "/data/{C}.{d:%y.%m.%d}.{P.}.And.{Q.}.{T.}.XXX.720p.mp4",
    "/data/{S_}_{d:%Y-%m-%d}_{P_}.mp4",
    "/data/{S_}_{d:%Y%m%d}_{P_}_{T_}.mp4",
    "/data/{S}/{d:%d.%m.%Y} {P} - {T}.mp4",
    "/data/{S}/{d:%Y-%m-%d} - {P} - {T}.mp4",
    "/data/{P}/{S} - {T} - {d:%b %d, %Y}.mp4",
    "/data/{P} - {T} ({S}).mp4",
    "/data/{S}/{T} feat. {P} and {Q}.mp4",
    "/data/{S} - {d:%d %B %Y} - {P} x {Q} - {T} 4K.mp4",
    "/data/{P} and {Q} - {T} - {S}.mp4",
    "/data/{d:%Y.%m.%d} {S} - {P} - {T}.wmv",
    "/data/{C}/{C}.{d:%Y.%m.%d}.{P.}.mp4",
    "/data/{squeezed}.com_{d:%y.%m.%d}_{psqueezed}_{T_}_720p.mp4",
)

_BY_HAND = r"""
/data/Jade Amber - The Garden.mp4 | | |
/data/Copper Lantern/Jade Amber/Night Walk.mp4 | Copper Lantern | |
/data/Vexelon - Jade Winters & Marla Quenby - Apart.mp4 | Vexelon | Marla Quenby |
/data/Annabelle and the Sea.mp4 | | |
/data/Vexelon - Anna Bellamy - Late.mp4 | Vexelon | |
/data/Joy to the World.mp4 | | |
/data/Vexelon - Angel in the City.mp4 | Vexelon | |
/data/Walking in the Summer Rain.mp4 | | |
/data/Vexelon - Summer Rain - The Visit.mp4 | Vexelon | Summer Rain |
/data/Vexelon - Joy - The Visit.mp4 | Vexelon | Joy |
/data/Last Summer in Paris.mp4 | | |
/data/Vexelon - Shared Alias - Night.mp4 | Vexelon | |
/data/Vexelon - Marley Quen - Night.mp4 | Vexelon | Marla Quenby |
/data/Billie Tarrow & Tess Orvane.mp4 | | Wilhelmina Tarrow; Tess Orvane |
/data/Nova Sterrin - Alone.mp4 | | |
/data/Nova Sterrin - Marla Quenby - Alone.mp4 | Nova Sterrin | Marla Quenby |
/data/Copper Lantern - Nova Sterrin - Alone.mp4 | Copper Lantern | Nova Sterrin |
/data/[Nova Sterrin] Blue Room.mp4 | Nova Sterrin | |
/data/Velvet Orchard Network/Orchard After Dark/Tess Orvane - Rain.mp4 | Orchard After Dark | Tess Orvane |
/data/Orchard After Dark - Tess Orvane.mp4 | Orchard After Dark | Tess Orvane |
/data/An Orchard, After Dark.mp4 | | |
/data/Studio 87 - Marla Quenby.mp4 | Studio 87 | Marla Quenby |
/data/studio87.22.11.30.tess.orvane.720p.mp4 | Studio 87 | Tess Orvane | 2022-11-30
/data/LWM_20200229_Marla Quenby.mp4 | Lumenworks Media | Marla Quenby | 2020-02-29
/data/hollowbrook.20.02.29.marla.quenby.mp4 | Hollowbrook.com | Marla Quenby | 2020-02-29
/data/Hollowbrook.com - Tess Orvane - 31-12-2019.mp4 | Hollowbrook.com | Tess Orvane | 2019-12-31
/data/Tess Orvane 12-31-2019.mp4 | | Tess Orvane | 2019-12-31
/data/VID_20190304_123456.mp4 | | | 2019-03-04
/data/IMG_1080_2160.mp4 | | |
/data/movie.1920x1080.mp4 | | |
/data/clip 2999-01-01.mp4 | | |
/data/clip 2019-13-45.mp4 | | |
/data/setup v10.11.12.mp4 | | |
/data/Vexelon/2018/07/09/Tess Orvane.mp4 | Vexelon | Tess Orvane | 2018-07-09
/data/Tess Orvane's Kitchen.mp4 | | Tess Orvane |
/data/Zoe OBrannock 4th March 2019.mp4 | | Zoë O'Brannock | 2019-03-04
/data/Zoe O’Brannock - 2019 March 4.mp4 | | Zoë O'Brannock | 2019-03-04
/data/bjorn muellenhoff, ines carrouel.mp4 | | Björn Müllenhoff; Inès Carrouel |
/data/Bjoern Muellenhoff @ home.mp4 | | Björn Müllenhoff |
/data/lucja wisnarowska - 01.02.2015.mp4 | | Łucja Wiśnarowska | 2015-02-01
/data/petra_van_der_kooij_CD1.avi | | Petra Van der Kooij |
/data/MarlaQuenbyTessOrvane.mp4 | | Marla Quenby; Tess Orvane |
/data/Copper Lantern/CD1/Mary-Jane Holloway pt2.mp4 | Copper Lantern | Mary Jane Holloway |
/data/Tildara & Tess Orvane - Night.mp4 | | Tildara; Tess Orvane |
/data/Dreamfjord - Tildara - Night.mp4 | Dreamfjord | Tildara |
/data/Joy, Angel and Hope in one garden.mp4 | | |
/data/The Copper Lantern in the Window.mp4 | | |
/data/Night by Copper Lantern.mp4 | Copper Lantern | |
/data/Ember and Ash - Ivy Blackthorpe.mp4 | Ember & Ash | Ivy Blackthorpe |
/data/[Dreamfjord] [2021-05-06] [Sol Amparino] Boats.mp4 | Dreamfjord | Sol Amparino | 2021-05-06
/data/(Vexelon) Quill Everdene, Noor Haddawi - Dunes.mp4 | Vexelon | Quill Everdene; Noor Haddawi |
/data/Quill Everdene with Noor Haddawi vs. Kit Mossbank.mp4 | | Quill Everdene; Noor Haddawi; Kit Mossbank |
/data/a3f9c2d17b.mp4 | | |
/data/.mp4 | | |
/data/Brass Monkey Business.mp4 | | |
/data/Zweitlicht Ruby Oakenhurst 2014-08-09.mp4 | Zweitlicht | Ruby Oakenhurst | 2014-08-09
/data/Ruby in the Oakenhurst Hotel.mp4 | | |
/data/Quenby Marla.mp4 | | |
/data/Vexelonia - Night.mp4 | | |
/data/Jade Fellworthy - Night.mp4 | | |
"""


def cases() -> list[Labelled]:
    """The first half, always the same."""
    studios, people, titles = cycle(_STUDIOS), cycle(_PEOPLE), cycle(_TITLES)
    made: list[Labelled] = []
    for turn in range(8):
        for pattern in _PATTERNS:
            day = date(2009, 5, 13) + timedelta(days=len(made) * (37 + turn) % 5800)
            made.append(_filled(pattern, next(studios), next(people), next(people), next(titles), day))
        next(studios)
        next(people)
    return made + labelled(_BY_HAND)


def _filled(pattern: str, studio: str, first: str, second: str, title: str, day: date) -> Labelled:
    names = {
        "S": studio, "s": studio.lower().replace(" ", ".").replace("'", ""), "C": _camel(studio),
        "S_": studio.replace(" ", "_"), "P": first, "Q": second, "p": first.lower().replace(" ", "."),
        "P.": first.replace(" ", "."), "Q.": second.replace(" ", "."), "P_": first.replace(" ", "_"),
        "T": title, "t": title.lower().replace(" ", "."), "T.": title.replace(" ", "."), "T_": title.replace(" ", "_"),
        "squeezed": _camel(studio).lower(), "psqueezed": first.lower().replace(" ", "").replace("-", ""),
    }  # fmt: skip
    path = pattern
    for name, value in names.items():
        path = path.replace("{" + name + "}", value)
    people = (first, second) if "{Q" in pattern else (first,)
    has_date = any(sign in pattern for sign in ("%m", "%b", "%B"))
    return Labelled(path.format(d=day), studio, people, day.isoformat() if has_date else None)


def _camel(name: str) -> str:
    words = name.replace("&", " and ").replace("'", "").split()
    return "".join(word[0].upper() + word[1:] for word in words)
