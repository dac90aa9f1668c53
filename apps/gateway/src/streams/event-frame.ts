import type { EventPage, LoggedEvent } from '@magistry/contracts';

/** An event as server-sent event: the same bytes for everybody who follows its log. */
export interface EventFrame {
  readonly id: number;
  readonly bytes: Buffer;
}

export interface FramePage {
  /** Dense, in their order. */
  readonly frames: readonly EventFrame[];
  readonly hasMore: boolean;
  readonly isEnded: boolean;
}

export function framesOf({ events, hasMore, isEnded }: EventPage): FramePage {
  return { frames: events.map(frameOf), hasMore, isEnded };
}

function frameOf(event: LoggedEvent): EventFrame {
  return { id: event.id, bytes: Buffer.from(`id: ${event.id}\ndata: ${textOf(event)}\n\n`) };
}

export function textOf({ data }: LoggedEvent): string {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString();
}
