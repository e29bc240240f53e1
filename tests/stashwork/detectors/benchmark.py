"""Labelled paths about a twelfth library, made of patterns as a generator of benchmarks would make them, with traps."""

from itertools import cycle

from stashwork.detectors import Entity

from .library import entities_of
from .score import Labelled, labelled

_PERFORMERS = {
    "Amber Holloway": ("Amber H",),
    "Amber Rosewood": (),
    "Cleo": (),
    "Daniela Ferrante": ("Dani Ferrante", "Dani F."),
    "Faith Lockhart": (),
    "Harper Lee Quill": ("Harper Quill",),
    "Jonas Lindqvist": (),
    "Kit": (),
    "Luna Marchetti": ("Luna Star",),
    "Mika Tanaka": ("Mika",),
    "Rose": (),
    "Rosemary Vance": (),
    "Sky Donovan": (),
    "Will Hunter": (),
}
_STUDIOS = {
    "Crimson Door": ("CrimsonDoor", "CD"),
    "Daydream Pictures": ("Daydream",),
    "Glass": (),
    "Northlight Media": ("NLM",),
    "Private Garden": (),
    "Velvet Harbor": ("Velvet Harbour",),
    "Wild Orchid Films": ("WOF",),
}
_TAGS = ("Outdoor", "Interview", "Vintage")

_STUDIO_NAMES = cycle(("Crimson Door", "Northlight Media", "Velvet Harbor", "Wild Orchid Films", "Daydream Pictures"))
_CASTS = cycle(
    (
        ("Amber Holloway",),
        ("Daniela Ferrante", "Jonas Lindqvist"),
        ("Luna Marchetti", "Amber Rosewood"),
        ("Rosemary Vance",),
        ("Harper Lee Quill", "Will Hunter", "Faith Lockhart"),
        ("Mika Tanaka",),
        ("Sky Donovan", "Rosemary Vance"),
    )
)
_TITLES = cycle(("The Long Weekend", "Second Chances", "Morning Coffee", "Up On The Roof", "A Perfect Stranger"))
_DAYS = cycle((("2019", "03", "14"), ("2021", "11", "02"), ("2016", "07", "29"), ("2023", "01", "08")))
_MONTHS = ("January", "", "March", "", "", "", "July", "", "", "", "November", "")
_FULL = (
    "/data/{studio} - {y}-{m}-{d} - {cast} - {title}.mp4",
    "/data/{studio_dots}.{yy}.{m}.{d}.{cast_dots}.{title_dots}.XXX.1080p.MP4-GRP.mp4",
    "/data/{y}-{m}-{d}_{studio_under}_{title_under}_{cast_under}.mp4",
    "/data/[{studio}] {title} ({y}-{m}-{d}) {cast}.mp4",
    "/data/[{studio}] {cast} - {title} [{y}.{m}.{d}].mkv",
    "/data/{studio}/{y}-{m}-{d} {cast} - {title}.mp4",
    "/data/{studio}/{y}/{y}-{m}-{d} - {title} - {cast}.mp4",
    "/data/{studio_camel}_{y}{m}{d}_{cast_camel}_{title_camel}_720p.mp4",
    "/data/{studio_camel}-{cast_camel}-{title_camel}-{d}.{m}.{y}.mp4",
    "/data/{studio} - {title} - {cast} - {month} {day}, {y}.mp4",
    "/data/{cast} - {title} ({studio}, {y}-{m}-{d}).mp4",
    "/data/{title} - {cast} - {studio} - {d}.{m}.{y}.mp4",
    "/data/{y}{m}{d} {studio} {cast} {title}.wmv",
    "/data/({studio}) ({y}-{m}-{d}) {cast} - {title} (1080p).mp4",
    "/data/{studio_lower}.{y}.{m}.{d}.{cast_lower}.{title_lower}.mp4",
    "/data/{studio_upper} - {cast_upper} - {title_upper} - {y}-{m}-{d}.MP4",
    "/data/{title} feat. {cast} [{studio}] {day} {month} {y}.mp4",
    "/data/{cast}/{studio} - {title} - {y}_{m}_{d}.avi",
)
_DATELESS = (
    "/data/{studio}/{first}/{title}.mp4",
    "/data/{studio} - {cast} - {title}.mp4",
    "/data/{cast} - {title} ({studio}, {y}).mp4",
    "/data/{studio_camel} {cast} {title} 4K.mp4",
    "/data/{studio_under}__{cast_under}__{title_under}.mp4",
    "/data/{title} ({studio}) - {cast}.mp4",
)

