import type { Clock } from '@hallhub/shared';
import type { Logger } from 'pino';
import type { Database } from '../../db/index.js';
import type { LivePublisher } from '../live/live-port.js';
import type { CloudPki } from '../pki/index.js';

/** What units are told to dial. */
export interface UnitAddresses {
  /** `https://host:port` */
  readonly gateway: string;
  /** `mqtts://host:port` */
  readonly mqtts: string;
}

export interface EnrolmentDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Logger;
  readonly live: LivePublisher;
  readonly pki: CloudPki;
  /** Asked anew each time: known only once the listeners are open. */
  readonly addresses: () => UnitAddresses;
}
