import type { webcrypto } from 'node:crypto';
import { ManualClock } from '@hallhub/shared';
import pino from 'pino';
import { type Database, withSystem } from '../../db/index.js';
import { readRequest } from './certificates.js';
import { type CloudPki, openPki } from './open-pki.js';
import { issueUnitCertificate, type UnitCertificate } from './unit-certificates.js';
import { Pkcs10CertificateRequestGenerator } from './x509.js';

interface HasTeardown {
  teardown(fn: () => unknown): unknown;
}

export const testSecret = 'an installation secret of enough length';

/** The authority of a test database; closes with `t`. */
export const openTestPki = async (
  t: HasTeardown,
  database: Database,
  options: { readonly clock?: ManualClock; readonly hosts?: readonly string[]; readonly pollMs?: number } = {},
): Promise<CloudPki> => {
  const {
    clock = new ManualClock(Date.now()),
    hosts = ['127.0.0.1', 'localhost', '::1', 'hub.example'],
    pollMs,
  } = options;
  const log = pino({ level: 'silent' });
  const pki = await openPki({ database, secret: testSecret, hosts, clock, log, ...(pollMs ? { pollMs } : {}) });
  t.teardown(() => pki.close());
  return pki;
};

/** A key as a unit makes it, with its request. */
export const makeTestRequest = async (
  namedCurve: 'P-256' | 'P-384' = 'P-256',
): Promise<{ readonly csr: string; readonly privateKeyPem: string; readonly keys: webcrypto.CryptoKeyPair }> => {
  const keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve }, true, ['sign', 'verify']);
  const request = await Pkcs10CertificateRequestGenerator.create({
    ...{ name: 'CN=whatever the unit likes', keys, signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' } },
  });
  const der = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  return {
    ...{ csr: `${request.toString('pem').trim()}\n`, keys },
    privateKeyPem: `-----BEGIN PRIVATE KEY-----\n${der.replace(/.{64}(?=.)/g, '$&\n')}\n-----END PRIVATE KEY-----\n`,
  };
};

/** A certificate in force for a unit that is there, with its key. */
export const addTestCertificate = async (
  t: HasTeardown,
  database: Database,
  unitId: string,
  given?: { readonly pki: CloudPki; readonly nowMs: number },
): Promise<{ readonly row: UnitCertificate; readonly privateKeyPem: string }> => {
  const pki = given?.pki ?? (await openTestPki(t, database));
  const { csr, privateKeyPem } = await makeTestRequest();
  const key = await readRequest(csr);
  const row = await withSystem(database, async (tx) => {
    const { rows } = await tx.$client.query<{ tenant_id: string }>('SELECT tenant_id FROM units WHERE id = $1', [
      unitId,
    ]);
    const of = { tenantId: rows[0]?.tenant_id ?? '', unitId };
    return issueUnitCertificate(tx, pki, { ...of, ...key, issuedBy: 'enrolled', nowMs: given?.nowMs ?? Date.now() });
  });
  return { row, privateKeyPem };
};
