import { HubError, isHubError } from '@hallhub/shared';
import type { OnvifNotification } from '@hallhub/shared/profile';
import { abortScope } from '../../abort-scope.js';
import type { XmlNode } from '../soap/xml-node.js';
import type { Camera } from './camera.js';

export interface CameraNotification extends OnvifNotification {
  /** Initialized: the state at the time of subscribing, no change. */
  readonly operation: 'Initialized' | 'Changed' | 'Deleted' | undefined;
  /** Epoch ms by the camera's clock. */
  readonly deviceAt: number | undefined;
  /** What it is about: the same for every message of one rule, input or relay. */
  readonly subject: string;
}

const events = 'http://www.onvif.org/ver10/events/wsdl';
const pull = `${events}/PullPointSubscription/PullMessagesRequest`;
const wsn = 'http://docs.oasis-open.org/wsn';
const lifeMs = 60_000;
const pullMs = 10_000;
const maxMessages = 50;
const maxItems = 64;
const maxNameChars = 100;
const maxParameterChars = 32_768;

export interface PullOptions {
  readonly signal: AbortSignal;
  /** Subscribed. The function given looks at once whether the camera still knows the subscription. */
  readonly onSubscribed: (check: () => void) => void;
  /** The camera answered for the subscription. */
  readonly onAlive: () => void;
  readonly onNotification: (notification: CameraNotification) => void;
}

/** One pull-point subscription: made, pulled, renewed, and given back at the end. Throws when it is lost. */
export const pullNotifications = async (camera: Camera, options: PullOptions): Promise<never> => {
  const { onAlive, onNotification } = options;
  const subscription = await subscribe(camera, options.signal);
  using lost = abortScope(options.signal);
  const { signal } = lost;
  // Beside the pull that waits: what the camera sends in answer to that must not be thrown away.
  const check = () =>
    void subscription.renew(signal).then(
      (isKnown) => isKnown && onAlive(),
      (error) => lost.abort(error),
    );
  options.onSubscribed(check);
  onAlive();
  try {
    for (;;) {
      const startedMs = camera.clock.monotonicMs();
      const reply = await subscription.request(
        pull,
        `<PullMessages xmlns="${events}"><Timeout>PT${pullMs / 1_000}S</Timeout><MessageLimit>${maxMessages}</MessageLimit></PullMessages>`,
        signal,
      );
      onAlive();
      for (const message of reply.need('PullMessagesResponse').all('NotificationMessage').slice(0, maxMessages)) {
        const notification = parseNotification(message);
        if (notification) onNotification(notification);
      }
      await subscription.keepAlive(signal);
      // A camera that answers at once with nothing must not make us spin.
      if (camera.clock.monotonicMs() - startedMs < 50) await camera.clock.sleep(200, signal);
    }
  } finally {
    await subscription.end();
  }
};

interface Subscription {
  request(action: string, body: string, signal: AbortSignal): Promise<XmlNode>;
  /** Where it is time to. */
  keepAlive(signal: AbortSignal): Promise<void>;
  /** False where the camera knows no Renew. */
  renew(signal: AbortSignal): Promise<boolean>;
  end(): Promise<void>;
}

