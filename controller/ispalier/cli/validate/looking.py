"""What `ispalier validate` looks at, and how: many files by what is known of them, others whole."""

from operator import methodcaller

from ispalier.cli.installed import root_folder
from ispalier.cli.validate.ahead import Ahead
from ispalier.cli.validate.asked import Looked, Wanted
from ispalier.cli.validate.many import CACHE, Look
from ispalier.environment import cache_folder, secrets_folder
from ispalier.world.folder import LANES, names

MANY = 500
"""Files from which on it pays to remember what was found, and to use all cores."""


def look(wanted: Wanted, ahead: Ahead) -> Looked:
    """Everything that is wrong; raises Invalid or Unavailable where that cannot be told."""
    many = _many(wanted, ahead) if wanted.is_plain else None
    if many is not None:
        return many
    whole: Looked = ahead.ask(methodcaller("whole", wanted))()
    return whole


def _many(wanted: Wanted, ahead: Ahead) -> Looked | None:
    """The same for many files, as quickly as can be; None where there are few, or more to it."""
    secrets = secrets_folder(root_folder(wanted.paths))
    found = list(names(wanted.paths, but_not=secrets))
    if len(found) < MANY or secrets.exists():
        return None
    seen = Look(wanted.paths, wanted.now, ahead, anything=wanted.allow_missing)
    problems, resources, others = seen.of(found, cache_folder() / CACHE)
    if others or any((path / LANES).is_file() for path in wanted.paths):
        problems += ahead.ask(methodcaller("no_resources", wanted.paths, others))()
    return Looked(sorted(problems), len(found), resources, others)
