import { randomUUID } from 'node:crypto';

const REQUEST_TIMEOUT_MS = 10_000;

/** Calls the API as one key: `ask(method, path, body?, workspace?)` gives the answer's JSON, or throws its refusal. */
export function connect(baseUrl, key) {
  return async function ask(method, path, body, workspace) {
    const response = await fetch(baseUrl + path, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        'content-type': 'application/json',
        'idempotency-key': randomUUID(),
        ...(workspace !== undefined && { 'x-workspace-id': String(workspace) }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  };
}
