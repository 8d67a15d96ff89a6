"""Panels: what the dashboard shows, row by row. `JOB` is the choice of installations."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Panel(NamedTuple):
    """A picture: what to see in it, its queries by their legends, the unit of its axis.

    `is_number` asks for the present value only.
    """

    title: str
    said: str
    queries: Mapping[str, str]
    unit: str = "short"
    is_number: bool = False


def _rate(metric: str, by: str) -> str:
    return f"sum by ({by}) (rate({metric}{{JOB}}[$__rate_interval]))"


def _quantiles(histogram: str) -> Mapping[str, str]:
    buckets = _rate(f"{histogram}_bucket", "le")
    return {f"{each} %": f"histogram_quantile({each / 100:g}, {buckets})" for each in (50, 95, 99)}


ROWS: Mapping[str, Sequence[Panel]] = {
    "At a glance": (
        Panel(
            "Acting",
            "Who holds the lock. Exactly one replica of an installation acts.",
            {"acting": 'sum(leader_election_master_status{name="ispalier", JOB})'},
            is_number=True,
        ),
        Panel(
            "Alerts",
            "Alerts of Ispalier that fire now; the runbook has a paragraph for each.",
            {"firing": 'count(ALERTS{alertname=~"Ispalier.+", alertstate="firing"}) or vector(0)'},
            is_number=True,
        ),
        Panel(
            "Hosts that do not answer",
            "Changes for them wait, others go on.",
            {"hosts": "count(ispalier_backend_up{JOB} == 0) or vector(0)"},
            is_number=True,
        ),
        Panel(
            "Not served as declared",
            "Resources whose condition Ready is False, or that cannot be read.",
            {
                "resources": 'sum(max by (kind, ready) (ispalier_objects{ready=~"False|Unreadable", JOB})) or vector(0)'
            },
            is_number=True,
        ),
        Panel(
            "Waiting for a person",
            "Kinds of which so much is missing or changed that somebody must approve it.",
            {"kinds": "count(ispalier_pending{JOB}) or vector(0)"},
            is_number=True,
        ),
        Panel(
            "Longest wait",
            "For how long the customer waits who waits the longest.",
            {"wait": "max(ispalier_queue_oldest_seconds{JOB})"},
            unit="s",
            is_number=True,
        ),
    ),
    "Fleet": (
        Panel(
            "Resources",
            "Everything that is declared, by kind.",
            {"{{kind}}": "sum by (kind) (max by (kind, ready) (ispalier_objects{JOB}))"},
        ),
        Panel(
            "Not ready",
            "By kind: not served (False), not looked at yet (Unknown), not readable.",
            {
                "{{kind}} {{ready}}": 'max by (kind, ready) (ispalier_objects{ready!="True", JOB}) > 0'
            },
        ),
    ),
    "Queue and passes": (
        Panel(
            "In line",
            "Units that wait; it falls back to nothing after every burst.",
            {"waiting": 'max(workqueue_depth{name="ispalier", JOB})'},
        ),
        Panel(
            "Time in line",
            "Edits that interrupt somebody go first.",
            _quantiles("workqueue_queue_duration_seconds"),
            unit="s",
        ),
        Panel(
            "Length of a pass",
            "From the view to the status, for all units of a batch.",
            _quantiles("controller_runtime_reconcile_time_seconds"),
            unit="s",
        ),
        Panel(
            "Units a pass",
            "A burst gathers; one edit goes alone.",
            _quantiles("ispalier_pass_units"),
        ),
        Panel(
            "Passes by result",
            "requeue: a host did not answer; error: a fault of Ispalier's own.",
            {"{{result}}": _rate("controller_runtime_reconcile_total", "result")},
            unit="ops",
        ),
        Panel(
            "Since the last sweep",
            "The full comparison of every host with what is declared.",
            {"age": "time() - max(ispalier_last_sweep_timestamp_seconds{JOB} > 0)"},
            unit="s",
        ),
    ),
    "Back ends": (
        Panel(
            "Answers",
            "1: the last call ended well.",
            {"{{room}} {{host}}": "min by (room, host) (ispalier_backend_up{JOB})"},
        ),
        Panel(
            "Latency, 95 %",
            "By host and verb: observe, apply, sweep.",
            {
                "{{room}} {{host}} {{verb}}": f"histogram_quantile(0.95, {_rate('ispalier_backend_call_seconds_bucket', 'le, room, host, verb')})"
            },
            unit="s",
        ),
        Panel(
            "Calls that failed",
            "By reason: no answer, or refused.",
            {
                "{{room}} {{host}} {{reason}}": _rate(
                    "ispalier_backend_call_failures_total", "room, host, reason"
                )
            },
            unit="ops",
        ),
        Panel(
            "Left alone",
            "1 while a host that hangs is not asked.",
            {"{{room}} {{host}}": "max by (room, host) (ispalier_backend_circuit_open{JOB})"},
        ),
        Panel(
            "Calls on their way",
            "At most 8 at a host; more wait for their turn.",
            {"{{room}} {{host}}": "sum by (room, host) (ispalier_backend_calls_in_flight{JOB})"},
        ),
        Panel(
            "Services that fail their probe",
            "Logins, mailboxes and zones that are not answered as declared.",
            {"{{room}} {{host}}": "max by (room, host) (ispalier_probe_failures{JOB})"},
        ),
    ),
    "Changes": (
        Panel(
            "Changes by verb",
            "create, update, suspend, restore, retire, delete.",
            {"{{verb}}": _rate("ispalier_backend_changes_total", "verb")},
            unit="ops",
        ),
        Panel(
            "Changes by cause",
            "Drift means that somebody else wrote to a host.",
            {"{{cause}}": _rate("ispalier_backend_changes_total", "cause")},
            unit="ops",
        ),
        Panel(
            "Items that differed at the last sweep",
            "What stays here for long cannot be repaired, or waits for a person.",
            {"{{room}} {{host}}": "max by (room, host) (ispalier_differing_items{JOB})"},
        ),
    ),
    "Brakes, source and books": (
        Panel(
            "Waiting for a person",
            "`ispalier pending` shows each with its digest.",
            {"{{kind}} {{cause}}": "max by (kind, cause) (ispalier_pending{JOB})"},
        ),
        Panel(
            "Kinds that are not seen",
            "Nothing of them is switched off, and nothing is billed.",
            {"{{kind}}": "min by (kind) (ispalier_view_complete{JOB}) == 0"},
        ),
        Panel(
            "Since the last billing run",
            "By unit; how often one bills is one's own choice.",
            {
                "{{unit}}": "time() - max by (unit) (ispalier_billing_last_run_timestamp_seconds{JOB})"
            },
            unit="s",
        ),
        Panel(
            "Until more is owed",
            "Below zero there is something to post.",
            {
                "{{unit}}": "max by (unit) (ispalier_billing_next_charge_timestamp_seconds{JOB}) - time()"
            },
            unit="s",
        ),
        Panel(
            "Contracts that could not be billed",
            "`ispalier bill` names each with its reason.",
            {"{{unit}}": "max by (unit) (ispalier_billing_unbilled_contracts{JOB})"},
        ),
    ),
    "API server and process": (
        Panel(
            "Requests to the API server",
            "By method and answer; empty without a cluster.",
            {"{{method}} {{code}}": _rate("rest_client_requests_total", "method, code")},
            unit="ops",
        ),
        Panel(
            "Watches that broke",
            "By kind; each is healed by a list.",
            {
                "{{kind}}": "sum by (kind) (increase(ispalier_watch_losses_total{JOB}[$__rate_interval]))"
            },
        ),
        Panel(
            "Memory",
            "About 5 KB a resource; level when nothing is declared anew.",
            {"{{instance}}": "max by (instance) (process_resident_memory_bytes{JOB})"},
            unit="bytes",
        ),
        Panel(
            "Processor",
            "One core is the most that a controller uses.",
            {"{{instance}}": _rate("process_cpu_seconds_total", "instance")},
        ),
        Panel(
            "Lag of the event loop",
            "From 10 s on /healthz says that it is stuck.",
            {"{{instance}}": "max by (instance) (ispalier_loop_lag_seconds{JOB})"},
            unit="s",
        ),
    ),
}
