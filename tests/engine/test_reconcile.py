"""One pass over one unit, with a real journal in memory and a back end in memory."""

from dataclasses import replace

import anyio
from sqlalchemy import update

from ispalier.core.changes import Verb
from ispalier.core.engine import Outcome
from ispalier.core.items import Owner
from ispalier.core.reconcile import reconcile
from ispalier.core.sweep import sweep
from ispalier.journal.journal import Journal
from ispalier.journal.tables import PASSWORD
from ispalier.world.errors import Unavailable
from ispalier.world.secret import Secret
from ispalier.world.snapshot import Ident
from ispalier.world.state import State
from tests.builders import (
    NOW,
    claim,
    login,
    plan,
    resource,
    snapshot,
    subscription,
    tenant,
)
from tests.engine.passes import HOUR, LINE, PROVIDER, SILVA, message, ready, run, told, verbs
from tests.inmemory import HOST, OPENED, Line, Memory, changed, engine


def test_a_declared_login_is_created_once_and_a_second_pass_does_nothing() -> None:
    memory = Memory()
    parts = engine(snapshot(*PROVIDER, *SILVA), memory)

    first, second = run(parts), run(parts)

    assert verbs(first) == [Verb.CREATE]
    assert ready(first, SILVA[2]) == {"Ready": "True Ready"}
    assert verbs(second) == []
    assert memory.items[LINE].owner == Owner("test", "10042", "Login", "joao")


def test_a_suspension_is_applied_and_told_and_its_end_restores() -> None:
    memory = Memory()
    parts = engine(snapshot(*PROVIDER, *SILVA), memory)
    run(parts)

    parts.world.put(subscription(suspensions=[{"reason": "Unpaid", "since": "2026-11-20"}]))
    suspended = run(parts)
    state = memory.items[LINE].state
    parts.world.put(
        subscription(
            suspensions=[{"reason": "Unpaid", "since": "2026-11-20", "until": "2026-11-21"}]
        )
    )
    restored = run(parts)

    assert verbs(suspended) == [Verb.SUSPEND]
    assert state == State.SUSPENDED
    assert ready(suspended, SILVA[2]) == {"Ready": "True Ready", "Suspended": "True Suspended"}
    assert verbs(restored) == [Verb.RESTORE]


def test_a_dangling_plan_keeps_the_service_and_heals() -> None:
    memory = Memory()
    parts = engine(snapshot(*PROVIDER, *SILVA), memory)
    run(parts)
    terms = [{"from": "2026-11-01", "planRef": {"name": "fibra-3000"}}]

    parts.world.put(subscription(terms=terms))
    typo = run(parts)
    parts.world.put(SILVA[1])
    healed = run(parts)

    assert verbs(typo) == []
    assert ready(typo, SILVA[1])["Ready"] == "False Waiting"
    assert message(typo, SILVA[2]).endswith("until then what is there stays as it is")
    assert verbs(healed) == []


def test_a_suspension_acts_although_the_plan_is_dangling() -> None:
    memory = Memory()
    parts = engine(snapshot(*PROVIDER, *SILVA), memory)
    run(parts)
    terms = [{"from": "2026-11-01", "planRef": {"name": "fibra-3000"}}]
    suspensions = [{"reason": "Unpaid", "since": "2026-11-20"}]

    parts.world.put(subscription(terms=terms, suspensions=suspensions))
    outcome = run(parts)

    assert verbs(outcome) == [Verb.SUSPEND]


def test_a_missing_secret_keeps_the_service() -> None:
    memory = Memory()
    parts = engine(snapshot(*PROVIDER, *SILVA), memory)
    run(parts)

    parts.world.remove_secret("silva", "passwords")
    outcome = run(parts)

    assert verbs(outcome) == []
    assert ready(outcome, SILVA[2])["Ready"] == "False Waiting"


def test_of_two_customers_with_one_user_name_the_later_conflicts() -> None:
    memory = Memory()
    souza = (tenant("souza", "10043"), subscription("souza"), login("joao", "souza"))
    parts = engine(snapshot(*PROVIDER, *SILVA, *souza), memory)
    run(parts)

    outcome = run(parts, "10043")

    assert verbs(outcome) == []
    assert ready(outcome, souza[2])["Ready"] == "False Conflict"
    assert ready(outcome, souza[2])["Stalled"] == "True Conflict"
    owner = memory.items[LINE].owner
    assert owner is not None
    assert owner.customer == "10042"


def test_a_renamed_resource_takes_its_user_name_over() -> None:
    memory = Memory()
    parts = engine(snapshot(*PROVIDER, *SILVA), memory)
    run(parts)

    parts.world.remove(Ident("Login", "silva", "joao"))
    parts.world.put(login("joao", name="joao-silva"))
    outcome = run(parts)

    assert verbs(outcome) == [Verb.ADOPT]
    assert memory.items[LINE].owner == Owner("test", "10042", "Login", "joao-silva")


