# Shared by the scripts beside it: where things are, and how a missing tool gets here.
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD
tools=$root/.tools
target=${CARGO_TARGET_DIR:-$root/target}
export PATH="$tools/bin:$tools/python/bin:$PATH"
mkdir -p "$tools" "$target"

say() { printf '\033[1m== %s\033[0m\n' "$*"; }
die() { printf '%s\n' "$*" >&2; exit 1; }

# Runs a command as root: directly, or through sudo, which may ask for a password.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; return; fi
  command -v sudo >/dev/null || die "This needs root, and there is no sudo: $*"
  sudo "$@"
}

# Installs those of the named Debian packages that are missing, and says which.
packages() {
  local missing=()
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  command -v apt-get >/dev/null || die "Please install: ${missing[*]} (see README.md for macOS and Windows)"
  say "Installing ${missing[*]}"
  as_root apt-get update -qq &&
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# Installs a Cargo tool into .tools unless one stands on the path. Debug builds: they compile in half the time.
cargo_tool() {
  local command=$1 package=$2 version=$3
  command -v "$command" >/dev/null && return 0
  say "Installing $package $version into .tools"
  CARGO_TARGET_DIR="$target/tools" cargo install --quiet --locked --debug --root "$tools" --version "$version" "$package" &&
    rm -rf "$target/tools"
}

# Whether Node is recent enough: an older one, such as Debian 12's own, breaks later and says nothing of it.
recent_node() {
  local found
  found=$(node --version 2>/dev/null) || found=
  [ "$(printf '%s\n' v20.19 "$found" | sort -V | head -n 1)" = v20.19 ] ||
    die 'Please install Node 20.19 or newer first: https://nodejs.org'
}

# What building the app takes.
build_packages() {
  command -v cargo >/dev/null || die 'Please install Rust first: https://rustup.rs'
  command -v npm >/dev/null || die 'Please install Node 20.19 or newer first: https://nodejs.org'
  recent_node
  packages build-essential pkg-config libwebkit2gtk-4.1-dev
}

# What looking at it without a display takes.
virtual_packages() {
  packages webkit2gtk-driver xvfb xauth &&
    cargo_tool tauri-driver tauri-driver '^2'
}

# Installs the UI's packages when the lock file is newer than what is installed.
ui_packages() {
  local stamp=ui/node_modules/.package-lock.json
  [ -f "$stamp" ] && [ ! ui/package-lock.json -nt "$stamp" ] && return 0
  (cd ui && npm ci --no-audit --no-fund --loglevel=error) && touch "$stamp"
}

# Installs other people's programs that the tests talk to: an OpenID provider, a receiver of webhooks and mail.
peer_packages() {
  local folder stamp
  for folder in tests/provider tests/receiver; do
    stamp=$folder/node_modules/.package-lock.json
    [ -f "$stamp" ] && [ ! "$folder/package-lock.json" -nt "$stamp" ] && continue
    (cd "$folder" && npm ci --no-audit --no-fund --loglevel=error) && touch "$stamp" || return 1
  done
}

# Starts a virtual display on a free number and exports DISPLAY; `display_pid` is its process.
start_display() {
  local number
  number=$(mktemp)
  Xvfb -displayfd 3 -screen 0 1920x1200x24 -nolisten tcp 3>"$number" >/dev/null 2>&1 &
  display_pid=$!
  for _ in $(seq 100); do [ -s "$number" ] && break; sleep 0.1; done
  [ -s "$number" ] || die 'The virtual display (Xvfb) does not start.'
  DISPLAY=:$(cat "$number")
  rm -f "$number"
  export DISPLAY
  unset WAYLAND_DISPLAY
}
