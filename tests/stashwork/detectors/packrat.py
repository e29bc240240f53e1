"""Labelled paths about a thirteenth library: somebody who has collected for twenty years and named files as it came."""

from stashwork.detectors import Entity

from .library import entities_of
from .score import Labelled, labelled

_PERFORMERS = {
    "Angel": (),
    "Angelica Reyes": ("Angie Reyes",),
    "Bianca St. Clair": ("Bianca Saint Clair",),
    "Candy Monroe": (),
    "Chris Vale": ("Christopher Vale",),
    "Chris Delgado": (),
    "Destiny Moore": (),
    "Eva Brandt": ("Eva B",),
    "Evangeline Brandt": (),
    "Gia": (),
    "Hank O'Malley": (),
    "Jesse": (),
    "Kelly Madison-Hart": (),
    "Lucky Starr": (),
    "Marcus": (),
    "Marcus Bell": ("Marc Bell",),
    "Nora Skye": ("Nora Sky", "Honor Skye"),
    "Ramón Ibáñez": (),
    "Tori White": ("Victoria White",),
    "Yuki": (),
}
_STUDIOS = {
    "Back Alley": (),
    "Bang On": (),
    "Dirty Laundry": (),
    "FilmFabrik": ("Film Fabrik",),
    "Girls of Summer": (),
    "Hard Candy": ("HC",),
    "Lucky Strike Productions": ("Lucky Strike",),
    "Midnight Express": (),
    "Playhouse": ("Playhouse XL",),
    "Room 33": (),
    "Real Deal": (),
    "SunKissed": (),
    "TMZ Video": ("TMZV",),
}
_TAGS = ("Solo", "Outdoor", "Vintage", "Compilation")

