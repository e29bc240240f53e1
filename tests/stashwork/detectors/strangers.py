"""Labelled paths about another library: names and patterns that none of the other sets has."""

from stashwork.detectors import Entity

from .library import entities_of
from .score import Labelled, labelled

_PERFORMERS = {
    "June Halloran": ("Junie Hallow",),
    "June Castellane": (),
    "Rose": (),
    "Rose Attwell": (),
    "Scarlet Ibarrola": ("Scarlet Ibarra",),
    "Will Hartigan": (),
    "Mark Tollivar": (),
    "Grace": (),
    "Grace Abernol": (),
    "J. T. Marlowe": (),
    "Ana María Quintela": (),
    "Søren Vestergård": (),
    "Çağla Yıldırak": (),
    "Renée-Claude Dubrissot": (),
    "Max": (),
    "Maxine Orlo": (),
    "Ava Mire": (),
    "Ava Mirell": (),
    "Kim Li": (),
    "Kimberly Lindtorf": (),
    "Inga de la Crosse": (),
    "D'Arcy Fontleroy": (),
    "Misha Kovalenn": ("Mischa Koval", "Misha"),
    "Twyla Hex": (),
    "Odette Brannigan": ("Odie",),
    "Percy Valesco": (),
    "Summer Dunleavy": (),
    "Summer Okafor-Reyes": (),
    "Lily May": (),
    "May Lillister": (),
    "Velouria": (),
    "Dawn Patrolle": (),
    "Tommy Two-Shoes": (),
    "Christian Night": (),
    "Tori Bellow": ("Victoria Bellow", "Tori B"),
}
_STUDIOS = {
    "Afterglow Films": ("AGF",),
    "Blue Hour": (),
    "Mint": (),
    "Northern Static": (),
    "Tin Roof Pictures": ("TRP", "Tin Roof"),
    "Château Noir": (),
    "3rd Rail": (),
    "Kestrel & Co": (),
    "The Long Table": (),
    "Wax Museum Network": (),
    "Wax Nights": (),
    "Pixelgrove.tv": (),
    "Halcyon": (),
    "Halcyon Days": (),
    "Rough Draft": (),
    "Ultraviolet": (),
    "Öresund Media": (),
    "BXR": (),
    "Red Door": (),
}
_PARENTS = {"Wax Nights": "Wax Museum Network", "Halcyon Days": "Halcyon"}
_TAGS = ("Beach", "Slow", "Night", "Backstage", "Red")

