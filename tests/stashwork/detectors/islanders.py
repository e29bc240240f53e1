"""Labelled paths about a sixth library, written with the fifth and read when the detectors were done with that."""

from stashwork.detectors import Entity

from .library import entities_of
from .score import Labelled, labelled

_PERFORMERS = {
    "Beatrix Oyelaran": ("Bea O", "Trixie Oye"),
    "Beatrix Lund": (),
    "Candy Monroe-Hale": (),
    "Hunter Vaughan": (),
    "Vaughan Teague": (),
    "Sky": (),
    "Skyler Mott": (),
    "Noa": (),
    "Noah Ellery": (),
    "Iker Zubiri": (),
    "Agnieszka Żurawska": (),
    "Mary Lou Pettibone": (),
    "Lou Pettibone": (),
    "Mr. Bronson": (),
    "Ivory Knight": (),
    "Scarlett Fox": (),
    "Crystal": (),
    "Pearl Adeyemi": (),
    "Leïla Benhaddou": (),
    "Jean-Baptiste Cornu": ("JB Cornu",),
    "D'Arcy Quill": (),
    "Xiomara Reyes-Luna": (),
    "April O'Dell": (),
    "May Ling Tse": (),
    "Gus": (),
    "Augusta Friel": (),
    "Ronnie van Aalst": (),
    "Kirsten Ødegård": ("Kiki",),
    "Tom Cutler": (),
    "Tommy Cutler Jones": (),
    "Sasha Volkova": ("Sasha V",),
    "Sasha Grimaldi": (),
}
_STUDIOS = {
    "The Velvet Room": ("Velvet Room",),
    "Salt Road": (),
    "Harbour & Heath": ("H&H",),
    "Seven Sundays": (),
    "Studio Ottanta": ("Ottanta",),
    "21 Acres": (),
    "Bright Young Things": ("BYT",),
    "Mr. Bronson": (),
    "Kestrel": (),
    "Kestrel Raw Cuts": (),
    "Amateurs of Lisbon": (),
    "Don't Tell Dad": (),
    "Loud": (),
    "MoonlitPier.com": (),
    "Véranda": (),
    "Scarlett's House": (),
    "Polar Night Pictures": (),
    "Downtown 66": (),
}
_PARENTS = {"Kestrel Raw Cuts": "Kestrel"}
_TAGS = ("Beach", "Interview", "Piano", "Blue")

