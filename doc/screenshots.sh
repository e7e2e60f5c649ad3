#!/bin/sh
# Takes the pictures of the README from the demonstration. Needs chromium.
set -eu
cd "$(dirname "$0")/.."
dir=$(mktemp -d)
go build -o "$dir/luoshi" ./cmd/luoshi
"$dir/luoshi" demo --listen 127.0.0.1:18765 --quiet >"$dir/log" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null; rm -rf "$dir"' EXIT
tries=0
until grep -q http "$dir/log" || [ "$tries" -ge 60 ]; do sleep 1; tries=$((tries + 1)); done
chromium --headless --no-sandbox --disable-gpu --disable-background-networking --user-data-dir="$dir/profile" --hide-scrollbars \
  --window-size=1440,1620 --screenshot=doc/overview.png "http://127.0.0.1:18765/?lang=en" 2>/dev/null
