import { type LiveRelay, noRelay } from './live-relay.js';
import type { MediaBrokerOptions } from './media-broker.js';
import { type AnswerRelay, noAnswerRelay } from './playback/answer-relay.js';

/** How pictures go between cloud processes. Whoever opens them closes both, after what uses them. */
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
  const live = brokerLiveRelay({ url, ...options });
  try {
    return { live, answers: brokerAnswerRelay({ url, ...options }) };
  } catch (error) {
    await live.close();
    throw error;
  }
};