_BY_HAND = r"""
/data/KestrelRawCuts.24.01.05.Vaughan.Teague.Sasha.Grimaldi.Splinter.XXX.1080p.MP4-P2P/kestrelrawcuts.24.01.05.1080p.mp4 | Kestrel Raw Cuts | Vaughan Teague; Sasha Grimaldi | 2024-01-05
/data/Kestrel/Raw Cuts/Vaughan Teague.mp4 | Kestrel | Vaughan Teague |
/data/Kestrel - Raw Cuts - Vaughan Teague.mp4 | Kestrel | Vaughan Teague |
/data/Kestrel hovering over a field.mp4 | | |
/data/A kestrel and a fox.mp4 | | |
/data/The.Velvet.Room.S01E12.Beatrix.Lund.720p.WEB-DL.AAC2.0.H.264.mkv | The Velvet Room | Beatrix Lund |
/data/Velvet Room (2016.11.30) Beatrix Oyelaran, Iker Zubiri.mp4 | The Velvet Room | Beatrix Oyelaran; Iker Zubiri | 2016-11-30
/data/velvetroom_bea_o_interview.mp4 | The Velvet Room | Beatrix Oyelaran |
/data/Red velvet room tour.mp4 | | |
/data/Beatrix Potter stories.mp4 | | |
/data/Beatrix L. - Piano.mp4 | | |
/data/moonlitpier.com - 2022.03.19 - candy monroe-hale & hunter vaughan - low tide.mp4 | MoonlitPier.com | Candy Monroe-Hale; Hunter Vaughan | 2022-03-19
/data/MoonlitPier 22-03-19 Candy Monroe Hale.mp4 | MoonlitPier.com | Candy Monroe-Hale | 2022-03-19
/data/moonlitpier_e044_candy_monroe_hale_1080.mp4 | MoonlitPier.com | Candy Monroe-Hale |
/data/Candy Hale.mp4 | | |
/data/Monroe Vaughan - Candy Hunter.mp4 | | |
/data/Head hunter - Vaughan Street.mp4 | | |
/data/[Salt Road] [2019-02] Noah Ellery - Milestones.mp4 | Salt Road | Noah Ellery |
/data/Salt Road #18 Noah Ellery - Milestones.mp4 | Salt Road | Noah Ellery |
/data/Salt Road/#18 Noah Ellery and Noa.mp4 | Salt Road | Noah Ellery; Noa |
/data/SaltRoad-018-NoahEllery-Milestones-2160p60.mp4 | Salt Road | Noah Ellery |
/data/Walking the Salt Road to Uyuni.mp4 | | |
/data/salt, road, rain.mp4 | | |
/data/Genoa 1080p.mp4 | | |
/data/H&H - Ivory Knight - Lighthouse.mp4 | Harbour & Heath | Ivory Knight |
/data/Harbour and Heath 2015-10-02 Ivory Knight.mp4 | Harbour & Heath | Ivory Knight | 2015-10-02
/data/harbour.heath.15.10.02.ivory.knight.scarlett.fox.lighthouse.mp4 | Harbour & Heath | Ivory Knight; Scarlett Fox | 2015-10-02
/data/An ivory knight from a chess set.mp4 | | |
/data/Harbour lights - Heath walk.mp4 | | |
/data/Scarlett's House/Scarlett Fox/scarlett_fox_004.mp4 | Scarlett's House | Scarlett Fox |
/data/ScarlettsHouse.18.08.08.Pearl.Adeyemi.mp4 | Scarlett's House | Pearl Adeyemi | 2018-08-08
/data/Visit to Scarlett's house.mp4 | | |
/data/Pearl - Crystal clear.mp4 | | |
/data/Crystal Palace 0 - 2 Arsenal.mp4 | | |
/data/Seven Sundays - Week 4 - Pearl Adeyemi - Crystal.mp4 | Seven Sundays | Pearl Adeyemi |
/data/SevenSundays_20211003_MaryLouPettibone.mp4 | Seven Sundays | Mary Lou Pettibone | 2021-10-03
/data/Seven Sundays in May.mp4 | | |
/data/Lou Pettibone & Mary Lou Pettibone.mp4 | | Lou Pettibone; Mary Lou Pettibone |
/data/Mary Pettibone.mp4 | | |
/data/Studio Ottanta - Leila Benhaddou - Terrazza - 08.12.2011.avi | Studio Ottanta | Leïla Benhaddou | 2011-12-08
/data/Ottanta/Leïla Benhaddou, Jean-Baptiste Cornu/Terrazza.avi | Studio Ottanta | Leïla Benhaddou; Jean-Baptiste Cornu |
/data/ottanta voglia di ballare.mp4 | | |
/data/leila_benhaddou_jb_cornu-terrazza-pt1.avi | | Leïla Benhaddou; Jean-Baptiste Cornu |
/data/21 Acres - D'Arcy Quill, Xiomara Reyes-Luna - Barn.mp4 | 21 Acres | D'Arcy Quill; Xiomara Reyes-Luna |
/data/21acres.23.07.21.darcy.quill.barn.mp4 | 21 Acres | D'Arcy Quill | 2023-07-21
/data/21 Acres/Xiomara Reyes Luna 2.mp4 | 21 Acres | Xiomara Reyes-Luna |
/data/Farm for sale, 21 acres, 2 barns.mp4 | | |
/data/Mr Darcy - Quill pen.mp4 | | |
/data/BYT_0093_April_ODell_1080p.mp4 | Bright Young Things | April O'Dell |
/data/Bright Young Things - 17 April 2014 - April O'Dell.mp4 | Bright Young Things | April O'Dell | 2014-04-17
/data/Bright.Young.Things.May.Ling.Tse.mp4 | Bright Young Things | May Ling Tse |
/data/May 12 2014 - May Ling Tse.mp4 | | May Ling Tse | 2014-05-12
/data/April 2014 vlog.mp4 | | |
/data/Those bright young things of the twenties.mp4 | | |
/data/mr.bronson.19.05.20.kirsten.odegard.mp4 | Mr. Bronson | Kirsten Ødegård | 2019-05-20
/data/[Mr Bronson] Kirsten Ødegård - Office.mp4 | Mr. Bronson | Kirsten Ødegård |
/data/Kirsten Odegaard and Mr. Bronson - Office.mp4 | | Kirsten Ødegård; Mr. Bronson |
/data/Kiki - Office (2017).mp4 | | Kirsten Ødegård |
/data/Kiki's Delivery.mp4 | | |
/data/Don't Tell Dad - S01 - E03 - Ronnie van Aalst.mp4 | Don't Tell Dad | Ronnie van Aalst |
/data/DontTellDad.Ronnie.van.Aalst.Augusta.Friel.Garage.mp4 | Don't Tell Dad | Ronnie van Aalst; Augusta Friel |
/data/Please don't tell dad about this.mp4 | | |
/data/Loud/Augusta Friel/2020-06-06 14.22.10.mp4 | Loud | Augusta Friel | 2020-06-06
/data/Loud music at night - Augusta Friel.mp4 | | Augusta Friel |
/data/loud.20.06.06.augusta.friel.feat.gus.mp4 | Loud | Augusta Friel; Gus | 2020-06-06
/data/August in Friel.mp4 | | |
/data/Veranda - Tom Cutler.mp4 | Véranda | Tom Cutler |
/data/Tommy Cutler Jones @ Véranda [1080p].mp4 | Véranda | Tommy Cutler Jones |
/data/Coffee on the veranda.mp4 | | |
/data/Polar Night Pictures 2013 - Agnieszka Zurawska (Part 1 of 3).mkv | Polar Night Pictures | Agnieszka Żurawska |
/data/agnieszka zurawska - POV - polar night pictures.mkv | Polar Night Pictures | Agnieszka Żurawska |
/data/Polar night, pictures from Tromso.mp4 | | |
/data/Downtown 66 - Skyler Mott and Sasha V - 11-23-2012.mp4 | Downtown 66 | Skyler Mott; Sasha Volkova | 2012-11-23
/data/downtown66_sky_2.mp4 | Downtown 66 | Sky |
/data/Downtown, 66 photos.mp4 | | |
/data/Blue sky over the sea.mp4 | | |
/data/Sasha & Sky - rooftop.mp4 | | |
/data/Amateurs of Lisbon_Sasha Volkova_04-Jul-2010_final.mp4 | Amateurs of Lisbon | Sasha Volkova | 2010-07-04
/data/amateurs.of.lisbon.10.07.04.sasha.volkova.fado.mp4 | Amateurs of Lisbon | Sasha Volkova | 2010-07-04
/data/Two amateurs of Lisbon cuisine.mp4 | | |
/data/Sasha Volkova 10.07.2010 - 12.07.2010.mp4 | | Sasha Volkova |
/data/Hunter Vaughan Teague - Blue.mp4 | | |
"""  # noqa: E501


def library() -> list[Entity]:
    """The sixth library."""
    return entities_of(_PERFORMERS, _STUDIOS, _PARENTS, _TAGS)


def cases() -> list[Labelled]:
    """The paths, always the same."""
    return labelled(_BY_HAND)
