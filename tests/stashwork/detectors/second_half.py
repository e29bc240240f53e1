"""Labelled paths made after the detectors: other patterns, other names in them, other traps."""

from datetime import date, timedelta
from itertools import cycle

from .score import Labelled, labelled

_STUDIOS = (
    "Orchard After Dark", "Studio 87", "Lumenworks Media", "Quayside", "Salt & Pepperell Films", "Dreamfjord",
    "Hollowbrook.com", "Brass Monkey Pictures", "Vexelon", "Ember & Ash", "Zweitlicht",
)  # fmt: skip
_PEOPLE = (
    "Łucja Wiśnarowska", "Petra Van der Kooij", "Wilhelmina Tarrow", "Ruby Oakenhurst", "Quill Everdene",
    "Noor Haddawi", "Kit Mossbank", "Rue Delacroft", "Cass McAllory",
    "Zoë O'Brannock", "Björn Müllenhoff", "Jade Kushner",
    "Anna-Lena Prowse", "Mary Jane Holloway", "Tess Orvane", "Sol Amparino", "Inès Carrouel",
)  # fmt: skip
_TITLES = (
    "What the Lighthouse Saw", "Room 14", "Ferry to Nowhere", "Angel", "Copper and Clay", "Hide and Seek",
    "The Summer House", "Joyride", "An Afternoon with Friends", "Tea at Four", "Anna's Letter", "Night Shift 2",
)  # fmt: skip

_PATTERNS = (
    "D:\\Video\\{S}\\{P} - {T}.wmv",
    "/vol1/{S}/{d:%Y}/{d:%Y-%m-%d} {P} {T}.mp4",
    "/vol1/{P}, {Q} - {T} [{S}] [{d:%d-%b-%Y}] [720p].mp4",
    "/vol1/{S_}_-_{P_}_-_{T_}_({d:%Y.%m.%d})_[WEB-DL].mkv",
    "/vol1/{s}-{d:%Y-%m-%d}-{p-}-{t-}-1080p.mp4",
    "/vol1/{P} - {S} - {d:%B %d %Y}.mp4",
    "/vol1/({S}) {T} - {P} & {Q}.avi",
    "/vol1/{d:%Y%m%d} - {S} - {P} - {T}.mp4",
    "/vol1/{S}/{P} and {Q}/{T} CD2.mp4",
    "/vol1/{S}/Season 1/{P} in {T} (480p h264).mp4",
    "/vol1/{S} ({d:%d.%m.%Y}) {P} + {Q} - {T}.mp4",
    "/vol1/{C.}.{d:%Y.%m.%d}.{P.}.{T.}.2160p.WEB-DL.AAC.H.265-xyz.mkv",
    "/vol1/{P}/{d:%Y-%m-%d} {T} - {S}.mp4",
    "/vol1/{S} - {T} (w {P}).mp4",
    "/vol1/{S}__{P}__{T}__{d:%y%m%d}.mp4",
    "/vol1/[{S}][{P}][{T}][{d:%Y-%m-%d}].mp4",
    "/vol1/{S}/{T} ({P}) {d:%-d %b %Y}.mp4",
    "/vol1/{T} starring {P}, {Q} - from {S}.mp4",
)

