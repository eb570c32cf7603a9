import { laneNames, unitTopics } from '@hallhub/shared/wire';

const upChannels = new Set(['hello', 'heartbeat', 'presence', ...laneNames.map((lane) => `up/${lane}`)]);

/** A unit publishes on its own up-going topics and on nothing else. */
export const mayPublish = (unitId: string, topic: string): boolean => {
  const root = unitTopics.all(unitId).slice(0, -1);
  return topic.startsWith(root) && upChannels.has(topic.slice(root.length));
};

/** A unit subscribes below its own tree. `$share/…` is granted by the embedded broker but never served: refused. */
export const maySubscribe = (unitId: string, filter: string): boolean =>
  filter.startsWith(unitTopics.all(unitId).slice(0, -1));
