import type { IncomingMessage, ServerResponse } from 'node:http';
import { Injectable } from '@nestjs/common';
import { PublishedServiceKeys } from '../service-tokens/published-service-keys.js';
import type { HttpPart } from './http-port.js';
import { type KeySource, SigningKeys } from './signing-keys.js';

/** Verifiers keep the list this long; a key that leaves it may be trusted until then. */
const KEPT_SECONDS = 60;

/** GET /.well-known/jwks.json: the public keys of everything that we sign (RFC 7517). */
@Injectable()
export class Jwks implements HttpPart {
  readonly takes = /^\/\.well-known\/jwks\.json$/;
  private readonly sources: readonly KeySource[];

  constructor(signingKeys: SigningKeys, serviceKeys: PublishedServiceKeys) {
    this.sources = [signingKeys, serviceKeys];
  }

  async handle({ method }: IncomingMessage, response: ServerResponse): Promise<void> {
    if (method !== 'GET' && method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end();
      return;
    }
    const keys = (await Promise.all(this.sources.map((source) => source.publicKeys()))).flat();
    response.writeHead(200, {
      'content-type': 'application/jwk-set+json; charset=utf-8',
      'cache-control': `public, max-age=${KEPT_SECONDS}`,
      'access-control-allow-origin': '*',
    });
    response.end(JSON.stringify({ keys }));
  }
}
