import { createHash } from 'node:crypto';
import { type HubError, isHubError } from '@hallhub/shared';
import type { EnrolAnswer, EnrolRequest } from '@hallhub/shared/wire';
import { eq, sql } from 'drizzle-orm';
import { type Tx, withSystem } from '../../../db/index.js';
import { audit } from '../../audit/audit.js';
import { units } from '../../fleet/tables.js';
import { hashUnitSecret } from '../../fleet/unit-secret.js';
import { type PublicKey, readRequest } from '../../pki/certificates.js';
import { unitCertificates } from '../../pki/tables.js';
import {
  issueUnitCertificate,
  mayHoldKey,
  revokeUnitCertificates,
  type UnitCertificate,
} from '../../pki/unit-certificates.js';
import type { EnrolmentDeps } from '../enrolment-deps.js';
import { gatewayError } from '../gateway-error.js';
import type { GatewayCaller } from '../gateway-handlers.js';
import { enrolmentCodes } from '../tables.js';
import { lockUnitRow, type UnitRow, unitAuditContext, unitChanged } from '../unit-of-caller.js';

/** An answer that was lost on its way is given again for this long. */
export const answerAgainMs = 600_000;
/** A code that was tried this often in vain is dead. */
export const maxAttempts = 10;
/** 54 bytes make 72 characters: longer than 64, see fleet/unit-secret.ts. */
const unitSecretBytes = 54;

type Code = typeof enrolmentCodes.$inferSelect;

interface Granted {
  readonly unit: UnitRow;
  readonly code: Code;
  readonly certificate: UnitCertificate;
  readonly isNew: boolean;
}
interface Refused {
  readonly refused: HubError;
}

export const hashCodeSecret = (secret: string): Buffer => createHash('sha256').update(secret, 'utf8').digest();

/**
 * docs/protocol.md 5.1: a code becomes a certificate, once. The same code with the same key is answered again for ten minutes; any
 * other use of a used code is refused and audited. Errors: gateway codes `code_unknown | code_used | code_expired | csr_invalid |
 * unit_archived | unavailable`.
 */
export const enrolUnit = async (
  deps: EnrolmentDeps,
  request: EnrolRequest,
  caller: GatewayCaller,
): Promise<EnrolAnswer> => {
  const key = await readKey(request.csr);
  const outcome = await withSystem(deps.database, (tx) => decide(tx, deps, { request, caller, key }));
  if ('refused' in outcome) throw outcome.refused;
  const { unit, code, certificate, isNew } = outcome;
  if (isNew) {
    deps.log.info(
      { unitId: unit.unitId, kind: code.kind, serial: certificate.serial, ip: caller.ip },
      'a unit enrolled',
    );
    deps.live.publish(unitChanged(unit));
    // The predecessor's connection ends before its successor gets to open one.
    await deps.pki.refresh().catch((error: unknown) => deps.log.warn({ err: error }, 'revocations are told later'));
  }
  const { gateway, mqtts } = deps.addresses();
  return {
    ...{ v: 1, unitId: unit.unitId, name: unit.name, hallName: unit.hallName, timeZone: unit.timeZone },
    ...{ secret: unitSecretOf(deps, code.id), certificate: certificate.certificate, trust: deps.pki.trust() },
    ...{ mqtt: mqtts, gateway, serverTime: deps.clock.now(), replacement: code.kind === 'replace' },
  };
};

/** Errors: `csr_invalid`. */
export const readKey = async (csr: string): Promise<{ publicKey: PublicKey; keyHash: Buffer }> => {
  try {
    return await readRequest(csr);
  } catch (cause) {
    if (!isHubError(cause, 'invalid_input')) throw cause;
    throw gatewayError('csr_invalid', cause.message, { cause });
  }
};

/** Derived, so that a repeated answer says the same one and none is kept. */
const unitSecretOf = (deps: EnrolmentDeps, codeId: string): string =>
  deps.pki.sealing.derive(`unit secret ${codeId}`, unitSecretBytes).toString('base64url');

interface Asked {
  readonly request: EnrolRequest;
  readonly caller: GatewayCaller;
  readonly key: { readonly publicKey: PublicKey; readonly keyHash: Buffer };
}