_BY_HAND = r"""
/s/Blue Hour/June Halloran/A Quiet Corner.mp4 | Blue Hour | June Halloran |
/s/Blue Hour - June - A Quiet Corner.mp4 | Blue Hour | |
/s/Blue Hour - June 2019 - Twyla Hex.mp4 | Blue Hour | Twyla Hex |
/s/June Hallorane - Corner.mp4 | | |
/s/J. Halloran - Corner.mp4 | | |
/s/Northern Static - J. T. Marlowe - Corner.mp4 | Northern Static | J. T. Marlowe |
/s/Northern Static - J.T. Marlowe - Corner.mp4 | Northern Static | J. T. Marlowe |
/s/Northern Static - JT Marlowe - Corner.mp4 | Northern Static | J. T. Marlowe |
/s/Northern.Static.22.03.09.J.T.Marlowe.Corner.1080p.mp4 | Northern Static | J. T. Marlowe | 2022-03-09
/s/Northern Static - K. T. Marlowe - Corner.mp4 | Northern Static | |
/s/AGF/2021/Percy Valesco.mp4 | Afterglow Films | Percy Valesco |
/s/AGF - Percy Valesco & Twyla Hex - The Bet.mp4 | Afterglow Films | Percy Valesco; Twyla Hex |
/s/agf_2021-02-03_percy_valesco.mp4 | Afterglow Films | Percy Valesco | 2021-02-03
/s/TRP.21.02.03.Percy.Valesco.The.Bet.XXX.720p.mp4 | Tin Roof Pictures | Percy Valesco | 2021-02-03
/s/Tin Roof/Percy Valesco - The Bet.mp4 | Tin Roof Pictures | Percy Valesco |
/s/Percy Valesco - Cat on a Tin Roof.mp4 | | Percy Valesco |
/s/BXR/bxr0123 Dawn Patrolle.mp4 | BXR | Dawn Patrolle |
/s/[BXR] Dawn Patrolle feat. Christian Night - Harbour.mp4 | BXR | Dawn Patrolle; Christian Night |
/s/One Christian Night in Dawn Light.mp4 | | |
/s/Red Door ~ Misha Kovalenn ~ Harbour.mp4 | Red Door | Misha Kovalenn |
/s/Red Door ~ Mischa Koval vs Twyla Hex ~ Harbour.mp4 | Red Door | Misha Kovalenn; Twyla Hex |
/s/Behind the Red Door.mp4 | | |
/s/Painting a Red Door with Twyla Hex.mp4 | | Twyla Hex |
/s/Mint - Odette Brannigan - Garden Party.mp4 | Mint | Odette Brannigan |
/s/Odette Brannigan - Mint Tea.mp4 | | Odette Brannigan |
/s/Odette Brannigan in Mint Condition (2020-10-10).mp4 | | Odette Brannigan | 2020-10-10
/s/Mint/Mint.20.10.10.Odette.Brannigan.Garden.Party.mp4 | Mint | Odette Brannigan | 2020-10-10
/s/Chateau Noir │ Ana Maria Quintela │ Vigne.mp4 | Château Noir | Ana María Quintela |
/s/CHÂTEAU NOIR - ANA MARÍA QUINTELA - VIGNE.mp4 | Château Noir | Ana María Quintela |
/s/Château Noir - Ana María Quintela - Vigne.mp4 | Château Noir | Ana María Quintela |
/s/chateau-noir_ana-maria-quintela_vigne_20220117.mp4 | Château Noir | Ana María Quintela | 2022-01-17
/s/ChateauNoir.22.01.17.AnaMaria.Quintela.Vigne.mp4 | Château Noir | Ana María Quintela | 2022-01-17
/s/Ana Quintela - Vigne.mp4 | | |
/s/Maria Quintela - Vigne.mp4 | | |
/s/Öresund Media/Soren Vestergard - Fjord (2018).mp4 | Öresund Media | Søren Vestergård |
/s/Oresund.Media.18.05.06.Søren.Vestergård.Fjord.mp4 | Öresund Media | Søren Vestergård | 2018-05-06
/s/Oresund Media - Cagla Yildirak - Bosphorus.mp4 | Öresund Media | Çağla Yıldırak |
/s/ÇAĞLA YILDIRAK & SØREN VESTERGÅRD - FJORD.mp4 | | Çağla Yıldırak; Søren Vestergård |
/s/Ultraviolet_Renee-Claude_Dubrissot_Salon.mp4 | Ultraviolet | Renée-Claude Dubrissot |
/s/ultraviolet.renee.claude.dubrissot.salon.2160p.mp4 | Ultraviolet | Renée-Claude Dubrissot |
/s/Twyla Hex - Ultraviolet Light.mp4 | | Twyla Hex |
/s/Halcyon Days - Maxine Orlo - Pier.mp4 | Halcyon Days | Maxine Orlo |
/s/Halcyon/Halcyon Days/Maxine Orlo - Pier.mp4 | Halcyon Days | Maxine Orlo |
/s/Halcyon - Maxine Orlo - Pier.mp4 | Halcyon | Maxine Orlo |
/s/HalcyonDays.19.12.31.Maxine.Orlo.Pier.mp4 | Halcyon Days | Maxine Orlo | 2019-12-31
/s/Maxine Orlo and the Halcyon Years.mp4 | | Maxine Orlo |
/s/Max - Pier.mp4 | | |
/s/Halcyon - Max, Maxine Orlo - Pier.mp4 | Halcyon | Max; Maxine Orlo |
/s/Halcyon - Mad Max - Pier.mp4 | Halcyon | |
/s/Twyla Hex - Pier (Max Quality).mp4 | | Twyla Hex |
/s/Wax Museum Network/Wax Nights/2017-08-09/June Castellane.mp4 | Wax Nights | June Castellane | 2017-08-09
/s/Wax Nights - S01E04 - June Castellane.mp4 | Wax Nights | June Castellane |
/s/waxnights_junecastellane_1080.mp4 | Wax Nights | June Castellane |
/s/Candle Wax Nightstand.mp4 | | |
/s/Kestrel and Co - Will Hartigan, Mark Tollivar, Max - Crew.mp4 | Kestrel & Co | Will Hartigan; Mark Tollivar; Max |
/s/Kestrel & Co. (2016.06.07) Will Hartigan - Crew.mp4 | Kestrel & Co | Will Hartigan | 2016-06-07
/s/KestrelAndCo 16 06 07 Will Hartigan Crew.mp4 | Kestrel & Co | Will Hartigan | 2016-06-07
/s/Kestrel & Co - Will and Mark - Crew.mp4 | Kestrel & Co | |
/s/Will You Mark My Words.mp4 | | |
/s/Kestrel in Flight.mp4 | | |
/s/The Long Table - Lily May - Supper.mp4 | The Long Table | Lily May |
/s/Long Table, The/Lily May - Supper.mp4 | The Long Table | Lily May |
/s/At the Long Table with Lily May.mp4 | | Lily May |
/s/May Lillister - 14 May 2015 - Supper.mp4 | | May Lillister | 2015-05-14
/s/The Long Table - May - Supper.mp4 | The Long Table | |
/s/A Lily May Bloom.mp4 | | |
/s/Pixelgrove - Kim Li - Arcade.mp4 | Pixelgrove.tv | Kim Li |
/s/pixelgrove.tv_kimli_arcade_hd.mp4 | Pixelgrove.tv | Kim Li |
/s/www.pixelgrove.tv - Kimberly Lindtorf - Arcade.mp4 | Pixelgrove.tv | Kimberly Lindtorf |
/s/Pixelgrove.tv - Kim Lindtorf - Arcade.mp4 | Pixelgrove.tv | |
/s/Hakim Lionel - Arcade.mp4 | | |
/s/3rd Rail - Ava Mire - Depot.mp4 | 3rd Rail | Ava Mire |
/s/3rdRail.23.02.28.Ava.Mirell.Depot.mp4 | 3rd Rail | Ava Mirell | 2023-02-28
/s/3rd Rail - Ava Mire, Ava Mirell - Depot.mp4 | 3rd Rail | Ava Mire; Ava Mirell |
/s/3rd Rail - Ava Miren - Depot.mp4 | 3rd Rail | |
/s/3rd Railway Depot.mp4 | | |
/s/Rough Draft (02-28-2023) D'Arcy Fontleroy - Ink.mp4 | Rough Draft | D'Arcy Fontleroy | 2023-02-28
/s/Rough.Draft.DArcy.Fontleroy.Ink.28-02-2023.mp4 | Rough Draft | D'Arcy Fontleroy | 2023-02-28
/s/D’Arcy Fontleroy {Rough Draft} Ink.mp4 | Rough Draft | D'Arcy Fontleroy |
/s/Twyla Hex - Ink (rough draft).mp4 | | Twyla Hex |
/s/Rough Draft - Inga De La Crosse - Ink - 2023 02 28.mp4 | Rough Draft | Inga de la Crosse | 2023-02-28
/s/Inga Crosse - Ink.mp4 | | |
/s/2023-02-28 Inga.de.la.Crosse.Ink.[Rough.Draft].mp4 | Rough Draft | Inga de la Crosse | 2023-02-28
/s/Feb 28th, 2023 - Inga de la Crosse.mp4 | | Inga de la Crosse | 2023-02-28
/s/28th February 2023 Inga de la Crosse.mp4 | | Inga de la Crosse | 2023-02-28
/s/28Feb2023_Inga_de_la_Crosse.mp4 | | Inga de la Crosse | 2023-02-28
/s/20230228T193000 Inga de la Crosse.mp4 | | Inga de la Crosse | 2023-02-28
/s/Inga de la Crosse 2023-02-30.mp4 | | Inga de la Crosse |
/s/Inga de la Crosse 03-04-2023.mp4 | | Inga de la Crosse |
/s/Inga de la Crosse 2031-04-03.mp4 | | Inga de la Crosse |
/s/Inga de la Crosse 192.168.20.21 capture.mp4 | | Inga de la Crosse |
/s/Summer Dunleavy & Summer Okafor-Reyes - Two Summers.mp4 | | Summer Dunleavy; Summer Okafor-Reyes |
/s/Blue Hour - Summer - Tide.mp4 | Blue Hour | |
/s/Blue Hour - Summer Okafor Reyes - Tide.mp4 | Blue Hour | Summer Okafor-Reyes |
/s/Summer Reyes - Tide.mp4 | | |
/s/The Blue Hour Before Dawn.mp4 | | |
/s/Velouria.mp4 | | |
/s/Blue Hour - Velouria - Tide.mp4 | Blue Hour | Velouria |
/s/Blue Hour - Rose Attwell & Rose - Tide.mp4 | Blue Hour | Rose Attwell; Rose |
/s/A Rose for Grace.mp4 | | |
/s/Blue Hour - Grace Kellerman - Tide.mp4 | Blue Hour | |
/s/Blue.Hour.24.07.19.Grace.Abernol.And.Scarlet.Ibarra.mp4 | Blue Hour | Grace Abernol; Scarlet Ibarrola | 2024-07-19
/s/Scarlet Tide in Ibarra.mp4 | | |
/s/Tommy Two Shoes + Tori B - Vaudeville.mp4 | | Tommy Two-Shoes; Tori Bellow |
/s/Tommy.Two-Shoes.w.Victoria.Bellow.Vaudeville.480p.mp4 | | Tommy Two-Shoes; Tori Bellow |
/s/Victoria Bellows - Vaudeville.mp4 | | |
"""


def library() -> list[Entity]:
    """The other library."""
    return entities_of(_PERFORMERS, _STUDIOS, _PARENTS, _TAGS)


def cases() -> list[Labelled]:
    """The paths, always the same."""
    return labelled(_BY_HAND)
