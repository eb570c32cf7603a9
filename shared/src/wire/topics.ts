import type { Lane } from './primitives.js';

/** Topics of docs/protocol.md. Ids are checked by their contracts before they are put into a topic. */
const unitRoot = 'hh/1/u';
const deviceRoot = 'hh/1/d';
const joinRoot = 'hh/1/join';

export const unitTopics = {
  all: (unitId: string) => `${unitRoot}/${unitId}/#`,
  hello: (unitId: string) => `${unitRoot}/${unitId}/hello`,
  up: (unitId: string, lane: Lane) => `${unitRoot}/${unitId}/up/${lane}`,
  heartbeat: (unitId: string) => `${unitRoot}/${unitId}/heartbeat`,
  presence: (unitId: string) => `${unitRoot}/${unitId}/presence`,
  down: (unitId: string) => `${unitRoot}/${unitId}/down/#`,
  downHello: (unitId: string) => `${unitRoot}/${unitId}/down/hello`,
  downAck: (unitId: string) => `${unitRoot}/${unitId}/down/ack`,
  downCommand: (unitId: string) => `${unitRoot}/${unitId}/down/command`,
  /** docs/protocol.md 8.4. */
  downLive: (unitId: string) => `${unitRoot}/${unitId}/down/live`,
  /** docs/protocol.md 8.1. */
  downVision: (unitId: string) => `${unitRoot}/${unitId}/down/vision`,
  /** docs/protocol.md 8.5. */
  downRecordings: (unitId: string) => `${unitRoot}/${unitId}/down/recordings`,
  /** docs/protocol.md 8.6. */
  downSteer: (unitId: string) => `${unitRoot}/${unitId}/down/steer`,
  /** What a cloud process subscribes to. */
  everyUnit: [`${unitRoot}/+/hello`, `${unitRoot}/+/up/+`, `${unitRoot}/+/heartbeat`, `${unitRoot}/+/presence`],
} as const;

export const deviceTopics = {
  all: (deviceId: string) => `${deviceRoot}/${deviceId}/#`,
  telemetry: (deviceId: string) => `${deviceRoot}/${deviceId}/telemetry`,
  event: (deviceId: string) => `${deviceRoot}/${deviceId}/event`,
  state: (deviceId: string) => `${deviceRoot}/${deviceId}/state`,
  command: (deviceId: string) => `${deviceRoot}/${deviceId}/command`,
  reply: (deviceId: string) => `${deviceRoot}/${deviceId}/reply`,
} as const;

export const joinTopics = {
  join: (clientId: string) => `${joinRoot}/${clientId}`,
  reply: (clientId: string) => `${joinRoot}/${clientId}/reply`,
} as const;

export const joinUserName = 'join';
export const clientIdPattern = /^[A-Za-z0-9_.-]{1,64}$/;

/** `hh/1/u/{unitId}/{rest}` split, or undefined for anything else. */
export const parseUnitTopic = (topic: string): { unitId: string; rest: string } | undefined => {
  const [, unitId, rest] = /^hh\/1\/u\/([0-9a-f-]{36})\/(.+)$/.exec(topic) ?? [];
  return unitId && rest ? { unitId, rest } : undefined;
};

/** `hh/1/d/{deviceId}/{channel}` split, or undefined for anything else. */
export const parseDeviceTopic = (topic: string): { deviceId: string; channel: string } | undefined => {
  const [, deviceId, channel] = /^hh\/1\/d\/([0-9a-f-]{36})\/([a-z]+)$/.exec(topic) ?? [];
  return deviceId && channel ? { deviceId, channel } : undefined;
};
