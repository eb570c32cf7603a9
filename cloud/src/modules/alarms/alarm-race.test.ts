import t from 'tap';
import { bringUpDevice, startTestLink } from '../streams/test-link.js';
import { until } from '../streams/testing.js';

t.test('a value that comes back while the job raises its alarm leaves none open', async (t) => {
  const cloud = await startTestLink(t);
  const owner = await cloud.signInAs('owner');
  const { send, live, deviceId } = await bringUpDevice(cloud);
  const read = (power: number) => send(live, { kind: 'sample', at: cloud.clock.now(), deviceId, values: { power } });
  const label = { zh: '高' };
  const rule = {
    hallId: cloud.hallId,
    kind: 'threshold',
    property: 'power',
    op: 'gt',
    limit: 10,
    forMs: 60_000,
    label,
  };
  t.equal((await owner.post('/alarm-rules', rule)).status, 201);
  await read(20);

  // What the job does in its transaction, held open in the middle.
  const job = await cloud.db.ownerPool.connect();
  t.teardown(() => job.release());
  await job.query(`BEGIN`);
  const raised = await job.query(
    `WITH due AS (DELETE FROM alarm_watches RETURNING *)
     INSERT INTO alarms (id, tenant_id, hall_id, unit_id, device_id, rule_key, rule, severity, message, value, raised_at, last_at)
     SELECT gen_random_uuid(), tenant_id, hall_id, unit_id, device_id, rule_key, rule, severity, message, value, since, since FROM due`,
  );
  t.equal(raised.rowCount, 1);
  const back = read(5);
  await until(async () => {
    const { rows } = await job.query(
      `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    return rows.length > 0;
  });
  await job.query('COMMIT');
  t.match(await back, { result: 'committed' });
  t.same((await owner.get('/alarms?state=open')).body.items, []);
  t.match((await owner.get('/alarms?state=cleared')).body.items, [{ rule: { limit: 10 } }]);
});
