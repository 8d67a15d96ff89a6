"""The list of rooms, one line each."""

from ispalier.core.room import Room
from ispalier.dns.room import ROOM as DNS
from ispalier.ipam.room import ROOM as IPAM
from ispalier.mail.room import ROOM as MAIL
from ispalier.radius.room import ROOM as RADIUS

ROOMS: tuple[Room, ...] = (IPAM, RADIUS, DNS, MAIL)
