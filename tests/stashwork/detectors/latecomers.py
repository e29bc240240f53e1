"""Labelled paths about a fourth library, written when the detectors were done with the third: the last look."""

from stashwork.detectors import Entity

from .library import entities_of
from .score import Labelled, labelled

_PERFORMERS = {
    "Harriet Soames": (),
    "Harriet Lundgren": (),
    "Dex": (),
    "Bastien": (),
    "Pilar Ocaña": (),
    "Noémie Vauclair": (),
    "Kate McShane": ("Katie Mack",),
    "E. B. Whitlock": (),
    "Winter Ashdown": (),
    "Crystal Banks": (),
    "Tamsin O'Hare": (),
    "Yuki Tanabe": (),
    "Georg Weißmann": (),
    "Sky Fontaine": (),
    "Liv": (),
    "Oliver Tranter": (),
    "Marie-Ève Lachance": (),
    "Penny Farthing": (),
    "August Delray": (),
    "Mercy": (),
    "Odile van den Berg": (),
}
_STUDIOS = {
    "Paper Lantern Club": ("PLC",),
    "SideStreetStories": (),
    "Second Storey": (),
    "Velvet Harbour": (),
    "Hotel Meridian": (),
    "Loft 9": (),
    "Northside": (),
    "Dusk": (),
    "Big Sky Network": (),
    "Big Sky Mornings": (),
    "FilmKollektiv": (),
    "Sugar & Salt": (),
}
_PARENTS = {"Big Sky Mornings": "Big Sky Network"}
_TAGS = ("Window", "Rain", "Interview")

