import { clientIdPattern, deviceTopics, joinTopics, joinUserName } from '@hallhub/shared/wire';
import type { BrokerAccount } from '../config/index.js';
import { coversFilter, fitsFilter } from './topic-filter.js';

export { fitsFilter } from './topic-filter.js';

/** Who a connection is, once it was let in. */
export type Principal =
  | { readonly kind: 'stranger'; readonly clientId: string }
  | {
      readonly kind: 'device';
      readonly deviceId: string;
      readonly clientId: string;
      /** Which of two secrets it showed while a rotation is under way. */
      readonly credential?: 'old' | 'new';
    }
  | { readonly kind: 'account'; readonly account: BrokerAccount; readonly clientId: string };

export type Refusal = 'identifier' | 'credential' | 'not_authorized' | 'busy';

/** docs/protocol.md 3.1 and 3.2. */
export const mayPublish = (principal: Principal, topic: string): boolean => {
  switch (principal.kind) {
    case 'stranger':
      return topic === joinTopics.join(principal.clientId);
    case 'device':
      return deviceChannels.some((channel) => topic === deviceTopics[channel](principal.deviceId));
    case 'account':
      return !isReserved(topic) && rightsOf(principal, 'publish').some((filter) => fitsFilter(filter, topic));
  }
};

export const maySubscribe = (principal: Principal, filter: string): boolean => {
  switch (principal.kind) {
    case 'stranger':
      return filter === joinTopics.reply(principal.clientId);
    case 'device':
      return filter === deviceTopics.command(principal.deviceId);
    case 'account':
      return !isReserved(filter) && rightsOf(principal, 'subscribe').some((allowed) => coversFilter(allowed, filter));
  }
};

/** `{clientId}` in a right stands for the client's own id, so that one account gives each device its own topics only. */
const rightsOf = (
  { account, clientId }: Extract<Principal, { kind: 'account' }>,
  kind: 'publish' | 'subscribe',
): readonly string[] => {
  const plain = clientId !== '' && !/[/+#\0]/.test(clientId);
  return account[kind].flatMap((right) => {
    if (!right.includes('{clientId}')) return [right];
    return plain ? [right.replaceAll('{clientId}', () => clientId)] : [];
  });
};

const deviceChannels = ['telemetry', 'event', 'reply', 'state'] as const;
export type DeviceChannel = (typeof deviceChannels)[number];

/** `hh/…` is ours and `$…` the broker's: no account gets there, whatever its list says. */
const isReserved = (topic: string): boolean =>
  topic.startsWith('$') || topic === 'hh' || topic.startsWith('hh/') || /^[+#]/.test(topic);

export const isStrangerLogin = (userName: string | undefined): boolean => userName === joinUserName;
export const isClientId = (clientId: string): boolean => clientIdPattern.test(clientId);
