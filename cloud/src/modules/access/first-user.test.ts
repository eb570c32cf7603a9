import t from 'tap';
import { withSystem } from '../../db/index.js';
import { startTestDatabase } from '../../db/testing.js';
import { users } from './tables.js';
import { ensureFirstUser, ensureFoundation, openTenant } from './verbs/ensure-foundation.js';

t.test('an organisation made before the first start does not take the first one’s administrator away', async (t) => {
  const db = await startTestDatabase(t);
  const tenantId = await ensureFoundation(db, { tenantName: '我的机构' });
  // Its owner even has the name that the first start would give.
  const other = await openTenant(db, { name: '另一机构', code: 'other', owner: 'admin' });
  const first = await ensureFirstUser(db, tenantId);
  t.match(first, { userName: /^admin-[0-9a-f]{4}$/, oneTimePassword: String });
  t.equal(await ensureFirstUser(db, tenantId), undefined, 'once');
  t.equal(await ensureFoundation(db, { tenantName: 'x' }), tenantId);
  const rows = await withSystem(db, (tx) => tx.select().from(users));
  t.same(rows.map((row) => row.tenantId).sort(), [tenantId, other.tenantId].sort());
});
