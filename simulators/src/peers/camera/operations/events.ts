import type { CameraEvent } from '../event-queues.js';
import { durationMs, envelope, fault, reply, textOf, xml } from '../soap.js';
import { isoTime, type Operations } from './operation.js';

const unknownSubscription = () => fault('Sender', 'ResourceUnknown', 'The subscription does not exist');
const lifeMs = (request: string, name: string) => Math.min(600_000, durationMs(textOf(request, name), 60_000));
const idOf = (path: string) => path.split('/').pop() ?? '';

const items = (list: Readonly<Record<string, string>>) =>
  Object.entries(list)
    .map(([name, value]) => `<tt:SimpleItem Name="${xml(name)}" Value="${xml(value)}"/>`)
    .join('');

const message = ({ topic, about, items: data, at, operation }: CameraEvent) =>
  `<wsnt:NotificationMessage><wsnt:Topic Dialect="http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet">${xml(topic)}</wsnt:Topic><wsnt:Message>` +
  `<tt:Message UtcTime="${isoTime(at)}" PropertyOperation="${operation}"><tt:Source>${items(about)}</tt:Source><tt:Data>${items(data)}</tt:Data></tt:Message></wsnt:Message></wsnt:NotificationMessage>`;

/** Pull points only; messages are told to all of them, whatever filter was asked for. */
export const eventOperations: Operations = {
  GetEventProperties: () =>
    reply(
      'tev',
      'GetEventProperties',
      '<tev:TopicNamespaceLocation>http://www.onvif.org/onvif/ver10/topics/topicns.xml</tev:TopicNamespaceLocation><wsnt:FixedTopicSet>true</wsnt:FixedTopicSet>',
    ),
  CreatePullPointSubscription: (request, { state, baseUrl }) => {
    const made = state.events.subscribe(lifeMs(request, 'InitialTerminationTime'));
    if (!made) return fault('Receiver', 'ResourceLimit', 'Too many subscriptions');
    return reply(
      'tev',
      'CreatePullPointSubscription',
      `<tev:SubscriptionReference><wsa:Address>${baseUrl}/onvif/pullpoint/${made.id}</wsa:Address></tev:SubscriptionReference><wsnt:CurrentTime>${isoTime(state.now())}</wsnt:CurrentTime><wsnt:TerminationTime>${isoTime(made.until)}</wsnt:TerminationTime>`,
    );
  },
  PullMessages: async (request, { state, path }) => {
    const timeoutMs = Math.min(10_000, durationMs(textOf(request, 'Timeout'), 1_000));
    const pulled = await state.events.pull(idOf(path), timeoutMs, Number(textOf(request, 'MessageLimit') ?? 10));
    if (!pulled) return unknownSubscription();
    return reply(
      'tev',
      'PullMessages',
      `<tev:CurrentTime>${isoTime(state.now())}</tev:CurrentTime><tev:TerminationTime>${isoTime(pulled.until)}</tev:TerminationTime>${pulled.events.map(message).join('')}`,
    );
  },
  SetSynchronizationPoint: () => reply('tev', 'SetSynchronizationPoint'),
  Renew: (request, { state, path }) => {
    const until = state.events.renew(idOf(path), lifeMs(request, 'TerminationTime'));
    if (until === undefined) return unknownSubscription();
    return envelope(
      `<wsnt:RenewResponse><wsnt:TerminationTime>${isoTime(until)}</wsnt:TerminationTime><wsnt:CurrentTime>${isoTime(state.now())}</wsnt:CurrentTime></wsnt:RenewResponse>`,
    );
  },
  Unsubscribe: (_request, { state, path }) =>
    state.events.unsubscribe(idOf(path)) ? envelope('<wsnt:UnsubscribeResponse/>') : unknownSubscription(),
};
