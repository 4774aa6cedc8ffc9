"""One REST call inside the org, whether it came alone or within a composite."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from sandbox.salesforce.auth import Session
from sandbox.salesforce.transaction import Author, Transaction

if TYPE_CHECKING:
    from sandbox.salesforce.org import Org


class Reply(NamedTuple):
    """Status, JSON value (None = no body) and headers of one answer."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = {}


@dataclass(slots=True)
class Call:
    """One call. ``parts`` is the path below the version; ``body`` is parsed JSON."""

    org: "Org"
    method: str
    parts: tuple[str, ...]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any
    version: str
    session: Session
    outer: Transaction | None = field(default=None)
    """The transaction of a composite that commits as a whole."""

    @property
    def base(self) -> str:
        """Return the path of the version, for URLs in answers."""
        return f"/services/data/v{self.version}"

    def begin(self) -> Transaction:
        """Return the transaction this call's writes belong to."""
        if self.outer is None:
            return Transaction(self.org, self.author())
        self.outer.saved_before = len(self.outer.changes)
        self.outer.author = self.author()
        return self.outer

    def end(self, tx: Transaction) -> None:
        """Commit, unless a composite does it later."""
        if tx is not self.outer:
            tx.commit()

    def author(self) -> Author:
        """Return who writes, and what the headers ask for."""
        rule = _switches(self.headers.get("sforce-duplicate-rule-header", ""))
        return Author(
            caller=self.session.caller,
            user_id=self.session.user_id,
            request_id=self.headers.get("x-request-id", ""),
            version=float(self.version),
            auto_assign=self.headers.get("sforce-auto-assign", "TRUE").upper() != "FALSE",
            allow_save=rule.get("allowsave") == "true",
            record_details=rule.get("includerecorddetails") == "true",
        )


def _switches(header: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in header.replace(",", ";").split(";"))
    return {name.strip().lower(): value.strip().lower() for name, _, value in pairs}
