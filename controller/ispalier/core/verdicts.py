"""Verdicts: what is told of the services' answers; one failure says nothing. Pure, in memory."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from ispalier.core.items import Place
from ispalier.core.probe import Question, Reason, Reply, Subject

CHANGED = Reply(Reason.NOT_PROBED, "not asked since it was changed")
IN_A_ROW = 3
"""Failures after which one is believed."""


@dataclass(slots=True)
class _Heard:
    """A question, what is told of it (None: nothing new is known), and failures in a row."""

    question: Question
    told: Reply | None
    failures: int = 0


@dataclass(slots=True)
class Verdicts:
    """What is believed of every subject that is asked about.

    Lost at a restart: until a subject is asked again, nothing is said in place of what its
    resource carries.
    """

    in_a_row: int = IN_A_ROW
    _of: dict[Subject, _Heard] = field(default_factory=dict)
    _subjects: dict[str, frozenset[Subject]] = field(default_factory=dict)

    def expect(self, customer: str, questions: Mapping[Subject, Question]) -> list[Subject]:
        """From now on a customer is asked these; returns what is to be asked soon.

        What was believed of a question that is another now is forgotten.
        """
        for gone in self._subjects.get(customer, frozenset()) - questions.keys():
            del self._of[gone]
        self._subjects[customer] = frozenset(questions)
        if not questions:
            del self._subjects[customer]
        changed = []
        for subject, question in questions.items():
            known = self._of.get(subject)
            if known is None or known.question != question:
                self._of[subject] = _Heard(question, CHANGED if known else None)
                changed.append(subject)
        return changed

    def told(self, subject: Subject, question: Question) -> Reply | None:
        """What is believed; None while nothing new is known."""
        known = self._of.get(subject)
        if known is None:
            return None
        return known.told if known.question == question else CHANGED

    def question(self, subject: Subject) -> Question | None:
        """What to ask; None if nothing any more."""
        known = self._of.get(subject)
        return known.question if known else None

    def heard(self, subject: Subject, question: Question, reply: Reply) -> bool:
        """Take an answer in; tells whether something else is believed now.

        One failure says nothing, one success is believed. An answer to a question that is another
        meanwhile counts for nothing.
        """
        known = self._of.get(subject)
        if known is None or known.question != question:
            return False
        known.failures = known.failures + 1 if reply.reason.is_failure else 0
        if 0 < known.failures < self.in_a_row:
            return False
        if known.told is not None and known.told.reason is reply.reason:
            return False
        known.told = reply
        return True

    def is_in_doubt(self, subject: Subject) -> bool:
        """Whether the last answer was a failure."""
        known = self._of.get(subject)
        return known is not None and known.failures > 0

    def failing(self) -> Mapping[Place, int]:
        """How many subjects each host is believed not to serve as declared."""
        return Counter(
            subject.place
            for subject, known in self._of.items()
            if subject.is_ours and known.told is not None and known.told.reason.is_failure
        )
