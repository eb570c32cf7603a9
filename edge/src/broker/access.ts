import { clientIdPattern, deviceTopics, joinTopics, joinUserName } from '@hallhub/shared/wire';
import type { BrokerAccount } from '../config/index.js';

/** Who a connection is, once it was let in. */
export type Principal =
  | { readonly kind: 'stranger'; readonly clientId: string }
  | { readonly kind: 'device'; readonly deviceId: string; readonly clientId: string }
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
      return !isReserved(topic) && principal.account.publish.some((filter) => fitsFilter(filter, topic));
  }
};

export const maySubscribe = (principal: Principal, filter: string): boolean => {
  switch (principal.kind) {
    case 'stranger':
      return filter === joinTopics.reply(principal.clientId);
    case 'device':
      return filter === deviceTopics.command(principal.deviceId);
    case 'account':
      return !isReserved(filter) && principal.account.subscribe.some((allowed) => coversFilter(allowed, filter));
  }
};

const deviceChannels = ['telemetry', 'event', 'reply', 'state'] as const;
export type DeviceChannel = (typeof deviceChannels)[number];

/** `hh/…` is ours and `$…` the broker's: no account gets there, whatever its list says. */
const isReserved = (topic: string): boolean =>
  topic.startsWith('$') || topic === 'hh' || topic.startsWith('hh/') || /^[+#]/.test(topic);

/** MQTT 3.1.1 section 4.7. */
export const fitsFilter = (filter: string, topic: string): boolean => {
  const [wanted, given] = [filter.split('/'), topic.split('/')];
  for (let i = 0; i < wanted.length; i++) {
    if (wanted[i] === '#') return !topic.startsWith('$') || i > 0;
    if (i >= given.length) return false;
    if (wanted[i] !== '+' && wanted[i] !== given[i]) return false;
  }
  return wanted.length === given.length;
};

/** Whether everything that `filter` can match is matched by `allowed` too. */
const coversFilter = (allowed: string, filter: string): boolean => {
  const [wide, narrow] = [allowed.split('/'), filter.split('/')];
  for (let i = 0; i < wide.length; i++) {
    if (wide[i] === '#') return true;
    if (i >= narrow.length || narrow[i] === '#') return false;
    if (wide[i] !== '+' && wide[i] !== narrow[i]) return false;
  }
  return wide.length === narrow.length;
};

export const isStrangerLogin = (userName: string | undefined): boolean => userName === joinUserName;
export const isClientId = (clientId: string): boolean => clientIdPattern.test(clientId);
