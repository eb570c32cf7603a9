import { type HubError, toHubError } from '@hallhub/shared';
import { gatewayPaths } from '@hallhub/shared/wire';
import { gatewayCodeOf, gatewayError } from './gateway-client.js';
import type { TrustedDialer } from './trusted-dialer.js';
import type { UnitIdentity } from './unit-identity.js';

/** Why the cloud will have nothing of this unit until a person acts. */
export interface Verdict {
  readonly code: string;
  readonly message: string;
  readonly hint: string | undefined;
}

/** Verdicts that no later attempt changes by itself. */
const final = new Set(['certificate_revoked', 'certificate_unknown', 'unit_archived', 'certificate_required']);
const newCode = 'Ask for a new code in the console (the unit’s page) and run: hub enrol CODE';

/** The gateway says in plain words what the broker does not; undefined: nothing against this unit, or nobody to ask. */
export const askVerdict = async (
  dialer: TrustedDialer,
  gateway: URL,
  signal: AbortSignal,
): Promise<Verdict | undefined> => {
  try {
    // Judged by its certificate before it is found to be nothing: it changes nothing.
    const nothing = { method: 'PUT', path: gatewayPaths.snapshot, body: Buffer.alloc(0), timeoutMs: 10_000, signal };
    const answer = await dialer.request(gateway, nothing);
    const error = answer.status < 300 ? undefined : gatewayError(answer, gateway);
    const code = gatewayCodeOf(error);
    if (!error || !code || !final.has(code)) return undefined;
    return { code, message: error.message, hint: error.hint };
  } catch (error) {
    const refusal: HubError = toHubError(error);
    // No way there either: what is known already is all there is to say.
    if (refusal.context.kind !== 'certificate') return undefined;
    return { code: 'certificate_unknown', message: refusal.message, hint: newCode };
  }
};

export const expiredVerdict = ({ endsAt }: UnitIdentity): Verdict => ({
  code: 'certificate_expired',
  message: `this unit’s certificate ended on ${new Date(endsAt).toISOString().slice(0, 10)}`,
  hint: 'Ask for a new code in the console (the unit’s page, Replace) and run: hub enrol CODE',
});
