"""Every rule between fields, broken once."""

from tests.golden.api.mistakes import MISSING, Rule

S = "spec"
KEY = {"name": "a", "key": "b"}
BEFORE = "2020-01-01"
RULES = (
    Rule("AccessProfile", "download-alone", {(S, "upload"): MISSING}),
    Rule(
        "AccessProfile",
        "burst-alone",
        {(S, "download"): MISSING, (S, "upload"): MISSING, (S, "burst", "seconds"): 8},
    ),
    Rule("AccessProfile", "empty-garden", {(S, "walledGarden"): {}}),
    Rule("Plan", "without-access", {(S, "access"): MISSING}),
    Rule("Plan", "price-of-no-cycle", {(S, "prices", 0, "cycle"): "P3M"}),
    Rule("Plan", "trial-without-days", {(S, "trial", "days"): MISSING}),
    Rule("Plan", "remainder-with-days", {(S, "trial", "mode"): "RemainderOfPeriod"}),
    Rule("Plan", "two-fees", {(S, "contract", "terminationFee", "amount"): "5"}),
    Rule("CommissionSchedule", "rate-of-no-level", {(S, "rates", 0, "level"): "gold"}),
    Rule("Partner", "commission-without-schedule", {(S, "commissionScheduleRef"): MISSING}),
    Rule(
        "Partner",
        "wholesale-with-schedule",
        {(S, "model"): "Wholesale", (S, "customerNumber"): "20001"},
    ),
    Rule(
        "Partner",
        "commission-with-payer",
        {(S, "customerNumber"): "20001"},
    ),
    Rule("Plan", "mid-period-of-nobody", {(S, "prices", 0, "midPeriod"): True}),
    Rule(
        "Mailbox",
        "auto-reply-backwards",
        {(S, "autoReply", "since"): "2027-06-10", (S, "autoReply", "until"): "2027-06-01"},
    ),
    Rule("ServiceHost", "other-section", {(S, "type"): "DNS"}),
    Rule(
        "IPPool",
        "ports-of-public",
        {(S, "addressClass"): "Public", (S, "portBlocks", "size"): 1024},
    ),
    Rule(
        "IPPool",
        "two-families",
        {(S, "prefixes"): [{"prefix": "100.64.0.0/22"}, {"prefix": "2001:db8::/64"}]},
    ),
    Rule("IPPool", "host-bits", {(S, "prefixes", 0, "prefix"): "100.64.0.1/22"}),
    Rule(
        "Tenant", "two-profiles", {(S, "profile", "type"): "Person", (S, "profileSecretRef"): KEY}
    ),
    Rule("PaymentMethod", "debit-without-mandate", {(S, "mandate"): MISSING}),
    Rule(
        "PaymentMethod", "card-with-mandate", {(S, "type"): "Card", (S, "mandate", "number"): "X"}
    ),
    Rule("Subscription", "term-after-end", {(S, "end"): {"date": BEFORE, "reason": "Moved"}}),
    Rule("Subscription", "percent-and-amount", {(S, "discounts", 0, "amount"): "5"}),
    Rule("Subscription", "discount-backwards", {(S, "discounts", 0, "until"): BEFORE}),
    Rule("Subscription", "two-fees", {(S, "contract", "terminationFee", "percentOfRest"): "50"}),
    Rule("Subscription", "suspension-backwards", {(S, "suspensions", 0, "until"): BEFORE}),
    Rule("Subscription", "hold-backwards", {(S, "billing", "hold", 0, "until"): BEFORE}),
    Rule("Login", "two-identities", {(S, "mac"): "00:11:22:33:44:55"}),
    Rule("Login", "nobody", {(S, "username"): MISSING, (S, "password"): MISSING}),
    Rule("Login", "without-password", {(S, "password"): MISSING}),
    Rule("Login", "two-passwords", {(S, "password", "hashRef"): KEY}),
    Rule("IPClaim", "prefix-without-length", {(S, "use"): "Routed", (S, "prefixLength"): MISSING}),
    Rule("IPClaim", "address-with-length", {(S, "use"): "WAN", (S, "prefixLength"): 56}),
    Rule(
        "Domain",
        "secondary-without-primaries",
        {(S, "primaries"): MISSING, (S, "dns"): "Secondary"},
    ),
    Rule(
        "Domain", "hosted-with-primaries", {(S, "dns"): "Hosted", (S, "primaries"): ["192.0.2.53"]}
    ),
    Rule(
        "RecordSet",
        "cname-at-the-apex",
        {(S, "name"): "@", (S, "type"): "CNAME", (S, "values"): ["a.example."]},
    ),
    Rule(
        "RecordSet",
        "two-cnames",
        {(S, "name"): "www", (S, "type"): "CNAME", (S, "values"): ["a.example.", "b.example."]},
    ),
    Rule(
        "RecordSet",
        "ns-at-the-apex",
        {(S, "name"): "@", (S, "type"): "NS", (S, "values"): ["a.example."]},
    ),
    Rule("Mailbox", "no-password", {(S, "password"): {}}),
    Rule("Site", "no-password", {(S, "password"): {}}),
    Rule("FTPUser", "no-password", {(S, "password"): {}}),
    Rule("Database", "no-password", {(S, "password"): {}}),
    Rule("Tenant", "topic-twice", {(S, "contacts", 0, "topics"): ["Billing", "Billing"]}),
    Rule(
        "Subscription",
        "term-twice",
        {(S, "terms"): [{"from": "2026-01-01", "planRef": {"name": "a"}}] * 2},
    ),
    Rule(
        "Plan",
        "price-twice",
        {(S, "prices"): [{"currency": "BRL", "amount": "1", "validFrom": "2026-01-01"}] * 2},
    ),
    Rule("BusinessUnit", "letters-of-another-currency", {(S, "currency"): "BLR"}),
    Rule("BusinessUnit", "lower-case-currency", {(S, "currency"): "brl"}),
    Rule("BusinessUnit", "currency-of-nobody", {(S, "currency"): "QQQ"}),
    Rule("Plan", "price-in-gold", {(S, "prices", 0, "currency"): "XAU"}),
    Rule("BusinessUnit", "resolver-lacks-a-number", {(S, "verifyDomains", "resolvers"): ["8.8.8"]}),
    Rule(
        "BusinessUnit",
        "resolver-of-no-byte",
        {(S, "verifyDomains", "resolvers"): ["192.0.2.256"]},
    ),
    Rule("BusinessUnit", "resolver-of-one-group", {(S, "verifyDomains", "resolvers"): ["[1]"]}),
    Rule("BusinessUnit", "port-zero", {(S, "verifyDomains", "resolvers"): ["192.0.2.1:0"]}),
    Rule("BusinessUnit", "port-beyond", {(S, "verifyDomains", "resolvers"): ["192.0.2.1:65536"]}),
    Rule("BusinessUnit", "help-desk-at-port-zero", {(S, "helpDeskURL"): "https://a.example:0/"}),
    Rule("ServiceHost", "imap-at-port-zero", {(S, "mail", "probe", "imap"): "imaps://a.example:0"}),
    Rule("Domain", "ip-address-for-a-name", {(S, "name"): "192.0.2.1"}),
    Rule("Mailbox", "percent-hack", {(S, "address"): "joao%other.example@silva.example"}),
    Rule("MailAlias", "bang-path", {(S, "address"): "other.example!joao@silva.example"}),
    Rule("Mailbox", "at-an-ip-address", {(S, "address"): "joao@192.0.2.1"}),
)
