import type { AddressInfo } from 'node:net';
import dns2 from 'dns2';

/** A real DNS server on loopback; `answer` gives the IPv4 addresses of a name, or none. */
export async function startNameServer(answer: (name: string, asked: number) => readonly string[]) {
  let asked = 0;
  const server = dns2.createServer({
    udp: true,
    handle: (request, send) => {
      const response = dns2.Packet.createResponseFromRequest(request);
      const [question] = request.questions;
      const { name = '', type } = (question ?? {}) as { name?: string; type?: number };
      if (type === dns2.Packet.TYPE.A) {
        asked += 1;
        for (const address of answer(name, asked)) {
          const record = new dns2.Packet.Resource(name, type, dns2.Packet.CLASS.IN, 0);
          response.answers.push(Object.assign(record, { address }));
        }
      }
      send(response);
    },
  });
  await server.listen({ udp: { port: 0, address: '127.0.0.1' } });
  const { port } = server.addresses().udp as AddressInfo;
  return {
    address: `127.0.0.1:${port}`,
    asked: () => asked,
    close: () => server.close(),
  };
}
