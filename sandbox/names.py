"""Made-up people's names, places and companies by country; romanised forms make the addresses."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Locale:
    """People of one country; ``given`` and ``family`` are (written, romanised)."""

    country: str
    dialling: str
    tld: str
    given: tuple[tuple[str, str], ...]
    family: tuple[tuple[str, str], ...]
    places: tuple[tuple[str, str, int], ...]
    """City, state, and the postal code of its first quarter."""
    street: str
    salutations: tuple[str, ...]
    """Abbreviations in use; the first for a woman, the second for a man."""


def _names(text: str) -> tuple[tuple[str, str], ...]:
    """Read ``written=romanised`` pairs; a plain word is both."""
    pairs = (word.replace("_", " ").partition("=") for word in text.split())
    return tuple((written, roman or written) for written, _, roman in pairs)


def _places(text: str) -> tuple[tuple[str, str, int], ...]:
    rows = (row.split("|") for row in text.split(";"))
    return tuple((city.strip(), state.strip(), int(code)) for city, state, code in rows)


def _locale(
    country: str,
    dialling: str,
    tld: str,
    *,
    given: str,
    family: str,
    places: str,
    street: str,
    salutations: str = "Ms. Mr.",
) -> Locale:
    return Locale(
        country,
        dialling,
        tld,
        _names(given),
        _names(family),
        _places(places),
        street,
        tuple(salutations.split()),
    )


LOCALES = (
    _locale(
        "United States",
        "+1",
        "com",
        given="Harper Mason Olivia Ethan Brooke Tyler Naomi Caleb June Wyatt Imani Desmond",
        family="Caldwell Whitaker Ramsey Holloway Nguyen Okonkwo Castillo Prescott Lindqvist Boone",
        places="Austin|TX|73301;Portland|OR|97201;Columbus|OH|43085;Tucson|AZ|85701",
        street="{n} Maple Ave",
    ),
    _locale(
        "United Kingdom",
        "+44",
        "co.uk",
        given="Imogen Alistair Freya Rory Beatrix Callum Niamh=Niamh Gethin Pippa Edmund",
        family="Ashworth Pemberton MacLeod Griffiths O’Shea=OShea Thackeray Lockwood Featherstone",
        places="Leeds|West Yorkshire|10100;Bristol|Avon|20100;Cardiff|Wales|30100",
        street="{n} Station Road",
    ),
    _locale(
        "Germany",
        "+49",
        "de",
        given="Jürgen=Juergen Anneliese Sören=Soeren Käthe=Kaethe Lutz Friederike Björn=Bjoern",
        family="Großmann=Grossmann Müller-Lüdenscheid=Mueller Öztürk=Oeztuerk Weiß=Weiss Vogt",
        places="Köln|Nordrhein-Westfalen|50667;München|Bayern|80331;Görlitz|Sachsen|10282",
        street="Lindenstraße {n}",
    ),
    _locale(
        "France",
        "+33",
        "fr",
        given="Chloé=Chloe Jérôme=Jerome Anaïs=Anais Gaël=Gael Océane=Oceane Thibault Zoé=Zoe",
        family="Lefèvre=Lefevre d’Aubigné=daubigne Faÿ=Fay Béranger=Beranger Moreau Cœur=Coeur",
        places="Orléans|Centre|45000;Besançon|Doubs|25000;Nîmes|Gard|30000",
        street="{n}, rue de l’Église",
        salutations="Mme M.",
    ),
    _locale(
        "Spain",
        "+34",
        "es",
        given="Íñigo=Inigo Begoña=Begona Jesús=Jesus Lucía=Lucia Álvaro=Alvaro Montserrat",
        family="Muñoz=Munoz Ibáñez=Ibanez García_Peña=garciapena Núñez=Nunez Zubizarreta",
        places="A Coruña|Galicia|15001;Logroño|La Rioja|26001;Málaga|Andalucía|29001",
        street="Calle Mayor, {n}",
        salutations="Sra. Sr.",
    ),
    _locale(
        "Poland",
        "+48",
        "pl",
        given="Łukasz=Lukasz Małgorzata=Malgorzata Zbigniew Grażyna=Grazyna Wojciech Żaneta=Zaneta",
        family="Wiśniewska=Wisniewska Dąbrowski=Dabrowski Brzęczyszczykiewicz=Brzeczyszczykiewicz",
        places="Łódź|Łódzkie|90001;Wrocław|Dolnośląskie|50001;Białystok|Podlaskie|15001",
        street="ul. Długa {n}",
    ),
    _locale(
        "Türkiye",
        "+90",
        "com.tr",
        given="İlknur=Ilknur Işıl=Isil Çağla=Cagla Şükrü=Sukru Oğuz=Oguz Ümit=Umit",
        family="Yıldız=Yildiz İnanç=Inanc Çelik=Celik Gökçe=Gokce Şahin=Sahin",
        places="İzmir|Ege|35000;Eskişehir|İç Anadolu|26000",
        street="Atatürk Cad. No:{n}",
    ),
    _locale(
        "Japan",
        "+81",
        "co.jp",
        given="陽子=yoko 健一=kenichi さくら=sakura 翔太=shota 美咲=misaki",
        family="佐藤=sato 髙橋=takahashi 小林=kobayashi 渡邉=watanabe 齋藤=saito",
        places="横浜市|神奈川県|2200000;札幌市|北海道|600000",
        street="中央{n}丁目",
        salutations="様 様",
    ),
    _locale(
        "China",
        "+86",
        "cn",
        given="伟=wei 秀英=xiuying 𠮷祥=jixiang 丽=li 建国=jianguo",
        family="王=wang 欧阳=ouyang 張=zhang 刘=liu 陈=chen",
        places="上海|上海市|200000;成都|四川省|610000",
        street="人民路{n}号",
        salutations="女士 先生",
    ),
    _locale(
        "Egypt",
        "+20",
        "com.eg",
        given="فاطمة=fatma محمد=mohamed نور=nour يوسف=youssef ليلى=layla",
        family="حسن=hassan عبد_الرحمن=abdelrahman النجار=elnaggar منصور=mansour",
        places="القاهرة|القاهرة|11511;الإسكندرية|الإسكندرية|21500",
        street="شارع النيل {n}",
        salutations="السيدة السيد",
    ),
    _locale(
        "Israel",
        "+972",
        "co.il",
        given="נועה=noa אריאל=ariel תמר=tamar יונתן=yonatan",
        family="כהן=cohen לוי=levi בן־דוד=bendavid מזרחי=mizrahi",
        places="חיפה|צפון|3100000;באר שבע|דרום|8400000",
        street="רחוב הרצל {n}",
    ),
    _locale(
        "Greece",
        "+30",
        "gr",
        given="Ελένη=eleni Γιώργος=giorgos Αθηνά=athina Σπύρος=spyros",
        family="Παπαδόπουλος=papadopoulos Νικολάου=nikolaou Καραγιάννης=karagiannis",
        places="Θεσσαλονίκη|Μακεδονία|54001;Πάτρα|Αχαΐα|26001",
        street="Οδός Ερμού {n}",
    ),
    _locale(
        "India",
        "+91",
        "in",
        given="प्रिया=priya अर्जुन=arjun Lakshmi Sundar=Sundar Harpreet",
        family="शर्मा=sharma Venkataraman Singh Iyer देशपांडे=deshpande",
        places="Pune|Maharashtra|411001;Kochi|Kerala|682001",
        street="{n}, M.G. Road",
    ),
    _locale(
        "Brazil",
        "+55",
        "com.br",
        given="João=Joao Conceição=Conceicao Antônio=Antonio Luísa=Luisa Thaís=Thais",
        family="da_Silva=dasilva Gonçalves=Goncalves Magalhães=Magalhaes dos_Santos=dossantos",
        places="São Paulo|SP|1000000;Florianópolis|SC|88000000",
        street="Rua das Acácias, {n}",
        salutations="Sra. Sr.",
    ),
    _locale(
        "Vietnam",
        "+84",
        "vn",
        given="Thị_Hồng=thihong Văn_Đức=vanduc Ngọc_Ánh=ngocanh Quốc=quoc",
        family="Nguyễn=nguyen Trần=tran Phạm=pham Đặng=dang",
        places="Hà Nội|Hà Nội|100000;Đà Nẵng|Đà Nẵng|550000",
        street="{n} Đường Lê Lợi",
    ),
)

TITLES = (
    "Head of Purchasing",
    "Marketing Manager",
    "Software Engineer",
    "CFO",
    "Sales Representative",
    "Chief of Staff",
    "Geschäftsführer",
    "Directrice commerciale",
    "Research & Development",
    "Office Manager",
    "VP, Operations",
    "Owner",
)
INDUSTRIES = (
    "Banking",
    "Biotechnology",
    "Construction",
    "Consulting",
    "Education",
    "Energy",
    "Healthcare",
    "Manufacturing",
    "Retail",
    "Technology",
)
_STEMS = "Brightwater Kestrel Ironbark Solis Fjord Quarry Lumen Tamarind Copper Alder Vireo Nimbus"
_TRADES = "Logistics Foods Robotics Textiles Energy Health Analytics Marine Tools Press"
_FORMS = ("Inc.", "GmbH", "Ltd", "S.A.", "& Sons", "KK", "AG", "Coöp.", "LLC", "")
STEMS, TRADES, FORMS = tuple(_STEMS.split()), tuple(_TRADES.split()), _FORMS
