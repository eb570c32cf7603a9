import type { TLSSocket } from 'node:tls';
import {
  commonNameOf,
  type OnRefused,
  type PresentedCertificate,
  plainAddress,
  presentedCertificate,
  type RefusalReason,
} from '../listeners/index.js';
import { gatewayError } from '../modules/enrolment/index.js';
import type { Pki } from '../modules/pki/pki-port.js';
import { refusalOfVerdict } from '../mqtt/judge-connection.js';
import type { GatewayUnit } from './gateway-module.js';

export interface UnitIdentifierOptions {
  readonly pki: Pick<Pki, 'judgeCertificate'>;
  readonly onRefused: OnRefused;
}

const messages = {
  foreign_certificate: 'This certificate was not issued by this cloud',
  certificate_expired: 'This certificate has expired: the unit has to be enrolled again with a new code',
  certificate_not_yet: 'This certificate is not valid yet: the clock of the cloud is behind',
  certificate_unknown: 'This certificate is not in the books of this cloud',
  certificate_revoked: 'This certificate was revoked',
  unit_archived: 'This unit was archived',
} as const satisfies Partial<Record<RefusalReason, string>>;

const faultReasons = {
  foreign: 'foreign_certificate',
  expired: 'certificate_expired',
  not_yet: 'certificate_not_yet',
} as const satisfies Record<NonNullable<PresentedCertificate['fault']>, RefusalReason>;

/** Who is at the other end, judged anew for every request: a revoked unit's open connection is worth nothing at once. */
export class UnitIdentifier {
  readonly #options: UnitIdentifierOptions;
  readonly #presented = new WeakMap<TLSSocket, PresentedCertificate | null>();

  constructor(options: UnitIdentifierOptions) {
    this.#options = options;
  }

  /** Throws an error with a gateway code; `unavailable` where it cannot be known now. */
  async identify(socket: TLSSocket): Promise<GatewayUnit> {
    const address = plainAddress(socket.remoteAddress);
    const presented = this.#presentedBy(socket);
    if (!presented) throw gatewayError('certificate_required', 'This needs the certificate of a unit');
    const refuse = (reason: keyof typeof messages, unitId: string | null, isReplaced = false): Error => {
      const { sha256, serial, der } = presented;
      this.#options.onRefused({
        ...{ listener: 'gateway', reason, address, unitId },
        certificate: { sha256, serial, commonName: commonNameOf(der) },
      });
      const code = reason === 'certificate_revoked' || reason === 'unit_archived' ? reason : 'certificate_unknown';
      return isReplaced
        ? gatewayError(code, 'Another box has taken this unit’s place', { context: { reason: 'replaced' } })
        : gatewayError(code, messages[reason]);
    };
    if (presented.fault) throw refuse(faultReasons[presented.fault], null);
    const verdict = await this.#options.pki.judgeCertificate(presented.der).catch((cause: unknown) => {
      throw gatewayError('unavailable', 'The certificate cannot be checked now', { cause });
    });
    if (!verdict.ok) throw refuse(refusalOfVerdict[verdict.reason], verdict.unitId, verdict.isReplaced);
    return { unitId: verdict.unitId, address, certificateSha256: presented.sha256 };
  }

  #presentedBy(socket: TLSSocket): PresentedCertificate | null {
    let presented = this.#presented.get(socket);
    if (presented === undefined) {
      presented = presentedCertificate(socket);
      this.#presented.set(socket, presented);
    }
    return presented;
  }
}
