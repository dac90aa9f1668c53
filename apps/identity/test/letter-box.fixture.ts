import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';

/** A mail server as far as a sender sees one (RFC 5321), which keeps what it is given. */
export class LetterBox {
  readonly letters: string[] = [];

  private constructor(private readonly server: Server) {}

  static async open(): Promise<LetterBox> {
    const server = createServer((socket) => box.serve(socket));
    const box = new LetterBox(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return box;
  }

  get url(): string {
    return `smtp://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.server.close();
  }

  private serve(socket: Socket): void {
    let received = '';
    let isLetter = false;
    socket.on('error', () => undefined);
    socket.write('220 letter box\r\n');
    socket.on('data', (chunk) => {
      received += chunk.toString('utf8');
      for (let end = received.indexOf('\r\n'); end >= 0; end = received.indexOf('\r\n')) {
        if (isLetter && !received.includes('\r\n.\r\n')) return;
        if (isLetter) end = received.indexOf('\r\n.\r\n') + 3;
        const said = received.slice(0, end);
        received = received.slice(end + 2);
        if (isLetter) this.letters.push(said);
        isLetter = !isLetter && said === 'DATA';
        socket.write(isLetter ? '354 go on\r\n' : `${said === 'QUIT' ? 221 : 250} yes\r\n`);
      }
    });
  }
}
