import type { Context } from 'hono';
import type { HttpEnv } from '../../../http/env.js';
import type { VerbContext } from '../../access/verb-context.js';
import { readKnown, setKnown } from '../cookies.js';
import type { OidcClients } from '../sign-on/oidc-client.js';
import { knowBrowser as knownCookie } from '../verbs/know-browser.js';
import type { SignInDeps } from '../verbs/sign-in.js';

export interface RouteDeps extends SignInDeps {
  readonly verbContext: Omit<VerbContext, 'actor' | 'request'>;
  readonly https: boolean;
  readonly clients: OidcClients;
  readonly publicUrl: string | null;
}

export const tag = 'Session';

/** After a sign-in, or a new password: the browser is known for that person. */
export const knowBrowser = async (deps: RouteDeps, c: Context<HttpEnv>, userId: string | null): Promise<void> => {
  if (userId === null) return;
  setKnown(c, deps.https, await knownCookie(deps.identity, { userId, cookie: readKnown(c, deps.https) }));
};