const subscribe = async (camera: Camera, signal: AbortSignal): Promise<Subscription> => {
  const url = await camera.serviceAddress('events', signal);
  if (!url) throw new HubError('unsupported', `${camera.host} has no event service`);
  const body = await camera.soap.request({
    url,
    action: `${events}/EventPortType/CreatePullPointSubscriptionRequest`,
    body: `<CreatePullPointSubscription xmlns="${events}"><InitialTerminationTime>PT${lifeMs / 1_000}S</InitialTerminationTime></CreatePullPointSubscription>`,
    addressing: { to: url.href, parameters: '' },
    signal,
  });
  const response = body.need('CreatePullPointSubscriptionResponse');
  const reference = response.need('SubscriptionReference');
  const address = reference.need('Address').text();
  const at = camera.rebase(address);
  // Reference parameters are echoed as headers (WS-Addressing 1.0, 3.3).
  const parameters = echoed(reference.at('ReferenceParameters')?.children ?? [], camera);
  const addressing = { to: address, parameters };
  const request = (action: string, soapBody: string, within: AbortSignal, timeoutMs = pullMs + 5_000) =>
    camera.soap.request({ url: at, action, body: soapBody, addressing, signal: within, timeoutMs });
  let renewAtMs = camera.clock.monotonicMs() + grantedMs(response) / 2;
  const renew = async (within: AbortSignal): Promise<boolean> => {
    try {
      const renewed = await request(
        `${wsn}/bw-2/SubscriptionManager/RenewRequest`,
        `<Renew xmlns="${wsn}/b-2"><TerminationTime>PT${lifeMs / 1_000}S</TerminationTime></Renew>`,
        within,
      );
      renewAtMs = camera.clock.monotonicMs() + grantedMs(renewed.at('RenewResponse')) / 2;
      return true;
    } catch (error) {
      // Some lengthen a subscription with each pull and know no Renew.
      if (!isHubError(error, 'unsupported')) throw error;
      renewAtMs = Number.POSITIVE_INFINITY;
      return false;
    }
  };
  return {
    request,
    renew,
    keepAlive: async (within) => {
      if (camera.clock.monotonicMs() >= renewAtMs) await renew(within);
    },
    end: async () => {
      // A courtesy: the camera forgets the subscription by itself in a minute.
      const soon = AbortSignal.timeout(500);
      await request(
        `${wsn}/bw-2/SubscriptionManager/UnsubscribeRequest`,
        `<Unsubscribe xmlns="${wsn}/b-2"/>`,
        soon,
      ).catch(() => undefined);
    },
  };
};

/** Each brings its namespaces along, so that a small reply could become a huge request. Throws `too_large`. */
const echoed = (nodes: readonly XmlNode[], camera: Camera): string => {
  let xml = '';
  for (const node of nodes) {
    xml += node.outerXml();
    if (xml.length > maxParameterChars)
      throw new HubError('too_large', `${camera.host} wants too much of its own repeated with each request`);
  }
  return xml;
};

/** How long the camera grants, by its own two times; some grant less than was asked for. */
const grantedMs = (response: XmlNode | undefined): number => {
  const told =
    Date.parse(response?.textAt('TerminationTime') ?? '') - Date.parse(response?.textAt('CurrentTime') ?? '');
  return Number.isFinite(told) && told > 0 ? Math.min(Math.max(told, 2_000), lifeMs) : lifeMs;
};

/** What a message says; undefined where it is none. */
export const parseNotification = (node: XmlNode): CameraNotification | undefined => {
  const topic = node.textAt('Topic')?.slice(0, 300);
  const message = node.at('Message', 'Message');
  if (!topic || !message) return undefined;
  const items: Record<string, string> = {};
  let subject = topic;
  for (const part of ['Source', 'Key', 'Data']) {
    for (const item of (message.at(part)?.all('SimpleItem') ?? []).slice(0, maxItems)) {
      const name = item.attribute('Name');
      const value = item.attribute('Value');
      if (name === undefined || value === undefined || name === '__proto__' || name.length > maxNameChars) continue;
      items[name] = value.slice(0, 1_000);
      if (part !== 'Data') subject += `\n${name}=${items[name]}`;
    }
  }
  const operation = message.attribute('PropertyOperation');
  const deviceAt = Date.parse(message.attribute('UtcTime') ?? '');
  return {
    topic,
    items,
    subject: subject.slice(0, 2_000),
    operation:
      operation === 'Initialized' || operation === 'Changed' || operation === 'Deleted' ? operation : undefined,
    deviceAt: Number.isNaN(deviceAt) ? undefined : deviceAt,
  };
};
