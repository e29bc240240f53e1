"""Labelled paths about a tenth library, written and read when the detectors were done with all others."""

from stashwork.detectors import Entity

from .library import entities_of
from .score import Labelled, labelled

_PERFORMERS = {
    "Adele Vantresca": (),
    "Adele Comstock": (),
    "Angel": (),
    "Angelique Dufresne": ("Angie D",),
    "Ben": (),
    "Benedict Oakes": (),
    "Cherry Lennox": (),
    "Diamond Reyes": (),
    "Esperanza Cruzado": (),
    "Frankie Lee Dobbs": (),
    "Gréta Halmi": (),
    "Ji-woo Han": (),
    "Kitty Marsden": ("Katherine Marsden",),
    "Liam O'Hanlon": (),
    "Mara-Louise Teller": (),
    "Monique": (),
    "Nikolai Brandt": (),
    "Olive Garner": (),
    "Phoenix Rhodes": (),
    "Roxanne St. Pierre": (),
    "Sterling Cole": (),
    "Tatum Bridges": (),
    "Ursula Öberg": (),
    "Violet": (),
    "Violet Storm": (),
    "Yasmin El-Sayed": (),
}
_STUDIOS = {
    "First Class": (),
    "Cabin Fever": (),
    "The Red Ledger": (),
    "Milk & Honey Films": ("M&H",),
    "Area 17": (),
    "Sterling Cole": (),
    "HeartbeatReply": (),
    "HeartbeatReply Unplugged": (),
    "Hot Pursuit": (),
    "BarefootFilms": (),
    "Casa Esperanza": (),
    "Grandma's House": (),
    "Lust Academy": (),
    "Morning Glory Media": ("MGM2",),
    "Sapphire.xxx": (),
    "Two Weeks' Notice": (),
    "Underpass": (),
    "Zimmer Frei": (),
}
_PARENTS = {"HeartbeatReply Unplugged": "HeartbeatReply"}
_TAGS = ("Shower", "Interview", "Blonde", "Rain")

