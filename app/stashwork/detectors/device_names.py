"""Names that a camera, a phone, a recorder or a download gave to a file: they say nothing about what is in it."""

import re

# Prefixes that stand in no language: with the digits behind them, or alone when the digits were read as a date.
_CAMERAS = (
    r"img[pe]?(?:_e(?=\d))?|mvimg|imag|vid|mvi|mov|dsc[nfdp]?|dji|pxl|gopr|gopro|g[hxlps]|lrv|cimg|kif|sdc|ydxj|m2u|mah|pano|"
    r"vlc[\W_]*rec(?:ord)?|rpreplay(?:[\W_]*final)?|full[\W_]*size[\W_]*render|video[\W_]*playback|video[\W_]*capture|"
    r"telegram[\W_]*cloud[\W_]*document|whatsapp[\W_]*video|bandicam|camtasia|fraps|dvr|avseq"
)
# What programs call what they record, in several languages.
_RECORDERS = (
    r"(?:screen|bildschirm|desktop|audio|voice|video|sound|new|neue|zoom|game|meeting|gmt)?[\W_]*"
    r"(?:recording|recorder|aufnahme|enregistrement|grabaci[oó]n(?:[\W_]*de[\W_]*pantalla)?)|"
    r"screen[\W_]*(?:record|capture|cast|shot)|simulator[\W_]*screen[\W_]*recording|untitled|unbenannt|unnamed|"
    r"sans[\W_]*titre|sin[\W_]*t[ií]tulo|my[\W_]*(?:movie|video)|new[\W_]*(?:video|project)"
)
# Words that count only with digits behind them, since alone they may be a title, as any short prefix with four digits.
_COUNTED = (
    r"file|movi|movie|clip|video|capture|hero|sam|pict?|photo|win|cam|camera|rec|record|output|download|trim|zoom|"
    r"snapchat|signal|obs"
)
_BEHIND = (
    r"(?:[\W_]*+(?:\d++|at|um|[ap]m|wa|hdr|ts|copy|kopie|pro|x|z|t|utc|gmt|bearb(?:eitet)?|edited|recording|screen))*+"
)
_DEVICE_NAME = re.compile(
    rf"[\W_]*(?:(?:{_CAMERAS}|{_RECORDERS}){_BEHIND}|(?:{_COUNTED})(?=[\W_]*\d){_BEHIND}|[a-z]{{1,5}}_?\d{{4,}}{_BEHIND})"
    r"[\W_]*",
    re.IGNORECASE,
)
_ID = re.compile(
    r"(?:trim\W)?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?=\w*\d)(?:[0-9a-f]{16,}|[0-9a-z]{24,})", re.IGNORECASE
)


def is_device_name(name: str) -> bool:
    """Whether a name (without its ending) was made by a device or a program, rather than by a person.

    >>> is_device_name("IMG_2041"), is_device_name("Screen Recording 2024-05-01 at 10.11.12"), is_device_name("Hero")
    (True, True, False)
    """
    return _DEVICE_NAME.fullmatch(name) is not None or _ID.fullmatch(name.strip()) is not None
