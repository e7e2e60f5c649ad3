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

# shot NAME WIDTH HEIGHT SCALE PATH
shot() {
  chromium --headless --no-sandbox --disable-gpu --disable-background-networking --user-data-dir="$dir/profile" --hide-scrollbars \
    --window-size="$2,$3" --force-device-scale-factor="$4" --virtual-time-budget=4000 --screenshot="doc/$1.png" "http://127.0.0.1:18765/signin/as/planner?to=$(printf %s "$5" | sed "s/%/%25/g; s/&/%26/g; s/?/%3F/g")" 2>/dev/null
}
shot overview 1440 1620 1 "/?lang=en"
shot matrix 1440 1100 1 "/indicators?lang=en"
shot indicator 1440 1500 1 "/indicator?code=key_projects&unit=340000&lang=en"
shot cascade 1440 1000 1 "/cascade?code=key_projects&unit=340000&lang=en"
shot wall 1920 1080 1 "/wall?lang=en"
