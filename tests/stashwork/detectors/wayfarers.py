"""Labelled paths about a fifth library, in many conventions, written before the detectors read one of them."""

from stashwork.detectors import Entity

from .library import entities_of
from .score import Labelled, labelled

_PERFORMERS = {
    "Corinne Halloway": ("Cori Hall",),
    "Corinne Abasolo": (),
    "Juno": (),
    "Juniper Vale": (),
    "Max Tolliver": (),
    "Maxine Dray": (),
    "Honey Baptiste": (),
    "Lily Rose Harding": (),
    "Rose Okonkwo": (),
    "Dante": (),
    "Dante Ferrucci": (),
    "Siobhán Ní Cheallaigh": ("Siobhan Kelleher",),
    "Sørine Aagaard": (),
    "Zdeňka Hrubá": (),
    "François Delacourt-Petit": (),
    "T.J. Rourke": (),
    "Mia Sorrell": ("Mia S",),
    "Mia-Lou Brandt": (),
    "Amber Stone": (),
    "Chase Hudson": (),
    "Destiny": (),
    "Faith Angelou": (),
    "Ko Min-seo": (),
    "Haruka Ishigami": (),
    "Álvaro Quintanilla": (),
    "Renée St. Claire": (),
    "Lady Calloway": (),
    "Miss Trixie": (),
    "Big Dan Murtagh": ("Dan Murtagh",),
    "Eve": (),
    "Eva Lomond": (),
    "Evangeline Prior": ("Evie Prior",),
    "Jordan Banks": (),
    "Taylor Westwood": (),
    "Nicolette ter Braak": (),
    "Ozzy": (),
    "DeShawn Macklin": (),
    "Anya Brzezicka": (),
    "Rae Lockwood": (),
}
_STUDIOS = {
    "The Glass Orchard": ("TGO",),
    "Glass Orchard Raw": (),
    "Nine to Five Films": (),
    "Fathom": (),
    "Marrow & Pine": (),
    "Clementine's Attic": (),
    "4th Wall Media": ("4th Wall",),
    "Room 1313": (),
    "Private Lessons": (),
    "PixelVineyard": (),
    "Hush": (),
    "Lucky Penny Studio": (),
    "Eva Lomond": (),
    "Tramontane.tv": (),
    "Nordlys Film": (),
    "Atlas Network": (),
    "Atlas Abroad": (),
    "Atlas Backstage": (),
    "Café Noir Vidéo": (),
    "Big Red Couch": ("BRC",),
    "Sunday Best": (),
    "Neighbour Diaries": (),
}
_PARENTS = {
    "Glass Orchard Raw": "The Glass Orchard",
    "Atlas Abroad": "Atlas Network",
    "Atlas Backstage": "Atlas Network",
}
_TAGS = ("Kitchen", "Rain", "Behind the Scenes", "Red Dress", "Outdoor")

