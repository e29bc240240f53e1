"""Words with a meaning of their own: what files are called by, joiners of names, and ordinary words."""

import re

CONJUNCTIONS = frozenset("and feat ft featuring with starring vs x y und et".split())

LITTLE_WORDS = frozenset(
    """a an the of in on at to for from by my her his our your their its this that these those no not is are was
    be as or but if so into onto over under about after before between without near around inside outside up down
    off out it he she we they you i me us them who what when where why how all any some every each first last new
    der die das ein eine im am von und le la les de du des el los las un una en""".split()
)

# Words about the file and not about its content; in names without spaces all behind one of them is such, too.
NOISE = frozenset(
    """2160p 1440p 1080p 1080i 720p 576p 540p 480p 360p 240p 4k 8k 6k 5k uhd fhd qhd hdr hdr10 x264 x265 h264 h265 hevc
    avc xvid divx av1 vp9 10bit 8bit web webdl webrip hdrip dvdrip brrip bdrip bluray hdtv aac ac3 dts mp3 flac 60fps
    30fps 24fps 50fps 120fps""".split()
)
_MORE_NOISE = frozenset(
    """hd sd hq lq xxx mp4 mkv avi wmv mov m4v webm flv mpg mpeg ts rip dl remux repack proper uncut uncensored internal
    p2p rarbg kbps mbps fps full fullhd ultrahd com net org www sbs vr180 vr360 180x180 lr tb 3dh 1920x1080 1280x720
    3840x2160 1920 1080 1280 720 3840 2160 480 540 copy sample final preview trailer video vid clip scene""".split()
)
_SIZE = re.compile(
    r"\d{3,4}x\d{3,4}(?:p|px)?|\d{2,4}(?:p|i|fps|kbps|mbps|mb|gb|bit)(?:\d{2,3}(?:fps)?)?|[xh]26[45]|[248]k"
)

PARTS = frozenset("part pt cd disc disk vol volume episode ep scene chapter sc clip no nr".split())


def is_noise(word: str) -> bool:
    """Whether a folded word is about the file: its resolution, codec, origin."""
    return word in NOISE or word in _MORE_NOISE or _SIZE.fullmatch(word) is not None


