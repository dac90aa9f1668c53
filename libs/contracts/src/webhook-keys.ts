import {
  GetSigningKeysRequestSchema,
  GetSigningKeysResponseSchema,
} from './generated/magistry/webhooks/v1/signing_keys_pb.js';
import { serviceCall } from './operation.js';

/** Asked by the gateway for `/.well-known/webhook-keys.json`. */
export const getSigningKeys = serviceCall({
  name: 'webhooks.get-signing-keys',
  request: GetSigningKeysRequestSchema,
  response: GetSigningKeysResponseSchema,
});
