import { systemActor } from '../modules/access/actor.js';
import type { Core } from './open-core.js';
import type { UnitGateway } from './open-unit-gateway.js';
import type { UnitLink } from './open-unit-link.js';
import type { OpenedParts } from './opened-parts.js';

/** The demo hall, its unit and its cameras; nothing where none is wanted. */
export const openDemo = async (
  core: Core,
  { link, units, opened }: { readonly link: UnitLink; readonly units: UnitGateway; readonly opened: OpenedParts },
) => {
  const { config, live, log } = core;
  if (!config.seedDemo) return undefined;
  const { DemoCameras } = await import('../demo/seed-cameras.js');
  const { seedDemo } = await import('../demo/seed-demo.js');
  const { seedTicketBase } = await import('../demo/seed-ticket-base.js');
  const context = { ...core.verbContext, actor: systemActor(core.tenantId, 'demo'), request: null };
  const unit = await seedDemo(context, {
    reissueUnit: config.reissueUnit,
    enrolment: units.gateway || config.unitGatewayUrl ? units.enrolment : null,
  });
  const cameras = new DemoCameras({
    ...{ ctx: context, bus: live, fleet: link.link.fleet, hallId: unit.hallId, nudge: link.nudge, log },
  });
  opened.onClose(() => cameras[Symbol.asyncDispose]());
  /** Needs the first user. */
  return { unit, cameras, seedTickets: () => seedTicketBase(context, unit) };
};
