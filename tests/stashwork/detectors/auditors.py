"""Labelled paths about a seventeenth library, read once, after the last change that any other set had brought."""

from stashwork.detectors import Entity

from .library import entities_of
from .score import Labelled, labelled

_PERFORMERS = {
    "Alma Reinholt": (),
    "Beau Castellan": ("Beau C",),
    "Crystal Waters": (),
    "Dov": (),
    "Esme Thackeray": ("Esmé Thackeray", "Esme T."),
    "Esme Lindholm": (),
    "Frankie": (),
    "Frankie Doyle": (),
    "Ginger Root": (),
    "Honor Blythe": ("Norah Blythe",),
    "Ines Carvalho": ("Inês Carvalho",),
    "Jonah Pike": (),
    "Liv": (),
    "Livia Santoro": (),
    "Mercy": (),
    "Noel Summer": (),
    "Petra van Houten": (),
    "Quincy Adeola": (),
}
_STUDIOS = {
    "Bonfire": (),
    "Cold Open Media": ("Cold Open", "COM"),
    "Feather & Bone": (),
    "High Tide": (),
    "Juniper Lane": (),
    "Overexposed": (),
    "Second Floor": ("2nd Floor",),
    "Silverscreen Club": ("SSC",),
    "Tonic": (),
    "Tonic Water Works": (),
}
_TAGS = ("Interview",)

_BY_HAND = r"""
/pool/Bonfire - Alma Reinholt - Embers.mp4 | Bonfire | Alma Reinholt |
/pool/Bonfire/2022-10-31 - Alma Reinholt & Dov - Embers.mp4 | Bonfire | Alma Reinholt; Dov | 2022-10-31
/pool/Alma Reinholt - Embers [Bonfire] [2022.10.31].mp4 | Bonfire | Alma Reinholt | 2022-10-31
/pool/bonfire night safety.mp4 | | |
/pool/The Bonfire of the Vanities (1990).mp4 | | |
/pool/Bonfire.22.10.31.Alma.Reinholt.Embers.XXX.2160p.MP4-NBQ.mp4 | Bonfire | Alma Reinholt | 2022-10-31
/pool/Cold Open - S03E11 - Beau Castellan.mkv | Cold Open Media | Beau Castellan |
/pool/ColdOpenMedia_20210606_BeauCastellan_EsmeThackeray_1080p.mp4 | Cold Open Media | Beau Castellan; Esme Thackeray | 2021-06-06
/pool/Cold Open Media/Esmé Thackeray, Beau Castellan - Pilot (06.06.2021).mp4 | Cold Open Media | Esme Thackeray; Beau Castellan | 2021-06-06
/pool/cold.open.media.21.06.06.esme.t.pilot.mp4 | Cold Open Media | Esme Thackeray | 2021-06-06
/pool/A cold, open field.mp4 | | |
/pool/Esme - Pilot.mp4 | | |
/pool/Esme Lindholm - Pilot - Cold Open.mp4 | Cold Open Media | Esme Lindholm |
/pool/Esme Lindholmen - Pilot.mp4 | | |
/pool/Feather & Bone - Honor Blythe - Nest.mp4 | Feather & Bone | Honor Blythe |
/pool/feather_and_bone_norah_blythe_nest.mp4 | Feather & Bone | Honor Blythe |
/pool/FeatherAndBone.2018-04-19.HonorBlythe.Nest.mp4 | Feather & Bone | Honor Blythe | 2018-04-19
/pool/Word of Honor.mp4 | | |
/pool/High Tide - Ines Carvalho - Cove - 19 April 2018.mp4 | High Tide | Ines Carvalho | 2018-04-19
/pool/High Tide at Noon.mp4 | | |
/pool/Inês Carvalho - 2018-04-19 - High Tide - Cove.mp4 | High Tide | Ines Carvalho | 2018-04-19
/pool/2018-04-19 High Tide Ines Carvalho Cove.mp4 | High Tide | Ines Carvalho | 2018-04-19
/pool/HIGH TIDE - INES CARVALHO, JONAH PIKE - COVE (1080P).MP4 | High Tide | Ines Carvalho; Jonah Pike |
/pool/Jonah Pike - Fishing for Pike.mp4 | | Jonah Pike |
/pool/Jonah and the Whale.mp4 | | |
/pool/Juniper Lane - Petra van Houten - Gin.mp4 | Juniper Lane | Petra van Houten |
/pool/Petra van Houten/Juniper Lane/Gin.mp4 | Juniper Lane | Petra van Houten |
/pool/45 Juniper Lane House Tour.mp4 | | |
/pool/Petra - Gin.mp4 | | |
/pool/Overexposed - Quincy Adeola & Livia Santoro - Flash (2016).mp4 | Overexposed | Quincy Adeola; Livia Santoro |
/pool/overexposed-quincy-adeola-flash.mp4 | Overexposed | Quincy Adeola |
/pool/Overexposed Photos and How to Fix Them.mp4 | | |
/pool/Liv - Flash.mp4 | | Liv |
/pool/Living Room.mp4 | | |
/pool/Olivia Santoro - Flash.mp4 | | |
/pool/2nd Floor - Crystal Waters - Elevator.mp4 | Second Floor | Crystal Waters |
/pool/SecondFloor - 2013-02-01 - Noel Summer, Crystal Waters - Elevator.mp4 | Second Floor | Noel Summer; Crystal Waters | 2013-02-01
/pool/The Crystal Waters of Greece.mp4 | | |
/pool/Meet me on the second floor.mp4 | | |
/pool/[SSC] Frankie Doyle - Premiere (Feb 1, 2013).mp4 | Silverscreen Club | Frankie Doyle | 2013-02-01
/pool/Silverscreen Club/Frankie Doyle/2013-02-08.mp4 | Silverscreen Club | Frankie Doyle | 2013-02-08
/pool/Frankie Doyle, Mercy - Premiere - Silverscreen Club - 08.02.2013.mp4 | Silverscreen Club | Frankie Doyle; Mercy | 2013-02-08
/pool/Frankie Goes to Hollywood.mp4 | | |
/pool/Have Mercy.mp4 | | |
/pool/Tonic - Ginger Root - Fizz.mp4 | Tonic | Ginger Root |
/pool/Tonic Water Works - Ginger Root - Fizz 2.mp4 | Tonic Water Works | Ginger Root |
/pool/How to Peel Ginger Root.mp4 | | |
/pool/Gin & Tonic.mp4 | | |
/pool/Tonic Masculinity - Quincy Adeola.mp4 | | Quincy Adeola |
"""  # noqa: E501


def library() -> list[Entity]:
    """The seventeenth library."""
    return entities_of(_PERFORMERS, _STUDIOS, {}, _TAGS)


def cases() -> list[Labelled]:
    """The paths, always the same."""
    return labelled(_BY_HAND)
