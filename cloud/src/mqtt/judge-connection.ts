import { uuidPattern } from '@hallhub/shared';
import { commonNameOf, type PresentedCertificate, type RefusalReason } from '../listeners/index.js';
import type { CertificateVerdict, Pki } from '../modules/pki/pki-port.js';
import type { UnitAuthenticator } from './cloud-messaging.js';

export interface Login {
  readonly userName: string | undefined;
  readonly password: Buffer | undefined;
}

/** CONNACK return codes of MQTT 3.1.1 §3.2.2.3. */
export const connack = { unavailable: 3, badCredential: 4, notAuthorized: 5 } as const;

export type ConnectionVerdict =
  | { readonly unitId: string }
  | { readonly code: number; readonly reason: RefusalReason; readonly message: string; readonly unitId: string | null };

const maxSecretBytes = 512;

/** docs/protocol.md 1: user name and password. Throws where it cannot be known now. */
export const judgeSecret = async (
  { userName, password }: Login,
  authenticator: UnitAuthenticator,
): Promise<ConnectionVerdict> => {
  const refuse = (message: string, unitId: string | null): ConnectionVerdict => ({
    ...{ code: connack.badCredential, reason: 'wrong_secret', message, unitId },
  });
  if (!userName || !uuidPattern.test(userName) || !password || password.length > maxSecretBytes) {
    return refuse('user name and password must be a unit id and its secret', null);
  }
  const known = await authenticator.authenticateUnit(userName, password.toString('utf8'));
  return known ? { unitId: userName } : refuse('unknown unit, wrong secret, or archived', userName);
};

export const refusalOfVerdict = {
  unknown: 'certificate_unknown',
  expired: 'certificate_expired',
  revoked: 'certificate_revoked',
  archived: 'unit_archived',
} as const satisfies Record<Extract<CertificateVerdict, { ok: false }>['reason'], RefusalReason>;

/** docs/protocol.md 5.1: the certificate says who it is; a user name may only say the same. Throws where it cannot be known now. */
export const judgeCertificate = async (
  presented: PresentedCertificate,
  { userName }: Pick<Login, 'userName'>,
  pki: Pick<Pki, 'judgeCertificate'>,
): Promise<ConnectionVerdict> => {
  const refuse = (reason: RefusalReason, unitId: string | null): ConnectionVerdict => ({
    ...{ code: connack.notAuthorized, reason, message: `refused: ${reason}`, unitId },
  });
  const claimed = commonNameOf(presented.der);
  if (presented.fault === 'foreign') return refuse('foreign_certificate', null);
  const verdict = await pki.judgeCertificate(presented.der);
  // Out of its dates anybody's certificate looks the same to TLS: whose it was, only the books tell.
  if (presented.fault === 'expired') return refuse('certificate_expired', verdict.unitId);
  if (presented.fault === 'not_yet') return refuse('certificate_not_yet', verdict.unitId);
  if (!verdict.ok) return refuse(refusalOfVerdict[verdict.reason], verdict.unitId ?? claimed);
  if (claimed !== verdict.unitId) return refuse('certificate_unknown', verdict.unitId);
  if (userName && userName !== verdict.unitId) return refuse('wrong_unit', verdict.unitId);
  return { unitId: verdict.unitId };
};
