import { ProblemError } from '@magistry/errors';
import { verifyWithFallback } from '@octokit/webhooks-methods';
import { type GithubSettings, WEBHOOK_SECRET } from './github-settings.js';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Whether GitHub, which alone knows the secret besides us, has sent these bytes. */
export class DeliverySignature {
  /** `otherSecret` is the one before or the one to come, while they are exchanged. */
  constructor(
    private readonly secret: GithubSettings['webhookSecret'],
    private readonly otherSecret: GithubSettings['otherWebhookSecret'],
  ) {}

  /** The body as text. Refuses with `invalid_signature`, and everything while there is no secret. */
  async verified(body: Uint8Array, signature: string): Promise<string> {
    if (this.secret === undefined)
      throw new ProblemError(
        'service_unavailable',
        `GitHub's webhook is not set up here: ${WEBHOOK_SECRET} is not set.`,
      );
    const text = textOf(body);
    const others = this.otherSecret === undefined ? [] : [this.otherSecret];
    // Each is compared in constant time.
    const isGood =
      text !== '' && signature !== '' && (await verifyWithFallback(this.secret, text, signature, others));
    if (!isGood)
      throw new ProblemError(
        'invalid_signature',
        'X-Hub-Signature-256 does not fit the body. Compare the secret of the webhook on GitHub with ours.',
      );
    return text;
  }
}

/** Empty for what is no UTF-8: GitHub signs nothing else. */
function textOf(body: Uint8Array): string {
  try {
    return decoder.decode(body);
  } catch {
    return '';
  }
}
