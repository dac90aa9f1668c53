import type { MessageInitShape, MessageShape } from '@bufbuild/protobuf';
import { identity, type PublicOperation, type ServiceCall, type WorkspaceDetails } from '@magistry/contracts';
import { Caller, connectNats, type NatsConnection } from '@magistry/messaging';
import { systemContext } from '@magistry/request-context';
import { CommandFailure, EXIT } from './exit.js';
import type { PlatformAddress } from './find-platform.js';

const CONNECT_MS_MAX = 3_000;
const ANSWER_MS_MAX = 10_000;

/** The running platform, asked as its own services ask each other: the same operations, one more caller. */
export class Platform {
  private readonly caller: Caller;

  private constructor(
    readonly address: PlatformAddress,
    private readonly nats: NatsConnection,
    private readonly actor: string,
  ) {
    this.caller = new Caller(nats);
  }

  static async connect(address: PlatformAddress, actor: string): Promise<Platform> {
    const connecting = connectNats({ url: address.natsUrl, service: 'operator' }).catch(refused);
    const { host } = new URL(address.natsUrl);
    return new Platform(address, await Promise.race([connecting, tooLate(host)]), actor);
  }

  call<Of extends ServiceCall>(
    operation: Of,
    message: MessageInitShape<Of['request']>,
    subject?: string,
  ): Promise<MessageShape<Of['response']>> {
    return this.caller.call(operation, message, this.context(), subject);
  }

  /** A public operation in a workspace; what the gateway would answer with. */
  async forward(
    operation: PublicOperation,
    workspace: WorkspaceDetails,
    { body, query = '' }: { readonly body?: unknown; readonly query?: string } = {},
  ): Promise<unknown> {
    const bytes = body === undefined ? new Uint8Array() : Buffer.from(JSON.stringify(body));
    const request = { params: {}, query, body: bytes };
    const success = await this.caller.forward(operation, request, this.context(workspace));
    return JSON.parse(Buffer.from(success.body).toString());
  }

  /** By id or slug. */
  async workspace(selector: string): Promise<WorkspaceDetails> {
    const { workspace } = await this.call(identity.findWorkspace, { selector });
    return present(workspace);
  }

  async close(): Promise<void> {
    await this.nats.close();
  }

  private context(workspace?: WorkspaceDetails) {
    const { id, slug, tier } = workspace ?? {};
    return systemContext(this.actor, {
      deadlineMs: ANSWER_MS_MAX,
      ...(workspace && { workspace: { id, slug, tier } }),
    });
  }
}

/** A message that its operation always answers with. */
export function present<Message>(message: Message | undefined): Message {
  if (message === undefined) throw new Error('the answer lacks what it is about');
  return message;
}

function tooLate(host: string): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => reject(unreachable(`nothing answers on ${host}`)), CONNECT_MS_MAX).unref();
  });
}

function refused(error: Error): never {
  throw unreachable(error.message);
}

function unreachable(reason: string): CommandFailure {
  return new CommandFailure(
    EXIT.unreachable,
    `Magistry's NATS cannot be reached: ${reason}. Is it running ("npm start")? Is the URL the right one ` +
      '(--nats-url, MAGISTRY_OPERATOR_URL, or the home in MAGISTRY_HOME)?',
  );
}
