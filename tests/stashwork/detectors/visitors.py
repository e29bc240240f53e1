"""Labelled paths about a ninth library, read once by the detectors when they were done with the eighth."""

from stashwork.detectors import Entity

from .library import entities_of
from .score import Labelled, labelled

_PERFORMERS = {
    "Camille Forrester": (),
    "Camille Otero": ("Cam O",),
    "Duke": (),
    "Duke Ellery": (),
    "Ingrid Faraday": (),
    "Jasmine Blu": (),
    "Bo": (),
    "Bo Hanley": (),
    "Thérèse Lavigne": (),
    "Ignacio Prats": (),
    "Summer Holt": (),
    "Summer Vey": (),
    "Katya Morozovna": ("Katya M",),
    "Mia Rose Tanner": (),
    "Rose Tanner": (),
    "Seok-jin Ha": (),
    "Ulla Brandström": (),
    "Blaze": (),
    "Quincy St. Cloud": (),
    "Venus Amara": (),
    "Wren O'Dowd": (),
    "Wesley Park": (),
}
_STUDIOS = {
    "Gilded Cage": (),
    "Gilded Cage Unlocked": (),
    "Perfect Strangers": (),
    "Afterhours": (),
    "The Long Weekend": (),
    "Venus Amara": (),
    "Pink & Proper": ("P&P",),
    "Room Service 365": (),
    "Rebel": (),
    "Caramel Club": (),
    "Deep End": (),
    "NordicNudes": ("Nordic Nudes",),
    "Tokyo Drift Media": (),
    "Landlord's Daughter": (),
    "Wanderlust": (),
}
_PARENTS = {"Gilded Cage Unlocked": "Gilded Cage"}
_TAGS = ("Pool", "Interview", "Dance", "Club")

