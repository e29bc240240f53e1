"""The detectors on labelled paths, on single cases, and on names that are made and read back."""

import time
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.stashwork.detectors.score import FIELDS, score_set
from tests.stashwork.detectors.sets import SETS

from stashwork.detectors import Detector, Entity, Kind, NameIndex, SceneFacts, Wanted
from stashwork.detectors.dates import find_dates
from stashwork.detectors.details import clean_details

LATEST = date(2025, 6, 30)


def detector(*entities: Entity, **wanted: bool) -> Detector:
    return Detector(NameIndex(entities), Wanted(**wanted))


def person(number: int, name: str, *aliases: str) -> Entity:
    return Entity(Kind.PERFORMER, number, name, aliases)


def studio(number: int, name: str, *aliases: str) -> Entity:
    return Entity(Kind.STUDIO, number, name, aliases)


def found(one: Detector, path: str, threshold: float = 0.7, **facts: Any) -> dict[str, list[Any]]:
    values: dict[str, list[Any]] = {}
    for proposal in one.proposals(SceneFacts(1, path, latest=LATEST, **facts)):
        if proposal.confidence >= threshold:
            value = proposal.value["name"] if isinstance(proposal.value, dict) else proposal.value
            values.setdefault(proposal.field, []).append(value)
    return values


# Labelled paths


# What is arguable in the labels was left as it was; and a person reads more than the detectors try to.
ARGUABLE = {
    "another library": {"studio": (0.99, 0.98), "performers": (0.97, 0.98), "date": (0.99, 0.98)},
    "a last look": {"studio": (0.96, 0.93), "performers": (0.99, 0.98), "date": (0.99, 0.98)},
    "a thirteenth library": {"studio": (0.99, 0.99), "performers": (0.98, 0.99), "date": (0.99, 0.99)},
    "a fourteenth library": {"studio": (0.99, 0.99), "performers": (0.99, 0.98), "date": (0.99, 0.95)},
}


@pytest.mark.parametrize("name", SETS)
def test_precision_and_recall_on_labelled_paths(name: str) -> None:
    scores, mistakes = score_set(SETS[name])
    for field in FIELDS:
        precision, recall = ARGUABLE.get(name, {}).get(field, (0.99, 0.95))
        assert scores[field].precision >= precision, (field, mistakes)
        assert scores[field].recall >= recall, (field, mistakes)


@pytest.mark.parametrize("name", ["first half", "second half", "third look"])
def test_there_are_enough_labelled_paths(name: str) -> None:
    assert len(SETS[name].cases()) >= 60


# Names


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("Jade Kush", "/m/Jade Amber - Night.mp4"),
        ("Ann", "/m/Anna Belle - Night.mp4"),
        ("Ann", "/m/Annapolis.mp4"),
        ("Anna Bel", "/m/Ann Abel - Night.mp4"),
        ("Mary Anne", "/m/Maryanne Smith - Night.mp4"),
        ("Anna Belle", "/m/X - Anna Belle Knox - Night.mp4"),
        ("Joy", "/m/Joy of Painting.mp4"),
        ("Paris", "/m/Paris/Trip.mp4"),
        ("Summer Rain", "/m/Dancing in the Summer Rain.mp4"),
        ("Penny Farthing", "/m/Riding a Penny Farthing in London.mp4"),
        ("Max Power", "/m/Engine at max power.mp4"),
        ("Tess Orvane", "/m/Tess Orvane-Smith - Night.mp4"),
        ("Tess Orvane", "/m/night bus - tess orvane quill - tide.mp4"),
        ("Tess Orvane", "/m/Tess Orvane Silver - Night.mp4"),
        ("May Flowers", "/m/April Showers Bring May Flowers.mp4"),
        ("May Flowers", "/m/May Flowers and the Machine.mp4"),
        ("May Flowers", "/m/May Flowers (1987)/May Flowers (1987).mp4"),
        ("Ivo", "/m/Ivo (1987).mp4"),
        ("May Flowers", "/m/Rain & May Flowers - Night.mp4"),
        ("Destiny Moore", "/m/manifest destiny moore or less.mp4"),
        ("Ivo", "/home/ivo/Videos/trip.mp4"),
        ("Ivo", r"C:\Users\Ivo\Videos\trip.mp4"),
    ],
)
def test_a_name_that_means_somebody_else_proposes_nobody(name: str, path: str) -> None:
    assert "performers" not in found(detector(person(1, name)), path)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("Zoë O'Neill", "/m/zoe.oneill.at.home.mp4"),
        ("Zoë O'Neill", "/m/Zoe O’Neill's Garden.mp4"),
        ("Björn Müller", "/m/bjoern_mueller.mp4"),
        ("Björn Müller", "/m/Bjorn Muller.mp4"),
        ("Bjorn Mueller", "/m/Bjorn Müller.mp4"),
        ("Marla Quenby", "/m/MarlaQuenby-Night.mp4"),
        ("Marla Quenby", "/m/Marla Quenby/clip.mp4"),
        ("Marla Quenby", "/m/night (marla quenby).mp4"),
        ("Jean-Luc Moreaux", "/m/Jean Luc Moreaux.mp4"),
        ("J.T. Marrow", "/m/JT Marrow - Night.mp4"),
        ("J.T. Marrow", "/m/studio.20.05.01.jt.marrow.night.mp4"),
        ("Kirsten Ødegård", "/m/Kirsten Odegaard - Night.mp4"),
        ("Marla Quenby", "/m/Marla Quenby ： Night.mp4"),
        ("Marla Quenby", "/m/Quenby, Marla/night.mp4"),
        ("Carmen de la Vega", "/m/de la Vega, Carmen/night.mp4"),
        ("Marla Quenby", "/m/NightWithMarlaQuenby_1080p.mp4"),
        ("Marla Quenby", "/m/Marla Quenby Megapack/night.mp4"),
        ("美咲 佐藤", "/m/美咲 佐藤 - 夜.mp4"),
    ],
)
def test_a_name_is_found_however_it_is_written(name: str, path: str) -> None:
    assert found(detector(person(1, name)), path)["performers"] == [name]


