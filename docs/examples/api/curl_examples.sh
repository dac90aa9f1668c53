#!/usr/bin/env bash
# A tour of agents, runs and their logs, errors included.
#
#   API_URL=http://127.0.0.1:8080 MAGSAG_API_KEY=sk_live_... docs/examples/api/curl_examples.sh
#
# The key is MAGSAG_API_KEY, or a workspace's own with the scopes agents and runs, to read and to write. With GitHub's
# secret in MAGSAG_GITHUB_WEBHOOK_SECRET, deliveries to its webhook are signed too. Needs curl, jq and openssl.
set -euo pipefail

API_URL="${API_URL:-http://localhost:8080}"
: "${MAGSAG_API_KEY:?set it to an API key of your workspace}"
AGENT=offer-orchestrator-mag

say() { printf '\n== %s\n' "$1"; }
api() { curl -sS -H "Authorization: Bearer $MAGSAG_API_KEY" -H "Content-Type: application/json" "$@"; }
# The status on a line of its own behind the body.
refused() { api -w '\n%{http_code}\n' "$@"; }

say "health"
curl -sS "$API_URL/health"; echo

say "agents"
api "$API_URL/api/v1/agents" | jq

say "agents, with the key in the other header"
curl -sS -H "x-api-key: $MAGSAG_API_KEY" "$API_URL/api/v1/agents" | jq length

say "run an agent"
RUN=$(api -X POST "$API_URL/api/v1/agents/$AGENT/run" -d '{
  "payload": {"role": "Staff Engineer", "experience_years": 12},
  "request_id": "tour-1",
  "metadata": {"source": "tour"}
}')
echo "$RUN" | jq
RUN_ID=$(echo "$RUN" | jq -r .run_id)

say "its summary and metrics"
api "$API_URL/api/v1/runs/$RUN_ID" | jq

say "runs, newest first"
api "$API_URL/api/v1/runs?limit=1" | jq

say "its log"
api "$API_URL/api/v1/runs/$RUN_ID/logs"

say "the last two entries of its log"
api "$API_URL/api/v1/runs/$RUN_ID/logs?tail=2"

say "a run that is not waited for"
ASYNC_ID=$(api -X POST -H "Prefer: respond-async" -d '{"payload": {"role": "Engineer"}}' \
  "$API_URL/api/v1/agents/$AGENT/run" | jq -r .run_id)
echo "$ASYNC_ID"

say "followed to its end"
api -N "$API_URL/api/v1/runs/$ASYNC_ID/logs?follow=true"

say "cancel (an ended run stays as it ended)"
api -X POST "$API_URL/api/v1/runs/$ASYNC_ID/cancel"; echo

say "404 agent_not_found"
refused -X POST -d '{"payload": {}}' "$API_URL/api/v1/agents/nobody/run"

say "400 invalid_payload"
refused -X POST -d '{"payload": {"experience_years": "many"}}' "$API_URL/api/v1/agents/$AGENT/run"

say "400 execution_failed, of an agent that has no money for its model"
api -X POST "$API_URL/api/v1/agents" -d '{
  "slug": "poor-agent", "title": "Poor agent", "description": "Fails at once.", "system_prompt": "Fail.",
  "budget": {"micros": 1, "call_micros": 1}
}' | jq .slug
refused -X POST -d '{"payload": {}}' "$API_URL/api/v1/agents/poor-agent/run"
api -X DELETE "$API_URL/api/v1/agents/poor-agent"

say "400 invalid_run_id"
refused "$API_URL/api/v1/runs/..%2F..%2Fetc"

say "404 not_found"
refused "$API_URL/api/v1/runs/mag-00000000"

say "401 unauthorized"
curl -sS -w '\n%{http_code}\n' "$API_URL/api/v1/agents"

say "401 unauthorized, with another key"
curl -sS -w '\n%{http_code}\n' -H "x-api-key: another-key" "$API_URL/api/v1/agents"

say "400, with a Content-Length that is none"
refused -X POST -H "Content-Length: many" -d '{}' "$API_URL/api/v1/agents/$AGENT/run"

say "413"
head -c 10485761 /dev/zero | tr '\0' ' ' \
  | refused -X POST --data-binary @- -H "Expect:" "$API_URL/api/v1/agents/$AGENT/run"

say "health of GitHub's webhook"
curl -sS "$API_URL/api/v1/github/health"; echo

deliver() {
  curl -sS -w '\n%{http_code}\n' -X POST -H "Content-Type: application/json" -H "X-GitHub-Event: ping" \
    -H "X-GitHub-Delivery: 72d3162e-cc78-11e3-81ab-4c9367dc0958" "$@" "$API_URL/api/v1/github/webhook"
}

say "401 invalid_signature"
deliver -d '{"zen": "Keep it logically awesome."}'

if [ -n "${MAGSAG_GITHUB_WEBHOOK_SECRET:-}" ]; then
  say "a signed delivery"
  PING='{"zen": "Keep it logically awesome."}'
  SIGNATURE=$(printf '%s' "$PING" | openssl dgst -sha256 -hmac "$MAGSAG_GITHUB_WEBHOOK_SECRET" | sed 's/.* //')
  deliver -H "X-Hub-Signature-256: sha256=$SIGNATURE" -d "$PING"
fi
