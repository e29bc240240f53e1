"""All sets of labelled paths, by the names that tables give them, in the order in which they were written."""

from types import ModuleType

from . import (
    auditors,
    benchmark,
    examiners,
    first_half,
    guests,
    hoarders,
    islanders,
    last_look,
    latecomers,
    librarian,
    neighbours,
    newcomers,
    outsiders,
    packrat,
    passersby,
    second_half,
    strangers,
    third_look,
    visitors,
    wayfarers,
)

SETS: dict[str, ModuleType] = {
    "first half": first_half,
    "second half": second_half,
    "third look": third_look,
    "another library": strangers,
    "a third library": newcomers,
    "a fourth library": latecomers,
    "a last look": last_look,
    "a fifth library": wayfarers,
    "a sixth library": islanders,
    "a seventh library": passersby,
    "an eighth library": hoarders,
    "a ninth library": visitors,
    "a tenth library": guests,
    "an eleventh library": neighbours,
    "a twelfth library": benchmark,
    "a thirteenth library": packrat,
    "a fourteenth library": librarian,
    "a fifteenth library": outsiders,
    "a sixteenth library": examiners,
    "a seventeenth library": auditors,
}