_BY_HAND = r"""
/q/SideStreetStories.23.11.05.Harriet.Soames.And.Dex.Umbrella.XXX.1080p.HEVC.x265.PRT.mkv | SideStreetStories | Harriet Soames; Dex | 2023-11-05
/q/Side Street Stories - Harriet Soames - Umbrella (05 Nov 2023).mp4 | SideStreetStories | Harriet Soames | 2023-11-05
/q/20231105_sidestreetstories_harriet_soames.mp4 | SideStreetStories | Harriet Soames | 2023-11-05
/q/2023.11.05 SideStreetStories Harriet Soames, Yuki Tanabe.mp4 | SideStreetStories | Harriet Soames; Yuki Tanabe | 2023-11-05
/q/231105 - Second Storey - Yuki Tanabe.mp4 | Second Storey | Yuki Tanabe | 2023-11-05
/q/[PLC] Pilar Ocana x Bastien - Terraza [2160p].mkv | Paper Lantern Club | Pilar Ocaña; Bastien |
/q/plc.22.04.01.pilar.ocana.terraza.720p.mp4 | Paper Lantern Club | Pilar Ocaña | 2022-04-01
/q/Paper_Lantern_Club-Pilar_Ocaña-Terraza.mp4 | Paper Lantern Club | Pilar Ocaña |
/q/paper lantern club pilar ocana terraza.mp4 | Paper Lantern Club | Pilar Ocaña |
/q/Making a Paper Lantern.mp4 | | |
/q/Big Sky Network/Big Sky Mornings/Kate McShane/Fence.mp4 | Big Sky Mornings | Kate McShane |
/q/BigSkyMornings.20.10.10.Kate.Mc.Shane.Fence.mp4 | Big Sky Mornings | Kate McShane | 2020-10-10
/q/Katie Mack @ Big Sky Mornings.mp4 | Big Sky Mornings | Kate McShane |
/q/Big Sky Country with Kate McShane.mp4 | | Kate McShane |
/q/Kate - Fence.mp4 | | |
/q/Kate McShanes - Fence.mp4 | | |
/q/Velvet Harbour - E.B. Whitlock & E. B. Whitlock Jr - Pier.mp4 | Velvet Harbour | E. B. Whitlock |
/q/Velvet Harbour - EB Whitlock - Pier.mp4 | Velvet Harbour | E. B. Whitlock |
/q/velvet_harbour_eb_whitlock_pier.mp4 | Velvet Harbour | E. B. Whitlock |
/q/Velvet Harbour - E. Whitlock - Pier.mp4 | Velvet Harbour | |
/q/Winter Ashdown - Winter.mp4 | | Winter Ashdown |
/q/Winter in Ashdown Forest.mp4 | | |
/q/Crystal Banks and Penny Farthing - Fair.mp4 | | Crystal Banks; Penny Farthing |
/q/Riding a Penny Farthing in August.mp4 | | |
/q/Northside.19.06.07.Crystal.Banks.And.Penny.Farthing.Fair.XXX.mp4 | Northside | Crystal Banks; Penny Farthing | 2019-06-07
/q/The Crystal Banks of the River.mp4 | | |
/q/August Delray - August 9, 2019.mp4 | | August Delray | 2019-08-09
/q/August 2019 - Northside.mp4 | Northside | |
/q/Tamsin O’Hare vs Liv - Rematch.mp4 | | Tamsin O'Hare; Liv |
/q/tamsin.ohare.rematch.1080p.mp4 | | Tamsin O'Hare |
/q/Living Room Tour.mp4 | | |
/q/Oliver Twist.mp4 | | |
/q/Northside - Dex & Liv - Rematch.mp4 | Northside | Dex; Liv |
/q/Northside - Dex & Oliver - Rematch.mp4 | Northside | |
/q/Northside - Liv Tanner - Rematch.mp4 | Northside | |
/q/Dexter and Liv.mp4 | | |
/q/Mercy and Grace.mp4 | | |
/q/Dusk - Mercy - Porch.mp4 | Dusk | Mercy |
/q/Dusk - Oliver Tranter - Porch.mp4 | Dusk | Oliver Tranter |
/q/From Dusk Till Dawn.mp4 | | |
/q/Georg Weissmann (Hotel Meridian) 2018.mp4 | Hotel Meridian | Georg Weißmann |
/q/Georg Weissmann (dusk).mp4 | | Georg Weißmann |
/q/GEORG WEISSMANN, NOEMIE VAUCLAIR - LOBBY - HOTEL MERIDIAN.mp4 | Hotel Meridian | Georg Weißmann; Noémie Vauclair |
/q/Hotel Meridian - Noémie Vauclair - 04-05-2018.mp4 | Hotel Meridian | Noémie Vauclair |
/q/Hotel Meridian - Noémie Vauclair - 04-25-2018.mp4 | Hotel Meridian | Noémie Vauclair | 2018-04-25
/q/Hotel Meridian - Noémie Vauclair - 18.04.12.mp4 | Hotel Meridian | Noémie Vauclair |
/q/HotelMeridian.18.04.25.Noemie.Vauclair.Lobby.1920x1080.mp4 | Hotel Meridian | Noémie Vauclair | 2018-04-25
/q/Loft 9 - Scene 11.12.13 - Sky Fontaine.mp4 | Loft 9 | Sky Fontaine |
/q/Loft9_Sky_Fontaine_20181231.mp4 | Loft 9 | Sky Fontaine | 2018-12-31
/q/Loft 9 Apartments.mp4 | | |
/q/Sky Fontaine 1280x720 10.20.30.mp4 | | Sky Fontaine |
/q/Sky Fontaine (12th of May 2017).mp4 | | Sky Fontaine | 2017-05-12
/q/FilmKollektiv - Marie-Eve Lachance feat. Odile Van Den Berg - Schnee.mp4 | FilmKollektiv | Marie-Ève Lachance; Odile van den Berg |
/q/film.kollektiv.16.02.29.marie.eve.lachance.schnee.mp4 | FilmKollektiv | Marie-Ève Lachance | 2016-02-29
/q/FilmKollektiv.16.02.30.Odile.van.den.Berg.mp4 | FilmKollektiv | Odile van den Berg |
/q/Odile Berg - Schnee.mp4 | | |
/q/Sugar and Salt - Harriet Lundgren - Kitchen.mp4 | Sugar & Salt | Harriet Lundgren |
/q/SugarAndSalt_HarrietLundgren_HarrietSoames_4k.mp4 | Sugar & Salt | Harriet Lundgren; Harriet Soames |
/q/Sugar & Salt - Harriet - Kitchen.mp4 | Sugar & Salt | |
/q/A Pinch of Sugar and Salt.mp4 | | |
/q/Second Storey/Harriet Lundgren aka Harriet Lund/01 - Stairs.mp4 | Second Storey | Harriet Lundgren |
/q/The Second Storey Window.mp4 | | |
"""  # noqa: E501


def library() -> list[Entity]:
    """The fourth library."""
    return entities_of(_PERFORMERS, _STUDIOS, _PARENTS, _TAGS)


def cases() -> list[Labelled]:
    """The paths, always the same."""
    return labelled(_BY_HAND)
