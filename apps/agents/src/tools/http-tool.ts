import type { Exchange, GuardedClient } from '@magistry/egress';
import { ProblemError } from '@magistry/errors';
import { HTTP_TOOL } from '../domain/agent-references.js';
import type { AgentTool } from './agent-tool.js';

const TIMEOUT_MS_MAX = 10_000;
const RESPONSE_BYTES_MAX = 64 * 1024;

/**
 * Calls the hosts that the agent names, over the same guard as webhooks: public addresses alone, no redirects, bounded
 * in time and bytes. A POST has the call's idempotency key, so that a receiver that knows it acts once.
 */
export function httpTool(client: GuardedClient): AgentTool {
  return {
    name: HTTP_TOOL,
    description: 'Sends an HTTP request to one of the hosts that this agent may call, and gives its answer.',
    scope: null,
    inputSchema: {
      type: 'object',
      required: ['url'],
      additionalProperties: false,
      properties: {
        url: { type: 'string', maxLength: 2_048, description: 'An absolute URL.' },
        method: { enum: ['GET', 'POST'], description: 'GET when left out.' },
        body: { type: 'object', description: 'Of a POST, sent as JSON.' },
      },
    },
    execute: async (
      { url, method = 'GET', body },
      { httpHosts, idempotencyKey, deadlineAt, signal, progress },
    ) => {
      const { hostname } = URL.parse(String(url)) ?? { hostname: '' };
      if (!httpHosts.includes(hostname))
        throw new ProblemError(
          'access_denied',
          `This agent may call ${httpHosts.join(', ') || 'no host'} alone.`,
        );
      await progress(`asking ${hostname}`);
      const isPost = method === 'POST';
      const exchange = await client.send({
        method: isPost ? 'POST' : 'GET',
        url: String(url),
        headers: {
          'user-agent': 'Magistry-Agent/1',
          accept: 'application/json, text/*;q=0.9, */*;q=0.1',
          ...(isPost && { 'content-type': 'application/json', 'idempotency-key': idempotencyKey }),
        },
        ...(isPost && { body: Buffer.from(JSON.stringify(body ?? {})) }),
        timeoutMs: Math.max(1, Math.min(TIMEOUT_MS_MAX, deadlineAt.getTime() - Date.now())),
        responseBytesMax: RESPONSE_BYTES_MAX,
        signal,
      });
      return outputOf(exchange);
    },
  };
}

function outputOf({ failure, error, statusCode, headers, body, isBodyCut }: Exchange) {
  if (failure !== null) throw new ProblemError('execution_failed', error ?? failure);
  const contentType = String(headers['content-type'] ?? '');
  const text = body.toString('utf8');
  const json = /\bjson\b/.test(contentType) && !isBodyCut ? parsed(text) : undefined;
  return { status: statusCode, content_type: contentType, body: json ?? text, is_cut: isBodyCut };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
