# A real PostgreSQL for the tests: a cluster of its own in a temporary folder, on a port of its own.
# Sourced; `start_postgres` exports MAKEGOOD_TEST_POSTGRES, `stop_postgres` removes everything.

# PostgreSQL refuses to run as root; its package brings a user for that.
as_postgres() {
  if [ "$(id -u)" -eq 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}

start_postgres() {
  packages postgresql || return 1
  postgres_bin=$(find /usr/lib/postgresql -mindepth 2 -maxdepth 2 -name bin | sort -V | tail -n 1)
  [ -n "$postgres_bin" ] || { echo 'PostgreSQL is installed, but not under /usr/lib/postgresql.'; return 1; }
  postgres_folder=$(mktemp -d)
  [ "$(id -u)" -ne 0 ] || chown postgres "$postgres_folder"
  chmod 755 "$postgres_folder"
  local port
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  (cd "$postgres_folder" &&
    as_postgres "$postgres_bin/initdb" -D data -A trust -U makegood -E UTF8 --locale=C.UTF-8 --no-sync >log.init 2>&1 &&
    as_postgres "$postgres_bin/pg_ctl" -D data -w -t 60 -l log.server start -o \
      "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$postgres_folder -c fsync=off -c full_page_writes=off -c max_connections=200" >log.start 2>&1) ||
    { cat "$postgres_folder"/log.*; return 1; }
  export MAKEGOOD_TEST_POSTGRES="postgres://makegood@127.0.0.1:$port/postgres"
  echo "PostgreSQL $("$postgres_bin/postgres" --version | grep -oE '[0-9]+\.[0-9]+' | head -n 1) on port $port"
}

stop_postgres() {
  [ -n "${postgres_folder:-}" ] || return 0
  (cd "$postgres_folder" && as_postgres "$postgres_bin/pg_ctl" -D data -m immediate stop >/dev/null 2>&1)
  rm -rf "$postgres_folder"
}
