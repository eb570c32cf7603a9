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

/** MQTT 3.1.1 §4.7, for topics that do not begin with `$`. */
export const filterMatches = (filter: string, topic: string): boolean => {
  if (filter === topic) return true;
  const wanted = filter.split('/');
  const levels = topic.split('/');
  for (const [i, level] of wanted.entries()) {
    if (level === '#') return true;
    if (i >= levels.length || (level !== '+' && level !== levels[i])) return false;
  }
  return wanted.length === levels.length;
};