def test_single_names_count_where_they_make_up_a_list() -> None:
    known = detector(person(1, "Rex"), person(2, "Ivo"), person(3, "Tess Orvane"), person(4, "Tess"))
    assert found(known, "/m/Night Bus - Rex & Ivo - Detour.mp4")["performers"] == ["Rex", "Ivo"]
    assert "performers" not in found(known, "/m/Night Bus - Rex & Bob - Detour.mp4")
    assert "performers" not in found(known, "/m/Rex and Ivo on a Detour.mp4")
    assert found(known, "/m/nightbus.20.01.01.Rex.And.Ivo.Detour.1080p.mp4")["performers"] == ["Rex", "Ivo"]
    assert "performers" not in found(known, "/m/Night Bus - Rex & Tess - Detour.mp4"), "Tess may be Tess Orvane"


def test_a_name_of_ordinary_words_counts_in_a_list_before_the_title() -> None:
    known = detector(person(1, "Charity Bright"), person(2, "Chase Wilder"))
    path = "/m/nightbus.21.02.22.Charity.Bright.And.Chase.Wilder.Harvest.1080p.mp4"
    assert sorted(found(known, path)["performers"]) == ["Charity Bright", "Chase Wilder"]


@pytest.mark.parametrize("path", ["20210304_night_bus_tess_orvane_tide", "2021-03-04-NightBus-TessOrvane-Tide"])
def test_a_studio_between_the_date_and_a_performer(path: str) -> None:
    known = detector(person(1, "Tess Orvane"), studio(1, "Night Bus"))
    assert found(known, f"/m/{path}.mp4")["studio"] == ["Night Bus"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("2021-03-04 - Glass - Tide - Tess Orvane", ["Glass"]),
        ("20210304 Glass Tess Orvane Tide", ["Glass"]),
        ("Glass_Tide_TessOrvane", ["Glass"]),
        ("Tess Orvane - Glass", None),
        ("Broken Glass - Tess Orvane", None),
        ("Glass_Tide_Tess_Orvane", None),
        ("2021-03-04_Velvet_Harbor_Tide_Tess_Orvane", ["Velvet Harbor"]),
        ("2021-03-04 Velvet Harbor Tide", None),
        ("2021-03-04_vexelon_tide_tess_orvane", ["Vexelon"]),
        ("Tess Orvane for Velvet Harbor - Tide", ["Velvet Harbor"]),
        ("Waiting for Velvet Harbor - Tess Orvane", None),
        ("Velvet Harbor (1978)", None),
        ("Velvet Harbor (1978)/Velvet Harbor (1978)", None),
        ("Glass/Glass", None),
    ],
)
def test_a_studio_of_ordinary_words_counts_where_no_title_stands(path: str, expected: list[str] | None) -> None:
    known = detector(person(1, "Tess Orvane"), studio(1, "Glass"), studio(2, "Velvet Harbor"), studio(3, "Vexelon"))
    assert found(known, f"/m/{path}.mp4").get("studio") == expected


