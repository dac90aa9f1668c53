import { shown, shownOrNull } from '../clock.js';

export interface ShownSession {
  readonly id: string;
  readonly conversationId: string;
  readonly messages: number;
  readonly createdAt: Date;
  readonly lastMessageAt: Date | null;
}

/** As the API shows it, under the names of seed 002. */
export function renderSession({ id, conversationId, messages, createdAt, lastMessageAt }: ShownSession) {
  return {
    ...{ session_id: id, conversation_id: conversationId, messages },
    created_at: shown(createdAt),
    last_message_at: shownOrNull(lastMessageAt),
  };
}
