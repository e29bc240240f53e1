"""Labelled paths about a sixteenth library, read once at the end: patterns and traps as in an examination."""

from stashwork.detectors import Entity

from .library import entities_of
from .score import Labelled, labelled

_PERFORMERS = {
    "Ana Sol": (),
    "Anastasia Soler": ("Ana Soler",),
    "Bo": (),
    "Bobby Crane": ("Bob Crane",),
    "Cherry Lane": (),
    "Daphne Moss": (),
    "Daphne Mossad": (),
    "Eleanor Voss": ("Ellie Voss", "Nora Voss"),
    "Gianni Rossi": ("Johnny Red",),
    "Hazel": (),
    "Jade Winter": (),
    "Jade Summers": (),
    "Kai": (),
    "Kaito Mori": (),
    "Leo Grand": (),
    "Maya": (),
    "Maya Bishop": (),
    "Oskar Lindgren": ("Oscar Lindgren",),
    "Priya Nair": (),
    "Scarlett Day": (),
    "Théa Rousseau": ("Thea R.",),
    "Wolf": (),
}
_STUDIOS = {
    "Apex": (),
    "Apex Originals": (),
    "Black Tie Affair": ("BTA",),
    "Blush": (),
    "Candlelight": (),
    "Golden Hour Pictures": ("Golden Hour", "GHP"),
    "In The Raw": (),
    "Kaleido": ("Kaleido Films",),
    "Mirrorbox": ("Mirror Box",),
    "No Strings": (),
    "Scarlett": (),
    "Sugar & Spice": (),
    "Vertigo Studios": ("Vertigo",),
    "24 Frames": (),
}
_TAGS = ("Duo", "Vintage")

