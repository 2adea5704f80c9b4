#!/bin/sh
# Takes a snapshot of a notebook: snapshot.sh HOME NOTEBOOK REASON file|text [COPY OF WHAT WAS REPLACED].
# Jupyter's server starts it when a notebook is saved.
root=$(dirname -- "$(dirname -- "$0")")
. "$root/tools/environment.sh"
exec "$root/.venv/bin/deno" run --quiet --allow-all --config "$root/deno.json" \
  "$root/tools/learner/take_snapshot.ts" "$@"
