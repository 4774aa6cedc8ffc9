"""Hostile values, once for every door: text, ids, numbers, e-mail addresses."""

TEXT = [
    "",
    " ",
    "\x00",
    "a\x00b",
    "\ud800",
    "😀",
    "\u202egnp.exe",
    "a\r\nb",
    "=1+1",
    "+1",
    "-1",
    "@SUM(1)",
    "\t=1",
    "<script>alert(1)</script>",
    "'",
    '"',
    "\\",
    "%",
    "_",
    "' OR ''='",
    "{{7*7}}",
    "${x}",
    "%s%n",
    "../../etc/passwd",
    "x" * 32_768,
    "\x1b[31mred",
    "null",
    "#N/A",
]
IDS = [
    "0",
    "-1",
    "9007199254740993",
    "1e400",
    "NaN",
    "٣",
    "001AB0000000001",
    "001AB0000000001AAA",
    "00QAB0000000001AAA!",
    "003",
    "1" * 200,
    "1; DROP TABLE runs",
]
EMAILS = [
    "UPPER@EXAMPLE.COM",
    "plus+tag@example.com",
    "müller@exämple.de",
    '"quoted name"@example.com',
    "a" * 70 + "@example.com",
    "a" * 245 + "@example.com",
    "trailing@example.com.",
    "ceo@big.inc",
    "@",
    "a@",
    "@b",
    "a@b@c.example",
]
NUMBERS = ["0", "-1", "1e9", "1e400", "NaN", "inf", "-inf", "1,5", "0x10", "٣", "one", "1" * 400]
BOOLEANS = ["ja", "2", "truee", "on off", "\x00"]

EVERYTHING = [*TEXT, *IDS, *EMAILS]
