# The curl client of seed 002, Consuming SSE in code.
curl -X POST https://your-instance.com/api/v1/messages \
-H "Authorization: Bearer magus_sk_your_key" \
-H "Content-Type: application/json" \
-d '{"content": "Hello", "stream": true}' \
--no-buffer
