import { type LiveRelay, noRelay } from './live-relay.js';
import type { MediaBrokerOptions } from './media-broker.js';
import { type AnswerRelay, noAnswerRelay } from './playback/answer-relay.js';

/** How pictures go between cloud processes. Whoever uses one closes it. */
export interface MediaRelays {
  readonly live: LiveRelay;
  readonly answers: AnswerRelay;
}

/** `url` null: this process is alone. */
export const openMediaRelays = async ({
  url,
  ...options
}: Omit<MediaBrokerOptions, 'url'> & { readonly url: string | null }): Promise<MediaRelays> => {
  if (url === null) return { live: noRelay, answers: noAnswerRelay() };
  const { brokerLiveRelay } = await import('./broker-live-relay.js');
  const { brokerAnswerRelay } = await import('./playback/broker-answer-relay.js');
  return { live: brokerLiveRelay({ url, ...options }), answers: brokerAnswerRelay({ url, ...options }) };
};
