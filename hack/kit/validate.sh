#!/bin/sh
# Checks files, and says what is wrong where the forge shows it. Ends as `ispalier validate` does.
#
#   ISPALIER_PATHS    what to check, separated by spaces; default the folder in which it runs
#   ISPALIER_SINCE    a revision: only what is new since then is told
#   ISPALIER_AUTHOR   who made the change, as the forge knows them (not as the commits say): judged by
#                     .ispalier.yaml as it was at ISPALIER_SINCE; several with commas
#   ISPALIER_GROUPS   groups of the author, with commas
#   ISPALIER_FORMAT   text, github, gitlab, junit, sarif, json; default text
#   ISPALIER_REPORT   a file for that format; what is wrong is then printed as text, too
set -eu
# shellcheck disable=SC2086 # several paths
set -- ${ISPALIER_PATHS:-.}
if [ -n "${ISPALIER_SINCE:-}" ]; then
  set -- "$@" --changed-since "$ISPALIER_SINCE"
  if [ -n "${ISPALIER_AUTHOR:-}" ]; then
    set -- "$@" --author "$ISPALIER_AUTHOR" --groups "${ISPALIER_GROUPS:-}"
  fi
fi
if [ -n "${ISPALIER_REPORT:-}" ]; then
  ispalier validate "$@" --format "${ISPALIER_FORMAT:-text}" > "$ISPALIER_REPORT" || {
    ended=$?
    [ "$ended" -eq 1 ] || exit "$ended"
  }
  exec ispalier validate "$@"
fi
exec ispalier validate "$@" --format "${ISPALIER_FORMAT:-text}"
