export const WEBHOOK_SECRET = 'MAGSAG_GITHUB_WEBHOOK_SECRET';
export const TOKEN = 'MAGSAG_GITHUB_TOKEN';
export const WORKSPACE = 'MAGSAG_WORKSPACE';

/** GitHub's own; an Enterprise Server has another. */
export const GITHUB_API_URL = 'https://api.github.com';

interface Values {
  /** Verifies deliveries. */
  readonly webhookSecret?: string | undefined;
  /** Verifies too, while one secret replaces the other. */
  readonly otherWebhookSecret?: string | undefined;
  /** Asks for permissions and writes comments. */
  readonly token?: string | undefined;
  readonly apiUrl?: string | undefined;
  /** The slug of the workspace that commands act in. */
  readonly workspace?: string | undefined;
}

/** What the deployment says of GitHub (seed 004). */
export class GithubSettings {
  readonly webhookSecret: string | undefined;
  readonly otherWebhookSecret: string | undefined;
  readonly token: string | undefined;
  readonly apiUrl: string;
  readonly workspace: string | undefined;

  constructor({ webhookSecret, otherWebhookSecret, token, apiUrl = GITHUB_API_URL, workspace }: Values) {
    this.webhookSecret = webhookSecret;
    this.otherWebhookSecret = otherWebhookSecret;
    this.token = token;
    this.apiUrl = apiUrl;
    this.workspace = workspace;
  }

  /** The variables that are to be set before commands are answered. */
  get missing(): string[] {
    const values = {
      [WEBHOOK_SECRET]: this.webhookSecret,
      [TOKEN]: this.token,
      [WORKSPACE]: this.workspace,
    };
    return Object.entries(values).flatMap(([name, value]) => (value === undefined ? [name] : []));
  }
}
