import { ManualClock, uuidv7 } from '@hallhub/shared';
import t from 'tap';
import { noAnswerRelay } from './answer-relay.js';
import { RecordingAsks } from './recording-asks.js';

const setup = () => {
  const clock = new ManualClock();
  const told: { topic: string; message: { requestId?: string } }[] = [];
  const asks = new RecordingAsks({
    ...{ clock, relay: noAnswerRelay() },
    tell: (topic, message) => void told.push({ topic, message }),
  });
  const camera = (unitId = uuidv7()) => ({ unitId, deviceId: uuidv7() });
  const ask = (of = camera()) => asks.ask(of, { kind: 'spans', from: 0, to: 1 });
  return { clock, asks, told, camera, ask };
};

t.test('one hall whose recordings hang takes no other hall’s turn', async (t) => {
  const { asks, ask, camera, clock, told } = setup();
  const stuck = camera();
  const outcomes = Array.from({ length: 200 }, () =>
    ask(stuck).then(
      () => 'answered',
      (error: { code?: string }) => error.code,
    ),
  );
  t.ok(asks.figures.pending <= 16, `${asks.figures.pending} wait for one unit`);
  const other = ask(camera());
  other.catch(() => undefined);
  t.equal(told.length, asks.figures.pending, 'the other unit is asked');
  await clock.advance(15_000);
  t.same([...new Set(await Promise.all(outcomes))].sort(), ['rate_limited', 'timeout']);
  await t.rejects(other, { code: 'timeout' });
  t.equal(asks.figures.pending, 0);
});

t.test('an answer is its unit’s, once, and of a bounded size', async (t) => {
  const { asks, ask, camera, told, clock } = setup();
  const of = camera();
  const answer = ask(of);
  const requestId = told[0]?.message.requestId ?? '';
  t.throws(() => asks.receive({ unitId: uuidv7(), requestId, type: 'x' }), { code: 'conflict' }, 'another unit');
  const sink = asks.receive({ unitId: of.unitId, requestId, type: 'application/octet-stream' });
  const again = asks.receive({ unitId: of.unitId, requestId, type: 'application/octet-stream' });
  const { body } = await answer.catch(() => ({ body: undefined }));
  t.equal(sink.push(new Uint8Array(1)), false, 'two at once spoil it');
  t.equal(again.push(new Uint8Array(1)), false);
  await t.rejects(new Response(body).text());
  const large = ask(of);
  const next = told[1]?.message.requestId ?? '';
  const flood = asks.receive({ unitId: of.unitId, requestId: next, type: 'application/octet-stream' });
  await large;
  let taken = 0;
  while (flood.push(new Uint8Array(1_048_576)) && taken < 100) taken += 1;
  t.ok(taken < 100, `${taken} MiB`);
  t.equal(asks.figures.pending, 0);
  await clock.advance(200_000);
});
