import { Readable } from 'node:stream';

type Done = (error?: Error | null) => void;

/**
 * aedes without its router: what units publish goes to `published`, what the cloud says goes straight to one client. Nobody
 * else's message ever waits behind a subscriber who does not read.
 */
export const noRouter = {
  on: (_topic: string, _listener: unknown, done?: Done): void => {
    if (done) process.nextTick(done);
  },
  removeListener: (_topic: string, _listener: unknown, done?: Done): void => {
    if (done) process.nextTick(done);
  },
  emit: (_packet: unknown, done?: Done): void => {
    if (done) process.nextTick(done);
  },
  close: (done?: Done): void => {
    if (done) process.nextTick(done);
  },
};

const nothing = async (): Promise<void> => {};
const none = async (): Promise<never[]> => [];
const notFound = async (): Promise<never> => {
  throw new Error('nothing is kept');
};
const empty = (): Readable => Readable.from([]);

/** aedes's persistence where sessions are clean, nothing is retained and QoS 2 is refused: a will lives with its connection. */
export const noStore = {
  setup: nothing,
  destroy: nothing,
  storeRetained: nothing,
  createRetainedStreamCombi: empty,
  addSubscriptions: nothing,
  removeSubscriptions: nothing,
  cleanSubscriptions: nothing,
  subscriptionsByClient: none,
  subscriptionsByTopic: none,
  outgoingEnqueue: nothing,
  outgoingEnqueueCombi: nothing,
  outgoingUpdate: nothing,
  outgoingClearMessageId: nothing,
  outgoingStream: empty,
  incomingStorePacket: notFound,
  incomingGetPacket: notFound,
  incomingDelPacket: nothing,
  cleanIncoming: nothing,
  putWill: nothing,
  delWill: nothing,
  streamWill: empty,
};
