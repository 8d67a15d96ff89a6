"""Fault schedules: whatever fails in whatever order, in the end all is as it is declared."""

import asyncio
from random import Random

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from ispalier.api.access import Login
from ispalier.core.items import PROVIDER
from tests.builders import login
from tests.faults import ending, person, schedule
from tests.faults.clock import Loop
from tests.faults.declared import CUSTOMERS, moved
from tests.faults.trial import Trial

chances = st.integers(0, 2**16).map(Random)


@pytest.mark.parametrize("first", range(0, 300, 50))
def test_whatever_fails_nothing_is_lost_too_much_doubled_or_taken_from_a_stranger(
    first: int,
) -> None:
    found = schedule.failures(range(first, first + 50))

    assert found == []


def test_who_wants_a_name_whose_login_moved_with_a_tenant_that_went_is_not_lost() -> None:
    async def moved_unseen() -> list[str]:
        trial = Trial(Random(3))  # noqa: S311 - not for secrets; no stranger has u1 there
        declared = trial.declared
        await person.adopt(trial)
        await trial.make([PROVIDER])
        await trial.make([*CUSTOMERS])
        for each in declared.take(*declared.in_space("silva")):
            if isinstance(each, Login):
                declared.put(moved(each, "silva-2"))
        declared.put(login("u1", "souza", "ana"))
        trial.look()

        await ending.elapse(trial)
        await ending.check(trial)

        holders = [each.items["line", "u1"].owner for each in trial.hosts]
        return [each.customer for each in (*holders, trial.names()["u1"]) if each]

    with asyncio.Runner(loop_factory=Loop) as runner:
        assert runner.run(moved_unseen()) == ["10042"] * 3


class Schedules(RuleBasedStateMachine):
    """The same acts, in an order that Hypothesis chooses and shortens."""

    @initialize(rate=st.sampled_from(schedule.RATES), chance=chances)
    def begin(self, rate: float, chance: Random) -> None:
        self.chance = chance
        self.runner = asyncio.Runner(loop_factory=Loop)

        async def made() -> schedule.Story:
            return schedule.Story(Trial(chance, rate))

        self.story = self.runner.run(made())

    @rule(act=st.sampled_from(schedule.ACTS), chance=chances)
    def act(self, act: schedule.Act, chance: Random) -> None:
        async def acted() -> None:
            await act(self.story, chance)

        self.runner.run(acted())

    @rule(chance=chances)
    def passes(self, chance: Random) -> None:
        self.act(schedule.make, chance)

    @invariant()
    def holds(self) -> None:
        if hasattr(self, "story"):
            self.runner.run(self._checked())

    async def _checked(self) -> None:
        self.story.trial.check()

    def teardown(self) -> None:
        if hasattr(self, "story"):
            try:
                self.runner.run(schedule.end(self.story, self.chance))
            finally:
                self.runner.close()


TestSchedules = Schedules.TestCase
TestSchedules.settings = settings(
    max_examples=15,
    stateful_step_count=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
    print_blob=True,
)
