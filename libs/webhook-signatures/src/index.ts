export { MemoryReplayCache, type ReplayCache } from './replay-cache.js';
export { newSecret, secretBytes } from './secret.js';
export { type SignatureHeaders, signDelivery } from './sign-delivery.js';
export { newSigningKey, openPrivateKey, publicKeyEntry, type SigningKey } from './signing-key.js';
export { WebhookVerificationError, WebhookVerifier } from './webhook-verifier.js';
