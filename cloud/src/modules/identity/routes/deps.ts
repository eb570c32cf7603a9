import type { VerbContext } from '../../access/verb-context.js';
import type { OidcClients } from '../sign-on/oidc-client.js';
import type { SignInDeps } from '../verbs/sign-in.js';

export interface RouteDeps extends SignInDeps {
  readonly verbContext: Omit<VerbContext, 'actor' | 'request'>;
  readonly https: boolean;
  readonly clients: OidcClients;
  readonly publicUrl: string | null;
}

export const tag = 'Session';
