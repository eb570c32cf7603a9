import type { AnyRoute } from '../../../http/route.js';
import type { MailDeps } from './mail-deps.js';
import { MailDesk } from './mail-desk.js';
import { mailRoutes } from './routes.js';

export interface MailIntake {
  readonly routes: readonly AnyRoute[];
  readonly desk: MailDesk;
  close(): Promise<void>;
}

/** Tickets out of letters. */
export const openMailIntake = (
  deps: MailDeps,
  options: { readonly everyMs?: number; readonly pollMs?: number } = {},
): MailIntake => {
  const desk = new MailDesk(deps, options).start();
  return { routes: mailRoutes(deps, desk), desk, close: () => desk.close() };
};