def test_an_edited_user_name_removes_the_old_line() -> None:
    memory = Memory()
    parts = engine(snapshot(*PROVIDER, *SILVA), memory)
    run(parts)

    parts.world.put(login("joana", name="joao"))
    outcome = run(parts)

    assert verbs(outcome) == [Verb.DELETE, Verb.CREATE]


def test_a_new_term_changes_the_plan_on_its_day() -> None:
    memory = Memory()
    terms = [
        {"from": "2026-11-01", "planRef": {"name": "fibra-300"}},
        {"from": "2026-11-22", "planRef": {"name": "fibra-600"}},
    ]
    world = snapshot(*PROVIDER, plan("fibra-600", "600m"), *SILVA)
    world.put(subscription(terms=terms))
    parts = engine(world, memory)

    today = run(parts)
    before = memory.items[LINE]
    tomorrow = run(parts, later=16 * HOUR)
    after = memory.items[LINE]

    assert today.wake is not None
    assert today.wake.isoformat() == "2026-11-22T03:00:00+00:00"
    assert verbs(tomorrow) == [Verb.UPDATE]
    assert isinstance(before, Line)
    assert isinstance(after, Line)
    assert (before.plan, after.plan) == ("plan:fibra-300", "plan:fibra-600")


def test_who_is_not_served_yet_is_not_told_that_anything_stays() -> None:
    terms = [{"from": "2026-11-01", "planRef": {"name": "fibra-3000"}}]
    parts = engine(snapshot(*PROVIDER, tenant(), subscription(terms=terms), SILVA[2]), Memory())

    outcome = run(parts)

    assert message(outcome, SILVA[2]).endswith("create it or correct the reference")


def test_a_line_waits_for_its_plan_to_be_on_the_host() -> None:
    memory = Memory()
    parts = engine(snapshot(*PROVIDER, *SILVA), memory)

    (outcome,) = anyio.run(reconcile, parts, ["10042"], NOW)

    assert verbs(outcome) == []
    assert ready(outcome, SILVA[2])["Ready"] == "False Waiting"


def test_an_edit_by_hand_is_found_by_the_sweep_and_put_right() -> None:
    memory = Memory()
    parts = engine(snapshot(*PROVIDER, *SILVA), memory)
    told(parts, run(parts))
    line = memory.items[LINE]
    assert isinstance(line, Line)

    quiet = anyio.run(sweep, parts, NOW)
    memory.items[LINE] = changed(line, speed="1G")
    found = anyio.run(sweep, parts, NOW)
    run(parts)

    assert "10042" not in quiet.units
    assert "10042" in found.units
    assert memory.items[LINE] == line


def test_a_status_that_is_told_is_not_told_again() -> None:
    parts = engine(snapshot(*PROVIDER, *SILVA), Memory())

    first = run(parts)
    told(parts, first)
    second = run(parts)

    assert len(first.statuses) == 3
    assert second.statuses == {}


def test_a_host_that_is_down_is_told_and_tried_again() -> None:
    memory = Memory(fail=lambda _: Unavailable("connection refused"))
    parts = engine(snapshot(*PROVIDER, *SILVA), memory)

    outcome = run(parts)

    assert outcome.retry
    assert ready(outcome, SILVA[2])["Ready"] == "False BackendUnavailable"


def test_a_foreign_line_is_a_conflict_and_an_equal_one_is_adopted() -> None:
    memory = Memory()
    parts = engine(snapshot(*PROVIDER, *SILVA), memory)
    run(parts)
    line = memory.items[LINE]
    assert isinstance(line, Line)

    memory.items[LINE] = replace(line, owner=None)
    adopted = run(parts)
    memory.items[LINE] = changed(line, owner=None, speed="1G")
    refused = run(parts)

    assert verbs(adopted) == [Verb.ADOPT]
    assert verbs(refused) == []
    assert ready(refused, SILVA[2])["Ready"] == "False Conflict"


def test_an_address_is_allocated_once_and_quarantined_after_its_claim_is_gone() -> None:
    parts = engine(snapshot(*PROVIDER, *SILVA, claim("joao", "joao")), Memory())

    first = run(parts)
    again = run(parts)
    parts.world.remove(Ident("IPClaim", "silva", "joao"))
    run(parts)
    run(parts, later=HOUR)
    parts.world.put(claim("other", "joao"))
    other = run(parts, later=2 * HOUR)

    assert first.statuses[Ident("IPClaim", "silva", "joao")]["address"] == "100.64.0.1"
    assert again.statuses[Ident("IPClaim", "silva", "joao")]["address"] == "100.64.0.1"
    assert other.statuses[Ident("IPClaim", "silva", "other")]["address"] == "100.64.0.2"


def test_a_full_pool_is_told() -> None:
    claims = [claim(f"c{number}", "joao") for number in range(7)]
    parts = engine(snapshot(*PROVIDER, *SILVA, *claims), Memory())

    outcome = run(parts)

    refused = outcome.statuses[Ident("IPClaim", "silva", "c6")]["conditions"][0]
    assert refused["reason"] == "Conflict"
    assert "IPPool/homes is full" in refused["message"]


