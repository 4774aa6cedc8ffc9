"""The grammar of the SOQL the sandbox knows; anything else is refused, never ignored."""

from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.soql_lexer import Token, decode, literals, soql_error, tokens
from sandbox.salesforce.soql_tree import (
    And,
    Comparison,
    Condition,
    Count,
    In,
    Not,
    Operator,
    Or,
    Order,
    Path,
    Query,
    Value,
)

MOST_SKIPPED = 2_000
MOST_NESTED = 100
"""Parentheses within parentheses; Salesforce's own bound is not known."""
_WORDS = """
AND OR NOT IN LIKE FROM WHERE ORDER BY LIMIT OFFSET GROUP HAVING SELECT ASC DESC NULLS FIRST
LAST WITH FOR USING UPDATE EXCLUDES INCLUDES
"""
_RESERVED = frozenset(_WORDS.split())


def parse(text: str) -> Query:
    """Parse *text* or raise ``MALFORMED_QUERY`` pointing at the first word that does not fit."""
    return _Parser(text).query()


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokens(text)
        self.at = 0
        self.depth = 0

    @property
    def here(self) -> Token:
        return self.tokens[self.at]

    def unexpected(self) -> SalesforceError:
        return soql_error(self.text, self.here.start, f"unexpected token: '{self.here.text}'")

    def is_word(self, *words: str) -> bool:
        return self.here.kind == "name" and self.here.text.upper() in words

    def word(self, *words: str) -> str:
        """Take one of *words* or fail."""
        if not self.is_word(*words):
            raise self.unexpected()
        return self.take().text.upper()

    def has(self, text: str) -> bool:
        """Take this word or mark if it comes next."""
        fits = self.here.kind in ("name", "mark") and self.here.text.upper() == text
        self.at += fits
        return fits

    def mark(self, text: str) -> None:
        if self.here.kind != "mark" or not self.has(text):
            raise self.unexpected()

    def take(self) -> Token:
        self.at += 1
        return self.tokens[self.at - 1]

    def path(self) -> Path:
        if self.here.kind != "name" or self.here.text.upper() in _RESERVED:
            raise self.unexpected()
        token = self.take()
        return Path(token.text, token.start)

    def query(self) -> Query:
        self.word("SELECT")
        paths, counts, bare = self._selected()
        self.word("FROM")
        source = self._source()
        alias = self._alias()
        where = self._any_of() if self.has("WHERE") else None
        order = self._order() if self.is_word("ORDER") else ()
        limit = self._number() if self.has("LIMIT") else None
        offset = self._offset() if self.has("OFFSET") else 0
        if self.here.kind != "end":
            raise self.unexpected()
        return Query(
            text=self.text,
            paths=paths,
            counts=counts,
            count=bare,
            sobject=source.text,
            sobject_start=source.start,
            alias=alias,
            where=where,
            order=order,
            limit=limit,
            offset=offset,
        )

    def _source(self) -> Path:
        """Read an object's name; two objects are called like a keyword."""
        if not self.is_word("GROUP", "ORDER"):
            return self.path()
        token = self.take()
        return Path(token.text, token.start)

    def _alias(self) -> str | None:
        known = self.here.kind != "name" or self.here.text.upper() in _RESERVED
        return None if known else self.take().text

    def _selected(self) -> tuple[tuple[Path, ...], tuple[Count, ...], bool]:
        paths: list[Path] = []
        counts: list[Count] = []
        while True:
            path = self.path()
            if path.text.upper() == "COUNT" and self.has("("):
                if self.has(")"):
                    if paths or counts or not self.is_word("FROM"):
                        raise self.unexpected()
                    return (), (), True
                counts.append(self._count())
            else:
                paths.append(path)
            if not self.has(","):
                break
        if paths and counts:
            message = f"Field must be grouped or aggregated: {paths[0].text}"
            raise soql_error(self.text, paths[0].start, message)
        return tuple(paths), tuple(counts), False

    def _count(self) -> Count:
        path = self.path()
        self.mark(")")
        alias = None
        if self.here.kind == "name" and not self.is_word("FROM"):
            alias = self.path().text
        return Count(path, alias)

    def _any_of(self) -> Condition:
        """Read conditions joined by AND or by OR, or one NOT; mixing them needs parentheses."""
        if self.has("NOT"):
            return Not(self._one())
        conditions = [self._one()]
        joined = ""
        while self.is_word("AND", "OR"):
            if joined and not self.is_word(joined):
                raise self.unexpected()
            joined = self.take().text.upper()
            conditions.append(self._one())
        if not joined:
            return conditions[0]
        return And(tuple(conditions)) if joined == "AND" else Or(tuple(conditions))

    def _one(self) -> Condition:
        if self.has("("):
            return self._nested()
        path = self.path()
        if self.has("IN"):
            return In(path, self._list(), negated=False)
        if self.has("NOT"):
            self.word("IN")
            return In(path, self._list(), negated=True)
        return self._comparison(path)

    def _nested(self) -> Condition:
        self.depth += 1
        if self.depth > MOST_NESTED:
            message = "too many parentheses within each other"
            raise soql_error(self.text, self.here.start, message, code="QUERY_TOO_COMPLICATED")
        inner = self._any_of()
        self.mark(")")
        self.depth -= 1
        return inner

    def _comparison(self, path: Path) -> Comparison:
        if self.has("LIKE"):
            token = self.here
            if token.kind != "string":
                raise self.unexpected()
            self.take()
            pattern = decode(token.text, token.start, self.text, for_like=True)
            return Comparison(path, "LIKE", Value("string", pattern, token.start))
        operators: dict[str, Operator] = {
            "=": "=",
            "!=": "!=",
            "<>": "!=",
            "<": "<",
            "<=": "<=",
            ">": ">",
            ">=": ">=",
        }
        if self.here.kind != "op":
            raise self.unexpected()
        operator = operators[self.take().text]
        return Comparison(path, operator, self._value())

    def _list(self) -> tuple[Value, ...] | list[str]:
        if self.here.kind == "list":
            return literals(self.take(), self.text)
        self.mark("(")
        values = [self._value()]
        while self.has(","):
            values.append(self._value())
        self.mark(")")
        return tuple(values)

    def _value(self) -> Value:
        token = self.here
        value = self._literal(token)
        self.take()
        return value

    def _literal(self, token: Token) -> Value:
        match token.kind:
            case "string":
                return Value("string", decode(token.text, token.start, self.text), token.start)
            case "number":
                return Value("number", float(token.text), token.start)
            case "date" | "datetime":
                return Value(token.kind, token.text, token.start)
            case "name":
                return self._word_literal(token)
            case _:
                raise self.unexpected()

    def _word_literal(self, token: Token) -> Value:
        match token.text.lower():
            case "null":
                return Value("null", None, token.start)
            case "true" | "false" as word:
                return Value("boolean", word == "true", token.start)
            case _:
                return self._date_word(token)

    def _date_word(self, token: Token) -> Value:
        count = None
        if self.tokens[self.at + 1].text == ":":
            self.at += 2
            if self.here.kind != "number" or not self.here.text.isdecimal():
                raise self.unexpected()
            count = int(self.here.text)
        return Value("word", (token.text.upper(), count), token.start)

    def _order(self) -> tuple[Order, ...]:
        self.word("ORDER")
        self.word("BY")
        keys = [self._key()]
        while self.has(","):
            keys.append(self._key())
        return tuple(keys)

    def _key(self) -> Order:
        path = self.path()
        descending = self.is_word("ASC", "DESC") and self.take().text.upper() == "DESC"
        nulls_first = not descending
        if self.has("NULLS"):
            nulls_first = self.word("FIRST", "LAST") == "FIRST"
        return Order(path, descending, nulls_first)

    def _number(self) -> int:
        if self.here.kind != "number" or not self.here.text.isdecimal():
            raise self.unexpected()
        return int(self.take().text)

    def _offset(self) -> int:
        start = self.here.start
        offset = self._number()
        if offset > MOST_SKIPPED:
            message = f"Maximum SOQL offset allowed is {MOST_SKIPPED}"
            raise soql_error(self.text, start, message, code="NUMBER_OUTSIDE_VALID_RANGE")
        return offset
