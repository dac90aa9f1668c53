import { sign } from '@octokit/webhooks-methods';
import { DeliverySignature } from './delivery-signature.js';

const BODY = '{"action":"created"}';
const signedBy = (secret: string) => sign(secret, BODY);
const verified = async (signature: DeliverySignature, secret: string) =>
  signature.verified(Buffer.from(BODY), await signedBy(secret));

test.each(['ours', 'other'])('while a secret is rotated, what is signed by %s is taken', async (secret) => {
  expect(await verified(new DeliverySignature('ours', 'other'), secret)).toBe(BODY);
});

test.each([
  ['a third secret', new DeliverySignature('ours', 'other'), 'third'],
  ['the other one, once the rotation is over', new DeliverySignature('ours', undefined), 'other'],
])('what is signed by %s is invalid_signature', async (_name, signature, secret) => {
  await expect(verified(signature, secret)).rejects.toMatchObject({ code: 'invalid_signature' });
});

test('the other secret alone takes nothing: the webhook is not set up', async () => {
  await expect(verified(new DeliverySignature(undefined, 'other'), 'other')).rejects.toMatchObject({
    code: 'service_unavailable',
  });
});
