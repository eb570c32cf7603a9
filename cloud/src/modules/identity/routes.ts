import type { Clock } from '@hallhub/shared';
import type { AnyRoute } from '../../http/route.js';
import type { VerbContext } from '../access/verb-context.js';
import { lockMs, maxFailures } from './account-lock.js';
import type { Identity } from './better-auth.js';
import { adminRoutes } from './routes/admin-routes.js';
import type { RouteDeps } from './routes/deps.js';
import { selfRoutes } from './routes/self-routes.js';
import { signInRoutes } from './routes/sign-in-routes.js';
import { signOnRoutes } from './routes/sign-on-routes.js';
import { SignInGuard } from './sign-in-guard.js';
import { type Bucket, SignInLimits } from './sign-in-limits.js';
import { OidcClients } from './sign-on/oidc-client.js';

export interface IdentityRouteDeps {
  readonly identity: Identity;
  readonly clock: Clock;
  readonly verbContext: Omit<VerbContext, 'actor' | 'request'>;
  readonly https: boolean;
  /** Where people reach the console; null: the address they called. */
  readonly publicUrl?: string | null;
  readonly signInLimits?: { readonly address: Bucket; readonly account: Bucket };
  /** Sign-on providers on this machine or a private network. */
  readonly allowPrivateSignOn?: boolean;
}

export const identityRoutes = (options: IdentityRouteDeps): AnyRoute[] => {
  const { identity, clock, verbContext, https, publicUrl = null, allowPrivateSignOn = false } = options;
  const { db, keys } = identity;
  const limits = new SignInLimits({
    db,
    clock,
    keys,
    ...(options.signInLimits ? { buckets: options.signInLimits } : {}),
  });
  const deps: RouteDeps = {
    identity,
    clock,
    verbContext,
    https,
    publicUrl,
    limits,
    guard: new SignInGuard({ db, clock, keys, limits, maxFailures, lockMs }),
    clients: new OidcClients({ keys, allowPrivate: allowPrivateSignOn }),
  };
  return [...signInRoutes(deps), ...selfRoutes(deps), ...signOnRoutes(deps), ...adminRoutes(deps)];
};