_BY_HAND = r"""
/mnt/tank/PulseUnplugged.24.05.19.Adele.Vantresca.And.Nikolai.Brandt.Quiet.Please.XXX.1080p.HEVC.x265.PRT.mp4 | HeartbeatReply Unplugged | Adele Vantresca; Nikolai Brandt | 2024-05-19
/mnt/tank/HeartbeatReply/Unplugged/Adele Vantresca - Quiet Please.mp4 | HeartbeatReply | Adele Vantresca |
/mnt/tank/pulse_unplugged_2024-05-19_adele_vantresca.mp4 | HeartbeatReply Unplugged | Adele Vantresca | 2024-05-19
/mnt/tank/HeartbeatReply - Monique - Quiet Please (2020).mp4 | HeartbeatReply | Monique |
/mnt/tank/HeartbeatReply.20.03.15.Monique.XXX.1080p.mp4 | HeartbeatReply | Monique | 2020-03-15
/mnt/tank/Measuring your pulse.mp4 | | |
/mnt/tank/Adele - Hello (live).mp4 | | |
/mnt/tank/Adele Vance - Quiet.mp4 | | |
/mnt/tank/First Class - 03 - Cherry Lennox, Diamond Reyes.mp4 | First Class | Cherry Lennox; Diamond Reyes |
/mnt/tank/First.Class.17.07.07.Cherry.Lennox.Boarding.720p.mp4 | First Class | Cherry Lennox | 2017-07-07
/mnt/tank/firstclass-cherrylennox-boarding.mp4 | First Class | Cherry Lennox |
/mnt/tank/Flying first class to Dubai.mp4 | | |
/mnt/tank/My first class of yoga.mp4 | | |
/mnt/tank/Cherry pie, Lennox style.mp4 | | |
/mnt/tank/Cabin Fever/2013-02-10/scene 2.mp4 | Cabin Fever | | 2013-02-10
/mnt/tank/Cabin Fever - Snowed In - Tatum Bridges & Benedict Oakes - 10.02.2013.mp4 | Cabin Fever | Tatum Bridges; Benedict Oakes | 2013-02-10
/mnt/tank/[CabinFever.net] Tatum Bridges (Snowed In).mp4 | Cabin Fever | Tatum Bridges |
/mnt/tank/We all had cabin fever.mp4 | | |
/mnt/tank/London bridges by Tatum.mp4 | | |
/mnt/tank/The Red Ledger - Roxanne St. Pierre, Phoenix Rhodes - Page 4.mp4 | The Red Ledger | Roxanne St. Pierre; Phoenix Rhodes |
/mnt/tank/redledger.21.11.30.roxanne.st.pierre.page.four.mp4 | The Red Ledger | Roxanne St. Pierre | 2021-11-30
/mnt/tank/TheRedLedger_RoxanneStPierre_2021-11-30_4K.mp4 | The Red Ledger | Roxanne St. Pierre | 2021-11-30
/mnt/tank/A red ledger from 1890.mp4 | | |
/mnt/tank/Phoenix to Rhodes.mp4 | | |
/mnt/tank/Milk & Honey Films - Olive Garner - Breakfast - Nov 5th, 2018.mp4 | Milk & Honey Films | Olive Garner | 2018-11-05
/mnt/tank/M&H_Olive_Garner_Breakfast_1080p.mp4 | Milk & Honey Films | Olive Garner |
/mnt/tank/Olive Garner (Milk and Honey Films) 2018-11-05.mp4 | Milk & Honey Films | Olive Garner | 2018-11-05
/mnt/tank/Milk, honey and films about bees.mp4 | | |
/mnt/tank/Olive garden tour.mp4 | | |
/mnt/tank/Area 17 - Ji-woo Han - Hangar.mp4 | Area 17 | Ji-woo Han |
/mnt/tank/Area17.19.06.21.Ji-woo.Han.Hangar.XXX.mp4 | Area 17 | Ji-woo Han | 2019-06-21
/mnt/tank/area.17.19.06.21.ji.woo.han.hangar.mp4 | Area 17 | Ji-woo Han | 2019-06-21
/mnt/tank/Map of area 17, north.mp4 | | |
/mnt/tank/[Sterling Cole] Esperanza Cruzado - Loft.mp4 | Sterling Cole | Esperanza Cruzado |
/mnt/tank/Underpass - Sterling Cole & Esperanza Cruzado - Loft.mp4 | Underpass | Sterling Cole; Esperanza Cruzado |
/mnt/tank/Underpass/Esperanza Cruzado/Loft_part2_720p.mp4 | Underpass | Esperanza Cruzado |
/mnt/tank/Cycling through the underpass.mp4 | | |
/mnt/tank/Price of sterling, coal and oil.mp4 | | |
/mnt/tank/Casa Esperanza - Liam O'Hanlon - Patio.mp4 | Casa Esperanza | Liam O'Hanlon |
/mnt/tank/casaesperanza.16.04.09.liam.ohanlon.mp4 | Casa Esperanza | Liam O'Hanlon | 2016-04-09
/mnt/tank/Esperanza - Patio.mp4 | | |
/mnt/tank/Liam Hanlon - Patio.mp4 | | |
/mnt/tank/Hot Pursuit S02E11 - Frankie Lee Dobbs.mkv | Hot Pursuit | Frankie Lee Dobbs |
/mnt/tank/HotPursuit - Frankie Lee Dobbs x Kitty Marsden - Exit 12 [1440p].mp4 | Hot Pursuit | Frankie Lee Dobbs; Kitty Marsden |
/mnt/tank/Police in hot pursuit.mp4 | | |
/mnt/tank/Frankie Dobbs - Exit.mp4 | | |
/mnt/tank/barefootfilms_katherine_marsden_sand_20150801.mp4 | BarefootFilms | Kitty Marsden | 2015-08-01
/mnt/tank/Barefoot Films presents Kitty Marsden - Sand.mp4 | BarefootFilms | Kitty Marsden |
/mnt/tank/Hello kitty in Marsden.mp4 | | |
/mnt/tank/Grandma's House - Greta Halmi - Cellar (21 Jan 2012).avi | Grandma's House | Gréta Halmi | 2012-01-21
/mnt/tank/grandmas.house.12.01.21.greta.halmi.cellar.avi | Grandma's House | Gréta Halmi | 2012-01-21
/mnt/tank/Christmas at Grandma's house.mp4 | | |
/mnt/tank/Lust Academy/S01/LA S01E03 Yasmin El-Sayed.mp4 | Lust Academy | Yasmin El-Sayed |
/mnt/tank/Lust.Academy.Yasmin.El.Sayed.Angelique.Dufresne.2160p.mp4 | Lust Academy | Yasmin El-Sayed; Angelique Dufresne |
/mnt/tank/Angelique D - Chapel.mp4 | | |
/mnt/tank/Angie D - Chapel.mp4 | | Angelique Dufresne |
/mnt/tank/Fallen angel statue.mp4 | | |
/mnt/tank/Big Ben at noon.mp4 | | |
/mnt/tank/Morning Glory Media - 2019 - Mara-Louise Teller.mp4 | Morning Glory Media | Mara-Louise Teller |
/mnt/tank/mgm2.19.12.01.mara.louise.teller.mp4 | Morning Glory Media | Mara-Louise Teller | 2019-12-01
/mnt/tank/Growing a morning glory, media for seeds.mp4 | | |
/mnt/tank/sapphire.xxx - violet storm - rain.mp4 | Sapphire.xxx | Violet Storm |
/mnt/tank/Sapphire.22.09.10.Violet.Storm.Rain.mp4 | Sapphire.xxx | Violet Storm | 2022-09-10
/mnt/tank/A violet storm over a sapphire sea.mp4 | | |
/mnt/tank/Two Weeks' Notice - Ursula Oberg - Desk 9.mp4 | Two Weeks' Notice | Ursula Öberg |
/mnt/tank/TwoWeeksNotice.23.04.28.Ursula.Oeberg.Desk.mp4 | Two Weeks' Notice | Ursula Öberg | 2023-04-28
/mnt/tank/Giving two weeks notice.mp4 | | |
/mnt/tank/Zimmer Frei/Ursula Öberg 04.08.2011 (1).mp4 | Zimmer Frei | Ursula Öberg | 2011-08-04
/mnt/tank/Ursula Öberg 08-04-2011 copy.mp4 | | Ursula Öberg |
/mnt/tank/Zimmer mit Frei-Bier.mp4 | | |
/mnt/tank/Version 10.11.12 release.mp4 | | |
"""  # noqa: E501


def library() -> list[Entity]:
    """The tenth library."""
    return entities_of(_PERFORMERS, _STUDIOS, _PARENTS, _TAGS)


def cases() -> list[Labelled]:
    """The paths, always the same."""
    return labelled(_BY_HAND)
