"""Labelled paths about an eighth library: what downloaders, cameras and tidy people make of names."""

from stashwork.detectors import Entity

from .library import entities_of
from .score import Labelled, labelled

_PERFORMERS = {
    "Bianca Ferrante": (),
    "Bianca Lowe": (),
    "Otis": (),
    "Otis Grandville": (),
    "Freya Sundqvist": (),
    "Coral Banning": (),
    "Jamie Lee Ashcroft": ("Jamie Ash",),
    "Lee Ashcroft": (),
    "Melody Marks-Howe": (),
    "Sunny": (),
    "Sunny Delacruz": (),
    "Victor Hale": (),
    "Victoria Halestrom": (),
    "Ximena Ortúzar": (),
    "Zuzana": (),
    "Märta Söderlöf": (),
    "Kai": (),
    "Kaia Rosendahl": (),
    "Ruby Slate": (),
    "Mistress Odette": (),
    "Nils Øvergaard": (),
    "Penelope Crane": ("Penny Crane",),
    "Hana Kobayakawa": (),
    "Lorenzo de' Conti": (),
    "Max Power": (),
    "Tasha St. James": (),
    "Dolores": (),
}
_STUDIOS = {
    "The Night Office": (),
    "Rough Cut": (),
    "Limelight": (),
    "Paper Tigers": (),
    "Paper Tigers Gold": (),
    "Nylon & Lace": (),
    "Ruby Slate": (),
    "Casting Call 24": (),
    "Backstage Pass": (),
    "ZenithFilms": (),
    "Wet Paint": (),
    "Le Grand Bain": (),
    "Poolside.tv": (),
    "Mirrorhall": (),
    "Ginger Tea Collective": ("GTC",),
    "Home": (),
    "Max Power Productions": (),
    "Sólheim": (),
}
_PARENTS = {"Paper Tigers Gold": "Paper Tigers"}
_TAGS = ("Pool", "Interview", "Lace", "Compilation")

