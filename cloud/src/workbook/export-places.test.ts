import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { uuidv7 } from '@hallhub/shared';
import t from 'tap';
import { exportWait, inExportPlace } from './export-places.js';

const someone = () => ({ tenantId: uuidv7(), userId: uuidv7() });
const file = async () => ({ body: Readable.from([Buffer.from('a,b')]) });
const tooMany = { code: 'rate_limited', context: { reason: 'exports', retryAfterMs: 10_000 }, hint: String };
const isOver = (body: Readable) => new Promise<void>((resolve) => void body.once('close', resolve));

t.test('two of one person, six of all; who reads to the end, goes away or gets none leaves the place', async (t) => {
  const [one, other, third, fourth] = [someone(), someone(), someone(), someone()];
  const first = await inExportPlace(one, file);
  t.equal(exportWait(one), null);
  const second = await inExportPlace(one, file);
  t.equal(exportWait(one), 'own', 'told before it is asked for');
  await t.rejects(inExportPlace(one, file), { ...tooMany, hint: /^You have 2/ });
  const others = [other, other, third, third].map((who) => inExportPlace(who, file));
  await t.rejects(inExportPlace(fourth, file), { ...tooMany, hint: /^Others/ });
  t.same([exportWait(fourth), exportWait(one)], ['others', 'own']);
  const over = isOver(first.body);
  t.equal(String(await buffer(first.body)), 'a,b');
  await over;
  await t.rejects(
    inExportPlace(fourth, () => Promise.reject(new Error('no such hall'))),
    /no such hall/,
  );
  const again = await inExportPlace(fourth, file);
  const left = [second, again, ...(await Promise.all(others))].map(async ({ body }) => {
    const gone = isOver(body);
    body.destroy();
    await gone;
  });
  await Promise.all(left);
  await buffer((await inExportPlace(one, file)).body);
});

t.test('one organisation leaves two places to the others', async (t) => {
  const [one, other, third] = [someone(), someone(), someone()];
  const colleagues = [one, one, other, other].map(({ userId }) => ({ tenantId: one.tenantId, userId }));
  const made = await Promise.all(colleagues.map((who) => inExportPlace(who, file)));
  await t.rejects(inExportPlace({ ...third, tenantId: one.tenantId }, file), { ...tooMany, hint: /^Others/ });
  t.equal(exportWait(third), null, 'another organisation');
  await Promise.all(made.map(({ body }) => buffer(body)));
});
