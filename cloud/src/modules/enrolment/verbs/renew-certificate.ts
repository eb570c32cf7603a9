import type { RenewAnswer, RenewRequest } from '@hallhub/shared/wire';
import { eq } from 'drizzle-orm';
import { type Tx, withSystem } from '../../../db/index.js';
import { audit } from '../../audit/audit.js';
import { unitCertificates } from '../../pki/tables.js';
import {
  certificatesInForce,
  issueUnitCertificate,
  mayHoldKey,
  type UnitCertificate,
} from '../../pki/unit-certificates.js';
import type { EnrolmentDeps } from '../enrolment-deps.js';
import { gatewayError } from '../gateway-error.js';
import type { UnitCaller } from '../gateway-handlers.js';
import { lockUnitOfCaller, type UnitRow, unitAuditContext, unitChanged } from '../unit-of-caller.js';
import { answerAgainMs, readKey } from './enrol-unit.js';

const dayMs = 86_400_000;
/** A unit renews twice in its certificate's life; more than this is a fault on its side. */
const maxRenewalsADay = 12;

/**
 * docs/protocol.md 5.3: a new certificate for a new key or the same; the old one holds until its own end. Asked again within ten
 * minutes with the same key, the same certificate is the answer. Errors: gateway codes `csr_invalid | unit_archived |
 * certificate_revoked | too_many_requests`.
 */
export const renewCertificate = async (
  deps: EnrolmentDeps,
  request: RenewRequest,
  caller: UnitCaller,
): Promise<RenewAnswer> => {
  const key = await readKey(request.csr);
  const { unit, certificate, isNew } = await withSystem(deps.database, async (tx) => {
    const nowMs = deps.clock.now();
    const unit = await lockUnitOfCaller(tx, caller);
    const held = await certificatesInForce(tx, unit, new Date(nowMs));
    const [latest] = held;
    if (!latest) throw gatewayError('certificate_revoked', 'The unit has no certificate in force');
    const given = held.find(
      ({ keyHash, issuedBy, issuedAt, caId }) =>
        keyHash.equals(key.keyHash) &&
        issuedBy === 'renewed' &&
        nowMs - issuedAt.getTime() <= answerAgainMs &&
        caId === deps.pki.issuing().caId,
    );
    if (given) return { unit, certificate: given, isNew: false };
    const today = held.filter(({ issuedAt }) => nowMs - issuedAt.getTime() < dayMs);
    if (today.length >= maxRenewalsADay) {
      throw gatewayError('too_many_requests', 'The unit renews too often', { context: { retryAfterMs: dayMs / 24 } });
    }
    if (!(await mayHoldKey(tx, unit.unitId, key.keyHash))) {
      throw gatewayError('csr_invalid', 'This key was used before: make a new one');
    }
    const certificate = await issueUnitCertificate(tx, deps.pki, { ...unit, ...key, issuedBy: 'renewed', nowMs });
    await replaceLatest(tx, { unit, latest, certificate, ip: caller.ip });
    return { unit, certificate, isNew: true };
  });
  if (isNew) deps.live.publish(unitChanged(unit));
  return { v: 1, certificate: certificate.certificate, trust: deps.pki.trust(), serverTime: deps.clock.now() };
};

const replaceLatest = async (
  tx: Tx,
  given: {
    readonly unit: UnitRow;
    readonly latest: UnitCertificate;
    readonly certificate: UnitCertificate;
    readonly ip: string;
  },
): Promise<void> => {
  const { unit, latest, certificate } = given;
  await tx.update(unitCertificates).set({ replacedBy: certificate.id }).where(eq(unitCertificates.id, latest.id));
  await audit(tx, unitAuditContext(unit.tenantId, given.ip), {
    action: 'unit.certificate_renewed',
    target: { kind: 'unit', id: unit.unitId, name: unit.name },
    hallId: unit.hallId,
    before: { certificate: latest.serial, endsAt: latest.notAfter.toISOString() },
    after: { certificate: certificate.serial, endsAt: certificate.notAfter.toISOString() },
  });
};
