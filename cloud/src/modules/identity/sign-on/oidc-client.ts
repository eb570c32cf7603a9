import { isHubError } from '@hallhub/shared';
import * as oidc from 'openid-client';
import type { IdentityKeys } from '../identity-keys.js';
import type { signOnProviders } from '../tables.js';
import { makeGuardedFetch } from './guarded-fetch.js';

export type ProviderRow = typeof signOnProviders.$inferSelect;

/** Why a sign-on did not work, for the page that explains it. */
export const signOnProblems = [
  'provider_down',
  'provider_off',
  'address_refused',
  'refused_by_provider',
  'wrong_answer',
  'expired',
  'replayed',
  'other_browser',
  'unknown_user',
  'disabled_user',
  'domain_not_allowed',
  'bad_user_name',
  'name_taken',
  'linked_elsewhere',
] as const;
export type SignOnProblem = (typeof signOnProblems)[number];

/** Ends a sign-on; `problem` is all that the browser is told. */
export class SignOnRefused extends Error {
  override readonly name = 'SignOnRefused';
  constructor(
    readonly problem: SignOnProblem,
    options: { readonly cause?: unknown; readonly userName?: string } = {},
  ) {
    super(`sign-on: ${problem}`, { cause: options.cause });
    this.userName = options.userName;
  }
  readonly userName: string | undefined;
  /** What was under way, once that is known. */
  kind: 'sign-in' | 'link' | 'invitation' | null = null;
}

export const secretContext = (providerId: string): string => `sign_on_providers ${providerId}`;

const knownForMs = 10 * 60_000;
const timeoutSeconds = 10;
const clockToleranceSeconds = 60;

export interface OidcClientsOptions {
  readonly keys: IdentityKeys;
  /** Providers on this machine or a private network, by plain http too. */
  readonly allowPrivate: boolean;
}

/** Discovered providers, remembered for ten minutes; a change of the provider's row is seen at once. */
export class OidcClients {
  readonly #known = new Map<
    string,
    { readonly version: number; readonly untilMs: number; readonly config: oidc.Configuration }
  >();

  constructor(readonly options: OidcClientsOptions) {}

  /** Errors: `SignOnRefused` with `provider_down`, `address_refused` or `wrong_answer`. */
  async of(provider: ProviderRow, given: { readonly fresh?: boolean } = {}): Promise<oidc.Configuration> {
    const known = this.#known.get(provider.id);
    if (!given.fresh && known?.version === provider.version && known.untilMs > performance.now()) return known.config;
    const config = await this.#discover(provider).catch((cause: unknown) => {
      throw signOnRefusedBy(cause);
    });
    this.#known.set(provider.id, { version: provider.version, untilMs: performance.now() + knownForMs, config });
    return config;
  }

  async #discover(provider: ProviderRow): Promise<oidc.Configuration> {
    const { keys, allowPrivate } = this.options;
    const secret = provider.clientSecretSealed && keys.unseal(provider.clientSecretSealed, secretContext(provider.id));
    const fetch = makeGuardedFetch({ allowPrivate });
    const config = await oidc.discovery(
      new URL(provider.issuer),
      provider.clientId,
      { [oidc.clockTolerance]: clockToleranceSeconds },
      secret === null ? oidc.None() : secretAuth(secret),
      {
        timeout: timeoutSeconds,
        [oidc.customFetch]: (url, init) => fetch(url, init as RequestInit),
        // The guard decides about http; it lets it through on private networks only.
        execute: allowPrivate ? [oidc.allowInsecureRequests] : [],
      },
    );
    // Signatures are checked even though the answer came from the provider itself.
    oidc.enableNonRepudiationChecks(config);
    return config;
  }
}

/** As the provider says it wants the secret; by the standard's default where it says nothing. */
const secretAuth = (secret: string): oidc.ClientAuth => {
  const [basic, post] = [oidc.ClientSecretBasic(secret), oidc.ClientSecretPost(secret)];
  return (server, client, body, headers) => {
    const methods = server.token_endpoint_auth_methods_supported;
    const isBasic = methods === undefined || methods.includes('client_secret_basic');
    return (isBasic ? basic : post)(server, client, body, headers);
  };
};

/** What the library or the network threw, as one of our problems. */
export const signOnRefusedBy = (cause: unknown): SignOnRefused => {
  if (cause instanceof SignOnRefused) return cause;
  if (cause instanceof oidc.AuthorizationResponseError) return new SignOnRefused('refused_by_provider', { cause });
  for (let at: unknown = cause, depth = 0; at instanceof Error && depth < 6; at = at.cause, depth++) {
    if (isHubError(at) && at.context.reason === 'address') return new SignOnRefused('address_refused', { cause });
    const code = 'code' in at ? String(at.code) : '';
    if (
      /^(?:E[A-Z_]+|ERR_SOCKET|CERT|DEPTH|SELF_SIGNED|UNABLE|OAUTH_TIMEOUT)/.test(code) ||
      /^(?:TimeoutError|AbortError)$/.test(at.name)
    ) {
      return new SignOnRefused('provider_down', { cause });
    }
    if (at instanceof oidc.ResponseBodyError && at.status >= 500) return new SignOnRefused('provider_down', { cause });
    if (code === 'OAUTH_RESPONSE_IS_NOT_CONFORM' || code === 'OAUTH_PARSE_ERROR') {
      const status = (at.cause as { status?: number } | undefined)?.status;
      if ((status ?? 0) >= 500) return new SignOnRefused('provider_down', { cause });
    }
  }
  return new SignOnRefused('wrong_answer', { cause });
};
