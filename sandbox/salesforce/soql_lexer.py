"""Words of a SOQL text, and the error that points at one."""

import re
from typing import NamedTuple

from sandbox.salesforce.errors import SalesforceError

_STRING = r"'[^'\\]*(?:\\.[^'\\]*)*'"
_TOKEN = re.compile(
    rf"""
    (?P<list>\(\s*{_STRING}(?:\s*,\s*{_STRING})+\s*\))
  | (?P<string>{_STRING})
  | (?P<datetime>\d{{4}}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d))
  | (?P<date>\d{{4}}-\d\d-\d\d)
  | (?P<number>[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)
  | (?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)
  | (?P<op><=|>=|!=|<>|=|<|>)
  | (?P<mark>[(),:])
  """,
    re.VERBOSE | re.ASCII | re.DOTALL,
)
_SPACE = re.compile(r"\s*")
_LITERAL = re.compile(_STRING, re.DOTALL)
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|.)", re.DOTALL)
_ESCAPED = {
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "b": "\b",
    "f": "\f",
    '"': '"',
    "'": "'",
    "\\": "\\",
    "_": "_",
    "%": "%",
}
_WINDOW = 40
MOST_CHARACTERS = 100_000
LONGEST_LITERAL = 4_000


class Token(NamedTuple):
    """One word: its kind, its text as written, where it starts."""

    kind: str
    text: str
    start: int


def tokens(text: str) -> list[Token]:
    """Split *text*; a list of string literals is one token, so that long INs stay cheap."""
    if len(text) > MOST_CHARACTERS:
        message = f"SOQL statements cannot be longer than {MOST_CHARACTERS} characters."
        raise SalesforceError("QUERY_TOO_COMPLICATED", message)
    found: list[Token] = []
    at = _skip(text, 0)
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise soql_error(text, at, f"unexpected token: '{text[at]}'")
        found.append(Token(match.lastgroup, match.group(), at))
        at = _skip(text, match.end())
    found.append(Token("end", "<EOF>", len(text)))
    return found


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def literals(token: Token, text: str) -> list[str]:
    """Return the values of a list token."""
    raw = _LITERAL.findall(token.text)
    if "\\" not in token.text:
        values = [literal[1:-1] for literal in raw]
        if max(map(len, values)) <= LONGEST_LITERAL:
            return values
    return [decode(literal, token.start, text) for literal in raw]


def decode(literal: str, start: int, text: str, *, for_like: bool = False) -> str:
    """Return the value of a quoted literal; for LIKE, escaped wildcards keep their backslash."""

    def unescape(match: re.Match[str]) -> str:
        code = match.group(1)
        if len(code) == 5:
            return chr(int(code[1:], 16))
        if for_like and code in "%_\\":
            return "\\" + code
        if code not in _ESCAPED:
            message = (
                f"Invalid string literal {literal}. "
                f"Illegal character sequence '\\{code}' in string literal."
            )
            raise soql_error(text, start, message)
        return _ESCAPED[code]

    value = literal[1:-1]
    if len(value) > LONGEST_LITERAL:
        raise soql_error(text, start, "string literal is longer than 4,000 characters")
    return _ESCAPE.sub(unescape, value) if "\\" in value else value


def soql_error(
    text: str, at: int, explanation: str, *, code: str = "MALFORMED_QUERY"
) -> SalesforceError:
    """Return the refusal of a query: fragment, caret, position, explanation."""
    start = text.rfind("\n", 0, at) + 1
    row, column = text.count("\n", 0, at) + 1, at - start + 1
    stop = text.find("\n", at)
    line = text[start : stop if stop >= 0 else len(text)]
    first = max(0, column - 1 - _WINDOW)
    fragment = line[first : column - 1 + _WINDOW]
    caret = " " * (column - 1 - first) + "^"
    position = f"ERROR at Row:{row}:Column:{column}"
    return SalesforceError(code, f"\n{fragment}\n{caret}\n{position}\n{explanation}")
