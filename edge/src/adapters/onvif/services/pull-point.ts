import { HubError } from '@hallhub/shared';
import type { OnvifNotification } from '@hallhub/shared/profile';
import type { Camera } from './camera.js';
import type { XmlNode } from './xml-node.js';

export interface CameraNotification extends OnvifNotification {
  /** Initialized: the state at the time of subscribing, no change. */
  readonly operation: 'Initialized' | 'Changed' | 'Deleted' | undefined;
  /** Epoch ms by the camera's clock. */
  readonly deviceAt: number | undefined;
}

const events = 'http://www.onvif.org/ver10/events/wsdl';
const pull = `${events}/PullPointSubscription/PullMessagesRequest`;
const wsn = 'http://docs.oasis-open.org/wsn';
const lifeS = 60;
const pullS = 10;
const maxMessages = 50;

/** One pull-point subscription: made, pulled, renewed, and given back at the end. Throws when it is lost. */
export const pullNotifications = async (
  camera: Camera,
  signal: AbortSignal,
  onNotification: (notification: CameraNotification) => void,
): Promise<never> => {
  const subscription = await subscribe(camera, signal);
  try {
    for (;;) {
      const startedMs = camera.clock.monotonicMs();
      const reply = await subscription.request(
        pull,
        `<PullMessages xmlns="${events}"><Timeout>PT${pullS}S</Timeout><MessageLimit>${maxMessages}</MessageLimit></PullMessages>`,
        signal,
      );
      for (const message of reply.at('pullMessagesResponse')?.all('notificationMessage') ?? []) {
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
  keepAlive(signal: AbortSignal): Promise<void>;
  end(): Promise<void>;
}

const subscribe = async (camera: Camera, signal: AbortSignal): Promise<Subscription> => {
  const url = await camera.serviceUrl('events', signal);
  if (!url) throw new HubError('unsupported', `${camera.host} has no event service`);
  const action = `${events}/EventPortType/CreatePullPointSubscriptionRequest`;
  const { body, xml } = await camera.soap.requestRaw({
    url,
    action,
    body: `<CreatePullPointSubscription xmlns="${events}"><InitialTerminationTime>PT${lifeS}S</InitialTerminationTime></CreatePullPointSubscription>`,
    addressing: { to: url.href, parameters: '' },
    signal,
  });
  const reference = body.need('createPullPointSubscriptionResponse', 'subscriptionReference');
  const address = reference.need('address').text();
  const at = camera.rebase(address);
  // Reference parameters are echoed as headers, byte for byte (WS-Addressing 1.0, 3.3).
  const parameters =
    /<(?:[\w.-]+:)?ReferenceParameters[^>]*>([\s\S]*?)<\/(?:[\w.-]+:)?ReferenceParameters>/.exec(xml)?.[1] ?? '';
  const addressing = { to: address, parameters };
  const request = (soapAction: string, soapBody: string, within: AbortSignal, timeoutMs = (pullS + 5) * 1_000) =>
    camera.soap.request({ url: at, action: soapAction, body: soapBody, addressing, signal: within, timeoutMs });
  let renewedMs = camera.clock.monotonicMs();
  return {
    request,
    keepAlive: async (within) => {
      if (camera.clock.monotonicMs() - renewedMs < (lifeS * 1_000) / 2) return;
      await request(
        `${wsn}/bw-2/SubscriptionManager/RenewRequest`,
        `<Renew xmlns="${wsn}/b-2"><TerminationTime>PT${lifeS}S</TerminationTime></Renew>`,
        within,
      );
      renewedMs = camera.clock.monotonicMs();
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

const parseNotification = (node: XmlNode): CameraNotification | undefined => {
  const topic = node.textAt('topic');
  const message = node.at('message', 'message');
  if (!topic || !message) return undefined;
  const items: Record<string, string> = {};
  for (const part of ['source', 'key', 'data']) {
    for (const item of message.at(part)?.all('simpleItem') ?? []) {
      const name = item.attribute('Name');
      const value = item.attribute('Value');
      if (name !== undefined && value !== undefined) items[name] = value;
    }
  }
  const operation = message.attribute('PropertyOperation');
  const deviceAt = Date.parse(message.attribute('UtcTime') ?? '');
  return {
    topic,
    items,
    operation:
      operation === 'Initialized' || operation === 'Changed' || operation === 'Deleted' ? operation : undefined,
    deviceAt: Number.isNaN(deviceAt) ? undefined : deviceAt,
  };
};