const decide = async (tx: Tx, deps: EnrolmentDeps, asked: Asked): Promise<Granted | Refused> => {
  const { request, key } = asked;
  const byHash = eq(enrolmentCodes.secretHash, hashCodeSecret(request.code));
  // First whose it is, then the unit's lock, then the code's: the order in which people's verbs lock, too.
  const [found] = await tx.select({ unitId: enrolmentCodes.unitId }).from(enrolmentCodes).where(byHash);
  if (!found) return { refused: gatewayError('code_unknown', 'Nobody gave out this code') };
  const unit = await lockUnitRow(tx, found.unitId);
  const [code] = await tx.select().from(enrolmentCodes).where(byHash).for('update');
  if (!code) return { refused: gatewayError('code_unknown', 'Nobody gave out this code') };
  const refuse = (error: HubError) => refuseCode(tx, { unit, code, asked, error });
  const nowMs = deps.clock.now();

  if (unit.isArchived) return refuse(gatewayError('unit_archived', 'The unit is archived'));
  if (code.usedAt) {
    const certificate = await certificateOf(tx, code);
    const isSameKey = certificate?.keyHash.equals(key.keyHash) === true && certificate.revokedAt === null;
    const isRecent = nowMs - code.usedAt.getTime() <= answerAgainMs;
    if (certificate && isSameKey && isRecent) return { unit, code, certificate, isNew: false };
    return refuse(gatewayError('code_used', 'The code was used already: ask for a new one'));
  }
  if (code.withdrawnAt || code.expiresAt.getTime() <= nowMs || code.attempts >= maxAttempts) {
    return refuse(gatewayError('code_expired', 'The code is good no more: ask for a new one'));
  }
  if (!(await mayHoldKey(tx, unit.unitId, key.keyHash))) {
    return refuse(gatewayError('csr_invalid', 'This key was used before: make a new one'));
  }
  return grant(tx, deps, { ...asked, unit, code, nowMs });
};

const certificateOf = async (tx: Tx, code: Code): Promise<UnitCertificate | undefined> => {
  const [row] = await tx
    .select()
    .from(unitCertificates)
    .where(eq(unitCertificates.id, code.certificateId ?? code.id));
  return row;
};

const grant = async (
  tx: Tx,
  deps: EnrolmentDeps,
  given: Asked & { readonly unit: UnitRow; readonly code: Code; readonly nowMs: number },
): Promise<Granted> => {
  const { unit, code, key, request, caller, nowMs } = given;
  const now = new Date(nowMs);
  const revoked = await revokeUnitCertificates(tx, { ...unit, reason: 'replaced', nowMs });
  const issuedBy = code.kind === 'replace' ? 'replaced' : 'enrolled';
  const certificate = await issueUnitCertificate(tx, deps.pki, { ...unit, ...key, issuedBy, nowMs });
  await tx
    .update(units)
    .set({
      secretHash: hashUnitSecret(unitSecretOf(deps, code.id)),
      ...{ secretIssuedAt: now, updatedAt: now, version: sql`${units.version} + 1` },
    })
    .where(eq(units.id, unit.unitId));
  await tx
    .update(enrolmentCodes)
    .set({ usedAt: now, usedIp: caller.ip, usedHardware: hardwareOf(request), certificateId: certificate.id })
    .where(eq(enrolmentCodes.id, code.id));
  await audit(tx, unitAuditContext(unit.tenantId, caller.ip), {
    action: code.kind === 'replace' ? 'unit.replaced' : 'unit.enrolled',
    target: { kind: 'unit', id: unit.unitId, name: unit.name },
    hallId: unit.hallId,
    after: {
      ...{ codeOf: code.madeByName, certificate: certificate.serial, endsAt: certificate.notAfter.toISOString() },
      ...{ hardware: hardwareOf(request), ...(revoked.length > 0 ? { revoked } : {}) },
    },
  });
  return { unit, code: { ...code, usedAt: now }, certificate, isNew: true };
};

const hardwareOf = ({ software, hardware }: EnrolRequest) => ({ software, ...hardware });

/** Counted and audited as long as the code is alive; afterwards a flood of tries writes nothing more. */
const refuseCode = async (
  tx: Tx,
  given: { readonly unit: UnitRow; readonly code: Code; readonly asked: Asked; readonly error: HubError },
): Promise<Refused> => {
  const { unit, code, asked, error } = given;
  if (code.attempts < maxAttempts) {
    await tx
      .update(enrolmentCodes)
      .set({ attempts: sql`${enrolmentCodes.attempts} + 1` })
      .where(eq(enrolmentCodes.id, code.id));
    await audit(tx, unitAuditContext(unit.tenantId, asked.caller.ip), {
      action: 'unit.enrolment_refused',
      target: { kind: 'unit', id: unit.unitId, name: unit.name },
      hallId: unit.hallId,
      after: { reason: error.context.gatewayCode, attempt: code.attempts + 1, hardware: hardwareOf(asked.request) },
    });
  }
  return { refused: error };
};
