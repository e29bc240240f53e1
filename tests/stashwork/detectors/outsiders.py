"""Labelled paths about a fifteenth library, read once, after what the three sets before it had brought."""

from stashwork.detectors import Entity

from .library import entities_of
from .score import Labelled, labelled

_PERFORMERS = {
    "Abigail Frost": ("Abby Frost",),
    "Abigail Mercer": (),
    "Art Vandermeer": (),
    "Autumn Leigh": (),
    "Blaze": (),
    "Camille DuPont": ("Camille Du Pont",),
    "Charlie": (),
    "Charlie Okonkwo": (),
    "Dimitri Volkov": ("Dmitry Volkov", "Dima"),
    "Fern Adair": (),
    "Hannah Rey": ("Hanna Rey",),
    "Hannah Reyes": (),
    "India Monk": (),
    "Jean-Pierre Lacroix": ("JP Lacroix",),
    "Lola": (),
    "May Flowers": (),
    "Ngozi Adeyemi": (),
    "Rex Harding": (),
    "Sahara": (),
    "Seán Ó Briain": ("Sean O Briain", "Sean O'Brien"),
    "Tatum Wells": ("Tate Wells",),
}
_STUDIOS = {
    "After Dark": (),
    "Big City Stories": ("BCS",),
    "Casting Call": (),
    "Emerald Coast": (),
    "Field Notes": (),
    "Honey Trap": ("HoneyTrap",),
    "Lumen": (),
    "Lumen Noir": (),
    "Penthouse 7": ("Penthouse Seven",),
    "Quattro Video": ("Quattro",),
    "Rendezvous": (),
    "Sahara": (),
    "The Back Room": (),
    "Thistle & Thorn": ("T&T",),
}
_PARENTS = {"Lumen Noir": "Lumen"}
_TAGS = ("Casting", "Beach", "Night")

