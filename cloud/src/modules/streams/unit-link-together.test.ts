import { uuidv7 } from '@hallhub/shared';
import t from 'tap';
import { startTestCloud } from './test-cloud.js';
import { addTestUnit, TestStream, TestUnit } from './testing.js';

t.test(
  'many units at once: whether written alone or together, every row is there once, and each lane in order',
  async (t) => {
    const cloud = await startTestCloud(t);
    const at = Date.now() - 1_000;
    const units = await Promise.all(
      Array.from({ length: 8 }, async (_, i) => {
        const credential = i === 0 ? cloud : await addTestUnit(cloud.database, cloud);
        const unit = await TestUnit.connect(cloud.url, credential);
        t.teardown(() => unit.close());
        const [live, backlog] = [new TestStream(credential, 'live'), new TestStream(credential, 'backlog')];
        await unit.hello([live, backlog]);
        return { unit, live, backlog, deviceIds: [uuidv7(), uuidv7()] as const };
      }),
    );
    const rowsOfBatch = 4;
    const batches = 5;
    const sendAll = async (of: (typeof units)[number], lane: 'live' | 'backlog'): Promise<void> => {
      const [stream, deviceId] = [of[lane], of.deviceIds[lane === 'live' ? 0 : 1]];
      for (let i = 0; i < batches; i++) {
        const from = stream.head;
        for (let n = from; n < from + rowsOfBatch; n++)
          stream.append({ kind: 'sample', at: at + n, deviceId, values: { n, twice: n * 2 } });
        const answer = await of.unit.sendBatch(stream, stream.batch(from + 1));
        t.match(answer, { result: 'committed' });
      }
    };
    for (const lane of ['live', 'backlog'] as const) await Promise.all(units.map((of) => sendAll(of, lane)));
    const total = rowsOfBatch * batches;
    t.match(await cloud.rows('SELECT DISTINCT cursor, row_count FROM streams WHERE cursor > 0'), [
      { cursor: String(total), row_count: String(total) },
    ]);
    const values = await cloud.rows<{ count: string; distinct: string; sum: number }>(
      'SELECT count(*), count(DISTINCT number) AS distinct, sum(number) FROM telemetry_samples GROUP BY point_id',
    );
    t.equal(values.length, units.length * 4);
    for (const { count, distinct } of values) t.same([count, distinct], [String(total), String(total)]);
    const shared = await cloud.rows<{ n: string }>(
      'SELECT count(*) AS n FROM (SELECT xmin::text FROM telemetry_samples GROUP BY xmin::text HAVING count(DISTINCT point_id) > 2) s',
    );
    t.ok(Number(shared[0]?.n) > 0, `${shared[0]?.n} transactions were of several units`);
  },
);
