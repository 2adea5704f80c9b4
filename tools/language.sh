#!/bin/sh
# The language service, which python/tessera_language starts: language.sh SOCKET SERVER [IDLE_SECONDS].
root=$(dirname -- "$(dirname -- "$0")")
. "$root/tools/environment.sh"
cd / # no project of its own
exec "$root/.venv/bin/deno" run --quiet --allow-all --config "$root/deno.json" "$root/language/main.ts" "$@"
