import { hash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { create } from '@bufbuild/protobuf';
import { PrincipalSchema } from '@magistry/contracts';
import type { MagsagKeySettings } from '../magsag-settings.js';
import type { CredentialDirectory, KnownCredential } from './credential-directory.js';
import { presentedText } from './presented-credential.js';

/** The platform's own: no credential of a workspace can have the name. */
const PRINCIPAL_ID = 'system:magsag';
/** What agents and runs ask for, and the ledger that agents look things up in. */
const SCOPES = ['agents:*', 'runs:*', 'decisions:read', 'killswitch:read'];

/** MAGSAG_API_KEY (seed 004, Authentication): one secret for everybody who uses agents and runs of one workspace. */
export class MagsagKey {
  private readonly digest: Buffer;

  constructor(
    private readonly settings: MagsagKeySettings,
    private readonly directory: CredentialDirectory,
  ) {
    this.digest = digestOf(settings.secret);
  }

  /** Whether the request carries it; one that carries two credentials has none. */
  isPresentedBy(request: Pick<IncomingMessage, 'headers' | 'rawHeaders'>): boolean {
    const text = presentedText(request);
    return text !== undefined && timingSafeEqual(digestOf(text), this.digest);
  }

  /** Refuses with `not_found` where its workspace is none, or `service_unavailable` while identity is away. */
  async identify(): Promise<KnownCredential> {
    const { workspace } = await this.directory.admit(PRINCIPAL, this.settings.workspace);
    return {
      ...{ principal: PRINCIPAL, workspace, tier: workspace.tier },
      ...{ isPartner: false, apiVersion: '', limitPerMinute: 0, expiresUnixMs: 0, apiKeyId: 0 },
      ...{ dpopThumbprint: '', isRotated: false },
    };
  }
}

const PRINCIPAL = create(PrincipalSchema, { id: PRINCIPAL_ID, actor: PRINCIPAL_ID, scopes: SCOPES });

function digestOf(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}
