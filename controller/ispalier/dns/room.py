"""The room of name servers."""

from ispalier.api.names import Domain, RecordSet
from ispalier.core.room import Room
from ispalier.dns.backend import connect
from ispalier.dns.desired import (
    TYPE,
    rrset_of_record_set,
    wishes_of_domain,
    zone_of_domain,
)

ROOM = Room(
    name="dns",
    host_type=TYPE,
    connect=connect,
    desired={Domain: zone_of_domain, RecordSet: rrset_of_record_set},
    wishes={Domain: wishes_of_domain},
)
