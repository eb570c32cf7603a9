import { ManualClock } from '@hallhub/shared';
import t from 'tap';
import { type Flight, LinkBudget } from './link-budget.js';

/** What pictures get in so many seconds while they always want more, asked for in portions. */
const taken = async (clock: ManualClock, budget: LinkBudget, seconds: number, portion = 6_000): Promise<number> => {
  let bytes = 0;
  for (let ms = 0; ms < seconds * 1_000; ms += 5) {
    for (let n = 0; n < 200 && budget.pictures.take(portion) === 0; n++) bytes += portion;
    await clock.advance(5);
  }
  return bytes;
};

t.test('where nothing bounds the line nothing is paced', async (t) => {
  const budget = new LinkBudget({ clock: new ManualClock() });
  t.equal(budget.pictures.bytesPerSecond, undefined);
  for (let n = 0; n < 1_000; n++) t.equal(budget.pictures.take(512 * 1024), 0);
});

t.test('within a cap: three quarters of it, and a second’s worth is left to readings at any time', async (t) => {
  const clock = new ManualClock();
  const budget = new LinkBudget({ clock, maxBytesPerSecond: 100_000 });
  const bytes = await taken(clock, budget, 20);
  t.ok(bytes > 65_000 * 20 && bytes <= 76_000 * 20, `${bytes / 20} bytes a second`);
  let sent = false;
  budget.request('live', 90_000, () => {
    sent = true;
  });
  t.ok(sent, 'a batch of a second goes at once');
  const before = budget.sentBytes;
  budget.request('live', 190_000, () => undefined);
  t.ok(budget.pictures.take(6_000) > 0, 'what waits for its turn is not passed');
  t.equal(budget.sentBytes, before);
});

t.test('backlog and evidence get half while they wait', async (t) => {
  const clock = new ManualClock();
  const budget = new LinkBudget({ clock, maxBytesPerSecond: 100_000 });
  await taken(clock, budget, 3);
  let evidence = 0;
  const more = () =>
    budget.request('evidence', 40_000, (flight) => {
      evidence += 40_000;
      flight.answered();
      queueMicrotask(more);
    });
  more();
  const bytes = await taken(clock, budget, 20);
  t.ok(bytes > 20_000 * 20 && bytes < 60_000 * 20, `pictures ${bytes / 20} bytes a second`);
  t.ok(evidence > 35_000 * 20, `evidence ${evidence / 20}`);
});

t.test('a line that was full is believed, and tried with more after a while', async (t) => {
  const clock = new ManualClock();
  const budget = new LinkBudget({ clock });
  budget.pictures.carried(200_000);
  t.equal(budget.pictures.bytesPerSecond, 150_000);
  const bytes = await taken(clock, budget, 10);
  t.ok(bytes > 1_350_000 && bytes < 1_550_000, `${bytes}`);
  await clock.advance(15_000);
  budget.pictures.take(1);
  t.equal(budget.pictures.bytesPerSecond, 187_500);
  for (let n = 0; n < 30; n++) {
    await clock.advance(15_001);
    budget.pictures.take(1);
  }
  t.equal(budget.pictures.bytesPerSecond, undefined, 'until nothing bounds it');
});

t.test('a line that was thought too slow for any picture is not thought so for ever', async (t) => {
  const clock = new ManualClock();
  const budget = new LinkBudget({ clock });
  budget.request('live', 10_000, (flight) => flight.answered());
  const flights: Flight[] = [];
  budget.request('live', 10_000, (flight) => void flights.push(flight));
  // The cloud was busy with something else.
  await clock.advance(10_000);
  flights[0]?.answered();
  budget.pictures.begin();
  const slow = budget.pictures.bytesPerSecond ?? 0;
  t.ok(slow > 0 && slow < 1_000, `${slow} bytes a second`);
  await clock.advance(15_000);
  t.equal(budget.pictures.bytesPerSecond, slow * 2, 'though no picture went meanwhile');
  await clock.advance(600_000);
  t.equal(budget.pictures.bytesPerSecond, undefined);
});
