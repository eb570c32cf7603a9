import type { Hono } from 'hono';
import type { HttpEnv } from '../../http/env.js';
import type { AnyRoute } from '../../http/route.js';
import type { JobDefinition } from '../../jobs/index.js';
import { registerTicketHook } from '../tickets/ticket-hooks.js';
import { FormLimits } from './forms/form-limits.js';
import { PinGuard, sweepGuesses } from './forms/pin-guard.js';
import { frontRoutes } from './fronts/front-routes.js';
import type { IntakeDeps } from './intake-deps.js';
import { mountFormPages } from './pages/form-pages.js';
import { repairHook } from './repair/count-failures.js';
import { RepairDesk } from './repair/repair-desk.js';
import { repairRoutes } from './repair/repair-routes.js';
import { intakeRoutes } from './routes.js';
import { caseHook } from './sources/review-cases.js';
import { SourceDesk } from './sources/source-desk.js';
import { sourceRoutes } from './sources/source-routes.js';

export { progressLink } from './forms/progress-pass.js';
export type { IntakeDeps } from './intake-deps.js';

export interface Intake {
  readonly routes: readonly AnyRoute[];
  readonly jobs: readonly JobDefinition[];
  /** Pages for everybody, beside the API and the console. */
  mount(app: Hono<HttpEnv>): void;
  close(): Promise<void>;
}

/** Ways by which tickets come in that are no person at the console. */
export const openIntake = (deps: IntakeDeps): Intake => {
  const limits = new FormLimits(deps.clock);
  const open = { ...deps, guard: new PinGuard(deps) };
  for (const hook of [repairHook, caseHook]) registerTicketHook(deps.database, hook);
  const repairs = new RepairDesk(deps).start();
  const sources = new SourceDesk(deps).start();
  return {
    routes: [...intakeRoutes(open, limits), ...frontRoutes(deps), ...repairRoutes(), ...sourceRoutes()],
    jobs: [{ name: 'intake.sweep', cron: '41 * * * *', run: () => sweepGuesses(deps) }],
    mount: (app) => mountFormPages(app, open, limits),
    close: async () => {
      await Promise.all([repairs.close(), sources.close()]);
    },
  };
};
