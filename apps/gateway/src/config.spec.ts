import { loadConfig } from './config.js';

const OWN = { ...process.env };
const NEEDED = {
  NATS_URL: 'nats://127.0.0.1:4222',
  REDIS_URL: 'redis://127.0.0.1:6379',
  MAGISTRY_REPLAY_SECRET: 'a secret that is long enough for a test',
};

function loadWith(environment: Record<string, string>) {
  process.env = { ...NEEDED, ...environment };
  return loadConfig();
}
afterEach(() => {
  process.env = { ...OWN };
});

test('the names of seed 004 set what the own names leave out', () => {
  const config = loadWith({
    MAGSAG_API_HOST: '0.0.0.0',
    MAGSAG_API_PORT: '8000',
    MAGSAG_API_DEBUG: 'true',
    MAGSAG_API_MAX_REQUEST_BYTES: '1000',
    MAGSAG_REDIS_URL: 'redis://127.0.0.1:7000',
    MAGSAG_RATE_LIMIT_QPS: '5',
    MAGSAG_API_KEY: 'local-dev-key',
    MAGSAG_WORKSPACE: 'demo',
  });
  expect(config).toMatchObject({
    ...{ host: '0.0.0.0', port: 8000, logLevel: 'debug', requestBytesMax: 1000, runsPerSecond: 5 },
    redisCacheUrl: 'redis://127.0.0.1:7000',
    magsagKey: { secret: 'local-dev-key', workspace: 'demo' },
  });
});

test('the own names come first where both are set, and nothing is shared where nothing says so', () => {
  const config = loadWith({
    HOST: '127.0.0.2',
    MAGSAG_API_HOST: '0.0.0.0',
    PORT: '8081',
    MAGSAG_API_PORT: '8000',
  });
  expect(config).toMatchObject({ host: '127.0.0.2', port: 8081, runsPrefix: '/api/v1' });
  expect(config).toMatchObject({ magsagKey: undefined, runsPerSecond: undefined });
});

test('a shared secret without a workspace does not start', () => {
  expect(() => loadWith({ MAGSAG_API_KEY: 'local-dev-key' })).toThrow(/MAGSAG_WORKSPACE/);
});

test.each(['api/v1', '/api/v1/', '/a b'])('a prefix like "%s" does not start', (prefix) => {
  expect(() => loadWith({ MAGSAG_API_PREFIX: prefix })).toThrow(/MAGSAG_API_PREFIX/);
});
