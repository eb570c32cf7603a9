import type { Context } from 'hono';
import { withSystem } from '../../../db/index.js';
import type { HttpEnv } from '../../../http/env.js';
import type { VerbContext } from '../../access/verb-context.js';
import { readKnown, setKnown } from '../cookies.js';
import { rememberBrowser } from '../known-browsers.js';
import type { OidcClients } from '../sign-on/oidc-client.js';
import { userAccounts } from '../tables.js';
import { credentialOf } from '../verbs/change-password.js';
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
  const { db, keys } = deps.identity;
  const [account] = await withSystem(db, (tx) =>
    tx.select({ credential: userAccounts.password }).from(userAccounts).where(credentialOf(userId)),
  );
  const person = { userId, credential: account?.credential ?? null };
  setKnown(c, deps.https, rememberBrowser(keys, readKnown(c, deps.https), person));
};
