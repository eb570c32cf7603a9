import { join } from 'node:path';
import { openEvidenceGateway } from '../modules/evidence/index.js';
import { openMediaRelays, openVideo } from '../modules/video/index.js';
import { openPlayback } from '../modules/video/playback/index.js';
import type { Core } from './open-core.js';
import type { UnitLink } from './open-unit-link.js';
import type { OpenedParts } from './opened-parts.js';

export type Media = Awaited<ReturnType<typeof openMedia>>;

/** Evidence that units send, live pictures, and what cameras recorded. */
export const openMedia = async (core: Core, { link }: UnitLink, opened: OpenedParts) => {
  const { config, secret, clock, log, metrics } = core;
  const evidence = await openEvidenceGateway({
    ...{ ...core.deps, blobs: core.blobs, uploadsDir: join(core.uploadsDir, 'evidence') },
  });
  const relays = await openMediaRelays({ url: config.mqttUrl, tls: core.mqttClientTls, log });
  opened.keep(relays.live);
  opened.keep(relays.answers);
  const tell = (topic: string, message: object) => link.tell(topic, message);
  const video = opened.keep(openVideo({ database: core.db, secret, clock, log, metrics, tell, relay: relays.live }));
  const playback = opened.keep(openPlayback({ secret, clock, metrics, tell, relay: relays.answers }));
  return { evidence, video, playback };
};
