import { connectNats, type NatsConnection } from '@magistry/messaging';
import { required } from './database.js';
import { endedInAnyCase } from './leavings.js';

/** A connection to the NATS of `npm test`, which all files share: nobody answers on it behind its file. */
export async function connectTestNats(service: string): Promise<NatsConnection> {
  const connection = await connectNats({ url: required('MAGISTRY_TEST_NATS_URL'), service });
  endedInAnyCase(() => connection.close());
  return connection;
}
