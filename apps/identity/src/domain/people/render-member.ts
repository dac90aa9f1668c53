import type { Role } from '@magistry/contracts';
import { shown } from '../clock.js';

interface Member {
  readonly id: number;
  readonly name: string;
  readonly email: string;
  readonly role: Role;
  readonly joinedAt: Date;
}

export function renderMember({ id, name, email, role, joinedAt }: Member) {
  return { id, name, email, role, joined_at: shown(joinedAt) };
}