_BY_HAND = r"""
/vol1/Vexelon/Jade Summers/Room 9.mp4 | Vexelon | |
/vol1/Jade.and.the.Giant.1080p.mp4 | | |
/vol1/Tessa Orvaneau - Alone.mp4 | | |
/vol1/Dreamfjord - Ruby & Jade - Duet.mp4 | Dreamfjord | |
/vol1/Hannah Annabel - Duet.mp4 | | |
/vol1/Paris Delmont - Duet.mp4 | | |
/vol1/One Day in Paris, Joy Included.mp4 | | |
/vol1/Angel's Kitchen (2018).mp4 | | |
/vol1/Mary Jane's Last Dance.mp4 | | |
/vol1/Mary Holloway - Interview.mp4 | | |
/vol1/Quayside Hotel, Room 3.mp4 | | |
/vol1/Walk along the quayside 2016-04-05.mp4 | | | 2016-04-05
/vol1/Ember and Ashes.mp4 | | |
/vol1/Summer 2019/beach.mp4 | | |
/vol1/Vexelon - Shared Alias & Tess Orvane.mp4 | Vexelon | Tess Orvane |
/vol1/Lex Vantong - Solo.mp4 | | Lexa Vantongeren |
/vol1/Ines Carou @ Dreamfjord.mp4 | Dreamfjord | Inès Carrouel |
/vol1/LWM - Noor Haddawi.mp4 | Lumenworks Media | Noor Haddawi |
/vol1/Paper Kite Originals - Noor Haddawi.mp4 | PaperKite | Noor Haddawi |
/vol1/Velvet Orchard Network - Orchard After Dark - Cass McAllory - Rain.mp4 | Orchard After Dark | Cass McAllory |
/vol1/Velvet Orchard Network/Cass Mc Allory.mp4 | Velvet Orchard Network | Cass McAllory |
/vol1/Nova Sterrin & Tess Orvane - Duet.mp4 | | Nova Sterrin; Tess Orvane |
/vol1/Dreamfjord/Nova Sterrin.mp4 | Dreamfjord | Nova Sterrin |
/vol1/novasterrin.21.02.03.the.attic.1080p.mp4 | Nova Sterrin | | 2021-02-03
/vol1/dreamfjord.21.02.03.nova.sterrin.the.attic.1080p.mp4 | Dreamfjord | Nova Sterrin | 2021-02-03
/vol1/IMG_20210203_101112.mp4 | | | 2021-02-03
/vol1/2021-02-03 10.11.12.mp4 | | | 2021-02-03
/vol1/part 10.11.12 of 13.mp4 | | |
/vol1/3840x2160_60fps.mp4 | | |
/vol1/1080 2160 720.mp4 | | |
/vol1/Dreamfjord 2033-01-01 Tess Orvane.mp4 | Dreamfjord | Tess Orvane |
/vol1/Tess Orvane 2021-02-30.mp4 | | Tess Orvane |
/vol1/Tess Orvane 3-4-2015.mp4 | | Tess Orvane |
/vol1/Tess Orvane (30 Sept 2014).mp4 | | Tess Orvane | 2014-09-30
/vol1/Tess Orvane - Sunday, May 3rd, 2015.mp4 | | Tess Orvane | 2015-05-03
/vol1/May and June in April.mp4 | | |
/vol1/tess orvane vs quill everdene (ft noor haddawi).mp4 | | Tess Orvane; Quill Everdene; Noor Haddawi |
/vol1/ZOE OBRANNOCK_VEXELON_HD.mp4 | Vexelon | Zoë O'Brannock |
/vol1/[VEXELON] ZOË O'BRANNOCK.mp4 | Vexelon | Zoë O'Brannock |
/vol1/O'Brannock, Zoe.mp4 | | |
/vol1/Kit.Mossbank.and.Tess.Orvane.S01E04.mp4 | | Kit Mossbank; Tess Orvane |
/vol1/Wisnarowska.mp4 | | |
/vol1/Vexelon.Network.Special.mp4 | | |
/vol1/Brass Monkey - Noor Haddawi.mp4 | | Noor Haddawi |
/vol1/Copper Lanterns of Kyoto.mp4 | | |
/vol1/Best of Copper Lantern/Tess Orvane.mp4 | | Tess Orvane |
/vol1/Harrows Gate - Tess Orvane.mp4 | Harrow's Gate | Tess Orvane |
/vol1/At Harrow's Gate.mp4 | | |
/vol1/North Quay - Tess Orvane.mp4 | NorthQuay | Tess Orvane |
/vol1/northquay_tess_orvane.mp4 | NorthQuay | Tess Orvane |
/vol1/Ottoline Fenwick Shaw - Lunch.mp4 | | Ottoline Fenwick-Shaw |
/vol1/Petra van der Kooij_Lunch.mp4 | | Petra Van der Kooij |
/vol1/Tess Orvane .mp4 | | Tess Orvane |
/vol1/sample.mp4 | | |
"""


def cases() -> list[Labelled]:
    """The second half, always the same."""
    studios, people, titles = cycle(_STUDIOS), cycle(_PEOPLE), cycle(_TITLES)
    made: list[Labelled] = []
    for turn in range(9):
        for pattern in _PATTERNS:
            day = date(2010, 11, 3) + timedelta(days=len(made) * (29 + turn) % 5200)
            made.append(_filled(pattern, next(studios), next(people), next(people), next(titles), day))
        next(people)
        next(titles)
    return made + labelled(_BY_HAND)


def _filled(pattern: str, studio: str, first: str, second: str, title: str, day: date) -> Labelled:
    names = {
        "S": studio, "S_": studio.replace(" ", "_"), "s": studio.lower().replace(" ", "-").replace("&-", "and-"),
        "C.": studio.replace("&", "and").replace(" ", "."), "P": first, "Q": second, "P_": first.replace(" ", "_"),
        "P.": first.replace(" ", "."), "p-": first.lower().replace(" ", "-"), "T": title, "T.": title.replace(" ", "."),
        "T_": title.replace(" ", "_"), "t-": title.lower().replace(" ", "-"),
    }  # fmt: skip
    path = pattern
    for name, value in names.items():
        path = path.replace("{" + name + "}", value)
    people = (first, second) if "{Q}" in pattern else (first,)
    has_date = any(sign in pattern for sign in ("%m", "%b", "%B"))
    return Labelled(path.format(d=day), studio, people, day.isoformat() if has_date else None)
