"""Labelled paths about a fourteenth library: a careful person's folders, one way of naming on each shelf."""

from stashwork.detectors import Entity

from .library import entities_of
from .score import Labelled, labelled

_PERFORMERS = {
    "Adele Fontaine": ("Adèle Fontaine", "Adele"),
    "Beatrix Holm": ("Bea Holm", "Trixie"),
    "Carmen de la Vega": ("Carmen Vega",),
    "Dawn": (),
    "Dawn Whitaker": (),
    "Ellis Grant": (),
    "Grant": (),
    "Felix Øst": (),
    "Grace Kim": ("Kim Grace",),
    "Hope Sterling": (),
    "Iris van Dalen": (),
    "Iris": (),
    "June Okafor": ("June",),
    "Lea": (),
    "Leander Fuchs": (),
    "Mo": (),
    "Mo Farrell": (),
    "Paz": (),
    "Saint": (),
    "Xenia Łukasik": ("Xenia Lukasik", "Xen"),
}
_STUDIOS = {
    "Atelier Rouge": (),
    "Blue Hour": (),
    "Blue Hour Classics": (),
    "Country House": (),
    "Fourth Wall": ("4th Wall",),
    "Gallery": (),
    "House of Saint": (),
    "Kino & Co": ("Kino and Co",),
    "L'Appartement": (),
    "Paper Moon": (),
    "Studio Nord": (),
    "The Reading Room": (),
}
_PARENTS = {"Blue Hour Classics": "Blue Hour"}
_TAGS = ("Black and White", "Outdoor", "Interview", "Behind the Scenes")