def test_a_sentence_that_begins_like_a_studio_is_a_title() -> None:
    known = detector(person(1, "Tess Orvane"), studio(1, "Loft 9"))
    assert "studio" not in found(known, "/m/Loft 9 Apartments.mp4")
    assert found(known, "/m/Loft 9 Tess Orvane.mp4")["studio"] == ["Loft 9"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("Copper Quay No. 1204 - Tess Orvane", ["Copper Quay"]),
        ("Copper Quay 12 Tess Orvane", ["Copper Quay"]),
        ("Copper Quay S01E04 Tess Orvane", ["Copper Quay"]),
        ("Copper Quay 2 Paris", None),
        ("Night Bus 2 - Tess Orvane", None),
        ("Copper Quay with Tess Orvane", None),
    ],
)
def test_a_number_or_a_joining_word_behind_a_studio(path: str, expected: list[str] | None) -> None:
    known = detector(person(1, "Tess Orvane"), studio(1, "Copper Quay"), studio(2, "Vexelon"), studio(3, "Night Bus"))
    assert found(known, f"/m/{path}.mp4").get("studio") == expected
    assert found(known, f"/m/{path.replace('Copper Quay', 'Vexelon')}.mp4").get("studio") == (expected and ["Vexelon"])


@pytest.mark.parametrize(
    ("name", "path", "expected"),
    [
        ("Big Red Couch", "BigRedCouch_0117_tess_orvane", True),
        ("Big Red Couch", "Big Red Couch 2 Tess Orvane", False),
        ("Night Bus", "Night.Bus.S02.E04.Tess.Orvane", True),
        ("The Waiting Room", "The.Waiting.Room.E03.Tess.Orvane", True),
        ("The Night Office", "nightoffice.19.05.11.tess.orvane.tide", True),
        ("The Dusk", "Dusk - Tess Orvane", False),
        ("Vexelon", "01. Vexelon - Tide", True),
        ("Vexelon", "Vexelon.20.20.20.Tess.Orvane", True),
        ("Chapter Eleven", "Audiobook - chapter eleven", False),
        ("Vexelon", "Vexelon (2019)", False),
        ("Hello Stranger", "Say hello stranger", False),
        ("Paper Tigers", "Paper Tigers, Hidden Dragons", False),
        ("Paper Tigers", "Paper Tigers, Tess Orvane - Tide", True),
        ("Rough Draught", "Tess Orvane - Ink (rough draught)", False),
    ],
)
def test_what_is_and_is_not_the_place_of_a_studio(name: str, path: str, expected: bool) -> None:
    known = detector(person(1, "Tess Orvane"), studio(1, name))
    assert found(known, f"/m/{path}.mp4").get("studio", []) == [name] * expected


def test_a_name_in_full_comes_before_one_without_its_article() -> None:
    both = detector(studio(1, "Night Office"), studio(2, "The Night Office"))
    assert found(both, "/m/[Night Office] Tide.mp4")["studio"] == ["Night Office"]
    assert found(both, "/m/[The Night Office] Tide.mp4")["studio"] == ["The Night Office"]


def test_the_digits_of_a_name_are_no_date() -> None:
    known = detector(person(1, "Tess Orvane"), studio(1, "Studio 87"))
    path = "/m/Studio.87.11.05.24.Tess.Orvane.Tide.1080p.mp4"
    assert found(known, path)["date"] == ["2011-05-24"]
    assert found(known, path)["studio"] == ["Studio 87"]


def test_names_of_ordinary_words_in_a_row_without_spaces() -> None:
    known = detector(person(1, "Tess Orvane"), person(2, "Amber Stone"), studio(1, "Vexelon"))
    both = ["Tess Orvane", "Amber Stone"]
    assert found(known, "/m/Vexelon_Tess_Orvane_Amber_Stone_The_Visit.mp4")["performers"] == both
    assert found(known, "/m/Tess Orvane amber stone.mp4")["performers"] == ["Tess Orvane"]
    assert found(known, "/m/Vexelon.E07.Amber.Stone.The.Visit.1080p.mp4")["performers"] == ["Amber Stone"]


