"""Labelled paths about a third library, written before the detectors read one of them: how releases and people name."""

from stashwork.detectors import Entity

from .library import entities_of
from .score import Labelled, labelled

_PERFORMERS = {
    "Delphine Arkwright": (),
    "Delphine Moreau": (),
    "Hope": (),
    "Faith Holloran": (),
    "Summer Vance": (),
    "Nadia K": (),
    "Nadia Kestelman": (),
    "Ximena Ortuño": (),
    "Siobhán O'Rafferty": ("Siobhan Raff",),
    "Jean-Luc Thibodeaux": (),
    "Rex": (),
    "Ricky Lawless": (),
    "Saffron Bly": (),
    "Vivienne du Lac": (),
    "Mia": (),
    "Mia Torvald": (),
    "Alexis A. Barlow": (),
    "R.J. Castor": (),
    "Tove Ångström": (),
    "Bea Lindholm": ("Beatrix Holm",),
    "Skye": (),
    "Cleo Vantage": (),
    "Luna Starling": (),
    "Luna Starr-Hollis": (),
    "Ember Rose Quillan": (),
    "Chase Wilder": (),
    "Charity Bright": (),
    "Kenji Morozumi": (),
    "Lola Figueroa": ("Lola",),
    "Ellis Grey": (),
    "Ash Thornbury": (),
    "Joan d'Aubigny": (),
    "Miss Tallulah": (),
    "Ivo": (),
    "Victoria June": (),
    "Amber Lynd": (),
    "Amberlyn Dace": (),
    "Dana Pryce-Ward": (),
    "Zelda Vex": ("Princess Vex", "Zelda V"),
}
_STUDIOS = {
    "BrightHarborStudios": ("BHS",),
    "Golden Hour Club": (),
    "The Velvet Room": (),
    "First Light": (),
    "SunsetCollective": (),
    "Marigold Media Group": (),
    "Marigold Lane": (),
    "Marigold Nights": (),
    "Passionfruit Films": (),
    "Zero Gravity": (),
    "X-Ray Cinema": (),
    "24 Frames": (),
    "Nine to Five": (),
    "HomeMovieHub": ("HMH",),
    "Cleo Vantage": (),
    "Private": (),
    "Tall Tales": (),
    "Petit Théâtre": (),
    "L'Atelier Bleu": (),
    "Wilder": (),
    "Dorm 5": (),
    "Pier 39 Productions": ("Pier 39",),
    "Casa Solana": (),
    "TinyHouseTours.com": (),
    "Backroads": (),
}
_PARENTS = {"Marigold Lane": "Marigold Media Group", "Marigold Nights": "Marigold Media Group"}
_TAGS = ("Balcony", "Slow Motion", "Blue", "Summer", "Train")

