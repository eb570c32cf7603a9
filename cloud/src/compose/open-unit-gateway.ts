import { type Gateway, openGateway, unitAddresses } from '../gateway/index.js';
import { createGatewayHandlers, type UnitAddresses } from '../modules/enrolment/index.js';
import { proofGateway } from '../modules/proof/gateway-proof.js';
import { visionGateway } from '../modules/vision/index.js';
import type { Core } from './open-core.js';
import type { Media } from './open-media.js';
import type { UnitLink } from './open-unit-link.js';
import { type OpenedParts, requestGraceMs } from './opened-parts.js';

export type UnitGateway = Awaited<ReturnType<typeof openUnitGateway>>;

/** Units over HTTPS with certificates, where that is open; how they get their first one. */
export const openUnitGateway = async (
  core: Core,
  { link, media, opened }: { readonly link: UnitLink; readonly media: Media; readonly opened: OpenedParts },
) => {
  const { config, log, clock, db, live, pki } = core;
  let gateway: Gateway | null = null;
  const enrolment = {
    ...{ database: db, clock, log, live, pki },
    addresses: (): UnitAddresses =>
      unitAddresses(config, { gateway: gateway?.url ?? null, mqtts: link.link.secureUrl }),
  };
  if (config.unitPort !== null) {
    gateway = await openGateway({
      ...{ host: config.host, port: config.unitPort, networks: config.unitNetworks, pki, clock, log },
      ...link.unitPorts,
      handlers: createGatewayHandlers(enrolment),
      modules: [
        proofGateway({ database: db, clock }),
        media.evidence.module,
        media.video.gateway,
        media.playback.gateway,
        visionGateway({ database: db, clock, live }),
      ],
      admission: { ...link.admission, proveWithinMs: 30_000 },
    });
  }
  opened.onClose(() => gateway?.close(requestGraceMs));
  return { gateway, enrolment };
};
