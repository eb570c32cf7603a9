import { ManualClock } from '@hallhub/shared';
import t from 'tap';
import { LiveQuality, type QualityFacts } from './live-quality.js';

const facts = (more: Partial<QualityFacts> = {}): QualityFacts => ({
  ...{ hasSmall: true, isSpared: false, lineBytesPerSecond: undefined, fullBytesPerSecond: 500_000 },
  ...more,
});
const flows = { sent: 25, leftOut: 0 };
const stalls = { sent: 10, leftOut: 15 };

const setup = (form: 'copy' | 'mpeg1' = 'copy') => {
  const clock = new ManualClock();
  const quality = new LiveQuality({ clock, form });
  /** So many seconds; whether it changed in one of them. */
  const watch = async (seconds: number, news = flows, line?: number) => {
    for (let n = 0; n < seconds; n++) {
      await clock.advance(1_000);
      if (quality.look(news, line)) return true;
    }
    return false;
  };
  return { clock, quality, watch };
};

t.test('a line that does not carry it: the smaller stream, then none, then again', async (t) => {
  const { clock, quality, watch } = setup();
  t.equal(quality.choose(facts()), 'full');
  t.notOk(await watch(30), 'while all goes nothing changes');
  t.ok(await watch(10, stalls));
  t.equal(quality.choose(facts()), 'small');
  t.ok(await watch(10, stalls));
  t.equal(quality.choose(facts()), 'busy');
  await clock.advance(20_000);
  t.equal(quality.choose(facts()), 'small', 'tried again, carefully');
});

t.test('the full one is tried again, ever more rarely, and only where it fits', async (t) => {
  const { quality, watch } = setup();
  quality.choose(facts());
  await watch(10, stalls);
  quality.choose(facts());
  t.notOk(await watch(300, flows, 400_000), 'the line is known to carry less');
  t.ok(await watch(5, flows, 600_000));
  t.equal(quality.choose(facts()), 'full');
  await watch(10, stalls);
  quality.choose(facts());
  t.notOk(await watch(110));
  t.ok(await watch(30), 'after two minutes the second time');
});

t.test('what is known before is not tried at all', async (t) => {
  t.equal(setup().quality.choose(facts({ lineBytesPerSecond: 200_000 })), 'small');
  t.equal(setup().quality.choose(facts({ lineBytesPerSecond: 200_000, hasSmall: false })), 'busy');
  t.equal(setup().quality.choose(facts({ isSpared: true })), 'small');
  t.equal(setup().quality.choose(facts({ isSpared: true, hasSmall: false })), 'busy');
  t.equal(setup('mpeg1').quality.choose(facts()), 'small', 'less to decode');
  t.equal(setup('mpeg1').quality.choose(facts({ hasSmall: false, lineBytesPerSecond: 200_000 })), 'full');
  const { quality, watch } = setup('mpeg1');
  quality.choose(facts());
  t.ok(await watch(10, stalls));
  t.equal(quality.choose(facts()), 'busy', 'there is no smaller one');
});

t.test('a smaller stream that gives nothing is none, for a while', async (t) => {
  const nothing = { sent: 0, leftOut: 0 };
  const { clock, quality, watch } = setup('mpeg1');
  t.equal(quality.choose(facts()), 'small');
  t.notOk(await watch(19, nothing));
  t.ok(await watch(2, nothing));
  t.equal(quality.choose(facts()), 'full', 'the one that is looked at comes in any case');
  t.notOk(await watch(60));
  await clock.advance(600_000);
  t.equal(quality.choose(facts()), 'small', 'it may be there by now');
  const slow = setup();
  t.equal(slow.quality.choose(facts({ lineBytesPerSecond: 200_000 })), 'small');
  t.ok(await slow.watch(21, nothing, 200_000));
  t.equal(slow.quality.choose(facts({ lineBytesPerSecond: 200_000 })), 'busy', 'a line that carries no other');
  t.equal(slow.quality.choose(facts({ lineBytesPerSecond: 200_000 })), 'busy');
});