def test_a_remark_in_brackets_is_no_studio() -> None:
    known = detector(person(1, "Tess Orvane"), studio(1, "Private"))
    assert "studio" not in found(known, "/m/Tess Orvane (private).mp4")
    assert found(known, "/m/Tess Orvane (Private).mp4")["studio"] == ["Private"]


def test_an_alias_of_two_proposes_nobody() -> None:
    both = detector(person(1, "Kit Mossbank", "The Alias One"), person(2, "Rue Delacroft", "The Alias One"))
    assert "performers" not in found(both, "/m/The Alias One - Night.mp4")


def test_the_longest_name_wins() -> None:
    both = detector(person(1, "Marla Quenby"), studio(1, "Marla Quenby Films"))
    assert found(both, "/m/Marla Quenby Films - Night.mp4") == {"studio": ["Marla Quenby Films"], "title": ["Night"]}


def test_nothing_is_proposed_that_is_so_already() -> None:
    known = detector(person(1, "Marla Quenby"), studio(1, "Vexelon"), Entity(Kind.TAG, 1, "Rain"))
    path = "/m/[Vexelon] Marla Quenby - The Tide [Rain] [2020-02-03].mp4"
    facts = {"studio_id": 1, "performer_ids": frozenset([1]), "tag_ids": frozenset([1]), "date": "2020-02-03"}
    assert found(known, path, title="The Tide", **facts) == {}


def test_every_proposal_has_a_reason_and_a_confidence() -> None:
    known = detector(person(1, "Marla Quenby", "Marley Quen"), studio(1, "Vexelon"))
    scene = SceneFacts(1, "/m/Vexelon - Marley Quen - 2020-02-03.mp4", latest=LATEST)
    reasons = {one.field: one.reason for one in known.proposals(scene)}
    assert reasons["performers"] == "“Marley Quen” in the file name, an alias of Marla Quenby"
    assert reasons["studio"] == "“Vexelon” stands at the beginning in the file name"
    assert reasons["date"] == "“2020-02-03” in the file name, read as year, month, day"
    assert all(0 < one.confidence <= 1 for one in known.proposals(scene))


def test_new_names_are_proposed_only_if_they_are_wanted() -> None:
    path = "/m/[Zephyr Row] Mirela Tostov - Night [2020-02-03].mp4"
    assert "studio" not in found(detector(), path)
    assert found(detector(missing=True), path)["studio"] == ["Zephyr Row"]


def test_technical_tags_are_those_of_the_library() -> None:
    known = detector(Entity(Kind.TAG, 1, "4k"), technical_tags=True)
    assert found(known, "/m/a.mp4", height=2160, duration=30.0)["tags"] == ["4k"]


# Titles


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Web of Lies", "Web of Lies"),
        ("HD Ready", "HD Ready"),
        ("Out of the Web", "Out of the Web"),
        ("My Scene Partner", "My Scene Partner"),
        ("The Final Cut 1080p", "The Final Cut"),
        ("Behind the Scene", "Behind the Scene"),
        ("Dark.Web.of.Lies.1080p.WEB.x264-GRP", "Dark Web of Lies"),
        ("Sunset Beach HD", "Sunset Beach"),
        ("Sunset Beach FINAL", "Sunset Beach"),
        ("Sunset Beach Uncut 720p", "Sunset Beach"),
        ("Sunset Beach (uncut)", "Sunset Beach"),
        ("SunsetBeachHD", "SunsetBeach"),
        ("A Sample of Rain [1080p]", "A Sample of Rain"),
    ],
)
def test_technical_words_go_at_the_end_of_a_title_and_not_out_of_it(name: str, expected: str) -> None:
    known = detector(person(1, "Lena Fairweather"))
    assert found(known, f"/m/{name}.mp4")["title"] == [expected]
    if " " in name:
        assert found(known, f"/m/Lena Fairweather - {name}.mp4")["title"] == [expected]


