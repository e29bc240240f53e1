"""Labelled paths about a seventh library, written before the detectors learned from the fifth: the last first look."""

from stashwork.detectors import Entity

from .library import entities_of
from .score import Labelled, labelled

_PERFORMERS = {
    "Alina Prescott": (),
    "Alina Duval": ("Alina D",),
    "Brooke Sandoval": (),
    "Gia Tremonti": (),
    "Vince Marlowe": (),
    "Marlowe Quist": (),
    "Star": (),
    "Raven Ashby": (),
    "Tiffany Rain": (),
    "Lucas": (),
    "Lucas Bergström": (),
    "Chloé Martineau": (),
    "Ana Sofía Rendón": (),
    "Kayla-Jean Hobbs": (),
    "Dr. Feelbright": (),
    "Hope Winters": (),
    "Natsuki Arai": (),
    "Małgorzata Wilk": ("Gosia Wilk",),
    "Robin Castle": (),
    "Devon Hart": (),
    "Zara": (),
    "O'Shea Billings": (),
    "Emma Kray": (),
    "Emmanuelle Kray": (),
    "Rocco Valente": (),
    "Lana Del Mar": (),
}
_STUDIOS = {
    "Silver Spoon Pictures": ("Silver Spoon", "SSP"),
    "Naked Truth": (),
    "Tease": (),
    "House of Marlowe": (),
    "Third Rail": (),
    "Third Rail Extra": (),
    "Sugarcube": (),
    "The Waiting Room": (),
    "Dr. Feelbright": (),
    "Boulevard 9": (),
    "100 Nights": (),
    "Girls of Montreux": (),
    "Oak & Iron": (),
    "Lola's Kitchen": (),
    "Nightcap": (),
    "Hello Stranger": (),
    "BlueDoorFilms": ("Blue Door Films",),
    "Maison Rouge": (),
}
_PARENTS = {"Third Rail Extra": "Third Rail"}
_TAGS = ("Kitchen", "Massage", "Interview", "Solo")

