import { eventAt } from '@magistry/contracts';
import { shown } from '../clock.js';
import type { Event } from './event.js';

type Rendered = Pick<Event, 'id' | 'type' | 'createdAt' | 'data' | 'isPlatform'>;

/** `{id, type, created_at, data}`, the same bytes on every attempt at the same version. */
export function renderBody(event: Rendered, apiVersion: string): string {
  const { id, type, createdAt } = event;
  const head = JSON.stringify({ id, type, created_at: shown(createdAt) });
  return `${head.slice(0, -1)},"data":${dataAt(event, apiVersion)}}`;
}

/** What filters and ordering keys look into, and receivers get, parsed. */
export function bodyOf(event: Rendered, apiVersion: string): Record<string, unknown> {
  return JSON.parse(renderBody(event, apiVersion));
}

/** A workspace's own kinds have no versions of ours: their data stays as it was sent. */
function dataAt({ data, isPlatform }: Rendered, apiVersion: string): string {
  return isPlatform ? JSON.stringify(eventAt(apiVersion, JSON.parse(data))) : data;
}
