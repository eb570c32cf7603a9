import { uuidv7 } from '@hallhub/shared';
import t from 'tap';
import { startTestDatabase } from '../../db/testing.js';
import { addTestCertificate } from '../pki/testing.js';
import { addTestHall } from '../streams/testing.js';
import { unitAuthenticator } from './authenticate-unit.js';

t.test('the right secret and no other; a flood takes few connections from the rest', async (t) => {
  const database = await startTestDatabase(t);
  const { unitId, secret } = await addTestHall(database);
  const { authenticateUnit } = unitAuthenticator(database);
  t.equal(await authenticateUnit(unitId, `${secret}x`), false);
  const flood = Array.from({ length: 200 }, () => authenticateUnit(uuidv7(), secret));
  t.equal(await authenticateUnit(unitId, secret), true, 'in its turn');
  t.same(new Set(await Promise.all(flood)), new Set([false]));
  t.ok(database.appPool.totalCount <= 4, `${database.appPool.totalCount} connections`);
  await database.ownerPool.query('UPDATE units SET archived_at = now() WHERE id = $1', [unitId]);
  t.equal(await authenticateUnit(unitId, secret), false, 'an archived unit');
});

t.test('a unit that was given a certificate comes by its secret no more', async (t) => {
  const database = await startTestDatabase(t);
  const { unitId, secret } = await addTestHall(database);
  const { authenticateUnit } = unitAuthenticator(database);
  t.equal(await authenticateUnit(unitId, secret), true);
  await addTestCertificate(t, database, unitId);
  t.equal(await authenticateUnit(unitId, secret), false);
  await database.ownerPool.query(
    "UPDATE unit_certificates SET revoked_at = now(), revoked_why = 'lost', revoked_seen = now() WHERE unit_id = $1",
    [unitId],
  );
  t.equal(await authenticateUnit(unitId, secret), false, 'also when it was revoked');
});

t.test('a database that is away is not a wrong secret', async (t) => {
  const database = await startTestDatabase(t);
  const { authenticateUnit } = unitAuthenticator({
    ...database,
    appPool: { connect: () => Promise.reject(new Error('away')) } as never,
  });
  await t.rejects(authenticateUnit(uuidv7(), 'x'), /away/);
  await t.rejects(authenticateUnit(uuidv7(), 'x'), /away/, 'and it does not block the next');
});
