# The Python client of seed 002, Consuming SSE in code.
import requests
import json
response = requests.post(
    'https://your-instance.com/api/v1/messages',
    headers={'Authorization': 'Bearer magus_sk_your_key'},
    json={'content': 'Hello', 'session_id': 'sess-1', 'stream': True},
    stream=True
)
for line in response.iter_lines():
    if line and line.startswith(b'data: ') and line != b'data: [DONE]':
        event = json.loads(line[6:])
        if event['event'] == 'text.chunk':
            print(event['delta'], end='', flush=True)
