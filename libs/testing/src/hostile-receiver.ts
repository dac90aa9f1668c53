import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';

/** A receiver on loopback that counts its connections. */
export interface BareReceiver {
  readonly port: number;
  /** Connections that stand now. */
  readonly open: () => number;
  readonly connections: () => number;
  close(): Promise<void>;
}

export function startHttpReceiver(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<BareReceiver> {
  return listen(createServer(answer));
}

/** Answers on the bare socket: for what no HTTP server would send. */
export function startTcpReceiver(answer: (socket: Socket) => void): Promise<BareReceiver> {
  return listen(createTcpServer(answer));
}

async function listen(server: Server): Promise<BareReceiver> {
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    open: () => sockets.size,
    connections: () => connections,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