# Words that are names as well, or turn up in titles so often that alone they say nothing about who is in a scene.
ORDINARY_WORDS = LITTLE_WORDS | frozenset(
    """
    spring summer autumn winter january february march april may june july august september october november december
    monday tuesday wednesday thursday friday saturday sunday morning noon evening night midnight dawn dusk sunrise
    sunset day days week weekend month year years holiday christmas easter halloween birthday moment time times hour
    angel angels joy hope faith grace charity mercy destiny serenity harmony melody liberty justice honor honour trust
    love lovely lover lust desire passion pleasure dream dreams dreaming fantasy secret secrets mystery magic wonder
    heaven paradise eden star stars sun sunny moon sky cloud clouds storm stormy rain rainy snow snowy ice fire flame
    wind breeze wave waves ocean sea lake river stream creek island beach bay coast shore harbour harbor port desert
    forest wood woods tree trees leaf leaves garden gardens meadow field fields valley hill hills mountain mountains
    stone rock rocks sand clay earth world nature wild wilder wilderness animal bird birds robin raven dove swan eagle
    hawk falcon fox wolf bear lion tiger cat kitten kitty bunny rabbit deer fawn horse pony dog bee butterfly spider
    rose roses lily lilly violet iris daisy poppy jasmine holly ivy heather fern willow hazel olive laurel myrtle clover
    ginger sage basil rosemary saffron vanilla cinnamon honey sugar candy cherry berry peach plum apple melon lemon
    lime mint cookie cake pie bread butter cream milk coffee tea wine beer brandy sherry champagne chocolate caramel
    ruby jade amber pearl opal crystal diamond emerald sapphire topaz garnet coral ivory ebony gold golden silver
    copper bronze iron steel brass glass velvet silk satin lace leather cotton linen wool paper red blue green yellow
    orange purple pink brown black white grey gray scarlet crimson azure indigo teal dark darker darkness bright light
    lights shadow shadows paris london rome milan vienna berlin sydney dallas austin houston phoenix brooklyn manhattan
    chelsea florence verona venice sienna siena geneva lyon madison jackson lincoln savannah georgia virginia carolina
    dakota montana nevada arizona texas alaska florida california america india china asia africa europe egypt kenya
    jordan israel cuba havana rio london tokyo kyoto lake city town village street road lane avenue bridge tower castle
    palace house home room bedroom kitchen bathroom bath shower pool hotel motel bar cafe club office school college
    class library hospital church temple market shop store station train railway bus car truck bike boat ship ferry
    plane airport taxi king queen prince princess duke earl lord lady knight baron count major captain general soldier
    police officer nurse doctor teacher student boss secretary maid model actress actor dancer singer artist painter
    photographer baker cook chef waitress farmer hunter fisher sailor pilot driver mechanic carpenter mason potter weaver
    tailor smith miller cooper taylor clerk judge lawyer priest nun monk witch wizard devil demon ghost vampire pirate
    mother father mom dad mum sister brother daughter son wife husband girlfriend boyfriend girl girls boy boys woman
    women man men lady ladies guy guys friend friends neighbor neighbour stranger couple family baby child twin twins
    cousin aunt uncle teen young old older mature little big small tiny tall short long hot cold warm cool wet dry hard
    soft sweet sour bitter spicy fresh clean dirty nasty naughty nice good better best bad worse worst great perfect
    pretty beautiful beauty gorgeous cute happy sad lonely shy quiet loud slow fast quick early late easy rough gentle
    strong weak rich poor free open close closed hidden broken lost found real true false double triple single solo
    group party wedding date dating interview casting audition massage yoga workout training lesson lessons game games
    play playing player work working job day show dance dancing song music sing singing kiss kissing touch feel taste
    look looking watch watching see talk talking say tell ask call wait waiting stay come coming go going run running
    walk walking ride riding drive driving fly flying swim swimming jump fall falling sleep sleeping wake waking sit
    stand stop start begin end finish open make making take taking give giving get getting find finding keep hold let
    help try learn know think want need like miss meet meeting visit return back again more most much many only just
    even ever never always now then here there today tonight tomorrow yesterday soon next one two three four five six
    seven eight nine ten hundred thousand first second third half whole part parts story stories tale tales book letter
    news art craft film films movie movies video videos picture pictures photo photos camera studio studios media
    production productions entertainment network channel project report journal diary portrait view scene scenes
    adventure adventures journey trip travel tour vacation escape return revenge surprise gift present prize reward
    treat trick chance choice game rules order case trial test question answer truth lie lies word words voice sound
    heart hearts soul mind body face eye eyes lips hand hands arm leg legs foot feet hair skin blood bone bones head
    life death birth live alive dead fun joyful pure innocent fallen rising crown jewel treasure money cash price fame
    glory victory victoria success luck lucky chase hunt race faye fate karma chance sky skye summers winters rivers
    brooks banks wells woods waters stones fields parks park lane bell bells belle star carter parker turner walker
    skinner archer gardner hunter chase bishop pope dean page read reed banks cross cash love young strong wise moody
    noble bold brave savage lake harper reader clockmaker lighthouse harvest loom tide orchard bakery canal rooftops
    workshop time-lapse pottery weaving festival pressing works press mill kestrel lantern slate juniper linden north
    south east west northern southern eastern western upper lower inner outer high low top bottom left right middle
    center centre front side edge corner line point circle square angle level step steps stage floor door window wall
    roof table chair bed couch sofa desk lamp candle mirror clock key keys lock box bag hat coat dress skirt shirt shoe
    shoes boots ring rings chain belt mask glasses uniform suit bikini lingerie stockings nylon heels pov bts asmr ama
    behind collection compilation special edition series season volume bonus extra extended cut director uncut private
    public amateur professional classic vintage modern original exclusive premium ultimate total complete full empty
    """.split()
)
