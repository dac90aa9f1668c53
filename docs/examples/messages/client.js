// The JavaScript client of seed 002, Consuming SSE in code.
const response = await fetch('/api/v1/messages', {
  method: 'POST',
  headers: {
    'Authorization': 'Bearer magus_sk_your_key',
    'Content-Type': 'application/json'
  },
  body: JSON.stringify({ content: 'Hello', session_id: 'sess-1', stream: true })
});
const reader = response.body.getReader();
const decoder = new TextDecoder();
while (true) {
  const { done, value } = await reader.read();
  if (done) break;
  const text = decoder.decode(value);
  for (const line of text.split('\n')) {
    if (line.startsWith('data: ') && line !== 'data: [DONE]') {
      const event = JSON.parse(line.slice(6));
      if (event.event === 'text.chunk') {
        process.stdout.write(event.delta);
      }
    }
  }
}
