export { type Answer, bytesAnswer, jsonAnswer } from './answer.js';
export { Caller, type ForwardedRequest } from './caller.js';
export { connectNats, type NatsConnection } from './connection.js';
export { EVENTS_STREAM, EventStream, eventSubject, type PublishedEvent } from './event-stream.js';
export { type CallRequest, Handles, type PublicRequest, type RequestOf, type ResultOf } from './handles.js';
export { NatsServer, type NatsServerOptions } from './nats-server.js';
export { decodeReply, encodeProblem, encodeSuccess } from './reply-wire.js';
export { runService, type ServiceOptions } from './run-service.js';
export { type FaultListener, type Handler, type Served, serve } from './serve.js';