@pytest.mark.parametrize("apostrophe", ["'", "’", "‘", "´", "ʼ"])
def test_a_name_in_the_possessive_belongs_to_the_title(apostrophe: str) -> None:
    known = detector(person(1, "Lena Fairweather"), person(2, "Ada Charles"), studio(1, "Vexelon"))
    garden, night = f"Lena Fairweather{apostrophe}s Garden", f"Ada Charles{apostrophe} Night"
    assert found(known, f"/m/{garden}.mp4") == {"performers": ["Lena Fairweather"], "title": [garden]}
    assert found(known, f"/m/[Vexelon] {garden} [1080p].mp4")["title"] == [garden]
    assert found(known, f"/m/Lena Fairweather - {garden}.mp4")["title"] == [garden]
    assert found(known, f"/m/Vexelon - {night}.mp4")["title"] == [night]


@pytest.mark.parametrize(
    "name",
    [
        "IMG_2041",
        "IMG_E2041",
        "IMG-20230405-WA0007",
        "VID_20230405_101112",
        "VID_20230405_101112_00_001",
        "MVI_0042",
        "MOV_0042",
        "DSC_0042",
        "DSCN0042",
        "DSCF0042",
        "DJI_0042",
        "DJI_20230405101112_0042_D",
        "PXL_20230405_101112345",
        "PXL_20230405_101112345.TS",
        "GOPR0042",
        "GP010042",
        "GH010042",
        "GX010042",
        "P1000042",
        "C0042",
        "MAH00042",
        "00042",
        "WIN_20230405_10_11_12_Pro",
        "vlc-record-2023-04-05-10h11m12s-dvd___dev_sr0-",
        "vlc-record-2023-04-05-10h11m12s",
        "Screen Recording 2023-04-05 at 10.11.12",
        "Screen_Recording_20230405_101112",
        "Screenrecorder-2023-04-05-10-11-12-345",
        "Screen Recording (3)",
        "RPReplay_Final1680682272",
        "Bildschirmaufnahme 2023-04-05 um 10.11.12",
        "bandicam 2023-04-05 10-11-12-345",
        "2023-04-05 10-11-12",
        "GMT20230405-101112_Recording_1920x1080",
        "WhatsApp Video 2023-04-05 at 10.11.12 AM",
        "Snapchat-1234567890",
        "video_2023-04-05_10-11-12",
        "New Recording 4",
        "Untitled 2",
        "FullSizeRender",
        "trim.6F1B2C3D-0A1B-4C5D-8E9F-001122334455",
        "6f1b2c3d-0a1b-4c5d-8e9f-001122334455",
        "d41d8cd98f00b204e9800998ecf8427e",
    ],
)
def test_what_a_device_or_a_program_calls_a_file_is_no_title(name: str) -> None:
    known = detector(person(1, "Lena Fairweather"))
    assert "title" not in found(known, f"/m/{name}.mp4")
    assert "title" not in found(known, f"/m/Lena Fairweather - {name}.mp4")


@pytest.mark.parametrize(
    "title",
    ["Hero", "Zoom In", "Recording Angels", "The Clip Show", "Cam and Sam", "Untitled Love", "Screen Test", "File"],
)
def test_a_title_may_have_words_of_devices(title: str) -> None:
    assert found(detector(person(1, "Lena Fairweather")), f"/m/Lena Fairweather - {title}.mp4")["title"] == [title]


def test_a_title_is_whole_or_not_at_all() -> None:
    known = detector(person(1, "Lena Fairweather"))
    long = " ".join(["Rain"] * 45)
    assert found(known, f"/m/Lena Fairweather - {long}.mp4")["title"] == [long]
    assert "title" not in found(known, f"/m/Lena Fairweather - {' '.join(['Rain'] * 60)}.mp4")
    assert "title" not in found(known, f"/m/{' '.join(['Rain'] * 300)}.mp4")
    assert "title" not in found(known, "/m/Lena Fairweather - Caf\ufffd Noir.mp4")


# Dates


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2019-03-04", "2019-03-04"),
        ("a.19.03.04.b", "2019-03-04"),
        ("04.03.2019", "2019-03-04"),
        ("31-12-2019", "2019-12-31"),
        ("12-31-2019", "2019-12-31"),
        ("20190304", "2019-03-04"),
        ("20190304_123000", "2019-03-04"),
        ("Mar 4, 2019", "2019-03-04"),
        ("4th of March 2019", "2019-03-04"),
        ("4. März 2019", "2019-03-04"),
        ("4. 3. 2019", "2019-03-04"),
        ("4 mars 2019", "2019-03-04"),
        ("12 de agosto de 2016", "2016-08-12"),
        ("1080p", None),
        ("1920x1080", None),
        ("2160.12.05", None),
        ("v1.10.11.12", None),
        ("2019-02-30", None),
        ("2031-01-01", None),
        ("3-4-2015", None),
        ("Dust - 25.03.16", None),
        ("Dust - 19.03.30", "2019-03-30"),
        ("Scene 10-11-12", None),
        ("Scene #20.10.05", None),
        ("123456789012", None),
    ],
)
def test_dates(text: str, expected: str | None) -> None:
    sure = [one.value.isoformat() for one in find_dates(text, LATEST) if one.confidence >= 0.7]
    assert sure == ([expected] if expected else [])


