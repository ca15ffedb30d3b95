#!/usr/bin/env bash
# Opens the desktop application on the embedded demo. Without a display it is opened in a virtual one
# and the main job is done there.
set -eu
. "$(dirname "$0")/common.sh"
build_packages
say 'Building the screens'
ui_packages
(cd ui && npm run --silent build)
say 'Building the application (a few minutes the first time)'
if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
  cargo build --locked -p makegood-desktop
  say 'Opening Makegood'
  exec "$target/debug/makegood-desktop" --demo
fi
virtual_packages
cargo build --locked -p makegood-desktop -p makegood-tests
start_display
trap 'kill "$display_pid" 2>/dev/null' EXIT
say 'No display here: doing the main job in a virtual one'
rm -rf "$target/debug/run"
"$target/debug/makegood-drive"