_BY_HAND = r"""
/volume1/video/TheGlassOrchard.22.08.14.Corinne.Halloway.Morning.Dew.XXX.1080p.HEVC.x265-NBQ.mkv | The Glass Orchard | Corinne Halloway | 2022-08-14
/volume1/video/glassorchardraw.23.01.30.maxine.dray.and.dante.ferrucci.second.helping.mp4 | Glass Orchard Raw | Maxine Dray; Dante Ferrucci | 2023-01-30
/volume1/video/Fathom.19.11.02.Juno.Undertow.XXX.720p.WEB.x264-GLX[rg].mp4 | Fathom | Juno | 2019-11-02
/volume1/video/Marrow.and.Pine.21.12.24.Rose.Okonkwo.Chase.Hudson.Wrapping.Paper.1080p.mp4 | Marrow & Pine | Rose Okonkwo; Chase Hudson | 2021-12-24
/volume1/video/MarrowAndPine - 2021-12-24 - Rose Okonkwo - Wrapping Paper.mp4 | Marrow & Pine | Rose Okonkwo | 2021-12-24
/volume1/video/marrow-pine_rose-okonkwo_wrapping-paper_1080p.mp4 | Marrow & Pine | Rose Okonkwo |
/volume1/video/tramontane.tv_-_alvaro_quintanilla_-_vendaval_(1080p).mp4 | Tramontane.tv | Álvaro Quintanilla |
/volume1/video/[tramontane.tv] Eva Lomond - Vendaval [2021-06-05].mp4 | Tramontane.tv | Eva Lomond | 2021-06-05
/volume1/video/www.tramontane.tv - Anya Brzezicka & T.J. Rourke - Vendaval 2.mp4 | Tramontane.tv | Anya Brzezicka; T.J. Rourke |
/volume1/video/Atlas Network/Atlas Abroad/2020/Nicolette ter Braak - Gent.mp4 | Atlas Abroad | Nicolette ter Braak |
/volume1/video/Atlas Network/Nicolette ter Braak - Brugge.mp4 | Atlas Network | Nicolette ter Braak |
/volume1/video/AtlasBackstage_2020-07-19_NicoletteTerBraak_01.mp4 | Atlas Backstage | Nicolette ter Braak | 2020-07-19
/volume1/video/Atlas Abroad 031 - Nicolette ter Braak.mp4 | Atlas Abroad | Nicolette ter Braak |
/volume1/video/Atlas of Human Anatomy.mp4 | | |
/volume1/video/World Atlas - Abroad in Norway.mp4 | | |
D:\Clips\Nordlys Film\Sørine Aagaard\IMG_2041.MOV | Nordlys Film | Sørine Aagaard |
D:\Clips\Nordlys Film\Sorine Aagaard - Vinter (1).mp4 | Nordlys Film | Sørine Aagaard |
D:\Clips\Nordlys Film\Sørine Aagaard - Vinter - Copy.mp4 | Nordlys Film | Sørine Aagaard |
D:\Clips\Nordlys (aurora) film 2019.mp4 | | |
D:\Clips\[Nordlys Film] Soerine Aagaard, Zdenka Hruba - Vinter (14.02.2019).avi | Nordlys Film | Sørine Aagaard; Zdeňka Hrubá | 2019-02-14
D:\Clips\New folder\zdenka hruba.wmv | | Zdeňka Hrubá |
D:\Clips\New folder (2)\Hruba - snow.wmv | | |
D:\Clips\zdenka_hruba_final_v2.mp4 | | Zdeňka Hrubá |
D:\Clips\Zdenka - home.mp4 | | |
/mnt/nas/Studios/Clementine's Attic/2018-03-31 Honey Baptiste - Dust Sheets.mp4 | Clementine's Attic | Honey Baptiste | 2018-03-31
/mnt/nas/Studios/Clementines Attic/Honey Baptiste/Dust Sheets cd1.avi | Clementine's Attic | Honey Baptiste |
/mnt/nas/Studios/Clementines Attic/Honey Baptiste/Dust Sheets cd2.avi | Clementine's Attic | Honey Baptiste |
/mnt/nas/clementines.attic.18.03.31.honey.baptiste.dust.sheets.mp4 | Clementine's Attic | Honey Baptiste | 2018-03-31
/mnt/nas/Honey Baptiste - Clementine's Attic - Dust Sheets (part 2).mp4 | Clementine's Attic | Honey Baptiste |
/mnt/nas/Clementine in the Attic.mp4 | | |
/mnt/nas/My Attic - Honey and Milk.mp4 | | |
/mnt/nas/4th Wall Media - S02E05 - Jordan Banks.mp4 | 4th Wall Media | Jordan Banks |
/mnt/nas/4thWall_Jordan_Banks_Taylor_Westwood_720p.mp4 | 4th Wall Media | Jordan Banks; Taylor Westwood |
/mnt/nas/4th.Wall.20.05.05.Jordan.Banks.Curtain.Call.mp4 | 4th Wall Media | Jordan Banks | 2020-05-05
/mnt/nas/Breaking the 4th Wall.mp4 | | |
/mnt/nas/Painting my 4th wall blue.mp4 | | |
/mnt/nas/Banks of the River Jordan.mp4 | | |
/mnt/nas/room1313.17.10.13.amber.stone.taylor.westwood.checkout.mp4 | Room 1313 | Amber Stone; Taylor Westwood | 2017-10-13
/mnt/nas/Room 1313 - Amber Stone, Taylor Westwood - Check Out.mp4 | Room 1313 | Amber Stone; Taylor Westwood |
/mnt/nas/Amber Stone (Room 1313) Check Out.mp4 | Room 1313 | Amber Stone |
/mnt/nas/Hotel footage room 1313.mp4 | | |
/mnt/nas/How to polish an amber stone.mp4 | | |
/mnt/nas/Amber - stone carving.mp4 | | |
/mnt/nas/Private Lessons/Faith Angelou/lesson_03.mp4 | Private Lessons | Faith Angelou |
/mnt/nas/PrivateLessons.16.09.01.Faith.Angelou.Algebra.mp4 | Private Lessons | Faith Angelou | 2016-09-01
/mnt/nas/Faith Angelou gives private lessons at home.mp4 | | Faith Angelou |
/mnt/nas/Private lessons in Spanish, part 4.mp4 | | |
/mnt/nas/Keeping Faith - Angelou poem.mp4 | | |
/export/PixelVineyard/PV0231_LilyRoseHarding_4k.mp4 | PixelVineyard | Lily Rose Harding |
/export/PixelVineyard - Lily Rose Harding - Cork (Director's Cut) [2160p][60fps].mp4 | PixelVineyard | Lily Rose Harding |
/export/pixel_vineyard_lily_rose_harding_cork.mp4 | PixelVineyard | Lily Rose Harding |
/export/Lily Rose Harding x Max Tolliver.mp4 | | Lily Rose Harding; Max Tolliver |
/export/Lily, Rose & Harding - Accountants.mp4 | | |
/export/Rose Harding - Cork.mp4 | | |
/export/Lily Rose - Cork.mp4 | | |
/export/Max Tolliver Jr - Cork.mp4 | | |
/export/2023/11/08/lily-rose-harding-cork.mp4 | | Lily Rose Harding | 2023-11-08
/export/2023/11/Lily Rose Harding - Cork.mp4 | | Lily Rose Harding |
/export/Hush/Corinne Abasolo - Whisper.mp4 | Hush | Corinne Abasolo |
/export/[Hush] Corinne Abasolo - Whisper.mp4 | Hush | Corinne Abasolo |
/export/Hush.20.02.02.Corinne.Abasolo.Whisper.mp4 | Hush | Corinne Abasolo | 2020-02-02
/export/Hush little baby.mp4 | | |
/export/Corinne Abasolo - Hush Now.mp4 | | Corinne Abasolo |
/export/Corinne - Whisper.mp4 | | |
/export/Cori Hall feat. Dante Ferrucci - Whisper - 3 Feb 2020.mp4 | | Corinne Halloway; Dante Ferrucci | 2020-02-03
/export/Dante's Inferno.mp4 | | |
/export/Reading Dante - Canto 3.mp4 | | |
/export/Lucky Penny Studio - Destiny - Coin Toss.mp4 | Lucky Penny Studio | Destiny |
/export/LuckyPennyStudio_Destiny_Coin_Toss_2019_08_21.mp4 | Lucky Penny Studio | Destiny | 2019-08-21
/export/Lucky Penny Studio 2019-08-21 Chase Hudson & Destiny.mp4 | Lucky Penny Studio | Chase Hudson; Destiny | 2019-08-21
/export/My lucky penny - studio session.mp4 | | |
/export/Destiny calls.mp4 | | |
/export/Car Chase - Hudson River.mp4 | | |
/home/me/Videos/Eva Lomond/Eva Lomond - Bath Time.mp4 | | Eva Lomond |
/home/me/Videos/[Eva Lomond] Rae Lockwood - Bath Time.mp4 | Eva Lomond | Rae Lockwood |
/home/me/Videos/evalomond.24.03.11.rae.lockwood.bath.time.mp4 | Eva Lomond | Rae Lockwood | 2024-03-11
/home/me/Videos/Cafe Noir Video - Renee St Claire - Minuit (1998).mpg | Café Noir Vidéo | Renée St. Claire |
/home/me/Videos/Café Noir Vidéo/Minuit/renee_st_claire-scene2.avi | Café Noir Vidéo | Renée St. Claire |
/home/me/Videos/Renee.St.Claire.Francois.Delacourt-Petit.Minuit.CafeNoirVideo.DVDRip.avi | Café Noir Vidéo | Renée St. Claire; François Delacourt-Petit |
/home/me/Videos/cafe noir, video 3.mp4 | | |
/home/me/Videos/Santa Claire - Renee.mp4 | | |
/home/me/Videos/BRC - Mia Sorrell - The Red Dress.mp4 | Big Red Couch | Mia Sorrell |
/home/me/Videos/BigRedCouch_0117_mia_sorrell_mia-lou_brandt.mp4 | Big Red Couch | Mia Sorrell; Mia-Lou Brandt |
/home/me/Videos/Mia Sorrell on the big red couch.mp4 | | Mia Sorrell |
/home/me/Videos/Mia - couch.mp4 | | |
/home/me/Videos/Big Red Couch ~ Mia-Lou Brandt.mp4 | Big Red Couch | Mia-Lou Brandt |
/home/me/Videos/abrc_12.mp4 | | |
/home/me/Videos/Sunday Best - Evie Prior - June 9th, 2019.mp4 | Sunday Best | Evangeline Prior | 2019-06-09
/home/me/Videos/Evangeline Prior in her Sunday best.mp4 | | Evangeline Prior |
/home/me/Videos/Sunday Best (2019-06-09) Evangeline Prior + Rae Lockwood.mp4 | Sunday Best | Evangeline Prior; Rae Lockwood | 2019-06-09
/home/me/Videos/Prior to Evangeline.mp4 | | |
/home/me/Videos/New Years Eve 2018.mp4 | | |
/home/me/Videos/Eve of Destruction.mp4 | | |
/home/me/Videos/Neighbour Diaries/S03/03x07 Ko Min-seo.mkv | Neighbour Diaries | Ko Min-seo |
/home/me/Videos/NeighbourDiaries.S03E07.Ko.Min-seo.Haruka.Ishigami.1080p.mkv | Neighbour Diaries | Ko Min-seo; Haruka Ishigami |
/home/me/Videos/Neighbour Diaries - s03e07 - Laundry [Haruka Ishigami, Ko Min-Seo].mkv | Neighbour Diaries | Haruka Ishigami; Ko Min-seo |
/home/me/Videos/Haruka Ishigami 2018.05.mp4 | | Haruka Ishigami |
/home/me/Videos/haruka ishigami 05-06-18.mp4 | | Haruka Ishigami |
/home/me/Videos/haruka ishigami 23-06-18.mp4 | | Haruka Ishigami |
/home/me/Videos/haruka ishigami (25th December 2015).mp4 | | Haruka Ishigami | 2015-12-25
/home/me/Videos/HarukaIshigami20151225.mp4 | | Haruka Ishigami | 2015-12-25
/home/me/Videos/1602115_haruka_ishigami.mp4 | | Haruka Ishigami |
/home/me/Videos/Diaries of a Neighbour.mp4 | | |
/home/me/Videos/Siobhan Kelleher - Rainy Sunday.mp4 | | Siobhán Ní Cheallaigh |
/home/me/Videos/siobhan.ni.cheallaigh.rainy.sunday.2017.720p.mp4 | | Siobhán Ní Cheallaigh |
/home/me/Videos/Kelly Siobhan - Rainy Sunday.mp4 | | |
/home/me/Videos/Nine to Five Films - DeShawn Macklin and Lady Calloway - Overtime.mp4 | Nine to Five Films | DeShawn Macklin; Lady Calloway |
/home/me/Videos/9to5_deshawn_macklin_overtime.mp4 | | DeShawn Macklin |
/home/me/Videos/NineToFiveFilms.2014.DeShawn.Macklin.Big.Dan.Murtagh.Overtime.DVDRip.avi | Nine to Five Films | DeShawn Macklin; Big Dan Murtagh |
/home/me/Videos/Working nine to five - films about jobs.mp4 | | |
/home/me/Videos/Dan Murtagh, Miss Trixie, Ozzy - Overtime.mp4 | | Big Dan Murtagh; Miss Trixie; Ozzy |
/home/me/Videos/Ozzy/clip (3).mp4 | | Ozzy |
/home/me/Videos/Ozzy Osterman - Overtime.mp4 | | |
/home/me/Videos/TJ Rourke_and_Juniper Vale_12252016.mp4 | | T.J. Rourke; Juniper Vale | 2016-12-25
/home/me/Videos/Juno and the Paycock.mp4 | | |
/home/me/Videos/TGO 2022-08-14 Corinne Halloway with Max Tolliver (Morning Dew) 4K.mp4 | The Glass Orchard | Corinne Halloway; Max Tolliver | 2022-08-14
/home/me/Videos/In the glass orchard of Murano.mp4 | | |
/home/me/Videos/Fathom/Juno - 2 - 8f3a91bc.mp4 | Fathom | Juno |
/home/me/Videos/Unable to Fathom.mp4 | | |
/home/me/Videos/Full Fathom Five - Juniper Vale.mp4 | | Juniper Vale |
/home/me/Videos/Juniper Vale at Fathom Beach 2160p.mp4 | | Juniper Vale |
/home/me/Videos/8-bit fathom, 10.10.10.10.mp4 | | |
/home/me/Videos/Video 2031-05-06 Rae Lockwood.mp4 | | Rae Lockwood |
/home/me/Videos/Rae in Lockwood Garden.mp4 | | |
/home/me/Videos/Tolliver Max Dray.mp4 | | |
/home/me/Videos/Westwood - Taylor made.mp4 | | |
"""  # noqa: E501


def library() -> list[Entity]:
    """The fifth library."""
    return entities_of(_PERFORMERS, _STUDIOS, _PARENTS, _TAGS)


def cases() -> list[Labelled]:
    """The paths, always the same."""
    return labelled(_BY_HAND)