_BY_HAND = r"""
/media/Apex - 2022-05-17 - Priya Nair, Oscar Lindgren - Summit.mp4 | Apex | Priya Nair; Oskar Lindgren | 2022-05-17
/media/Apex Originals - 2022-05-24 - Priya Nair - Base Camp.mp4 | Apex Originals | Priya Nair | 2022-05-24
/media/ApexOriginals.22.05.24.Priya.Nair.Base.Camp.XXX.1080p.MP4-WRB.mp4 | Apex Originals | Priya Nair | 2022-05-24
/media/Apex Predator - Priya Nair.mp4 | | Priya Nair |
/media/apex_priya_nair_summit_1080p.mp4 | Apex | Priya Nair |
/media/Blush - Jade Winter - Rouge.mp4 | Blush | Jade Winter |
/media/blush.21.01.09.jade.summers.rouge.mp4 | Blush | Jade Summers | 2021-01-09
/media/At First Blush - Jade Winter.mp4 | | Jade Winter |
/media/Jade - Rouge.mp4 | | |
/media/Jade Winters - Rouge.mp4 | | |
/media/A Jade Winter Morning.mp4 | | |
/media/Jade Winter and Jade Summers - Seasons [Blush] (2021-01-16).mp4 | Blush | Jade Winter; Jade Summers | 2021-01-16
/media/Golden Hour/Daphne Moss/Meadow.mp4 | Golden Hour Pictures | Daphne Moss |
/media/GHP_20190823_DaphneMoss_Meadow.mp4 | Golden Hour Pictures | Daphne Moss | 2019-08-23
/media/Golden Hour Photography Tutorial.mp4 | | |
/media/Daphne Mossad - Meadow (Golden Hour Pictures, 2019).mp4 | Golden Hour Pictures | Daphne Mossad |
/media/Daphne Mossy - Meadow.mp4 | | |
/media/Black Tie Affair/2017-12-31 Eleanor Voss & Leo Grand - Countdown.mkv | Black Tie Affair | Eleanor Voss; Leo Grand | 2017-12-31
/media/BTA - Nora Voss - Countdown - 31.12.2017.mp4 | Black Tie Affair | Eleanor Voss | 2017-12-31
/media/BLACK TIE AFFAIR - ELLIE VOSS - COUNTDOWN.MP4 | Black Tie Affair | Eleanor Voss |
/media/The Black Tie Gala.mp4 | | |
/media/The Grand Budapest Hotel (2014).mp4 | | |
/media/In The Raw - Bobby Crane - Clay.mp4 | In The Raw | Bobby Crane |
/media/intheraw.bobby.crane.clay.mp4 | In The Raw | Bobby Crane |
/media/Life in the Raw.mp4 | | |
/media/Bob Crane - Clay - March 3, 2016.mp4 | | Bobby Crane | 2016-03-03
/media/Bobby - Clay.mp4 | | |
/media/Mirrorbox - Kaito Mori - Echo (24.10.2020).mp4 | Mirrorbox | Kaito Mori | 2020-10-24
/media/Mirror Box/Kaito Mori - Echo.mp4 | Mirrorbox | Kaito Mori |
/media/2020-10-24_mirrorbox_echo_kaito_mori.mp4 | Mirrorbox | Kaito Mori | 2020-10-24
/media/Kai - Surfing.mp4 | | Kai |
/media/Kaiser Wilhelm Documentary.mp4 | | |
/media/Bo Peep.mp4 | | |
/media/No Strings Attached.mp4 | | |
/media/No Strings - Ana Sol & Gianni Rossi - Puppet.mp4 | No Strings | Ana Sol; Gianni Rossi |
/media/no_strings_ana_sol_puppet_720p.mp4 | No Strings | Ana Sol |
/media/Ana Soler - Puppet - No Strings - 2018-03-30.mp4 | No Strings | Anastasia Soler | 2018-03-30
/media/Anastasia Solerno - Puppet.mp4 | | |
/media/Banana Solstice.mp4 | | |
/media/Johnny Red - Vertigo - Stairs.mp4 | Vertigo Studios | Gianni Rossi |
/media/Vertigo (1958).mkv | | |
/media/Vertigo.Studios.19.06.30.Gianni.Rossi.And.Maya.Bishop.Stairs.mp4 | Vertigo Studios | Gianni Rossi; Maya Bishop | 2019-06-30
/media/Maya Bishop - Stairs (Vertigo).mp4 | Vertigo Studios | Maya Bishop |
/media/Mayan Ruins.mp4 | | |
/media/Scarlett - Scarlett Day - Velvet.mp4 | Scarlett | Scarlett Day |
/media/Scarlett Day/Velvet.mp4 | | Scarlett Day |
/media/Scarlett Daylight.mp4 | | |
/media/Sugar & Spice - Cherry Lane - Icing.mp4 | Sugar & Spice | Cherry Lane |
/media/sugar.and.spice.20.02.14.cherry.lane.icing.mp4 | Sugar & Spice | Cherry Lane | 2020-02-14
/media/Sugar and Spice Cake Recipe.mp4 | | |
/media/12 Cherry Lane.mp4 | | |
/media/24 Frames - Thea Rousseau - Reel.mp4 | 24 Frames | Théa Rousseau |
/media/24Frames_2023.09.14_TheaRousseau.mp4 | 24 Frames | Théa Rousseau | 2023-09-14
/media/Shot at 24 frames per second.mp4 | | |
/media/Kaleido Films - Hazel, Théa Rousseau - Prism - 14 September 2023.mp4 | Kaleido | Hazel; Théa Rousseau | 2023-09-14
/media/Kaleidoscope Patterns.mp4 | | |
/media/Witch Hazel Remedies.mp4 | | |
/media/Wolf Moon.mp4 | | |
/media/Candlelight/Théa Rousseau, Wolf - Wick.mp4 | Candlelight | Théa Rousseau; Wolf |
/media/Dinner by Candlelight.mp4 | | |
/media/Candlelight - 2015-11-05 - Thea R. - Wick.mp4 | Candlelight | Théa Rousseau | 2015-11-05
"""  # noqa: E501


def library() -> list[Entity]:
    """The sixteenth library."""
    return entities_of(_PERFORMERS, _STUDIOS, {}, _TAGS)


def cases() -> list[Labelled]:
    """The paths, always the same."""
    return labelled(_BY_HAND)
