"""A provider whose contracts are a folder of YAML and whose bills come from the command line."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import yaml
from typer.testing import CliRunner, Result

from ispalier.cli.main import app
from ispalier.core.memory import Fact, Update
from ispalier.journal.journal import Journal
from ispalier.journal.seal import Seal

KEY = Seal.new_key()
HOME = "test-installation"
SEEN = datetime(2026, 11, 22, 12, tzinfo=UTC)


@dataclass
class Firm:
    """A folder with its root file, and the journal that goes with it."""

    folder: Path
    url: str

    def found(self) -> None:
        """Make the installation, its unit, a plan and a customer."""
        self.folder.mkdir()
        (self.folder / "ispalier.yaml").write_text(f"installation: {HOME}\n")
        self.unit()
        self.plan("fibra-300", "99.90")
        self.tenant()
        Journal.open(self.url, KEY, HOME).close()

    def unit(self, name: str = "londrina", **billing: object) -> None:
        """Declare a business unit in arrears."""
        terms = {"timing": "Arrears", "closingDay": 31, "dueDay": 10, **billing}
        spec = {"displayName": name, "timeZone": "America/Sao_Paulo", "currency": "BRL"}
        given = {key: value for key, value in terms.items() if value is not None}
        self.declare("BusinessUnit", name, {**spec, "billing": given})

    def plan(self, name: str, amount: str, **spec: object) -> None:
        """Declare a plan with a price of the year 2000."""
        price = {"currency": "BRL", "amount": amount, "validFrom": "2000-01-01"}
        fields = {"family": "Mail", "availableIn": ["londrina"], "prices": [price]}
        self.declare("Plan", name, {**fields, **spec})

    def tenant(self, name: str = "silva", number: str = "10042", **spec: object) -> None:
        """Declare a customer in a namespace of that name."""
        fields = {"number": number, "displayName": name, "businessUnitRef": {"name": "londrina"}}
        self.declare("Tenant", name, {**fields, **spec}, name)

    def contract(
        self, *terms: str, name: str = "home", namespace: str = "silva", **spec: object
    ) -> None:
        """Declare a contract; a term is `2007-05-21 fibra-300`, with a quantity `... 2`."""
        declared = [
            {"from": start, "planRef": {"name": plan}, **dict.fromkeys(["quantity"] * len(rest), 2)}
            for start, plan, *rest in (term.split() for term in terms)
        ]
        self.declare("Subscription", name, {"terms": declared, **spec}, namespace)

    def declare(self, kind: str, name: str, spec: dict[str, Any], namespace: str = "") -> None:
        """Write a resource to its file."""
        meta = {"name": name, **({"namespace": namespace} if namespace else {})}
        body = {"apiVersion": "ispalier.dev/v1alpha1", "kind": kind, "metadata": meta, "spec": spec}
        self.file(kind, name, namespace).write_text(yaml.safe_dump(body))

    def file(self, kind: str, name: str, namespace: str = "") -> Path:
        """The file of a resource."""
        return self.folder / f"{kind}.{namespace}.{name}.yaml"

    def observe(self, *facts: str, customer: str = "10042", name: str = "home") -> None:
        """Write facts such as `2007-05-21 ready` or `2007-06-16 plan fibra-600`."""
        self.observe_all({name: facts}, customer)

    def observe_all(self, contracts: Mapping[str, Iterable[str]], customer: str = "10042") -> None:
        """The same for many contracts of a customer."""
        said = [
            (name, (*fact.split(" ", 2), "")[:3])
            for name, facts in contracts.items()
            for fact in facts
        ]
        noted = [
            Fact(name, topic, date.fromisoformat(day), value) for name, (day, topic, value) in said
        ]
        journal = Journal.open(self.url, KEY, HOME)
        journal.note({customer: Update(facts=noted)}, SEEN)
        journal.close()

    def run(self, *words: str) -> Result:
        """Run `ispalier` with this journal."""
        return CliRunner().invoke(app, words, env={"ISPALIER_JOURNAL_URL": self.url})

    def bill(self, as_of: str, *words: str) -> Result:
        """Run `ispalier bill` on the folder."""
        return self.run("bill", str(self.folder), "--as-of", as_of, *words)

    def post(self, as_of: str, *words: str) -> list[str]:
        """Post, and return the lines as `32.23 = 10 of 31 days × 99.90`, in the order of amounts."""
        words = ("--post", "--first-run", "--allow-future", "--format", "json", *words)
        result = self.bill(as_of, *words)
        assert result.exit_code == 0, result.output
        return sorted(lines(json.loads(result.stdout)))

    def entries(self, *words: str) -> list[dict[str, Any]]:
        """Everything that the ledger holds."""
        found: list[dict[str, Any]] = json.loads(
            self.run("entries", "--format", "json", *words).stdout
        )["entries"]
        return found


def lines(document: dict[str, Any]) -> list[str]:
    """Amounts with their arithmetic."""
    return [f"{each['amount']} = {each['arithmetic']}" for each in document["entries"]]


def lasting(since: str, until: str = "", reason: str = "Unpaid") -> dict[str, str]:
    """A suspension or a billing hold."""
    return {"reason": reason, "since": since, **({"until": until} if until else {})}
