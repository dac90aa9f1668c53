export {
  type Answer,
  bytesAnswer,
  eventLogAnswer,
  jsonAnswer,
  NO_CONTENT,
  notModified,
  PENDING,
} from './answer.js';
export { Broadcaster, LivePages, onBroadcast } from './broadcast.js';
export { Caller, type ForwardedRequest, Unanswered } from './caller.js';
export { connectNats, type NatsConnection } from './connection.js';
export { EVENTS_STREAM, EventStream, eventSubject, type PublishedEvent } from './event-stream.js';
export { type CallRequest, Handles, type PublicRequest, type RequestOf, type ResultOf } from './handles.js';
export { NatsServer, type NatsServerOptions } from './nats-server.js';
export { decodeReply, encodeProblem, encodeSuccess } from './reply-wire.js';
export { runService, type ServiceOptions } from './run-service.js';
export { type FaultListener, type Handler, type Served, serve } from './serve.js';
export { type Following, type StreamedEvent, StreamFollower } from './stream-follower.js';
