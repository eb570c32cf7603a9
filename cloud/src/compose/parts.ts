import type { Core } from './open-core.js';
import type { Media } from './open-media.js';
import type { TicketParts } from './open-ticket-parts.js';
import type { UnitGateway } from './open-unit-gateway.js';
import type { UnitLink } from './open-unit-link.js';

/** Everything that is open once routes and jobs are put together. */
export interface Parts {
  readonly core: Core;
  readonly link: UnitLink;
  readonly ticketing: TicketParts;
  readonly media: Media;
  readonly units: UnitGateway;
}