# Names that are made and read back

WORDS = st.sampled_from(["Korvin", "Maelis", "Tobrek", "Ysande", "Pellworth", "Drummel", "Quorra", "Zenna", "Haskul"])
DAYS = st.dates(date(2004, 1, 1), LATEST - timedelta(days=1))
PATTERNS = st.sampled_from(
    [
        "/m/{studio}/{day:%Y-%m-%d} - {name} - The Visit.mp4",
        "/m/[{studio}] {name} - The Visit [{day:%Y.%m.%d}].mp4",
        "/m/{studio} - {name} - The Visit ({day:%d %b %Y}).mp4",
        "/m/{dots}.{day:%y.%m.%d}.{name_dots}.The.Visit.1080p.mp4",
        "/m/{studio}_{day:%Y%m%d}_{name}.mp4",
        "/m/{name} - {studio} - {day:%B %d, %Y}.mp4",
    ]
)


@settings(max_examples=150, deadline=None)
@given(first=WORDS, last=WORDS, house=WORDS, day=DAYS, pattern=PATTERNS)
def test_a_name_made_by_a_pattern_is_read_back(first: str, last: str, house: str, day: date, pattern: str) -> None:
    name, made_by = f"{first} {last}", f"{house} Lumina"
    path = pattern.format(
        studio=made_by, name=name, day=day, dots=made_by.replace(" ", "."), name_dots=name.replace(" ", ".")
    )
    proposals = found(detector(person(1, name), studio(1, made_by)), path)
    assert (proposals["performers"], proposals["studio"], proposals["date"]) == ([name], [made_by], [day.isoformat()])


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200), st.text(max_size=100), st.text(max_size=300))
def test_no_text_breaks_a_detector(path: str, title: str, details: str) -> None:
    known = detector(person(1, "Marla Quenby"), studio(1, "Vexelon"), missing=True, technical_tags=True)
    known.proposals(SceneFacts(1, path, title, details, latest=LATEST))


# Details


@pytest.mark.parametrize(
    ("details", "expected"),
    [
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("One<br/>Two<br>Three", "One\nTwo\nThree"),
        ("<ul><li>a</li><li>b</li></ul>", "- a\n- b"),
        ("<ol><li>a</li><li>b</li></ol>", "1. a\n2. b"),
        ("Salt &amp; pepper &quot;now&quot;", 'Salt & pepper "now"'),
        ('<a href="https://example.invalid/x">notes</a>', "notes (https://example.invalid/x)"),
        ("<script>alert(1)</script>Text", "Text"),
        ("a < b and c > d, I <3 you & me", "a < b and c > d, I <3 you & me"),
        ("First.\n\nSecond.", "First.\n\nSecond."),
        ("&lt;p&gt;One&lt;/p&gt;", "One"),
    ],
)
def test_details_without_html(details: str, expected: str) -> None:
    assert clean_details(details) == expected


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(["<p>", "</p>", "<br>", "<li>", "&amp;", "&lt;b&gt;", "a", " ", "\n", "<", "<ul>"])))
def test_cleaned_details_are_clean(parts: list[str]) -> None:
    cleaned = clean_details("".join(parts))
    assert clean_details(cleaned) == cleaned


# Size


def test_a_name_is_looked_up_and_not_compared_with_all() -> None:
    """CPU time with 50 times the names, on the same scenes."""

    def cpu(names: int) -> float:
        people = [person(n, f"Person{n} Surname{n}") for n in range(1, names)]
        one = detector(*people)
        begin = time.process_time()
        for number in range(400):
            one.proposals(SceneFacts(number, f"/m/Vexelon - Person{number} Surname{number} - Night.mp4", latest=LATEST))
        return time.process_time() - begin

    assert cpu(20_000) < 8 * cpu(400)
