"""Labelled paths about an eleventh library, read once, after the last change that any other set had brought."""

from stashwork.detectors import Entity

from .library import entities_of
from .score import Labelled, labelled

_PERFORMERS = {
    "Aria Blackwood": (),
    "Aria Celeste Moon": (),
    "Dahlia Finch": (),
    "Jet": (),
    "Joanna Quist-Palmer": ("Jo Palmer",),
    "Lennox Abara": (),
    "Mina": (),
    "Minako Ueda": (),
    "Pepper Louise": (),
    "Rafael D'Souza": (),
    "Sunday Grace": (),
    "Théo Marchand": (),
    "Ty": (),
    "Tyler Nash": (),
    "Vesna Kovačić": (),
    "Winnie O'Carroll": (),
}
_STUDIOS = {
    "Blind Date Studios": (),
    "Chapter Eleven": (),
    "Cloud 9 Films": ("Cloud 9",),
    "The Guest House": (),
    "Heat": (),
    "Heat Wave Originals": (),
    "Jack & Jill": ("J&J",),
    "Nomad.tv": (),
    "Open Secrets": (),
    "Pepper Louise": (),
    "Sisters' Keeper": (),
    "TwinPeakMedia": (),
    "Éclat": (),
}
_PARENTS = {"Heat Wave Originals": "Heat"}
_TAGS = ("Pool", "Interview", "Date Night")

_BY_HAND = r"""
/vol/HeatWaveOriginals.21.08.13.Dahlia.Finch.And.Mina.Lemonade.XXX.1080p.MP4-KTR/hwo.dahlia.finch.1080p.mp4 | Heat Wave Originals | Dahlia Finch; Mina | 2021-08-13
/vol/Heat/Heat Wave Originals/Dahlia Finch - Lemonade.mp4 | Heat Wave Originals | Dahlia Finch |
/vol/Heat/Tyler Nash - Lemonade (1).mp4 | Heat | Tyler Nash |
/vol/Heat wave hits Spain.mp4 | | |
/vol/Turn up the heat.mp4 | | |
/vol/Blind Date Studios - Aria Blackwood, Lennox Abara - Table 4 - 2016-02-14.mp4 | Blind Date Studios | Aria Blackwood; Lennox Abara | 2016-02-14
/vol/blinddatestudios_aria_blackwood_table4_720p.mp4 | Blind Date Studios | Aria Blackwood |
/vol/A blind date, studios and lofts.mp4 | | |
/vol/Aria - Table.mp4 | | |
/vol/Aria Moon - Table.mp4 | | |
/vol/Aria Celeste Moon & Ty Segall - Table.mp4 | | Aria Celeste Moon |
/vol/Chapter Eleven - Sunday Grace - Epilogue (HD).mp4 | Chapter Eleven | Sunday Grace |
/vol/ChapterEleven_Sunday_Grace_Minako_Ueda_20190707.mp4 | Chapter Eleven | Sunday Grace; Minako Ueda | 2019-07-07
/vol/Audiobook - chapter eleven.mp4 | | |
/vol/On Sunday, grace before dinner.mp4 | | |
/vol/Cloud 9 - Theo Marchand - Attic [1080p].mp4 | Cloud 9 Films | Théo Marchand |
/vol/Cloud9Films.14.10.11.Theo.Marchand.Attic.wmv | Cloud 9 Films | Théo Marchand | 2014-10-11
/vol/cloud.9.14.10.11.theo.marchand.attic.wmv | Cloud 9 Films | Théo Marchand | 2014-10-11
/vol/I am on cloud 9.mp4 | | |
/vol/The Guest House - 17 - Joanna Quist-Palmer.mp4 | The Guest House | Joanna Quist-Palmer |
/vol/guesthouse_jo_palmer_22-12-2018.mp4 | The Guest House | Joanna Quist-Palmer | 2018-12-22
/vol/Our guest house in Wales.mp4 | | |
/vol/Joanna Palmer.mp4 | | |
/vol/Jack & Jill - Winnie O'Carroll - Hill.mp4 | Jack & Jill | Winnie O'Carroll |
/vol/jackandjill.17.09.30.winnie.ocarroll.hill.mp4 | Jack & Jill | Winnie O'Carroll | 2017-09-30
/vol/J&J - Winnie O'Carroll & Rafael DSouza.mp4 | Jack & Jill | Winnie O'Carroll; Rafael D'Souza |
/vol/Jack went up the hill with Jill.mp4 | | |
/vol/nomad.tv - rafael d'souza - 3 april 2020 - dune.mp4 | Nomad.tv | Rafael D'Souza | 2020-04-03
/vol/[Nomad] Rafael D'Souza - Dune.mp4 | Nomad.tv | Rafael D'Souza |
/vol/Digital nomad life.mp4 | | |
/vol/Open Secrets/Vesna Kovacic/OpenSecrets.E12.Vesna.Kovacic.mp4 | Open Secrets | Vesna Kovačić |
/vol/Vesna Kovačić - Harbor - Open Secrets.mp4 | Open Secrets | Vesna Kovačić |
/vol/They have open secrets.mp4 | | |
/vol/[Pepper Louise] Tyler Nash - Salt.mp4 | Pepper Louise | Tyler Nash |
/vol/Éclat - Pepper Louise + Tyler Nash - Salt.mp4 | Éclat | Pepper Louise; Tyler Nash |
/vol/eclat.20.20.20.tyler.nash.mp4 | Éclat | Tyler Nash |
/vol/Salt, pepper, Louise.mp4 | | |
/vol/SistersKeeper - Minako Ueda - Tea.mp4 | Sisters' Keeper | Minako Ueda |
/vol/Sisters' Keeper 2013.06.01 Minako Ueda Tea.mp4 | Sisters' Keeper | Minako Ueda | 2013-06-01
/vol/My sisters keeper dog.mp4 | | |
/vol/twin_peak_media-minako_ueda-2013_06_01.mp4 | TwinPeakMedia | Minako Ueda | 2013-06-01
/vol/Twin peak, media tour.mp4 | | |
/vol/Jet lag.mp4 | | |
/vol/Boeing jet 2020-02-31.mp4 | | |
/vol/Tyler Nashville.mp4 | | |
/vol/Minako Ueda-Ross - Tea.mp4 | | |
/vol/Lennox Abara 11-10-09.mp4 | | Lennox Abara |
/vol/Lennox Abara 2010-2011 best of.mp4 | | Lennox Abara |
"""  # noqa: E501


def library() -> list[Entity]:
    """The eleventh library."""
    return entities_of(_PERFORMERS, _STUDIOS, _PARENTS, _TAGS)


def cases() -> list[Labelled]:
    """The paths, always the same."""
    return labelled(_BY_HAND)