def test_a_generated_password_is_made_once() -> None:
    wish = {"generate": {"secretName": "made"}}
    memory = Memory()
    parts = engine(snapshot(*PROVIDER, *SILVA[:2], login("joao", password=wish)), memory)

    first, second = run(parts), run(parts)

    assert verbs(second) == []
    assert first.secrets == second.secrets
    assert len(first.secrets[0].value.reveal()) == 20
    assert first.secrets[0].value.reveal() not in repr((first, parts.journal.memories()["10042"]))


def test_two_resources_do_not_generate_into_one_key() -> None:
    wish = {"generate": {"secretName": "made"}}
    first, second = login("ana", password=wish), login("bia", password=wish)
    memory = Memory()
    parts = engine(snapshot(*PROVIDER, *SILVA, first, second), memory)

    outcome = run(parts)

    assert ready(outcome, first)["Ready"] == "True Ready"
    assert ready(outcome, second)["Ready"] == "False Conflict"
    assert len(outcome.secrets) == 1


def test_in_a_folder_a_secret_of_ours_takes_another_key() -> None:
    made = login("ana", password={"generate": {"secretName": "made", "key": "ana"}})
    memory = Memory()
    parts = engine(snapshot(*PROVIDER, *SILVA, made), memory)
    parts.world.secrets_folder = "secrets"
    parts.world.put_secret("silva", "made", {"bia": Secret("made before")})

    outcome = run(parts)

    assert ready(outcome, made)["Ready"] == "True Ready"
    assert [each.key for each in outcome.secrets] == ["ana"]


def test_a_password_is_not_generated_over_a_secret_that_is_there() -> None:
    made = login("ana", password={"generate": {"secretName": "made"}})
    memory = Memory()
    parts = engine(snapshot(*PROVIDER, *SILVA, made), memory)
    parts.world.put_secret("silva", "made", {"password": Secret("theirs")})

    refused = run(parts)
    parts.world.remove_secret("silva", "made")
    served = run(parts)

    assert ready(refused, made)["Ready"] == "False Conflict"
    assert refused.secrets == ()
    assert ready(served, made)["Ready"] == "True Ready"
    assert len(served.secrets) == 1


def test_a_password_that_cannot_be_read_again_concerns_its_login_alone() -> None:
    wish = {"generate": {"secretName": "made"}}
    memory = Memory()
    parts = engine(snapshot(*PROVIDER, *SILVA, login("ana", password=wish)), memory)
    run(parts)
    assert isinstance(parts.journal, Journal)
    with parts.journal.engine.begin() as connection:
        connection.execute(update(PASSWORD).values(sealed="nonsense"))

    outcome = run(parts)

    assert ready(outcome, login("ana"))["Ready"] == "False Invalid"
    assert ready(outcome, SILVA[2])["Ready"] == "True Ready"
    assert verbs(outcome) == []


def test_two_tenants_with_one_number_are_told_apart_by_age() -> None:
    late = tenant("souza", "10042", creationTimestamp="2026-11-20T00:00:00Z")
    early = tenant("silva", "10042", creationTimestamp="2026-11-19T00:00:00Z")
    parts = engine(snapshot(*PROVIDER, early, late), Memory())

    outcome = run(parts)

    assert ready(outcome, late)["Ready"] == "False Conflict"
    assert ready(outcome, early)["Ready"] == "True Ready"


def test_what_is_of_a_tenant_whose_number_is_another_ones_says_that_it_waits() -> None:
    souza = (tenant("souza"), subscription("souza"), login("eva", "souza"))
    memory = Memory()

    outcome = run(engine(snapshot(*PROVIDER, *SILVA, *souza), memory))

    assert ready(outcome, souza[0])["Ready"] == "False Conflict"
    assert ready(outcome, souza[2])["Ready"] == "False Waiting"
    assert message(outcome, souza[2]) == (
        "Tenant/souza is not accepted: customer number 10042 belongs to Tenant/silva"
    )
    assert ("line", "eva") not in memory.items


def test_a_dry_run_tells_and_changes_nothing() -> None:
    memory = Memory()
    parts = engine(snapshot(*PROVIDER, *SILVA), memory)
    anyio.run(reconcile, parts, [""], NOW)
    assert isinstance(parts.journal, Journal)
    parts.journal = parts.journal.copy()
    OPENED.append(parts.journal)
    writes = memory.writes

    async def dry() -> Outcome:
        (outcome,) = await reconcile(parts, ["10042"], NOW, dry_run=True)
        return outcome

    outcome = anyio.run(dry)

    assert verbs(outcome) == [Verb.CREATE]
    assert memory.writes == writes


def test_an_unknown_kind_of_resource_of_the_unit_is_not_lost() -> None:
    parts = engine(snapshot(*PROVIDER, *SILVA), Memory())
    record = {"domainRef": {"name": "none"}, "type": "A", "values": ["192.0.2.1"]}
    parts.world.put(resource("RecordSet", "www", record, "silva"))

    outcome = run(parts)

    assert HOST
    message = outcome.statuses[Ident("RecordSet", "silva", "www")]["conditions"][0]["message"]
    assert message == (
        "spec.domainRef: Domain/none does not exist (yet): create it or correct the name"
    )
