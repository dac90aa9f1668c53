import { createHmac } from 'node:crypto';
import ipaddr from 'ipaddr.js';

/** Names what is counted by what no address of mail or of a network can be read from. */
export class LoginSubjects {
  constructor(private readonly secret: string) {}

  account(email: string): Buffer {
    return this.hash(`account:${email}`);
  }

  address(address: string): Buffer {
    return this.hash(`address:${networkOf(address)}`);
  }

  private hash(subject: string): Buffer {
    return createHmac('sha256', this.secret).update(subject).digest();
  }
}

/** A customer of an IPv6 network has a whole /64 to choose from, so that counts as one. */
function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  return parsed.kind() === 'ipv6' ? parsed.toByteArray().slice(0, 8).join('.') : parsed.toString();
}
