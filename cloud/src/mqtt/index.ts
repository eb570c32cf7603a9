export { type BrokerFilesOptions, keepBrokerFiles } from './broker-files.js';
export type { CloudMessaging, UnitAuthenticator, UnitMessage, UnitMessageHandler } from './cloud-messaging.js';
export { FloodAlarm } from './flood-alarm.js';
export { type CloudLink, type CloudLinkOptions, openCloudLink, startCloudLink } from './open-cloud-link.js';
export { type UnitPortWatch, watchUnitPorts } from './unit-port-watch.js';
