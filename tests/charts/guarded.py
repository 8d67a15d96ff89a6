"""What the policies of the chart guard: specs as people write them, and what they are told."""

import pytest

ADDRESS = {"street": "Rua Sergipe 640", "city": "Londrina", "country": "BR"}
PROFILE = {"type": "Person", "email": "joao@example.org", "phone": "+5543991234567"}
SILVA = {
    "number": "10042",
    "displayName": "Silva",
    "businessUnitRef": {"name": "norte"},
    "profile": {**PROFILE, "address": ADDRESS},
}
HIDDEN = {
    "number": "10043",
    "displayName": "Hidden",
    "businessUnitRef": {"name": "norte"},
    "profileSecretRef": {"name": "hidden", "key": "profile"},
}
PLAN = {"planRef": {"name": "fibra-300"}}
LIST_PRICE = {"from": "2026-11-01", **PLAN}
AGREED = {"from": "2026-12-01", **PLAN, "cycle": "P1M", "price": "79.90"}
DISCOUNT = {"reason": "nfr", "percent": "50", "since": "2026-12-01"}
ORDERED = {"deployment": "Requested", "terms": [LIST_PRICE]}
SERVED = {
    "terms": [LIST_PRICE, AGREED],
    "discounts": [DISCOUNT],
    "billing": {"billedThrough": "2026-11-15"},
}
LONG = {
    "terms": [
        {**AGREED, "from": f"{2020 + month // 12}-{month % 12 + 1:02}-01"} for month in range(128)
    ]
}
"""As many terms as there may be, each at a price of its own: what costs a policy most."""
FEE = {"amount": "10.00"}
SUSPENDED = {"reason": "Unpaid", "since": "2027-01-20"}
ACTS = {
    "approve": {"digest": "0f3a9c51d2e4"},
    "purge": {"customer": "10042", "kind": "Login", "name": "joao"},
    "restore": {"customer": "10042"},
    "release": {"customer": "10042", "kind": "Login", "name": "joao"},
}

REPRICED = [
    pytest.param(spec, told, id=name)
    for name, spec, told in [
        ("a price", {"terms": [{**LIST_PRICE, "price": "1.00"}, AGREED]}, "spec.terms: a price"),
        ("another price", {"terms": [LIST_PRICE, {**AGREED, "price": "1.00"}]}, "spec.terms: a pr"),
        ("a price taken away", {"terms": [LIST_PRICE]}, "spec.terms: a price or a trial"),
        (
            "another plan for a price",
            {"terms": [LIST_PRICE, {**AGREED, "planRef": {"name": "fibra-900"}}]},
            "spec.terms: a price or a trial of its own, and the plan and cycle",
        ),
        (
            "another cycle for a price",
            {"terms": [LIST_PRICE, {**AGREED, "cycle": "P1Y"}]},
            "spec.terms: a price or a trial of its own, and the plan and cycle",
        ),
        ("a trial", {"terms": [{**LIST_PRICE, "trialDays": 99}, AGREED]}, "spec.terms: a price"),
        ("a discount", {"discounts": [{**DISCOUNT, "percent": "99"}]}, "spec.discounts: less for"),
        ("no discount", {"discounts": None}, "spec.discounts: less for a time is agreed"),
        ("a set-up fee", {"setupFee": FEE}, "spec.setupFee: another one than the plan's"),
        (
            "a termination fee",
            {"contract": {"terminationFee": {"amount": "0"}}},
            "spec.contract.terminationFee: another one than the plan's",
        ),
        (
            "days that are free",
            {"billing": {"hold": [{"reason": "Storm", "since": "2026-12-01"}]}},
            "spec.billing: which days are not charged",
        ),
        (
            "a later first day",
            {"billing": {"billedThrough": "2027-11-15"}},
            "spec.billing: which days are not charged",
        ),
        (
            "slow and free",
            {"suspensions": [{**SUSPENDED, "effect": "Throttle"}]},
            "spec.suspensions: service that goes on in part",
        ),
        (
            "no sending and free",
            {"suspensions": [{**SUSPENDED, "effect": "NoSubmission", "billing": "Stop"}]},
            "spec.suspensions: service that goes on in part",
        ),
    ]
]
LINE = {
    "subscriptionRef": {"name": "served"},
    "username": "joao",
    "password": {"secretRef": {"name": "passwords", "key": "joao"}},
}
BOX = {
    "subscriptionRef": {"name": "served"},
    "address": "joao@silva.example",
    "password": {"secretRef": {"name": "passwords", "key": "joao"}},
}
ATTRIBUTE = [{"name": "Fall-Through", "value": "No"}]
OVERRIDDEN = [
    pytest.param(kind, spec, told, id=name)
    for name, kind, spec, told in [
        ("a faster line", "Login", {"profileRef": {"name": "900m"}}, "spec.profileRef, reply, c"),
        ("a reply", "Login", {"reply": ATTRIBUTE}, "spec.profileRef, reply, check: how a line"),
        ("a check", "Login", {"check": ATTRIBUTE}, "spec.profileRef, reply, check: how a line"),
        (
            "a line that nobody suspends",
            "Login",
            {"managementPolicy": "Observe"},
            "spec.managementPolicy: what is only observed is neither suspended nor ended",
        ),
        (
            "a mailbox that nobody suspends",
            "Mailbox",
            {"managementPolicy": "Observe"},
            "spec.managementPolicy: what is only observed is neither suspended nor ended",
        ),
    ]
]
IDENTITY = [
    pytest.param({"profile": change}, id=name)
    for name, change in [
        ("main mail address", {"email": "other@example.org"}),
        ("phone", {"phone": "+5543990000000"}),
        ("country", {"address": {"country": "PT"}}),
        ("type", {"type": "Company"}),
        ("address", {"address": {"street": "Rua Goias 1"}}),
        ("nothing of it left", None),
    ]
]
