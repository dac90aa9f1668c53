import { Logger, type OnModuleDestroy } from '@nestjs/common';
import { createTransport } from 'nodemailer';

export interface Letter {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

export interface MailSettings {
  /** `smtp://user:password@host:port`; undefined writes letters to the log. */
  readonly smtpUrl: string | undefined;
  readonly from: string;
  /** Where a letter is read when no mail is set up. */
  readonly log: (letter: Letter) => void;
}

const WAIT_MS = 10_000;

/** Sends letters. What a letter says is always told elsewhere too, so one that is lost is only logged. */
export class Mail implements OnModuleDestroy {
  private readonly logger = new Logger('mail');
  private readonly transport: ReturnType<typeof createTransport> | undefined;

  constructor(private readonly settings: MailSettings) {
    const { smtpUrl, from } = settings;
    const waits = { connectionTimeout: WAIT_MS, greetingTimeout: WAIT_MS, socketTimeout: WAIT_MS };
    this.transport =
      smtpUrl === undefined ? undefined : createTransport({ url: smtpUrl, ...waits }, { from });
  }

  /** Returns at once. */
  send(letter: Letter): void {
    if (!this.transport) {
      this.settings.log(letter);
      return;
    }
    this.transport
      .sendMail(letter)
      .catch((error: Error) => this.logger.warn(`a letter was not sent: ${error.message}`));
  }

  onModuleDestroy(): void {
    this.transport?.close();
  }
}
