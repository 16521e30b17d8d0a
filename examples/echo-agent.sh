#!/bin/sh
# The echo agent as a shell script, without any WebSocket code: echo-agent.sh <peer store name> [channel]
# It answers "!echo <text>" with the text. Run it in the folder that holds stores/; jq reads the JSON.
set -eu
peer=${1:-peer}
channel=${2:-0000intercom}
intercom() { node "$(dirname "$0")/../scripts/launch.mjs" "$@" --peer-store-name "$peer"; }

intercom listen "$channel" --json | while IFS= read -r event; do
  # What others write is data: it is never part of a command line that a shell looks at, only an argument.
  text=$(printf '%s' "$event" | jq -r 'select(.type == "sidechannel_message") | .message | strings')
  case $text in
    '!echo '*) printf 'echo: %s' "${text#'!echo '}" | intercom send "$channel" - >/dev/null ;;
  esac
done
