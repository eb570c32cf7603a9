import type { Clock } from '@hallhub/shared';
import type { Agent } from '../agent.js';
import type { FaultBook } from '../devices/index.js';
import type { Logger } from '../ports/index.js';
import { VisionProcess } from '../vision/process/index.js';
import { VisionConfigBook } from '../vision/vision-config-book.js';
import { VisionDesk } from '../vision/vision-desk.js';

export interface HallVisionOptions {
  readonly configFolder: string;
  readonly clock: Clock;
  readonly faults: FaultBook;
  readonly logger: (part: string) => Logger;
}

/** Vision of the hall, joined: what the cloud wants watched, the devices it asks of, the process that looks, and where findings go. */
export const hallVision = (agent: Agent, { configFolder, clock, faults, logger }: HallVisionOptions): VisionDesk => {
  const { store, outbox, registry, intake, desk, board, files, identity, options, loaded } = agent;
  const onFault = (code: string, message: string, context: Readonly<Record<string, unknown>> = {}) =>
    faults.report(code, message, context);
  const part = logger('vision');
  let vision: VisionDesk | undefined;
  const config = new VisionConfigBook({
    ...{ hub: store.hub, clock, logger: part, onFault },
    gateway: () => {
      const gateway = agent.credential?.cloud.gateway;
      return gateway === undefined ? undefined : new URL(gateway);
    },
    request: (request) => identity.request(request),
    online: () => agent.uplink?.status.state === 'online',
    onChange: () => vision?.apply(),
  });
  vision = new VisionDesk({
    ...{
      section: loaded.config.vision,
      dataDir: options.dataDir,
      configFolder,
      store,
      outbox,
      registry,
      intake,
      config,
    },
    ...{ evidence: files.evidence, devices: desk, clock, logger: part, onFault },
    adapterOf: (adapterId) => board.get(adapterId),
    identity: () => identity.identity,
    secret: () => agent.credential?.secret,
    makeWorker: (listener) => new VisionProcess({ clock, logger: part, listener, onFault }),
  });
  return vision;
};
