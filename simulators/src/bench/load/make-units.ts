import { createHash, randomBytes, webcrypto } from 'node:crypto';
import { uuidv7 } from '@hallhub/shared';
import type { Database } from '../../../../cloud/src/db/index.js';
import { fingerprintOf, issueClient, pemOf } from '../../../../cloud/src/modules/pki/certificates.js';
import type { CloudPki } from '../../../../cloud/src/modules/pki/open-pki.js';
import { PublicKey } from '../../../../cloud/src/modules/pki/x509.js';
import type { UnitCard } from './load-unit.js';

const sha256 = (bytes: Uint8Array | string): Buffer => createHash('sha256').update(bytes).digest();
const keyAlgorithm = { name: 'ECDSA', namedCurve: 'P-256' };

type Pool = Database['ownerPool'];

interface Place {
  readonly tenantId: string;
  readonly hallId: string;
}

const makeHall = async (pool: Pool): Promise<Place> => {
  const { rows } = await pool.query<{ id: string }>('SELECT id FROM tenants ORDER BY created_at, id LIMIT 1');
  const [tenantId = '', regionId, hallId] = [rows[0]?.id, uuidv7(), uuidv7()];
  const code = hallId.slice(-12);
  await pool.query('INSERT INTO regions (id, tenant_id, code, name) VALUES ($1, $2, $3, $3)', [
    regionId,
    tenantId,
    code,
  ]);
  await pool.query(
    `INSERT INTO halls (id, tenant_id, region_id, code, name, time_zone) VALUES ($1, $2, $3, $4, $4, 'Asia/Shanghai')`,
    [hallId, tenantId, regionId, code],
  );
  return { tenantId, hallId };
};

/** Units with their devices, a hundred to a hall, written straight into the tables. */
export const makeUnits = async (
  pool: Pool,
  options: { readonly count: number; readonly devices: number; readonly pki?: CloudPki },
): Promise<UnitCard[]> => {
  const cards: UnitCard[] = [];
  while (cards.length < options.count) {
    const place = await makeHall(pool);
    const count = Math.min(100, options.count - cards.length);
    const secrets = Array.from({ length: count }, () => randomBytes(54).toString('base64url'));
    const made = secrets.map((secret) => ({
      ...{ unitId: uuidv7(), secret },
      deviceIds: Array.from({ length: options.devices }, () => uuidv7()),
    }));
    const ids = made.map(({ unitId }) => unitId);
    await pool.query(
      `INSERT INTO units (id, tenant_id, hall_id, name, secret_hash) SELECT id, $1, $2, 'load', hash FROM unnest($3::uuid[], $4::bytea[]) AS u(id, hash)`,
      [place.tenantId, place.hallId, ids, secrets.map(sha256)],
    );
    await pool.query('INSERT INTO unit_links (unit_id, tenant_id) SELECT id, $1 FROM unnest($2::uuid[]) AS id', [
      place.tenantId,
      ids,
    ]);
    const owners = made.flatMap(({ unitId, deviceIds }) => deviceIds.map(() => unitId));
    await pool.query(
      `INSERT INTO devices (tenant_id, id, unit_id, hall_id, revision, state, vendor, model, serial, device_class, protocol, address)
       SELECT $1, id, unit_id, $2, 1, 'active', 'bench', 'meter', id::text, 'meter', 'mqtt', 'mqtt' FROM unnest($3::uuid[], $4::uuid[]) AS d(id, unit_id)`,
      [place.tenantId, place.hallId, made.flatMap(({ deviceIds }) => deviceIds), owners],
    );
    cards.push(...(options.pki ? await certify(pool, options.pki, place, made) : made));
  }
  return cards;
};

/** As enrolment does for one: a key of its own, a certificate of the cloud's CA, and its place in the books. */
const certify = async (pool: Pool, pki: CloudPki, { tenantId }: Place, units: readonly UnitCard[]) => {
  const { caId, issuer } = pki.issuing();
  const nowMs = Date.now();
  const made = [];
  for (const unit of units) {
    const keys = await webcrypto.subtle.generateKey(keyAlgorithm, true, ['sign', 'verify']);
    const spki = new Uint8Array(await webcrypto.subtle.exportKey('spki', keys.publicKey));
    const certificate = await issueClient(issuer, { unitId: unit.unitId, publicKey: new PublicKey(spki) }, nowMs);
    const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
    const key = `-----BEGIN PRIVATE KEY-----\n${pkcs8.replace(/.{64}(?=.)/g, '$&\n')}\n-----END PRIVATE KEY-----\n`;
    made.push({ unit, certificate, key, keyHash: sha256(spki) });
  }
  await pool.query(
    `INSERT INTO unit_certificates (id, tenant_id, unit_id, ca_id, serial, fingerprint, key_hash, certificate, not_before, not_after, issued_at, issued_by)
     SELECT r.id, $1, r.unit_id, $2, r.serial, r.fingerprint, r.key_hash, r.certificate, r.not_before, r.not_after, $10, 'enrolled'
     FROM unnest($3::uuid[], $4::uuid[], $5::text[], $6::bytea[], $7::bytea[], $8::text[], $9::timestamptz[], $11::timestamptz[])
       AS r(id, unit_id, serial, fingerprint, key_hash, certificate, not_before, not_after)`,
    [
      ...[tenantId, caId, made.map(() => uuidv7(nowMs)), made.map(({ unit }) => unit.unitId)],
      ...[made.map(({ certificate }) => certificate.serialNumber), made.map((one) => fingerprintOf(one.certificate))],
      ...[made.map(({ keyHash }) => keyHash), made.map(({ certificate }) => pemOf(certificate))],
      made.map(({ certificate }) => certificate.notBefore),
      new Date(nowMs),
      made.map(({ certificate }) => certificate.notAfter),
    ],
  );
  return made.map(({ unit, certificate, key }) => {
    const { unitId, deviceIds } = unit;
    return { unitId, deviceIds, cert: pemOf(certificate), key };
  });
};