_BY_HAND = r"""
/n/[Tall Tales] Delphine Arkwright & Saffron Bly - The Locksmith (2021-03-04) [1080p].mp4 | Tall Tales | Delphine Arkwright; Saffron Bly | 2021-03-04
/n/[Zero Gravity] Kenji Morozumi, Ash Thornbury - Feather (2021) [2160p].mkv | Zero Gravity | Kenji Morozumi; Ash Thornbury |
/n/[Casa Solana][2019-11-30] Ximena Ortuño - Siesta [720p][x265].mkv | Casa Solana | Ximena Ortuño | 2019-11-30
/n/casasolana.21.03.04.ximena.ortuno.and.saffron.bly.siesta.XXX.1080p.HEVC.x265.PRT.mkv | Casa Solana | Ximena Ortuño; Saffron Bly | 2021-03-04
/n/BrightHarborStudios.20.09.17.Ellis.Grey.And.Amber.Lynd.Deck.Chairs.XXX.2160p.MP4-WRB.mp4 | BrightHarborStudios | Ellis Grey; Amber Lynd | 2020-09-17
/n/brightharborstudios.20.09.17.amber.lynd.4k.mp4 | BrightHarborStudios | Amber Lynd | 2020-09-17
/n/Bright Harbor Studios - Amber Lynd - Deck Chairs.mp4 | BrightHarborStudios | Amber Lynd |
/n/Bright_Harbor_Studios_Amber_Lynd_Deck_Chairs_1080p.mp4 | BrightHarborStudios | Amber Lynd |
/n/BHS - Amber Lynd - Deck Chairs.mp4 | BrightHarborStudios | Amber Lynd |
/n/BHS_2020-09-17_Amber_Lynd.mp4 | BrightHarborStudios | Amber Lynd | 2020-09-17
/n/GoldenHourClub.19.12.01.Luna.Starling.Candles.XXX.SD.MP4-KLEENEX.mp4 | Golden Hour Club | Luna Starling | 2019-12-01
/n/golden-hour-club-luna-starling-candles-full-hd-1080p.mp4 | Golden Hour Club | Luna Starling |
/n/GoldenHourClub - 2019-12-01 - Luna Starling - Candles [WEBDL-1080p].mp4 | Golden Hour Club | Luna Starling | 2019-12-01
/n/FirstLight.22.02.22.Charity.Bright.And.Chase.Wilder.Harvest.XXX.1080p.MP4-NBQ.mp4 | First Light | Charity Bright; Chase Wilder | 2022-02-22
/n/xraycinema.18.08.08.dana.pryce-ward.lantern.mp4 | X-Ray Cinema | Dana Pryce-Ward | 2018-08-08
/n/X-Ray Cinema - Dana Pryce-Ward - Lantern.mp4 | X-Ray Cinema | Dana Pryce-Ward |
/n/XRayCinema_Dana_Pryce_Ward_Lantern.mp4 | X-Ray Cinema | Dana Pryce-Ward |
/n/X Ray Cinema - Dana Pryce Ward.mp4 | X-Ray Cinema | Dana Pryce-Ward |
/n/24Frames.21.07.15.Vivienne.Du.Lac.Projector.1080p.mp4 | 24 Frames | Vivienne du Lac | 2021-07-15
/n/24 Frames - Vivienne du Lac - Projector (24 fps).mp4 | 24 Frames | Vivienne du Lac |
/n/Vivienne Du Lac shot at 24 frames per second.mp4 | | Vivienne du Lac |
/n/NineToFive.20.01.05.Bea.Lindholm.Overtime.XXX.720p.mp4 | Nine to Five | Bea Lindholm | 2020-01-05
/n/Bea Lindholm working nine to five.mp4 | | Bea Lindholm |
/n/Dorm5.17.10.20.Ricky.Lawless.mp4 | Dorm 5 | Ricky Lawless | 2017-10-20
/n/Dorm 5 - E12 - Ricky Lawless - Roommates.mp4 | Dorm 5 | Ricky Lawless |
/n/Pier39Productions.16.04.30.Ember.Rose.Quillan.Tides.mp4 | Pier 39 Productions | Ember Rose Quillan | 2016-04-30
/n/Pier 39 - Ember Rose Quillan - Tides.mp4 | Pier 39 Productions | Ember Rose Quillan |
/n/A Day at Pier 39.mp4 | | |
/n/tinyhousetours.com - Joan d'Aubigny - Attic.mp4 | TinyHouseTours.com | Joan d'Aubigny |
/n/TinyHouseTours_Joan_dAubigny_Attic_2018-05-09.mp4 | TinyHouseTours.com | Joan d'Aubigny | 2018-05-09
/n/TinyHouseTours.18.05.09.Joan.D'Aubigny.Attic.mp4 | TinyHouseTours.com | Joan d'Aubigny | 2018-05-09
/n/Performers/Saffron Bly/[First Light] Saffron Bly - Kite (2020-06-06).mp4 | First Light | Saffron Bly | 2020-06-06
/n/Performers/Saffron Bly/Kite.mp4 | | Saffron Bly |
/n/Performers/Saffron Bly/2020/Kite part 2.mp4 | | Saffron Bly |
/n/Performers/S/Saffron Bly & Ash Thornbury/Kite.mp4 | | Saffron Bly; Ash Thornbury |
/n/Marigold Media Group/Marigold Lane/2020-06-06 - Saffron Bly - Porch.mp4 | Marigold Lane | Saffron Bly | 2020-06-06
/n/Marigold Media Group/Marigold Nights/Saffron.Bly.Porch.1080p.mp4 | Marigold Nights | Saffron Bly |
/n/Marigold Media Group/Saffron Bly - Porch.mp4 | Marigold Media Group | Saffron Bly |
/n/Studios/Marigold Lane (Marigold Media Group)/Saffron Bly - Porch.mp4 | Marigold Lane | Saffron Bly |
/n/MarigoldLane.com/MarigoldLane.20.06.06.Saffron.Bly.mp4 | Marigold Lane | Saffron Bly | 2020-06-06
/n/Saffron Bly, Ricky Lawless (Backroads).mp4 | Backroads | Saffron Bly; Ricky Lawless |
/n/Saffron Bly, Ricky Lawless (Backroads) (2015-08-19).mp4 | Backroads | Saffron Bly; Ricky Lawless | 2015-08-19
/n/Delphine Moreau (Zero Gravity, 2017).mp4 | Zero Gravity | Delphine Moreau |
/n/Delphine Moreau on the backroads of Utah.mp4 | | Delphine Moreau |
/n/20210304_zerogravity_delphine_moreau.mp4 | Zero Gravity | Delphine Moreau | 2021-03-04
/n/20210304_zero_gravity_delphine_moreau_feather.mp4 | Zero Gravity | Delphine Moreau | 2021-03-04
/n/20210304-FirstLight-DelphineMoreau-Feather.mp4 | First Light | Delphine Moreau | 2021-03-04
/n/20210304 Delphine Moreau Feather.mp4 | | Delphine Moreau | 2021-03-04
/n/2021-03-04_SunsetCollective_DelphineMoreau_RickyLawless.mp4 | SunsetCollective | Delphine Moreau; Ricky Lawless | 2021-03-04
/n/Sunset Collective - Delphine Moreau - Rooftop.mp4 | SunsetCollective | Delphine Moreau |
/n/sunset.collective.21.03.04.delphine.moreau.rooftop.mp4 | SunsetCollective | Delphine Moreau | 2021-03-04
/n/Delphine - Rooftop.mp4 | | |
/n/First Light - Delphine & Saffron - Rooftop.mp4 | First Light | |
/n/First Light - Delphine Arkwrights - Rooftop.mp4 | First Light | |
/n/First Light - Alexis A. Barlow - Orchard.mp4 | First Light | Alexis A. Barlow |
/n/First Light - Alexis A Barlow - Orchard.mp4 | First Light | Alexis A. Barlow |
/n/FirstLight.20.05.01.Alexis.A.Barlow.Orchard.mp4 | First Light | Alexis A. Barlow | 2020-05-01
/n/First Light - Alexis B. Barlow - Orchard.mp4 | First Light | |
/n/First Light - R.J. Castor - Orchard.mp4 | First Light | R.J. Castor |
/n/First Light - RJ Castor - Orchard.mp4 | First Light | R.J. Castor |
/n/First Light - R. J. Castor - Orchard.mp4 | First Light | R.J. Castor |
/n/first.light.20.05.01.rj.castor.orchard.mp4 | First Light | R.J. Castor | 2020-05-01
/n/First_Light_-_R_J_Castor_-_Orchard.mp4 | First Light | R.J. Castor |
/n/Castor and Pollux.mp4 | | |
/n/Siobhan O'Rafferty - Cliffs.mp4 | | Siobhán O'Rafferty |
/n/siobhan.orafferty.cliffs.720p.mp4 | | Siobhán O'Rafferty |
/n/Siobhan_O_Rafferty_Cliffs.mp4 | | Siobhán O'Rafferty |
/n/Siobhán O’Rafferty x Ivo - Cliffs.mp4 | | Siobhán O'Rafferty; Ivo |
/n/Siobhan Raff - Cliffs.mp4 | | Siobhán O'Rafferty |
/n/Tove Angstrom vs Saffron Bly.mp4 | | Tove Ångström; Saffron Bly |
/n/TOVE ÅNGSTRÖM with SAFFRON BLY - SAUNA.mp4 | | Tove Ångström; Saffron Bly |
/n/Tove Aangstroem - Sauna.mp4 | | Tove Ångström |
/n/Angstrom units explained.mp4 | | |
/n/Jean-Luc Thibodeaux feat. Joan D’Aubigny - Vendange.mp4 | | Jean-Luc Thibodeaux; Joan d'Aubigny |
/n/jeanluc.thibodeaux.vendange.mp4 | | Jean-Luc Thibodeaux |
/n/jean_luc_thibodeaux_x_lola_figueroa_vendange.mp4 | | Jean-Luc Thibodeaux; Lola Figueroa |
/n/Petit Theatre - Jean Luc Thibodeaux - Vendange.mp4 | Petit Théâtre | Jean-Luc Thibodeaux |
/n/petittheatre.19.02.28.jean.luc.thibodeaux.mp4 | Petit Théâtre | Jean-Luc Thibodeaux | 2019-02-28
/n/L'Atelier Bleu - Joan d'Aubigny - Encre.mp4 | L'Atelier Bleu | Joan d'Aubigny |
/n/LAtelierBleu.19.02.28.Joan.dAubigny.Encre.mp4 | L'Atelier Bleu | Joan d'Aubigny | 2019-02-28
/n/L Atelier Bleu - Joan d Aubigny - Encre.mp4 | L'Atelier Bleu | Joan d'Aubigny |
/n/Bea Lindholm aka Beatrix Holm - Snow.mp4 | | Bea Lindholm |
/n/Beatrix Holm - Snow.mp4 | | Bea Lindholm |
/n/Zelda Vex aka Princess Vex - Crown.mp4 | | Zelda Vex |
/n/Princess Vex & Miss Tallulah - Crown.mp4 | | Zelda Vex; Miss Tallulah |
/n/Zelda V - Crown.mp4 | | Zelda Vex |
/n/Princess of Vexford.mp4 | | |
/n/Miss Tallulah Bay.mp4 | | |
/n/Tall Tales - Miss Tallulah - Crown.mp4 | Tall Tales | Miss Tallulah |
/n/Backroads - March 4, 2016 - Ricky Lawless - Dust.mp4 | Backroads | Ricky Lawless | 2016-03-04
/n/Backroads - 4 Mar 2016 - Ricky Lawless - Dust.mp4 | Backroads | Ricky Lawless | 2016-03-04
/n/Backroads - 4.March.2016 - Ricky Lawless.mp4 | Backroads | Ricky Lawless | 2016-03-04
/n/Backroads.Mar.04.2016.Ricky.Lawless.Dust.mp4 | Backroads | Ricky Lawless | 2016-03-04
/n/Ricky Lawless - Dust - March 2016.mp4 | | Ricky Lawless |
/n/Ricky Lawless - Dust - 2016.mp4 | | Ricky Lawless |
/n/Ricky Lawless - Dust - 03-04-2016.mp4 | | Ricky Lawless |
/n/Ricky Lawless - Dust - 03_04_2016.mp4 | | Ricky Lawless |
/n/Ricky Lawless - Dust - 03-25-2016.mp4 | | Ricky Lawless | 2016-03-25
/n/Ricky Lawless - Dust - 25-03-2016.mp4 | | Ricky Lawless | 2016-03-25
/n/Ricky Lawless - Dust - 25.03.16.mp4 | | Ricky Lawless |
/n/Ricky Lawless - Dust - 03-04-16.mp4 | | Ricky Lawless |
/n/Ricky Lawless - Dust (2016.03.25).mp4 | | Ricky Lawless | 2016-03-25
/n/Ricky Lawless - Dust [25 Mar 2016].mp4 | | Ricky Lawless | 2016-03-25
/n/Ricky Lawless 1920x1080 Dust.mp4 | | Ricky Lawless |
/n/Ricky Lawless - Scene 12.mp4 | | Ricky Lawless |
/n/Ricky Lawless - Scene 10-11-12.mp4 | | Ricky Lawless |
/n/Backroads - Scene 20 10 05 - Ricky Lawless.mp4 | Backroads | Ricky Lawless |
/n/Backroads 200105 Ricky Lawless.mp4 | Backroads | Ricky Lawless | 2020-01-05
/n/Backroads #120311 - Ricky Lawless.mp4 | Backroads | Ricky Lawless |
/n/Backroads No. 1204 - Ricky Lawless.mp4 | Backroads | Ricky Lawless |
/n/Ricky Lawless 12.30.45 timecode.mp4 | | Ricky Lawless |
/n/1920x1080/h264/Dust.mp4 | | |
/n/capture 1280x720 20-45-10.mp4 | | |
/n/Hope.mp4 | | |
/n/Hope Springs Eternal.mp4 | | |
/n/Tall Tales - Hope - The Ladder.mp4 | Tall Tales | Hope |
/n/Tall Tales - Hope & Saffron Bly - The Ladder.mp4 | Tall Tales | Hope; Saffron Bly |
/n/Tall Tales - The Hope Diamond.mp4 | Tall Tales | |
/n/TallTales.21.09.09.Hope.Harlow.The.Ladder.mp4 | Tall Tales | | 2021-09-09
/n/Faith, Hope and Charity.mp4 | | |
/n/Faith Holloran and Hope - Duet.mp4 | | Faith Holloran; Hope |
/n/Leap of Faith - Ellis Grey.mp4 | | Ellis Grey |
/n/Summer Vance - Summer of Love.mp4 | | Summer Vance |
/n/Summer - Poolside.mp4 | | |
/n/The Charity Bright Side.mp4 | | |
/n/A Wilder Chase.mp4 | | |
/n/Wilder - Chase Wilder - Canyon.mp4 | Wilder | Chase Wilder |
/n/Wilder.21.01.31.Saffron.Bly.Canyon.mp4 | Wilder | Saffron Bly | 2021-01-31
/n/Wilder and Wilder.mp4 | | |
/n/Ash Grey Morning.mp4 | | |
/n/Ellis Grey Skies.mp4 | | |
/n/Mia - Backroads - Detour.mp4 | Backroads | Mia |
/n/Backroads - Mia - Detour.mp4 | Backroads | Mia |
/n/Backroads - Mia Torvald - Detour.mp4 | Backroads | Mia Torvald |
/n/Backroads - Mia Torvalds - Detour.mp4 | Backroads | |
/n/Miami Nights.mp4 | | |
/n/Academia - Lecture 3.mp4 | | |
/n/Trex Attack.mp4 | | |
/n/Backroads - Rex & Ivo - Detour.mp4 | Backroads | Rex; Ivo |
/n/Backroads - T. Rex - Detour.mp4 | Backroads | |
/n/Ivory Coast Diary.mp4 | | |
/n/Skye - Solo - Golden Hour Club.mp4 | Golden Hour Club | Skye |
/n/Isle of Skye 2014-07-07.mp4 | | | 2014-07-07
/n/goldenhourclub.20.02.02.skye.candles.1080p.mp4 | Golden Hour Club | | 2020-02-02
/n/Cleo Vantage - Mirror.mp4 | | |
/n/[Cleo Vantage] Mirror.mp4 | Cleo Vantage | |
/n/[Cleo Vantage] Cleo Vantage & Saffron Bly - Mirror.mp4 | Cleo Vantage | Cleo Vantage; Saffron Bly |
/n/CleoVantage.20.02.02.Saffron.Bly.Mirror.mp4 | Cleo Vantage | Saffron Bly | 2020-02-02
/n/First Light - Cleo Vantage - Mirror.mp4 | First Light | Cleo Vantage |
/n/First Light/Cleo Vantage/Mirror.mp4 | First Light | Cleo Vantage |
/n/Private - Saffron Bly - Terrace.mp4 | Private | Saffron Bly |
/n/Private/Saffron Bly - Terrace.mp4 | Private | Saffron Bly |
/n/Saffron Bly - Private Terrace.mp4 | | Saffron Bly |
/n/Saffron Bly (private).mp4 | | Saffron Bly |
/n/Luna Starling & Luna Starr-Hollis - Twins.mp4 | | Luna Starling; Luna Starr-Hollis |
/n/Luna Starr Hollis - Twins.mp4 | | Luna Starr-Hollis |
/n/Luna Starr - Twins.mp4 | | |
/n/Luna - Twins.mp4 | | |
/n/Amberlyn Dace - Loom.mp4 | | Amberlyn Dace |
/n/amberlyndace.loom.mp4 | | Amberlyn Dace |
/n/Amber Lyndon - Loom.mp4 | | |
/n/Victoria June 2019.mp4 | | Victoria June |
/n/Victoria - June 12, 2019 - Parade.mp4 | | | 2019-06-12
/n/Victoria June - 12 June 2019 - Parade.mp4 | | Victoria June | 2019-06-12
/n/Victoria Falls, June 2019.mp4 | | |
/n/Nadia Kestelman - Chess.mp4 | | Nadia Kestelman |
/n/Zero Gravity - Nadia K - Chess.mp4 | Zero Gravity | Nadia K |
/n/Nadia Kovac - Chess.mp4 | | |
/n/Lola - Chess.mp4 | | Lola Figueroa |
/n/Lola Montez - Chess.mp4 | | |
/n/Figueroa Street.mp4 | | |
/n/HMH/Kenji Morozumi/home movie 3.mp4 | HomeMovieHub | Kenji Morozumi |
/n/Home Movie Hub - Kenji Morozumi - Garage.mp4 | HomeMovieHub | Kenji Morozumi |
/n/homemoviehub_kenjimorozumi_garage_hd.mp4 | HomeMovieHub | Kenji Morozumi |
/n/Passionfruit Films Presents - Saffron Bly in Orchard.mp4 | Passionfruit Films | Saffron Bly |
/n/Making Passionfruit Jam.mp4 | | |
/n/The Velvet Room/The.Velvet.Room.E07.Saffron.Bly.mp4 | The Velvet Room | Saffron Bly |
/n/Velvet Room - Saffron Bly - Curtain.mp4 | The Velvet Room | Saffron Bly |
/n/Velvet.Room.Decor.mp4 | | |
"""  # noqa: E501


def library() -> list[Entity]:
    """The third library."""
    return entities_of(_PERFORMERS, _STUDIOS, _PARENTS, _TAGS)


def cases() -> list[Labelled]:
    """The paths, always the same."""
    return labelled(_BY_HAND)
