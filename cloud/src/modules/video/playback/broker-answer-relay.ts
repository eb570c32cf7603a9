import { uuidv7 } from '@hallhub/shared';
import { connectMediaBroker, type MediaBrokerOptions } from '../media-broker.js';
import { type AnswerPart, type AnswerRelay, readPart, writePart } from './answer-relay.js';

const topicOf = (processId: string): string => `hh/1/media/${processId}/answers`;
/** A broker that does not keep up: the answer is spoilt, never queued without bound. */
const maxUnsentBytes = 16 * 1024 * 1024;

/** Over the cloud's broker, QoS 0. */
export const brokerAnswerRelay = (options: MediaBrokerOptions): AnswerRelay => {
  const processId = uuidv7();
  let heard: (part: AnswerPart) => void = () => {};
  const { client, say, close } = connectMediaBroker(options, {
    ...{ clientId: `hallhub-answers-${processId}`, topic: topicOf(processId), what: 'recordings', maxUnsentBytes },
  });
  client.on('message', (_topic, payload) => {
    const part = readPart(payload);
    if (part) heard(part);
  });
  return {
    processId,
    send: (to, part) => say(topicOf(to), writePart(part)),
    onPart: (listener) => {
      heard = listener;
    },
    close,
  };
};
