"""Words for the made-up library: people, places and crafts that nobody could mind."""

FIRST_NAMES = (
    "Ada", "Amir", "Ana", "Björn", "Carla", "Chidi", "Dalia", "Emil", "Farah", "Gita", "Hana", "Igor", "Inês",
    "Jonas", "Kaito", "Lena", "Łucja", "Malik", "Mira", "Nils", "Oksana", "Paula", "Quinn", "Rosa", "Sami",
    "Søren", "Tariq", "Uma", "Viktor", "Wren", "Xenia", "Yusuf", "Zoë", "نور", "יעל", "美咲", "Ирина",
)  # fmt: skip

LAST_NAMES = (
    "Abbott", "Brandt", "Castell", "Dvořák", "Eriksen", "Fontaine", "García", "Haddad", "Ivanova", "Jansen",
    "Kowalski", "Lindgren", "Moreau", "Novak", "O'Neill", "Pereira", "Quist", "Rossi", "Şahin", "Takeda",
    "Ueda", "Varga", "Wolff", "Ximénez", "Yılmaz", "Zeller", "السالم", "כהן", "佐藤", "Петрова",
)  # fmt: skip

STUDIO_FIRST = ("Blue", "Copper", "Harbour", "Iron", "Juniper", "Linden", "North", "Paper", "River", "Slate")
STUDIO_LAST = ("Kestrel", "Lantern", "Mill", "Orchard", "Pictures", "Press", "Station", "Works", "Workshop")

TAG_FIELDS = (
    "City",
    "Craft",
    "Forest",
    "Garden",
    "Kitchen",
    "Mountain",
    "Music",
    "Ocean",
    "Street",
    "Winter",
)
TAG_TOPICS = (
    "Aerial", "Architecture", "Birds", "Bread", "Bridges", "Dawn", "Festival", "Interview", "Market", "Night",
    "Pottery", "Rain", "Snow", "Time-lapse", "Trains", "Walk", "Weaving", "Wide Shot",
)  # fmt: skip

ADJECTIVES = (
    "Amber", "Bright", "Broken", "Distant", "Early", "Golden", "Hidden", "Late", "Open", "Quiet", "Silver",
    "Slow", "Small", "Wild", "Wooden",
)  # fmt: skip
NOUNS = (
    "Bakery", "Bridge", "Canal", "Clockmaker", "Coast", "Ferry", "Garden", "Harvest", "Lighthouse", "Loom",
    "Meadow", "Night Market", "Orchard", "Potter", "Railway", "River", "Rooftops", "Tide", "Valley",
    "Workshop",
)  # fmt: skip

DETAILS = (
    "",
    "A calm look at the place and at the people who work there.",
    "<p>Filmed over <b>three days</b>.</p><p>Music: public domain &amp; free.</p>",
    'See <a href="https://example.invalid/notes">the notes</a>.<br/>Second line.<br>Third line.',
    "First paragraph.\n\nSecond paragraph, with “quotes” – and a dash.",
    "فيلم قصير عن السوق القديم.",
    "סרט קצר על הים בלילה.",
    "<script>alert('this is only text')</script> A title that looks like code.",
    "朝の市場の短い記録 🌅",
)

TITLE_ENDINGS = ("", "", "", " – Part 2", " (Director's Cut)", " / בלילה", " في الليل", " 夜", ": A Portrait")
