import fc from 'fast-check';
import { readDestination } from './destination.js';
import { EgressError } from './failures.js';

const guarded = { allowsLoopback: false };
const local = { allowsLoopback: true };

function refusal(text: string, policy = guarded): string | undefined {
  try {
    readDestination(text, policy);
    return undefined;
  } catch (error) {
    if (error instanceof EgressError) return error.failure;
    throw error;
  }
}

test.each([
  'https://your-app.com/webhooks',
  'https://hooks.example.co.uk:8443/a?b=c#d',
  'https://example.com:1024/',
  'HTTPS://EXAMPLE.COM/',
  'https://bücher.example/hook',
  'https://93.184.216.34/hook',
  'https://[2606:2800:220:1::1]:65535/',
])('%s may be called', (text) => expect(refusal(text)).toBeUndefined());

test.each([
  ['', 'not_a_url'],
  ['/hook', 'not_a_url'],
  ['https://', 'not_a_url'],
  ['https://exa\tmple.com/', 'not_a_url'],
  ['https://example.com\\@127.0.0.1/', 'not_a_url'],
  [' https://example.com/', 'not_a_url'],
  ['https://[fe80::1%25eth0]/', 'not_a_url'],
  ['https://1.2.3.256/', 'not_a_url'],
  [`https://example.com/${'a'.repeat(2_048)}`, 'not_a_url'],
  ['http://example.com/', 'scheme_not_allowed'],
  ['ftp://example.com/', 'scheme_not_allowed'],
  ['file:///etc/passwd', 'not_a_url'],
  ['gopher://example.com/', 'scheme_not_allowed'],
  ['https:example.com', 'not_a_url'],
  ['https:///127.0.0.1/', 'not_a_url'],
  ['https://user@example.com/', 'user_info_not_allowed'],
  ['https://user:secret@example.com/', 'user_info_not_allowed'],
  ['https://@example.com/', 'user_info_not_allowed'],
  ['https://example.com:22/', 'port_not_allowed'],
  ['https://example.com:80/', 'port_not_allowed'],
  ['https://example.com:0/', 'port_not_allowed'],
  ['https://example.com:1023/', 'port_not_allowed'],
  ['https://localhost/', 'host_not_allowed'],
  ['https://db.localhost/', 'host_not_allowed'],
  ['https://example.com./', 'host_not_allowed'],
  ['https://127.0.0.1./', 'host_not_allowed'],
  ['https://127.0.0.1/', 'address_not_allowed'],
  ['https://127.1/', 'host_not_allowed'],
  ['https://2130706433/', 'host_not_allowed'],
  ['https://0x7f000001/', 'host_not_allowed'],
  ['https://0x7f.0.0.1/', 'host_not_allowed'],
  ['https://0177.0.0.1/', 'host_not_allowed'],
  ['https://017700000001/', 'host_not_allowed'],
  ['https://１２７.0.0.1/', 'host_not_allowed'],
  ['https://127。0。0。1/', 'host_not_allowed'],
  ['https://%31%32%37.0.0.1/', 'host_not_allowed'],
  ['https://0x5db8d822/', 'host_not_allowed'],
])('%j is refused as %s', (text, failure) => {
  expect(refusal(text)).toBe(failure);
});

test.each(['http://127.0.0.1:9000/hook', 'http://localhost/hook', 'https://127.0.0.1:1/'])(
  '%s may be called for local work, and only then',
  (text) => {
    expect(refusal(text, local)).toBeUndefined();
    expect(refusal(text)).toBeDefined();
  },
);

test.each([
  'http://127.0.0.2:9000/',
  'http://LOCALHOST/',
  'http://localhost./',
  'http://127.1/',
  'http://2130706433/',
  'http://[::1]/',
  'http://[::ffff:127.0.0.1]/',
  'http://0.0.0.0/',
  'http://user@localhost/',
  'http://example.com/',
  'https://10.0.0.1/',
])('local work does not open %s', (text) => expect(refusal(text, local)).toBeDefined());

test('whatever is written, the answer is a URL or an EgressError that repeats nothing of it', () => {
  const hosts = fc.oneof(fc.ipV4Extended(), fc.ipV6(), fc.domain(), fc.string());
  fc.assert(
    fc.property(hosts, fc.string(), (host, path) => {
      try {
        const { url } = readDestination(`https://${host}/${path}`, guarded);
        expect(url.protocol).toBe('https:');
      } catch (error) {
        expect(error).toBeInstanceOf(EgressError);
      }
    }),
    { numRuns: 2_000 },
  );
});
