"""Labelled paths about the third library in other patterns, written before the detectors read one of them."""

from tests.stashwork.detectors.newcomers import library

from .score import Labelled, labelled

__all__ = ["cases", "library"]

_BY_HAND = r"""
/n/First Light - Delphine Moreau Ricky Lawless - Feather.mp4 | First Light | Delphine Moreau; Ricky Lawless |
/n/[FirstLight.com] Delphine Moreau - Feather.mp4 | First Light | Delphine Moreau |
/n/delphine_moreau_ricky_lawless_first_light.mp4 | First Light | Delphine Moreau; Ricky Lawless |
/n/Feather - Delphine Moreau - First Light - 1080p.mp4 | First Light | Delphine Moreau |
/n/First Light 2021 04 03 Delphine Moreau Feather.mp4 | First Light | Delphine Moreau | 2021-04-03
/n/First Light S01E04 Delphine Moreau.mp4 | First Light | Delphine Moreau |
/n/First Light (Delphine Moreau) 2021-04-23.mp4 | First Light | Delphine Moreau | 2021-04-23
/n/01. Delphine Moreau - Feather.mp4 | | Delphine Moreau |
/n/01 - First Light - Delphine Moreau - Feather.mp4 | First Light | Delphine Moreau |
/n/(2021) First Light - Delphine Moreau.mp4 | First Light | Delphine Moreau |
/n/Delphine Moreau's First Feather.mp4 | | Delphine Moreau |
/n/Delphine Moreau at First Light.mp4 | | Delphine Moreau |
/n/Delphine.Moreau.Feather.First.Light.XXX.1080p.mp4 | First Light | Delphine Moreau |
/n/FirstLight - Delphine Moreau and Saffron Bly and Ash Thornbury.mp4 | First Light | Delphine Moreau; Saffron Bly; Ash Thornbury |
/n/first-light-delphine-moreau-2021-04-23.mp4 | First Light | Delphine Moreau | 2021-04-23
/n/firstlight_21-04-23_delphine-moreau_feather_hd.mp4 | First Light | Delphine Moreau | 2021-04-23
/n/Delphine Moreau & Friends - Feather.mp4 | | Delphine Moreau |
/n/Interview with Delphine Moreau - Golden Hour Club.mp4 | Golden Hour Club | Delphine Moreau |
/n/Golden Hour Club/2021/04/Delphine Moreau - Feather.mp4 | Golden Hour Club | Delphine Moreau |
/n/Golden Hour Club/2021-04-23/Feather.mp4 | Golden Hour Club | | 2021-04-23
/n/Golden Hour Club - 2021-04 - Delphine Moreau.mp4 | Golden Hour Club | Delphine Moreau |
/n/Golden Hour Club - Delphine Moreau, Saffron Bly, Hope - Feather.mp4 | Golden Hour Club | Delphine Moreau; Saffron Bly; Hope |
/n/Golden Hour Club - Delphine Moreau, Rex and Ivo - Feather.mp4 | Golden Hour Club | Delphine Moreau; Rex; Ivo |
/n/Golden Hour Club @ Delphine Moreau.mp4 | Golden Hour Club | Delphine Moreau |
/n/Golden Hour in the Alps.mp4 | | |
/n/Delphine Moreau - Golden Hour.mp4 | | Delphine Moreau |
/n/Backroads.19.02.31.Ricky.Lawless.mp4 | Backroads | Ricky Lawless |
/n/Backroads 12 Ricky Lawless.mp4 | Backroads | Ricky Lawless |
/n/Backroads 3 - Ricky Lawless.mp4 | Backroads | Ricky Lawless |
/n/Ricky Lawless - Backroads 3.mp4 | | Ricky Lawless |
/n/Ricky Lawless Jr. - Dust.mp4 | | |
/n/Ricky 'The Kid' Lawless - Dust.mp4 | | |
/n/Ricky Lawless _ Backroads _ Dust.mp4 | Backroads | Ricky Lawless |
/n/Ricky-Lawless-Dust-Backroads.mp4 | Backroads | Ricky Lawless |
/n/RickyLawless_Dust.mp4 | | Ricky Lawless |
/n/Tall Tales of the Sea.mp4 | | |
/n/Tall Tales - Sea.mp4 | Tall Tales | |
/n/Ellis Grey, Ph.D. - Talk.mp4 | | Ellis Grey |
/n/Ellis Grey 2017-10-10 to 2017-10-12.mp4 | | Ellis Grey |
/n/Ellis Grey 20171010_20171012.mp4 | | Ellis Grey |
/n/Ellis Grey 2017.10.10 Rec 2018.mp4 | | Ellis Grey | 2017-10-10
/n/Ellis Grey - 10 Oct 17.mp4 | | Ellis Grey |
/n/Ellis Grey - October 10th 2017.mp4 | | Ellis Grey | 2017-10-10
/n/Ellis Grey - 2017_October_10.mp4 | | Ellis Grey | 2017-10-10
/n/Ellis Grey - 10-Oct-2017 1080p.mp4 | | Ellis Grey | 2017-10-10
/n/XRC_1234_Ellis_Grey.mp4 | | Ellis Grey |
/n/Zero Gravity with Ellis Grey.mp4 | | Ellis Grey |
/n/Zero.Gravity.E05.Ellis.Grey.2160p.mp4 | Zero Gravity | Ellis Grey |
/n/Zero Gravity/Ellis Grey/Ellis Grey - 2017-10-10.mp4 | Zero Gravity | Ellis Grey | 2017-10-10
/n/Saffron.Bly.Kenji.Morozumi.Zero.Gravity.mp4 | Zero Gravity | Saffron Bly; Kenji Morozumi |
/n/saffron bly x kenji morozumi x mia torvald.mp4 | | Saffron Bly; Kenji Morozumi; Mia Torvald |
/n/Marigold Lane - Marigold Nights - Saffron Bly.mp4 | | Saffron Bly |
"""  # noqa: E501


def cases() -> list[Labelled]:
    """The paths, always the same."""
    return labelled(_BY_HAND)
