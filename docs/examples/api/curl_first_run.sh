# Export once
export API_URL="http://localhost:8000"
export MAGSAG_API_KEY="local-dev-key"

# List agents
curl -sS -H "Authorization: Bearer $MAGSAG_API_KEY" \
  "$API_URL/api/v1/agents" | jq

# Run an agent
curl -sS -X POST \
  -H "Authorization: Bearer $MAGSAG_API_KEY" \
  -H "Content-Type: application/json" \
  -d '{"payload": {"role": "Staff Engineer", "experience_years": 12}}' \
  "$API_URL/api/v1/agents/offer-orchestrator-mag/run"

# Tail logs
RUN_ID="mag-a1b2c3d4"
curl -sS -H "Authorization: Bearer $MAGSAG_API_KEY" \
  "$API_URL/api/v1/runs/$RUN_ID/logs?tail=20"

# Follow logs with SSE (Ctrl+C to exit)
curl -N -H "Authorization: Bearer $MAGSAG_API_KEY" \
  "$API_URL/api/v1/runs/$RUN_ID/logs?follow=true"
