import { ulid } from 'ulid';
import { shownOrNull } from '../domain/clock.js';
import type { CourseNotice } from '../domain/endpoint-course.js';
import type { Database } from '../storage/database.js';
import type { TurnedEndpoint } from '../storage/endpoint-turns.js';
import { EventWeeks } from '../storage/event-weeks.js';
import { FanOut } from '../storage/fan-out.js';
import type { ResultWriterOptions } from './result-writer.js';

const SEVERITIES: Readonly<Record<CourseNotice['type'], string>> = {
  'endpoint.warning': 'warning',
  'endpoint.disabled': 'critical',
  'endpoint.recovered': 'info',
};

/** Tells the workspace's other endpoints of one that fails, was disabled or is back, as of any event. */
export function endpointNotices(database: Database): ResultWriterOptions['tell'] {
  const weeks = new EventWeeks(database);
  const fanOut = new FanOut();
  return async (transaction, told, now) => {
    if (told.length === 0) return;
    await weeks.ensure([now]);
    const events = told.map(({ endpoint, notice }) => ({
      id: `evt_${ulid(now.getTime())}`,
      workspaceId: endpoint.workspaceId,
      type: notice.type,
      createdAt: now,
      data: JSON.stringify(dataOf(endpoint, notice)),
      isPlatform: true,
      traceparent: null,
      exceptEndpointId: endpoint.id,
    }));
    await fanOut.tell(transaction, events, now);
  };
}

function dataOf({ id, url, tenant, failingSince }: TurnedEndpoint, notice: CourseNotice) {
  return {
    endpoint_id: id,
    url,
    reason: 'reason' in notice ? notice.reason : null,
    percent: 'percent' in notice ? notice.percent : null,
    failing_since: shownOrNull(failingSince),
    tenant,
    severity: SEVERITIES[notice.type],
  };
}
