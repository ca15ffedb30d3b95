# A real PostgreSQL for the tests: a cluster of its own in a temporary folder, on a port of its own.
# Sourced; `start_postgres` exports MAKEGOOD_TEST_POSTGRES, for a streaming replica of it MAKEGOOD_TEST_POSTGRES_REPLICA,
# and the certificate by which both prove who they are (at `localhost`) as MAKEGOOD_TEST_POSTGRES_ROOT;
# `stop_postgres` removes everything.

# PostgreSQL refuses to run as root; its package brings a user for that.
as_postgres() {
  if [ "$(id -u)" -eq 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}

start_postgres() {
  packages postgresql openssl || return 1
  postgres_bin=$(find /usr/lib/postgresql -mindepth 2 -maxdepth 2 -name bin | sort -V | tail -n 1)
  [ -n "$postgres_bin" ] || { echo 'PostgreSQL is installed, but not under /usr/lib/postgresql.'; return 1; }
  postgres_folder=$(mktemp -d)
  [ "$(id -u)" -ne 0 ] || chown postgres "$postgres_folder"
  chmod 755 "$postgres_folder"
  local port replica
  port=$(free_port) replica=$(free_port)
  (cd "$postgres_folder" &&
    as_postgres "$postgres_bin/initdb" -D data -A trust -U makegood -E UTF8 --locale=C.UTF-8 --no-sync >log.init 2>&1 &&
    as_postgres openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj /CN=localhost \
      -addext basicConstraints=critical,CA:FALSE -addext subjectAltName=DNS:localhost \
      -keyout data/server.key -out data/server.crt >log.key 2>&1 &&
    cp data/server.crt root.pem && chmod 644 root.pem &&
    run_postgres data "$port" &&
    as_postgres "$postgres_bin/pg_basebackup" -D replica -R -X stream -c fast --no-sync -U makegood -h 127.0.0.1 -p "$port" >log.backup 2>&1 &&
    run_postgres replica "$replica") ||
    { cat "$postgres_folder"/log.*; return 1; }
  export MAKEGOOD_TEST_POSTGRES="postgres://makegood@127.0.0.1:$port/postgres"
  export MAKEGOOD_TEST_POSTGRES_ROOT="$postgres_folder/root.pem"
  export MAKEGOOD_TEST_POSTGRES_REPLICA="postgres://makegood@127.0.0.1:$replica/postgres"
  echo "PostgreSQL $("$postgres_bin/postgres" --version | grep -oE '[0-9]+\.[0-9]+' | head -n 1) on port $port, replica on port $replica"
}

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# run_postgres FOLDER PORT: starts the cluster in a folder.
run_postgres() {
  as_postgres "$postgres_bin/pg_ctl" -D "$1" -w -t 60 -l "log.$1" start -o \
    "-p $2 -c listen_addresses=127.0.0.1 -c unix_socket_directories=$postgres_folder -c fsync=off -c full_page_writes=off -c max_connections=200 -c ssl=on" >"log.start.$1" 2>&1
}

stop_postgres() {
  [ -n "${postgres_folder:-}" ] || return 0
  (cd "$postgres_folder" && for cluster in replica data; do
    as_postgres "$postgres_bin/pg_ctl" -D "$cluster" -m immediate stop >/dev/null 2>&1
  done)
  rm -rf "$postgres_folder"
}