_BY_HAND = r"""
/data/CD - Dani Ferrante - Second Chances (2019-03-14).mp4 | Crimson Door | Daniela Ferrante | 2019-03-14
/data/Velvet Harbour - 2019-03-14 - Luna Star - Morning Coffee.mp4 | Velvet Harbor | Luna Marchetti | 2019-03-14
/data/NLM.19.03.14.Harper.Quill.Up.On.The.Roof.720p.mp4 | Northlight Media | Harper Lee Quill | 2019-03-14
/data/wof_amber_h_second_chances.mp4 | Wild Orchid Films | Amber Holloway |
/data/Daydream - Dani F. & Jonas Lindqvist - Second Chances.mp4 | Daydream Pictures | Daniela Ferrante; Jonas Lindqvist |
/data/Private Garden - Faith Lockhart - Second Chances.mp4 | Private Garden | Faith Lockhart |
/data/Glass - Faith Lockhart - Second Chances.mp4 | Glass | Faith Lockhart |
/data/Glass/Faith Lockhart/Second Chances.mp4 | Glass | Faith Lockhart |
/data/Crimson Door - Cleo - Second Chances.mp4 | Crimson Door | Cleo |
/data/Crimson Door - 2019-03-14 - Kit, Cleo - Second Chances.mp4 | Crimson Door | Kit; Cleo | 2019-03-14
/data/Mika Tanaka/2021-11-02 Morning Coffee.mkv | | Mika Tanaka | 2021-11-02
/data/Performers/Luna Marchetti/Morning Coffee.mkv | | Luna Marchetti |
/data/Amber - Morning Coffee.mp4 | | |
/data/Velvet Harbor - Amber - Morning Coffee.mp4 | Velvet Harbor | |
/data/Amber Waves - Morning Coffee.mp4 | | |
/data/Amber Holloway-Price - Morning Coffee.mp4 | | |
/data/Crimson Door - Luna Starlight - Morning Coffee.mp4 | Crimson Door | |
/data/Jonas Lindqvistson - Morning Coffee.mp4 | | |
/data/Cleopatra in the Desert.mp4 | | |
/data/Kitchen Stories.mp4 | | |
/data/Rose Garden.mp4 | | |
/data/A Rose for Emily.mp4 | | |
/data/Rosemary and Thyme.mp4 | | |
/data/The Kit.mp4 | | |
/data/Glass Houses.mp4 | | |
/data/Broken Glass - Amber Rosewood.mp4 | | Amber Rosewood |
/data/My Private Garden Party.mp4 | | |
/data/Private Gardening Lessons.mp4 | | |
/data/The Crimson Doorway - Faith Lockhart.mp4 | | Faith Lockhart |
/data/Where There Is Faith.mp4 | | |
/data/Will Hunters Return.mp4 | | |
/data/A Will Hunter Found.mp4 | | |
/data/Daydreamer - Sky Donovan.mp4 | | Sky Donovan |
/data/The Sky Is Blue (1080p).mp4 | | |
/data/CD1.mp4 | | |
/data/Road Movie CD2.avi | | |
/data/Holiday 2019.mp4 | | |
/data/Holiday 20193345.mp4 | | |
/data/Scene 12.34.56.mp4 | | |
/data/Holiday 2019-13-45.mp4 | | |
/data/DSC_20190314_101500.mp4 | | | 2019-03-14
/data/IMG-20190314-WA0007.mp4 | | | 2019-03-14
/data/Luna Marchetti - 14 March 2019 - Morning Coffee.mp4 | | Luna Marchetti | 2019-03-14
/data/Luna Marchetti - Mar 14th 2019 - Morning Coffee.mp4 | | Luna Marchetti | 2019-03-14
/data/Luna Marchetti - 14-Mar-2019 - Morning Coffee.mp4 | | Luna Marchetti | 2019-03-14
/data/Luna Marchetti - 2019 - Morning Coffee.mp4 | | Luna Marchetti |
"""  # noqa: E501


def library() -> list[Entity]:
    """The twelfth library."""
    return entities_of(_PERFORMERS, _STUDIOS, {}, _TAGS)


def _made(pattern: str, joined: str, dated: bool) -> Labelled:
    studio, cast, title, (y, m, d) = next(_STUDIO_NAMES), next(_CASTS), next(_TITLES), next(_DAYS)
    words = {"studio": studio, "cast": joined.join(cast), "title": title}
    dots = {"cast_dots": " And ".join(cast), "cast_lower": " ".join(cast)}
    fields = {"first": cast[0], "y": y, "m": m, "d": d, "yy": y[2:], "day": str(int(d)), "month": _MONTHS[int(m) - 1]}
    for key, value in words.items():
        plain = value.replace(",", "").replace("&", "and")
        fields[key] = value
        fields[f"{key}_dots"] = dots.get(f"{key}_dots", plain).replace(" ", "." if key != "studio" else "")
        fields[f"{key}_under"] = plain.replace(" ", "_")
        fields[f"{key}_camel"] = plain.title().replace(" ", "")
        fields[f"{key}_lower"] = dots.get(f"{key}_lower", plain).lower().replace(" ", "." if key != "studio" else "")
        fields[f"{key}_upper"] = value.upper()
    shown = cast[:1] if "{first}" in pattern else cast
    return Labelled(pattern.format(**fields), studio, shown, f"{y}-{m}-{d}" if dated else None)


def cases() -> list[Labelled]:
    """The paths, always the same."""
    return _CASES


_CASES = [
    *(_made(pattern, joined, True) for joined in (", ", " & ") for pattern in _FULL),
    *(_made(pattern, joined, False) for joined in (", ", " & ") for pattern in _DATELESS),
    *labelled(_BY_HAND),
]
