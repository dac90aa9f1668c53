/// <reference path="./oidc-provider.d.ts" />
import { AnswerSeal } from '@magistry/idempotency';
import { AuditOutbox } from '@magistry/outbox';
import { Injectable } from '@nestjs/common';
import { errors, Provider, type TokenEndpointGrantContext } from 'oidc-provider';
import { handler as rotateToken } from 'oidc-provider/lib/actions/grants/refresh_token.js';
import * as grantHelpers from 'oidc-provider/lib/helpers/grants.js';
import { Clock } from '../domain/clock.js';
import { decideRotation, type Presented } from '../domain/oauth/rotation.js';
import { AcrossWorkspaces } from '../storage/across-workspaces.js';
import type { Queryable } from '../storage/database.js';
import { OAuthGrantStore, type StoredFamily } from '../storage/oauth-grant-store.js';
import { isCurrent, RefreshTokens, type Rotating } from './refresh-tokens.js';
import { Revocations } from './revocations.js';

type Context = TokenEndpointGrantContext<{ refresh_token?: string; scope?: string }>;

/** An answer to the client, or the end of the family. */
type Settled = { readonly answer: object } | { readonly refusal: 'refused' | 'reused' };

/**
 * The `refresh_token` grant. oidc-provider checks the request and makes the successor, and writes none of it; then
 * one transaction decides under the family's lock whether that successor counts, the earlier answer is given again,
 * or the family ends (design: gateway.md section 8, rules 5 to 8).
 */
@Injectable()
export class RefreshGrant {
  constructor(
    private readonly refreshTokens: RefreshTokens,
    private readonly grants: OAuthGrantStore,
    private readonly across: AcrossWorkspaces,
    private readonly revocations: Revocations,
    private readonly audit: AuditOutbox,
    private readonly seal: AnswerSeal,
    private readonly clock: Clock,
  ) {}

  register(provider: Provider): void {
    const helpers = bound(provider);
    provider.registerGrantType<{ refresh_token?: string; scope?: string }>(
      'refresh_token',
      (context) => this.execute(provider, helpers, context),
      ['refresh_token', 'scope'],
    );
  }

  private async execute(provider: Provider, helpers: object, context: Context): Promise<void> {
    const { refresh_token: token } = context.oidc.params;
    if (token === undefined) throw new errors.InvalidRequest("missing required parameter 'refresh_token'");
    const family = await this.refreshTokens.familyOf(token);
    if (!family) throw new errors.InvalidGrant('refresh token not found');
    const proof = await grantHelpers.validateDpop(provider, context);
    const presented: Presented = {
      clientId: context.oidc.client.clientId,
      generation: this.refreshTokens.generationOf(token),
      isCurrent: isCurrent(family, token),
      jkt: proof?.thumbprint ?? null,
    };
    const rotating: Rotating = { family, presented: token };
    if (decideRotation(family, presented, this.now()) === 'rotate') {
      await this.refreshTokens.during(rotating, () => rotateToken(provider, helpers, context));
    } else {
      await grantHelpers.checkDpopReplay(provider, context, proof, presented.clientId);
    }
    const made = context.body as object | undefined;
    const settled = await this.across.transaction((transaction) =>
      this.settle(transaction, rotating, presented, made),
    );
    if ('answer' in settled) {
      context.body = settled.answer;
      return;
    }
    if (settled.refusal === 'reused') this.revocations.tellGateways();
    throw new errors.InvalidGrant('refresh token is used, expired or revoked');
  }

  private async settle(
    transaction: Queryable,
    { family: { id }, presented: token, successor }: Rotating,
    presented: Presented,
    made: object | undefined,
  ): Promise<Settled> {
    const now = this.now();
    const family = await this.grants.lockFamily(transaction, id);
    if (!family) return { refusal: 'refused' };
    const decision = decideRotation(family, { ...presented, isCurrent: isCurrent(family, token) }, now);
    switch (decision) {
      case 'rotate': {
        if (!successor || !made) return { refusal: 'refused' };
        const sealedAnswer = this.seal.seal(ownerOf(family), token, Buffer.from(JSON.stringify(made)));
        const { jkt } = presented;
        const counts = await this.grants.rotate(
          transaction,
          family,
          { token: successor, sealedAnswer, jkt },
          now,
        );
        if (!counts) return { refusal: 'refused' };
        await this.recordRotation(transaction, family);
        return { answer: made };
      }
      case 'replay':
        await this.grants.countReplay(transaction, id);
        return { answer: this.earlierAnswer(family, token) };
      case 'reuse':
        for (const ended of await this.grants.revoke(transaction, id, 'refresh_reused', now)) {
          await this.revocations.record(transaction, ended, 'refresh_reused');
        }
        return { refusal: 'reused' };
      case 'refuse':
        return { refusal: 'refused' };
    }
  }

  private async recordRotation(transaction: Queryable, family: StoredFamily): Promise<void> {
    const { id, workspaceId, clientId, generation } = family;
    const request = Provider.ctx;
    await this.audit.record(transaction, {
      ...{ workspaceId, action: 'token.rotated', actor: `client:${clientId}`, subject: `grant:${id}` },
      ...{ details: { generation: generation + 1 }, requestId: request?.get('x-request-id') || undefined },
      address: request?.ip,
    });
  }

  private earlierAnswer(family: StoredFamily, token: string): object {
    if (!family.successorSealed) throw new Error('a family was rotated without keeping the answer');
    return JSON.parse(this.seal.open(ownerOf(family), token, family.successorSealed).toString()) as object;
  }

  private now(): Date {
    return new Date(this.clock.now());
  }
}

function ownerOf({ id, workspaceId }: StoredFamily) {
  return { workspaceId, principalId: `grant:${id}` };
}

/** As oidc-provider hands them to its own grants. */
function bound(provider: Provider): object {
  return Object.fromEntries(
    Object.entries(grantHelpers).map(([name, helper]) => [
      name,
      (helper as (...words: unknown[]) => unknown).bind(undefined, provider),
    ]),
  );
}