_BY_HAND = r"""
/home/otis/Videos/Bianca Ferrante - Rooftop.mp4 | | Bianca Ferrante |
/Users/kai/Movies/rooftop.mp4 | | |
C:\Users\Sunny\Downloads\rooftop (1).mp4 | | |
/home/otis/holiday.mp4 | | |
/media/Limelight ｜ Bianca Ferrante ｜ Rooftop.mp4 | Limelight | Bianca Ferrante |
/media/Bianca Ferrante ： Rooftop [f8Gk2_x9Qab].webm | | Bianca Ferrante |
/media/Limelight • Bianca Ferrante • Rooftop.mp4 | Limelight | Bianca Ferrante |
/media/Limelight SiteRip/Bianca Ferrante - Rooftop.mp4 | Limelight | Bianca Ferrante |
/media/Limelight [SITERIP 1080p]/012 - Bianca Ferrante.mp4 | Limelight | Bianca Ferrante |
/media/Limelight (2017)/Rooftop.mp4 | Limelight | |
/media/In the limelight again.mp4 | | |
/media/Limelight.com_19.04.30_Bianca_Lowe.mp4 | Limelight | Bianca Lowe | 2019-04-30
/media/Bianca Ferrante Megapack/03. Rooftop.mp4 | | Bianca Ferrante |
/media/Bianca Ferrante (34 videos)/03. Rooftop.mp4 | | Bianca Ferrante |
/media/Bianca Ferrante Collection/Rooftop.mp4 | | Bianca Ferrante |
/media/Bianca/Rooftop.mp4 | | |
/media/Bianca F/Rooftop.mp4 | | |
/media/The Night Office - Victor Hale & Freya Sundqvist - Late Shift (2019-05-11) 720p.mp4 | The Night Office | Victor Hale; Freya Sundqvist | 2019-05-11
/media/nightoffice.19.05.11.freya.sundqvist.late.shift.mp4 | The Night Office | Freya Sundqvist | 2019-05-11
/media/Night Office/Freya Sundqvist/late shift.mp4 | The Night Office | Freya Sundqvist |
/media/Office night out.mp4 | | |
/media/Freya Sundqvist at the night office.mp4 | | Freya Sundqvist |
/media/Victor Hale 4 mars 2019.mp4 | | Victor Hale | 2019-03-04
/media/Victor Hale, 12 de agosto de 2016.mp4 | | Victor Hale | 2016-08-12
/media/Victor Hale 3 février 2020.mp4 | | Victor Hale | 2020-02-03
/media/Victor Hale - 7 dicembre 2012.mp4 | | Victor Hale | 2012-12-07
/media/Victor Hale 2012 Dec 07.mp4 | | Victor Hale | 2012-12-07
/media/Victor Hale 2019-W10-4.mp4 | | Victor Hale |
/media/Victor Hale 1551657600.mp4 | | Victor Hale |
/media/Victor Hale 4. 3. 2019.mp4 | | Victor Hale | 2019-03-04
/media/Victoria Hale.mp4 | | |
/media/VID_20180714_193012.mp4 | | | 2018-07-14
/media/PXL_20210102_101112345.mp4 | | | 2021-01-02
/media/2018-07-14 19.30.12.mp4 | | | 2018-07-14
/media/Screen Recording 2022-10-09 at 11.12.13.mov | | | 2022-10-09
/media/IMG_4512.MOV | | |
/media/Rough Cut/RC-101 Coral Banning.mp4 | Rough Cut | Coral Banning |
/media/RoughCut.E21.Coral.Banning.Kaia.Rosendahl.1080p.mp4 | Rough Cut | Coral Banning; Kaia Rosendahl |
/media/Coral Banning - Beach (rough cut).mp4 | | Coral Banning |
/media/Wedding rough cut 3.mp4 | | |
/media/Coral reef banning order.mp4 | | |
/media/Paper Tigers - Gold - Jamie Lee Ashcroft.mp4 | Paper Tigers | Jamie Lee Ashcroft |
/media/PaperTigersGold_JamieLeeAshcroft_LeeAshcroft_4K.mp4 | Paper Tigers Gold | Jamie Lee Ashcroft; Lee Ashcroft |
/media/Paper Tigers/Gold/Jamie Ash.mp4 | Paper Tigers | Jamie Lee Ashcroft |
/media/Folding paper tigers.mp4 | | |
/media/Jamie Ashcroft.mp4 | | |
/media/Nylon & Lace - Penny Crane - Seams.mp4 | Nylon & Lace | Penelope Crane |
/media/nylonandlace_penelope_crane_seams_2015-01-31.wmv | Nylon & Lace | Penelope Crane | 2015-01-31
/media/nylon.lace.15.01.31.penelope.crane.wmv | Nylon & Lace | Penelope Crane | 2015-01-31
/media/Black nylon and lace gloves.mp4 | | |
/media/A crane and a penny.mp4 | | |
/media/[Ruby Slate] Hana Kobayakawa - Ink.mp4 | Ruby Slate | Hana Kobayakawa |
/media/Ruby Slate, Hana Kobayakawa - Ink.mp4 | | Ruby Slate; Hana Kobayakawa |
/media/Wet Paint - Ruby Slate & Hana Kobayakawa - Ink.mp4 | Wet Paint | Ruby Slate; Hana Kobayakawa |
/media/Beware wet paint.mp4 | | |
/media/Slate and ruby tiles.mp4 | | |
/media/Casting Call 24 - Melody Marks-Howe.mp4 | Casting Call 24 | Melody Marks-Howe |
/media/castingcall24.21.06.18.melody.marks.howe.mp4 | Casting Call 24 | Melody Marks-Howe | 2021-06-18
/media/Casting call, 24 June.mp4 | | |
/media/A melody marks the day.mp4 | | |
/media/Backstage Pass/2014/05 - May/Ximena Ortuzar.mp4 | Backstage Pass | Ximena Ortúzar |
/media/Ximena Ortuzar with a backstage pass.mp4 | | Ximena Ortúzar |
/media/zenithfilms-ximena-ortuzar-blanco-hd.mp4 | ZenithFilms | Ximena Ortúzar |
/media/Zenith Films 17-03-2013 Ximena Ortúzar.mp4 | ZenithFilms | Ximena Ortúzar | 2013-03-17
/media/Sun at its zenith, films of nature.mp4 | | |
/media/Le Grand Bain - Marta Soderlof - Vapeur.mp4 | Le Grand Bain | Märta Söderlöf |
/media/LeGrandBain.16.02.29.Maerta.Soederloef.Vapeur.mp4 | Le Grand Bain | Märta Söderlöf | 2016-02-29
/media/legrandbain.15.02.29.marta.soderlof.vapeur.mp4 | Le Grand Bain | Märta Söderlöf |
/media/poolside.tv.22.08.08.nils.overgaard.mp4 | Poolside.tv | Nils Øvergaard | 2022-08-08
/media/[poolside.tv] Nils Øvergaard + Zuzana - Lanes.mp4 | Poolside.tv | Nils Øvergaard; Zuzana |
/media/Poolside party.mp4 | | |
/media/GTC - Tasha St. James, Mistress Odette - Steam.mp4 | Ginger Tea Collective | Tasha St. James; Mistress Odette |
/media/Ginger Tea Collective - 2018-11 - Tasha St James.mp4 | Ginger Tea Collective | Tasha St. James |
/media/Ginger tea with honey.mp4 | | |
/media/St. James Park - Tasha.mp4 | | |
/media/Max Power Productions - Lorenzo de Conti - Engine.mp4 | Max Power Productions | Lorenzo de' Conti |
/media/Max Power - Engine.mp4 | | Max Power |
/media/Engine at max power.mp4 | | |
/media/mirrorhall_-_hana_kobayakawa_-_glass_-_cd2.mp4 | Mirrorhall | Hana Kobayakawa |
/media/Mirrorhall/_unsorted/hana kobayakawa & otis grandville.mp4 | Mirrorhall | Hana Kobayakawa; Otis Grandville |
/media/Hall of mirrors.mp4 | | |
/media/Solheim 2020-12-21 Kaia Rosendahl.mp4 | Sólheim | Kaia Rosendahl | 2020-12-21
/media/Home/Kaia Rosendahl.mp4 | Home | Kaia Rosendahl |
/media/Home alone.mp4 | | |
/media/Kaia Rosendahl - Coming Home.mp4 | | Kaia Rosendahl |
/media/Sunny side up.mp4 | | |
/media/Sunny Delacruz Interview.mp4 | | Sunny Delacruz |
/media/Dolores Park.mp4 | | |
"""  # noqa: E501


def library() -> list[Entity]:
    """The eighth library."""
    return entities_of(_PERFORMERS, _STUDIOS, _PARENTS, _TAGS)


def cases() -> list[Labelled]:
    """The paths, always the same."""
    return labelled(_BY_HAND)