_BY_HAND = r"""
/library/Studios/Atelier Rouge/2018/2018-04-12 - Adele Fontaine - Lesson One/video.mkv | Atelier Rouge | Adele Fontaine | 2018-04-12
/library/Studios/Atelier Rouge/2018/2018-04-12 - Adele Fontaine - Lesson One/trailer.mp4 | Atelier Rouge | Adele Fontaine | 2018-04-12
/library/Studios/Atelier Rouge/Lesson One (2018)/Lesson One (2018).mkv | Atelier Rouge | |
/library/Studios/Atelier Rouge/Lesson One (2018)/Extras/Adèle Fontaine interview.mkv | Atelier Rouge | Adele Fontaine |
/library/Studios/Blue Hour/Blue Hour Classics/1998-11-20 - Beatrix Holm - Snow.mkv | Blue Hour Classics | Beatrix Holm | 1998-11-20
/library/Studios/Blue Hour/Blue Hour Classics/Vol. 3/Scene 2 - Bea Holm, Felix Øst.mkv | Blue Hour Classics | Beatrix Holm; Felix Øst |
/library/Studios/Blue Hour/S01/Blue Hour - S01E03 - Hope Sterling.mkv | Blue Hour | Hope Sterling |
/library/Studios/Blue Hour/S01/S01E04 - Trixie.mkv | Blue Hour | Beatrix Holm |
/library/Studios/Blue Hour/Season 02/Blue.Hour.S02E01.Iris.van.Dalen.1080p.mkv | Blue Hour | Iris van Dalen |
/library/Studios/Country House/Dawn Whitaker & Ellis Grant - Tea (2020-01-31).mkv | Country House | Dawn Whitaker; Ellis Grant | 2020-01-31
/library/Studios/Country House/Dawn in the country.mkv | Country House | |
/library/Studios/Fourth Wall/2021-06-01/Carmen de la Vega/Mirror.mkv | Fourth Wall | Carmen de la Vega | 2021-06-01
/library/Studios/4th Wall/2021-06-08/Carmen Vega/Mirror II.mkv | Fourth Wall | Carmen de la Vega | 2021-06-08
/library/Studios/Kino & Co/Xenia Lukasik - Reel 7.mkv | Kino & Co | Xenia Łukasik |
/library/Studios/Kino and Co/Reel 8 - Xenia Łukasik, Leander Fuchs.mkv | Kino & Co | Xenia Łukasik; Leander Fuchs |
/library/Studios/L'Appartement/2019.10.05 - Grace Kim - No. 12.mkv | L'Appartement | Grace Kim | 2019-10-05
/library/Studios/L’Appartement/2019.10.12 - Kim Grace - No. 13.mkv | L'Appartement | Grace Kim | 2019-10-12
/library/Studios/Paper Moon/June Okafor/June in July.mkv | Paper Moon | June Okafor |
/library/Studios/Paper Moon/June/Sand.mkv | Paper Moon | |
/library/Studios/Studio Nord/[2017-02-28] Leander Fuchs - Fjord [4K].mkv | Studio Nord | Leander Fuchs | 2017-02-28
/library/Studios/Reading Room, The/2022-08-19 Hope Sterling - Page One.mkv | The Reading Room | Hope Sterling | 2022-08-19
/library/Studios/The Reading Room/Hope Sterling - Page One - 2022-08-19.mkv | The Reading Room | Hope Sterling | 2022-08-19
/library/Studios/House of Saint/2015-05-05 - Saint, Mo Farrell - Five.mkv | House of Saint | Saint; Mo Farrell | 2015-05-05
/library/Studios/House of Saint/2015-05-05 - Mo & Paz - Six.mkv | House of Saint | Paz | 2015-05-05
/library/Studios/Gallery/2016/03/17/Iris van Dalen/Portrait.mkv | Gallery | Iris van Dalen | 2016-03-17
/library/Studios/Gallery/2016-03/Iris van Dalen - Portrait.mkv | Gallery | Iris van Dalen |
/library/Performers/A/Adele Fontaine/Atelier Rouge/Lesson Two.mkv | Atelier Rouge | Adele Fontaine |
/library/Performers/Fontaine, Adele/2018-05-01 Lesson Three.mkv | | Adele Fontaine | 2018-05-01
/library/Performers/H/Holm, Beatrix/Paper Moon - Crescent.mkv | Paper Moon | Beatrix Holm |
/library/Performers/I/Iris van Dalen/Gallery - Portrait 2 (2017-01-09).mkv | Gallery | Iris van Dalen | 2017-01-09
/library/Performers/I/Iris van Dalen/Holiday gallery.mkv | | Iris van Dalen |
/library/Performers/van Dalen, Iris/Portrait 3.mkv | | Iris van Dalen |
/library/Performers/L/Lea/Lea - First Light.mkv | | Lea |
/library/Performers/G/Grace Kim/Grace under pressure.mkv | | Grace Kim |
/library/Performers/Hope Sterling (1990)/Solo.mkv | | Hope Sterling |
/library/Performers/Hope Sterling [born 1990-02-03]/Solo.mkv | | Hope Sterling |
/library/Performers/Ellis Grant/with Dawn Whitaker/Rain.mkv | | Ellis Grant; Dawn Whitaker |
/library/By Date/2014/2014-12-24 Studio Nord - Felix Ost - Candles.mkv | Studio Nord | Felix Øst | 2014-12-24
/library/By Date/2014/12 December/24 - Felix Øst - Candles.mkv | | Felix Øst | 2014-12-24
/library/By Date/2014/12/Candles.mkv | | |
/library/By Date/24 December 2014/Felix Øst - Candles.mkv | | Felix Øst | 2014-12-24
/library/Films/Grace and Grant (1999)/Grace and Grant (1999).mkv | | |
/library/Films/Paper Moon (1973)/Paper Moon (1973).mkv | | |
/library/Films/Dawn of the Dead (2004)/Dawn of the Dead (2004).mkv | | |
/library/Films/The Country House Murders/Part 2.mkv | | |
/library/Films/Iris (2001)/Iris (2001).mkv | | |
/library/Films/Blue Hour Over Paris/blue hour over paris.mkv | | |
/library/Films/Portrait of Grace/Portrait of Grace.mkv | | |
/library/Films/Hope and Glory/Hope and Glory.mkv | | |
/library/Films/In the Gallery/In the Gallery.mkv | | |
/library/Films/Molly Mo/Molly Mo.mkv | | |
/library/Films/June Bug/June Bug.mkv | | |
/library/Films/Breaking the Fourth Wall/Breaking the Fourth Wall.mkv | | |
/library/Inbox/Fourth Wall - Hope Sterling; Ellis Grant - Echo - 2021-07-01.mkv | Fourth Wall | Hope Sterling; Ellis Grant | 2021-07-01
/library/Inbox/Kino & Co - Hope Sterling - Reel 9 [2021-07-01].mkv | Kino & Co | Hope Sterling | 2021-07-01
/library/Inbox/Hope Sterling with Mo Farrell & Grace Kim (Studio Nord).mkv | Studio Nord | Hope Sterling; Mo Farrell; Grace Kim |
/library/Inbox/Grace Kimble - Studio Visit.mkv | | |
/library/Inbox/Hope Sterling Silver - Studio Visit.mkv | | |
/library/Inbox/Nord Studio - Hope Sterling.mkv | | Hope Sterling |
/library/Inbox/Blue Hour Classics Live - Hope Sterling - Snow 2.mkv | | Hope Sterling |
/library/Inbox/Ellis Grantham - Rain.mkv | | |
/library/Inbox/Carmen - Rain.mkv | | |
/library/Inbox/Atelier Rouge 2018.04.19 Adele Fontaine Lesson Two.nfo.mkv | Atelier Rouge | Adele Fontaine | 2018-04-19
"""  # noqa: E501


def library() -> list[Entity]:
    """The fourteenth library."""
    return entities_of(_PERFORMERS, _STUDIOS, _PARENTS, _TAGS)


def cases() -> list[Labelled]:
    """The paths, always the same."""
    return labelled(_BY_HAND)