_BY_HAND = r"""
/srv/xxx/GildedCageUnlocked.22.10.31.Camille.Forrester.Key.Holder.XXX.2160p.MP4-WRB.mp4 | Gilded Cage Unlocked | Camille Forrester | 2022-10-31
/srv/xxx/Gilded Cage/Gilded Cage Unlocked/Camille Otero - Key (720p).mp4 | Gilded Cage Unlocked | Camille Otero |
/srv/xxx/Gilded Cage - Camille Otero, Duke Ellery - Key - [2022-10-31].mp4 | Gilded Cage | Camille Otero; Duke Ellery | 2022-10-31
/srv/xxx/A bird in a gilded cage.mp4 | | |
/srv/xxx/Camille - Key.mp4 | | |
/srv/xxx/Perfect Strangers (Ingrid Faraday) Train.mp4 | Perfect Strangers | Ingrid Faraday |
/srv/xxx/perfectstrangers_ingrid_faraday_bo_hanley_train_1080p.mp4 | Perfect Strangers | Ingrid Faraday; Bo Hanley |
/srv/xxx/Perfect.Strangers.S02.E04.Ingrid.Faraday.mp4 | Perfect Strangers | Ingrid Faraday |
/srv/xxx/We were perfect strangers.mp4 | | |
/srv/xxx/Faraday cage demo.mp4 | | |
/srv/xxx/Afterhours - Jasmine Blu - Elevator.mp4 | Afterhours | Jasmine Blu |
/srv/xxx/afterhours-20170304-jasmineblu.mp4 | Afterhours | Jasmine Blu | 2017-03-04
/srv/xxx/Jasmine Blu/Afterhours 2017-03-04.mp4 | Afterhours | Jasmine Blu | 2017-03-04
/srv/xxx/jasmine_blue_tea.mp4 | | |
/srv/xxx/Bar afterhours with friends.mp4 | | |
/srv/xxx/The Long Weekend - Day 2 - Wren O'Dowd and Wesley Park.mp4 | The Long Weekend | Wren O'Dowd; Wesley Park |
/srv/xxx/TheLongWeekend_WrenODowd_Day2_HD.mp4 | The Long Weekend | Wren O'Dowd |
/srv/xxx/Wren ODowd - 31 May 2015 - Canoe.mp4 | | Wren O'Dowd | 2015-05-31
/srv/xxx/A long weekend in Rome.mp4 | | |
/srv/xxx/Wesley Parker - Canoe.mp4 | | |
/srv/xxx/Wrens nest in the park.mp4 | | |
/srv/xxx/[VenusAmara.com] Summer Holt - Shell.mp4 | Venus Amara | Summer Holt |
/srv/xxx/Venus Amara & Summer Holt - Shell - Deep End.mp4 | Deep End | Venus Amara; Summer Holt |
/srv/xxx/deepend.18.07.01.venus.amara.shell.mp4 | Deep End | Venus Amara | 2018-07-01
/srv/xxx/Deep End/Summer Vey & Blaze/Shell part 1.mp4 | Deep End | Summer Vey; Blaze |
/srv/xxx/Jumping in at the deep end.mp4 | | |
/srv/xxx/Venus and Mars.mp4 | | |
/srv/xxx/Summer vacation, Holt County.mp4 | | |
/srv/xxx/Pink & Proper - 2020.01.20 - Mia Rose Tanner & Rose Tanner - Sisters.mp4 | Pink & Proper | Mia Rose Tanner; Rose Tanner | 2020-01-20
/srv/xxx/P&P - Rose Tanner - Tea [1080p].mp4 | Pink & Proper | Rose Tanner |
/srv/xxx/pinkandproper.20.01.20.mia.rose.tanner.mp4 | Pink & Proper | Mia Rose Tanner | 2020-01-20
/srv/xxx/Pink roses and proper tea.mp4 | | |
/srv/xxx/Mia Tanner - Tea.mp4 | | |
/srv/xxx/RoomService365 - Quincy St. Cloud - Suite 12.mp4 | Room Service 365 | Quincy St. Cloud |
/srv/xxx/Room Service 365 13-11-2016 Quincy St Cloud.mp4 | Room Service 365 | Quincy St. Cloud | 2016-11-13
/srv/xxx/Room service, 365 days a year.mp4 | | |
/srv/xxx/Cloud over St. Quincy.mp4 | | |
/srv/xxx/Rebel/Ulla Brandström - Garage - 2019.09.09.mp4 | Rebel | Ulla Brandström | 2019-09-09
/srv/xxx/Rebel.19.09.09.Ulla.Brandstroem.Garage.mp4 | Rebel | Ulla Brandström | 2019-09-09
/srv/xxx/Ulla Brandstrom - Rebel Yell.mp4 | | Ulla Brandström |
/srv/xxx/Rebel without a clue.mp4 | | |
/srv/xxx/Caramel Club - Ignacio Prats feat. Katya Morozovna.mp4 | Caramel Club | Ignacio Prats; Katya Morozovna |
/srv/xxx/2021-02-14 - caramelclub - ignacio prats, therese lavigne.mp4 | Caramel Club | Ignacio Prats; Thérèse Lavigne | 2021-02-14
/srv/xxx/Thérèse Lavigne - Caramel.mp4 | | Thérèse Lavigne |
/srv/xxx/Katya M - Samovar (2018).mp4 | | Katya Morozovna |
/srv/xxx/Katya K - Samovar.mp4 | | |
/srv/xxx/Nordic Nudes/Seok-jin Ha/0412-seok-jin-ha-sauna.mp4 | NordicNudes | Seok-jin Ha |
/srv/xxx/nordicnudes.seok.jin.ha.sauna.720p.mp4 | NordicNudes | Seok-jin Ha |
/srv/xxx/Painting of Nordic nudes.mp4 | | |
/srv/xxx/Tokyo Drift Media 11 - Duke Ellery.mp4 | Tokyo Drift Media | Duke Ellery |
/srv/xxx/TokyoDriftMedia_2014-08-30_Duke_Ellery_Garage_60fps.mp4 | Tokyo Drift Media | Duke Ellery | 2014-08-30
/srv/xxx/Drifting in Tokyo.mp4 | | |
/srv/xxx/Duke of York.mp4 | | |
/srv/xxx/Landlord's Daughter - Ep 03 - Camille Otero.mp4 | Landlord's Daughter | Camille Otero |
/srv/xxx/landlordsdaughter.16.12.25.cam.o.rent.mp4 | Landlord's Daughter | Camille Otero | 2016-12-25
/srv/xxx/The landlord and his daughter.mp4 | | |
/srv/xxx/Bo Hanley - Wanderlust - Fjord - 2160p.mp4 | Wanderlust | Bo Hanley |
/srv/xxx/Wanderlust in the Alps.mp4 | | |
/srv/xxx/Bo knows.mp4 | | |
/srv/xxx/Bo Hanley_2020-13-01.mp4 | | Bo Hanley |
/srv/xxx/Blaze of glory.mp4 | | |
"""  # noqa: E501


def library() -> list[Entity]:
    """The ninth library."""
    return entities_of(_PERFORMERS, _STUDIOS, _PARENTS, _TAGS)


def cases() -> list[Labelled]:
    """The paths, always the same."""
    return labelled(_BY_HAND)