_BY_HAND = r"""
/mnt/old disk/videos/room33-eva-brandt.wmv | Room 33 | Eva Brandt |
/mnt/old disk/videos/room33_tori_white_part2.wmv | Room 33 | Tori White |
/mnt/old disk/videos/Room 33 - Tori White - hotel (part 1).wmv | Room 33 | Tori White |
/mnt/old disk/videos/hotel room 33.wmv | | |
/mnt/old disk/videos/MidnightExpress.com - Candy Monroe.wmv | Midnight Express | Candy Monroe |
/mnt/old disk/videos/www.midnightexpress.com_candy_monroe_03.wmv | Midnight Express | Candy Monroe |
/mnt/old disk/videos/midnight express to istanbul (1978).avi | | |
/mnt/old disk/movies/Midnight Express (1978).avi | | |
/mnt/old disk/videos/candy_monroe_2006-05-14.wmv | | Candy Monroe | 2006-05-14
/mnt/old disk/videos/candy monroe & lucky starr - pool.mpg | | Candy Monroe; Lucky Starr |
/mnt/old disk/videos/Candy Monroe 3.mpg | | Candy Monroe |
/mnt/old disk/videos/hard candy (2005) dvdrip.avi | | |
/mnt/old disk/videos/hc_destiny_moore_640.wmv | Hard Candy | Destiny Moore |
/mnt/old disk/videos/[HC] Destiny Moore - Red Couch.wmv | Hard Candy | Destiny Moore |
/mnt/old disk/videos/Hard Candy - Destiny Moore and Marcus Bell.wmv | Hard Candy | Destiny Moore; Marcus Bell |
/mnt/old disk/videos/manifest destiny moore or less.avi | | |
/mnt/usb/NEW/Playhouse XL - Nora Sky - Kitchen Table.mp4 | Playhouse | Nora Skye |
/mnt/usb/NEW/playhouse.14.02.28.nora.skye.kitchen.table.mp4 | Playhouse | Nora Skye | 2014-02-28
/mnt/usb/NEW/Playhouse - 2014-02-28 - Nora Skye, Marc Bell.mp4 | Playhouse | Nora Skye; Marcus Bell | 2014-02-28
/mnt/usb/NEW/A playhouse for children.mp4 | | |
/mnt/usb/NEW/Nora Skye - SunKissed.mp4 | SunKissed | Nora Skye |
/mnt/usb/NEW/sunkissed - nora skye - beach day.mp4 | SunKissed | Nora Skye |
/mnt/usb/NEW/SunKissed/nora skye beach day HD.mp4 | SunKissed | Nora Skye |
/mnt/usb/NEW/SunKissed/Marcus - beach day.mp4 | SunKissed | Marcus |
/mnt/usb/NEW/FilmFabrik - Ramon Ibanez & Gia - Ohne Worte.mp4 | FilmFabrik | Ramón Ibáñez; Gia |
/mnt/usb/NEW/Film Fabrik 15.06.2012 Ramon Ibanez.mp4 | FilmFabrik | Ramón Ibáñez | 2012-06-15
/mnt/usb/NEW/film.fabrik.ramon.ibanez.ohne.worte.xvid.avi | FilmFabrik | Ramón Ibáñez |
/mnt/usb/NEW/Bang On - Kelly Madison-Hart - Drums.mp4 | Bang On | Kelly Madison-Hart |
/mnt/usb/NEW/bang_on_kelly_madison_hart_drums.mp4 | Bang On | Kelly Madison-Hart |
/mnt/usb/NEW/bang on the drums all day.mp4 | | |
/mnt/usb/NEW/Kelly Madison - Drums.mp4 | | |
/mnt/usb/NEW/(Real Deal) Chris Vale + Chris Delgado - Poker Night.mp4 | Real Deal | Chris Vale; Chris Delgado |
/mnt/usb/NEW/Real Deal - Chris - Poker Night.mp4 | Real Deal | |
/mnt/usb/NEW/The Real Deal Poker Night.mp4 | | |
/mnt/usb/NEW/Christopher Vale, Tori White - Poker Night (Real Deal) (2011).mp4 | Real Deal | Chris Vale; Tori White |
/mnt/usb/sorted/Angelica Reyes/2013-09-01 Dirty Laundry - Spin Cycle.mp4 | Dirty Laundry | Angelica Reyes | 2013-09-01
/mnt/usb/sorted/Angelica Reyes/dirty laundry day.mp4 | | Angelica Reyes |
/mnt/usb/sorted/Angelica Reyes/angie_reyes_spin_cycle.mp4 | | Angelica Reyes |
/mnt/usb/sorted/Angelica Reyes/with Hank O'Malley.mp4 | | Angelica Reyes; Hank O'Malley |
/mnt/usb/sorted/Angelica Reyes & Hank OMalley/clip0001.mp4 | | Angelica Reyes; Hank O'Malley |
/mnt/usb/sorted/Angel/Wings.mp4 | | |
/mnt/usb/sorted/Eva B/01 window.mp4 | | Eva Brandt |
/mnt/usb/sorted/Evangeline Brandt/02 door.mp4 | | Evangeline Brandt |
/mnt/usb/sorted/Bianca St Clair/bianca saint clair - lobby - 1080.mp4 | | Bianca St. Clair |
/mnt/usb/sorted/_unsorted/Bianca St. Clair - Lobby.mp4 | | Bianca St. Clair |
/mnt/usb/dl/GirlsOfSummer_2009-07-04_Lucky-Starr_Tori-White.mp4 | Girls of Summer | Lucky Starr; Tori White | 2009-07-04
/mnt/usb/dl/Girls.Of.Summer.09.07.04.Lucky.Starr.XXX.SD.mp4 | Girls of Summer | Lucky Starr | 2009-07-04
/mnt/usb/dl/The girls of summer camp.mp4 | | |
/mnt/usb/dl/Thank your lucky starr.mp4 | | |
/mnt/usb/dl/Lucky Strike - Lucky Starr - Bowling.mp4 | Lucky Strike Productions | Lucky Starr |
/mnt/usb/dl/Lucky Strike Productions presents Victoria White in Bowling.mp4 | Lucky Strike Productions | Tori White |
/mnt/usb/dl/A lucky strike at the bowling alley.mp4 | | |
/mnt/usb/dl/Back Alley - Jesse & Gia.mp4 | Back Alley | Jesse; Gia |
/mnt/usb/dl/back alley cats.mp4 | | |
/mnt/usb/dl/tmzv-20180922-eva.brandt-720p.mp4 | TMZ Video | Eva Brandt | 2018-09-22
/mnt/usb/dl/TMZ_Video_22.09.2018_Eva_Brandt_and_Marcus_Bell.mp4 | TMZ Video | Eva Brandt; Marcus Bell | 2018-09-22
/mnt/usb/dl/Eva Brandt (2018.09.22) [TMZ Video].mp4 | TMZ Video | Eva Brandt | 2018-09-22
/mnt/usb/dl/Eva Brandt - Sept 22, 2018.mp4 | | Eva Brandt | 2018-09-22
/mnt/usb/dl/Eva Brandt webcam 2018-09-22 21-04-55.mp4 | | Eva Brandt | 2018-09-22
/mnt/usb/dl/Eva Brandt Smith interview.mp4 | | |
/mnt/usb/dl/Interview with Eva Brandt.mp4 | | Eva Brandt |
/mnt/usb/dl/eva.mp4 | | |
/mnt/usb/dl/White Noise.mp4 | | |
/mnt/usb/dl/VID_20220807_181512.mp4 | | | 2022-08-07
/mnt/usb/dl/1234567890123.mp4 | | |
"""


def library() -> list[Entity]:
    """The thirteenth library."""
    return entities_of(_PERFORMERS, _STUDIOS, {}, _TAGS)


def cases() -> list[Labelled]:
    """The paths, always the same."""
    return labelled(_BY_HAND)
