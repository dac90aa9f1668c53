import { isPublicAddress } from './public-address.js';

test.each([
  '1.1.1.1',
  '93.184.216.34',
  '172.15.255.255',
  '172.32.0.0',
  '192.167.255.255',
  '2606:4700:4700::1111',
  '2a00:1450:4001::1',
])('%s is public', (address) => expect(isPublicAddress(address)).toBe(true));

test.each([
  ['this network', '0.0.0.0', '0.255.255.255'],
  ['private', '10.0.0.0', '10.255.255.255', '172.16.0.0', '172.31.255.255', '192.168.0.1'],
  ['carrier-grade NAT', '100.64.0.0', '100.127.255.255'],
  ['loopback', '127.0.0.1', '127.255.255.254', '::1'],
  ['link-local and metadata', '169.254.169.254', '169.254.170.2', 'fe80::1', 'fd00:ec2::254'],
  ['protocol assignments', '192.0.0.8', '192.0.0.170'],
  ['documentation', '192.0.2.1', '198.51.100.1', '203.0.113.1', '2001:db8::1', '3fff::1'],
  ['6to4 relays and AS112', '192.88.99.1', '192.175.48.1', '192.31.196.1', '2620:4f:8000::1'],
  ['benchmarks', '198.18.0.1', '198.19.255.255', '2001:2::1'],
  ['multicast', '224.0.0.1', '239.255.255.255', 'ff02::1'],
  ['reserved and broadcast', '240.0.0.1', '255.255.255.255', '100::1', '4000::1', '5f00::1'],
  ['unspecified', '::'],
  ['unique local and site-local', 'fc00::1', 'fdff::1', 'fec0::1'],
  ['mapped', '::ffff:127.0.0.1', '::ffff:8.8.8.8', '::ffff:0:127.0.0.1', '::127.0.0.1'],
  ['NAT64', '64:ff9b::7f00:1', '64:ff9b::808:808', '64:ff9b:1::1'],
  ['6to4 and Teredo', '2002:7f00:1::1', '2001:0:7f00:1::1'],
  ['ORCHID', '2001:10::1', '2001:20::1'],
  ['scoped', 'fe80::1%eth0', '2606:4700::1%lo'],
  ['odd spellings', '127.1', '0x7f.0.0.1', '2130706433', '0177.0.0.1', '127.0.0.1.', '', 'localhost'],
])('%s is not public', (_kind, ...addresses) => {
  expect(addresses.filter(isPublicAddress)).toEqual([]);
});
