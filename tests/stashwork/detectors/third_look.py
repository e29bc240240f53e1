"""Labelled paths made after the second half, to look for what both halves do not have."""

from .score import Labelled, labelled

_BY_HAND = r"""
/x/Dreamfjord - S02E05 - Tess Orvane - The Barn.mp4 | Dreamfjord | Tess Orvane |
/x/Tess Orvane @ Vexelon (2018-11-02).mp4 | Vexelon | Tess Orvane | 2018-11-02
/x/[2018.11.02] [Vexelon] Tess Orvane.mp4 | Vexelon | Tess Orvane | 2018-11-02
/x/20181102_vexelon_tess-orvane_barn_4k.mp4 | Vexelon | Tess Orvane | 2018-11-02
/x/vexelon_tessorvane_181102_1080p.mp4 | Vexelon | Tess Orvane | 2018-11-02
/x/Vexelon 18 11 02 Tess Orvane The Barn XXX 1080p MP4-KTR.mp4 | Vexelon | Tess Orvane | 2018-11-02
/x/Vexelon.com - Tess Orvane (The Barn) 02-Nov-2018.mp4 | Vexelon | Tess Orvane | 2018-11-02
/x/Tess Orvane, Marla Quenby & Noor Haddawi/Barn.mp4 | | Tess Orvane; Marla Quenby; Noor Haddawi |
/x/Performers/T/Tess Orvane/Vexelon/Barn.mp4 | Vexelon | Tess Orvane |
/x/Studios/Vexelon/Tess Orvane - Barn.mp4 | Vexelon | Tess Orvane |
/x/Tess.Orvane.Barn.Vexelon.1080p.WEB.mp4 | Vexelon | Tess Orvane |
/x/Orvane, Tess - Barn.mp4 | | |
/x/The.Barn.2018.11.02.Vexelon.Tess.Orvane.mp4 | Vexelon | Tess Orvane | 2018-11-02
/x/VEXELON - TESS ORVANE AND MARLA QUENBY - THE BARN (02.11.2018).mp4 | Vexelon | Tess Orvane; Marla Quenby | 2018-11-02
/x/Copper Lantern presents Tess Orvane.mp4 | Copper Lantern | Tess Orvane |
/x/copper-lantern-tess-orvane-barn.mp4 | Copper Lantern | Tess Orvane |
/x/Copper_Lantern.18.11.02.Tess_Orvane.mp4 | Copper Lantern | Tess Orvane | 2018-11-02
/x/Copper Lantern – Tess Orvane – Barn.mp4 | Copper Lantern | Tess Orvane |
/x/Copper Lantern: Tess Orvane.mp4 | Copper Lantern | Tess Orvane |
/x/Tess Orvane - Copper Lantern 2018-11-02.mp4 | Copper Lantern | Tess Orvane | 2018-11-02
/x/Joy - Barn.mp4 | | |
/x/Angel - Dreamfjord.mp4 | Dreamfjord | |
/x/Jade Kushner and Jade Fellworth - Barn.mp4 | | Jade Kushner; Jade Fellworth |
/x/Jade - Barn.mp4 | | |
/x/Dreamfjord - Jade - Barn.mp4 | Dreamfjord | |
/x/Anna - Barn.mp4 | | |
/x/Marla Q - Barn.mp4 | | |
/x/Marla.Quenby.&.Tess.Orvane.Barn.mp4 | | Marla Quenby; Tess Orvane |
/x/Brass.Monkey.Pictures.E123.Marla.Quenby.mp4 | Brass Monkey Pictures | Marla Quenby |
/x/BrassMonkeyPictures_MarlaQuenby_Barn.mp4 | Brass Monkey Pictures | Marla Quenby |
/x/brassmonkeypictures - marlaquenby.mp4 | Brass Monkey Pictures | Marla Quenby |
/x/Marla Quenby_Tess Orvane_Barn.mp4 | | Marla Quenby; Tess Orvane |
/x/Salt and Pepperell Films/Barn.mp4 | Salt & Pepperell Films | |
/x/SaltAndPepperellFilms.19.01.01.Marla.Quenby.mp4 | Salt & Pepperell Films | Marla Quenby | 2019-01-01
/x/Harrow’s Gate - Marla Quenby.mp4 | Harrow's Gate | Marla Quenby |
/x/HarrowsGate.19.01.01.Marla.Quenby.mp4 | Harrow's Gate | Marla Quenby | 2019-01-01
/x/Velvet Orchard Network - Marla Quenby.mp4 | Velvet Orchard Network | Marla Quenby |
/x/Marla Quenby 2019-01-01 and 2020-02-02.mp4 | | Marla Quenby |
/x/Marla Quenby Jan 5 2019.mp4 | | Marla Quenby | 2019-01-05
/x/Marla Quenby 5.1.2019.mp4 | | Marla Quenby | 2019-01-05
/x/Marla Quenby 2019-1-5.mp4 | | Marla Quenby | 2019-01-05
/x/Marla Quenby 2019_01_05 barn.mp4 | | Marla Quenby | 2019-01-05
/x/Marla Quenby [190105].mp4 | | Marla Quenby | 2019-01-05
/x/Marla Quenby 1234567.mp4 | | Marla Quenby |
/x/Marla Quenby pt.2 720p60.mp4 | | Marla Quenby |
/x/Marla Quenby (1).mp4 | | Marla Quenby |
/x/Marla Quenby-Barn.mp4 | | Marla Quenby |
/x/Barn-Marla Quenby.mp4 | | Marla Quenby |
/x/Marla  Quenby.mp4 | | Marla Quenby |
/x/(Marla Quenby).mp4 | | Marla Quenby |
/x/Marla Quenby; Tess Orvane.mp4 | | Marla Quenby; Tess Orvane |
/x/Marla Quenby + Tess Orvane.mp4 | | Marla Quenby; Tess Orvane |
/x/Marla Quenby w_ Tess Orvane.mp4 | | Marla Quenby; Tess Orvane |
/x/Lena Marla Quenby - Barn.mp4 | | |
/x/Marla Quenby-Lorne - Barn.mp4 | | |
/x/Wild Summer Nights.mp4 | | |
/x/Summer - Tess Orvane - Barn.mp4 | Summer | Tess Orvane |
/x/Summer.19.01.01.tess.orvane.mp4 | Summer | Tess Orvane | 2019-01-01
/x/Summer with Tess Orvane.mp4 | | Tess Orvane |
/x/Studio 87/Studio 87 - Tess Orvane.mp4 | Studio 87 | Tess Orvane |
/x/Studio 88 - Tess Orvane.mp4 | | Tess Orvane |
/x/Dream Fjord - Tess Orvane.mp4 | | Tess Orvane |
/x/Tildara Swanson - Barn.mp4 | | |
/x/Dreamfjord - Tildara, Tess Orvane - Barn.mp4 | Dreamfjord | Tildara; Tess Orvane |
/x/Dreamfjord - Ann, Tess Orvane - Barn.mp4 | Dreamfjord | Ann; Tess Orvane |
/x/Dreamfjord - Anne, Tess Orvane - Barn.mp4 | Dreamfjord | Tess Orvane |
/x/dreamfjord.19.01.01.tildara.swanson.barn.mp4 | Dreamfjord | | 2019-01-01
/x/dreamfjord.19.01.01.tildara.1080p.mp4 | Dreamfjord | Tildara | 2019-01-01
"""


def cases() -> list[Labelled]:
    """The paths, always the same."""
    return labelled(_BY_HAND)
