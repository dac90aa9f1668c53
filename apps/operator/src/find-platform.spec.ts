import type { OperatorConfig } from './config.js';
import { EXIT } from './exit.js';
import { findPlatform } from './find-platform.js';

const NAMED = 'nats://operator:secret@nats.example:4222';
const nowhere = { MAGISTRY_HOME: 'no-such-home' } as OperatorConfig;

test('the option wins over the environment, and a named NATS has no gateway of its own', () => {
  const config = { ...nowhere, MAGISTRY_OPERATOR_URL: 'nats://other.example' };
  expect(findPlatform({ natsUrl: NAMED }, config)).toEqual({ natsUrl: NAMED, gatewayUrl: undefined });
  expect(findPlatform({}, config).natsUrl).toBe('nats://other.example');
});

test('a gateway that is named goes with any NATS', () => {
  const config = { ...nowhere, MAGISTRY_BASE_URL: 'http://b.example' };
  expect(findPlatform({ natsUrl: NAMED }, config).gatewayUrl).toBe('http://b.example');
  const options = { natsUrl: NAMED, gatewayUrl: 'http://a.example' };
  expect(findPlatform(options, config).gatewayUrl).toBe('http://a.example');
});

test('without any of them it says what to do', () => {
  const find = () => findPlatform({}, nowhere);
  expect(find).toThrow(expect.objectContaining({ exitCode: EXIT.unreachable }));
  expect(find).toThrow(/npm start.*MAGISTRY_HOME.*--nats-url.*MAGISTRY_OPERATOR_URL/);
});

test.each(['secret', 'http://operator:secret@host', 'nats//operator:secret@host'])(
  'a URL that is none, %p, is wrong usage and is not shown',
  (natsUrl) => {
    const find = () => findPlatform({ natsUrl }, nowhere);
    expect(find).toThrow(expect.objectContaining({ exitCode: EXIT.usage }));
    expect(find).toThrow(expect.objectContaining({ message: expect.not.stringContaining('secret') }));
  },
);