_BY_HAND = r"""
/pool/media/SilverSpoonPictures.23.02.17.Alina.Prescott.Tea.For.Two.XXX.1080p.HEVC.x265.PRT/SilverSpoonPictures.23.02.17.Alina.Prescott.Tea.For.Two.XXX.1080p.HEVC.x265.PRT.mkv | Silver Spoon Pictures | Alina Prescott | 2023-02-17
/pool/media/SSP - Alina Prescott - Tea for Two.mp4 | Silver Spoon Pictures | Alina Prescott |
/pool/media/Silver Spoon - 2023-02-17 - Tea for Two - Alina Prescott & Vince Marlowe.mp4 | Silver Spoon Pictures | Alina Prescott; Vince Marlowe | 2023-02-17
/pool/media/silver spoon (alina prescott).mp4 | Silver Spoon Pictures | Alina Prescott |
/pool/media/Born with a silver spoon.mp4 | | |
/pool/media/Alina - Tea.mp4 | | |
/pool/media/Alina Duval/Naked Truth/2019-10-04.mp4 | Naked Truth | Alina Duval | 2019-10-04
/pool/media/naked_truth-alina_duval-2019-10-04.mp4 | Naked Truth | Alina Duval | 2019-10-04
/pool/media/The naked truth about sugar.mp4 | | |
/pool/media/Tease.18.04.04.Brooke.Sandoval.Slow.Burn.mp4 | Tease | Brooke Sandoval | 2018-04-04
/pool/media/Brooke Sandoval - Strip Tease.mp4 | | Brooke Sandoval |
/pool/media/Tease/Brooke Sandoval - Slow Burn (Solo).mp4 | Tease | Brooke Sandoval |
/pool/media/House of Marlowe/Gia Tremonti/gia-tremonti-7.mp4 | House of Marlowe | Gia Tremonti |
/pool/media/HouseOfMarlowe_Gia_Tremonti_Marlowe_Quist.mp4 | House of Marlowe | Gia Tremonti; Marlowe Quist |
/pool/media/Vince Marlowe Quist.mp4 | | |
/pool/media/Christopher Marlowe - Vince.mp4 | | |
/pool/media/ThirdRail.20.09.09.Raven.Ashby.Lucas.Bergstrom.Platform.2160p.mp4 | Third Rail | Raven Ashby; Lucas Bergström | 2020-09-09
/pool/media/Third Rail/Third Rail Extra/Raven Ashby - Platform BTS.mp4 | Third Rail Extra | Raven Ashby |
/pool/media/Don't touch the third rail.mp4 | | |
/pool/media/Raven and crow.mp4 | | |
/pool/media/[Sugarcube] Tiffany Rain, Zara - Window Seat (2021-05-05) [1080p].mp4 | Sugarcube | Tiffany Rain; Zara | 2021-05-05
/pool/media/Sugarcube - Tiffany Rain - Window Seat.mp4 | Sugarcube | Tiffany Rain |
/pool/media/Breakfast at Tiffany in the rain.mp4 | | |
/pool/media/One sugarcube or two.mp4 | | |
/pool/media/The.Waiting.Room.E03.Chloe.Martineau.And.Rocco.Valente.mp4 | The Waiting Room | Chloé Martineau; Rocco Valente |
/pool/media/The Waiting Room - Chloé Martineau x Rocco Valente - Next Please - May 5 2016.mp4 | The Waiting Room | Chloé Martineau; Rocco Valente | 2016-05-05
/pool/media/In the waiting room with Chloe.mp4 | | |
/pool/media/Dr. Feelbright - Natsuki Arai - Check-up.mp4 | Dr. Feelbright | Natsuki Arai |
/pool/media/Natsuki Arai and Dr. Feelbright.mp4 | | Natsuki Arai; Dr. Feelbright |
/pool/media/boulevard9_22-11-03_hope_winters_neon.mp4 | Boulevard 9 | Hope Winters | 2022-11-03
/pool/media/Boulevard 9 - Hope Winters.mp4 | Boulevard 9 | Hope Winters |
/pool/media/I hope winters get warmer.mp4 | | |
/pool/media/Sunset Boulevard 9 pm.mp4 | | |
/pool/media/100 Nights - Night 12 - Emma Kray.mp4 | 100 Nights | Emma Kray |
/pool/media/100nights.21.08.30.emmanuelle.kray.mp4 | 100 Nights | Emmanuelle Kray | 2021-08-30
/pool/media/100 nights without sleep.mp4 | | |
/pool/media/GirlsOfMontreux-0031-Lana_Del_Mar.mp4 | Girls of Montreux | Lana Del Mar |
/pool/media/Girls of Montreux/0031 Lana del Mar.mp4 | Girls of Montreux | Lana Del Mar |
/pool/media/Villa del Mar - Lana.mp4 | | |
/pool/media/Oak and Iron - Devon Hart, Robin Castle - 30.11.2018.mp4 | Oak & Iron | Devon Hart; Robin Castle | 2018-11-30
/pool/media/oakiron_devon_hart_forge_720p.mp4 | Oak & Iron | Devon Hart |
/pool/media/Robin Hood at the castle.mp4 | | |
/pool/media/Lola's Kitchen S01E02 Malgorzata Wilk.mp4 | Lola's Kitchen | Małgorzata Wilk |
/pool/media/lolas-kitchen-gosia-wilk-pierogi.mp4 | Lola's Kitchen | Małgorzata Wilk |
/pool/media/Lola in the Kitchen.mp4 | | |
/pool/media/Nightcap/2017/Ana Sofia Rendon - 03 - Mezcal.mp4 | Nightcap | Ana Sofía Rendón |
/pool/media/Nightcap.17.03.09.Ana.Sofia.Rendon.mp4 | Nightcap | Ana Sofía Rendón | 2017-03-09
/pool/media/A nightcap before bed.mp4 | | |
/pool/media/Ana Sofia - Mezcal.mp4 | | |
/pool/media/Hello Stranger - Kayla-Jean Hobbs - Elevator (03-04-2015).mp4 | Hello Stranger | Kayla-Jean Hobbs |
/pool/media/HelloStranger.15.04.03.Kayla.Jean.Hobbs.Elevator.mp4 | Hello Stranger | Kayla-Jean Hobbs | 2015-04-03
/pool/media/Say hello stranger.mp4 | | |
/pool/media/BlueDoorFilms_OShea_Billings_Attic_20140228_HD.mp4 | BlueDoorFilms | O'Shea Billings | 2014-02-28
/pool/media/Blue Door Films presents O'Shea Billings in Attic.mp4 | BlueDoorFilms | O'Shea Billings |
/pool/media/The blue door, films by students.mp4 | | |
/pool/media/Attic - O'Shea Billings - Maison Rouge.mp4 | Maison Rouge | O'Shea Billings |
/pool/media/une maison rouge.mp4 | | |
/pool/media/Movie star interview.mp4 | | |
/pool/media/Sahara trip.mp4 | | |
/pool/media/Devon, Hart and deer.mp4 | | |
"""  # noqa: E501


def library() -> list[Entity]:
    """The seventh library."""
    return entities_of(_PERFORMERS, _STUDIOS, _PARENTS, _TAGS)


def cases() -> list[Labelled]:
    """The paths, always the same."""
    return labelled(_BY_HAND)