_BY_HAND = r"""
/srv/media/Emerald Coast - 2020-07-15 - Abigail Frost & Rex Harding - Low Tide.mp4 | Emerald Coast | Abigail Frost; Rex Harding | 2020-07-15
/srv/media/emeraldcoast.20.07.15.abby.frost.low.tide.2160p.mkv | Emerald Coast | Abigail Frost | 2020-07-15
/srv/media/EmeraldCoast/Low Tide/AbbyFrost_LowTide_1080p.mp4 | Emerald Coast | Abigail Frost |
/srv/media/Abigail Frost, Rex Harding - Low Tide (Emerald Coast, 2020).mp4 | Emerald Coast | Abigail Frost; Rex Harding |
/srv/media/Driving the Emerald Coast.mp4 | | |
/srv/media/Abigail - Low Tide.mp4 | | |
/srv/media/Abigail Frostick - Low Tide.mp4 | | |
/srv/media/Abigail Frost Mercer - Low Tide.mp4 | | |
/srv/media/After Dark - Ngozi Adeyemi - Streetlight.mp4 | After Dark | Ngozi Adeyemi |
/srv/media/After.Dark.E07.Ngozi.Adeyemi.720p.mp4 | After Dark | Ngozi Adeyemi |
/srv/media/After Dark My Sweet (1990).mp4 | | |
/srv/media/Ngozi Adeyemi walks home after dark.mp4 | | Ngozi Adeyemi |
/srv/media/BCS - 03.11.2018 - Camille Du Pont - Subway.mp4 | Big City Stories | Camille DuPont | 2018-11-03
/srv/media/BigCityStories_2018-11-03_CamilleDuPont_Subway.mp4 | Big City Stories | Camille DuPont | 2018-11-03
/srv/media/Big City Stories #14: Camille DuPont, Art Vandermeer.mp4 | Big City Stories | Camille DuPont; Art Vandermeer |
/srv/media/Big City Lights - Camille DuPont.mp4 | | Camille DuPont |
/srv/media/art by Vandermeer.mp4 | | |
/srv/media/[Casting Call] Tate Wells (Oct 2, 2017).mp4 | Casting Call | Tatum Wells | 2017-10-02
/srv/media/Casting Call - Tatum Wells, Lola - Take 3.mp4 | Casting Call | Tatum Wells; Lola |
/srv/media/Tatum Wells casting call behind the scenes.mp4 | | Tatum Wells |
/srv/media/Field Notes/2019/02/Fern Adair - Moss - 2019-02-11.mp4 | Field Notes | Fern Adair | 2019-02-11
/srv/media/Field Notes/Fern Adair/Moss.mp4 | Field Notes | Fern Adair |
/srv/media/fern in the field, notes.mp4 | | |
/srv/media/HoneyTrap - May Flowers - Bees.mp4 | Honey Trap | May Flowers |
/srv/media/April Showers Bring May Flowers.mp4 | | |
/srv/media/May Flowers - Bees - Honey Trap - 22.05.2021.mp4 | Honey Trap | May Flowers | 2021-05-22
/srv/media/Lumen - Hannah Rey - Glow.mp4 | Lumen | Hannah Rey |
/srv/media/Lumen Noir - Hannah Reyes - Shade.mp4 | Lumen Noir | Hannah Reyes |
/srv/media/Lumen/Lumen Noir/23.04.18 Hanna Rey.mp4 | Lumen Noir | Hannah Rey | 2023-04-18
/srv/media/lumens and lux explained.mp4 | | |
/srv/media/Hannah Rey & Hannah Reyes @ Rendezvous - Mirror.mp4 | Rendezvous | Hannah Rey; Hannah Reyes |
/srv/media/Secret Rendezvous - India Monk.mp4 | | India Monk |
/srv/media/Rendezvous_India_Monk_20160930.mp4 | Rendezvous | India Monk | 2016-09-30
/srv/media/20160930 - Rendezvous - India Monk - Temple.mp4 | Rendezvous | India Monk | 2016-09-30
/srv/media/India - Monk Festival.mp4 | | |
/srv/media/Penthouse 7 - Dmitry Volkov and Autumn Leigh - View.mp4 | Penthouse 7 | Dimitri Volkov; Autumn Leigh |
/srv/media/Penthouse7.22.12.01.Dimitri.Volkov.View.XXX.1080p.HEVC.x265.mp4 | Penthouse 7 | Dimitri Volkov | 2022-12-01
/srv/media/Penthouse Seven - View - Dimitri Volkov - December 1st, 2022.mp4 | Penthouse 7 | Dimitri Volkov | 2022-12-01
/srv/media/Autumn in New England.mp4 | | |
/srv/media/QUATTRO VIDEO - JP LACROIX - VOLUME 4.AVI | Quattro Video | Jean-Pierre Lacroix |
/srv/media/Quattro - Jean-Pierre Lacroix + Lola - Garage.avi | Quattro Video | Jean-Pierre Lacroix; Lola |
/srv/media/Audi Quattro Review.mp4 | | |
/srv/media/Sahara Desert Crossing.mp4 | | |
/srv/media/Sahara - Rex Harding - Dunes.mp4 | Sahara | Rex Harding |
/srv/media/The Back Room/2015.06.20 - Charlie Okonkwo, Blaze - Pool Table.mp4 | The Back Room | Charlie Okonkwo; Blaze | 2015-06-20
/srv/media/Back Room - Charlie Okonkwo - Pool Table.mp4 | The Back Room | Charlie Okonkwo |
/srv/media/Noises from the back room.mp4 | | |
/srv/media/Thistle and Thorn - Seán Ó Briain - Heather.mp4 | Thistle & Thorn | Seán Ó Briain |
/srv/media/T&T - 2014-08-08 - Sean O'Brien - Heather.mp4 | Thistle & Thorn | Seán Ó Briain | 2014-08-08
/srv/media/Sean O Briain_Heather_(ThistleAndThorn)_2014.mp4 | Thistle & Thorn | Seán Ó Briain |
/srv/media/Rex - Dunes.mp4 | | |
/srv/media/Blazer and Tie.mp4 | | |
/srv/media/Trail Blaze - Adventure.mp4 | | |
/srv/media/Lola Versus the World.mp4 | | |
"""  # noqa: E501


def library() -> list[Entity]:
    """The fifteenth library."""
    return entities_of(_PERFORMERS, _STUDIOS, _PARENTS, _TAGS)


def cases() -> list[Labelled]:
    """The paths, always the same."""
    return labelled(_BY_HAND)
