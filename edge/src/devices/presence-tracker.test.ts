import { ManualClock } from '@hallhub/shared';
import type { PresenceReason } from '@hallhub/shared/wire';
import t from 'tap';
import { PresenceTracker } from './presence-tracker.js';

const rig = (state: 'online' | 'offline' = 'offline') => {
  const clock = new ManualClock();
  const changes: string[] = [];
  const tracker = new PresenceTracker(clock, (id, { state: to, reason }) => changes.push(`${id} ${to} ${reason}`));
  tracker.watch('d', { state, reason: 'silent', since: 0 });
  const say = (check: string, ok: boolean, reason: PresenceReason, decisive = false) =>
    tracker.evidence({ deviceId: 'd', check, ok, reason, decisive });
  return { clock, changes, tracker, say };
};

t.test('online at the first success, offline at the third failure', async (t) => {
  const { changes, say } = rig();
  say('poll', true, 'poll_ok');
  say('poll', false, 'poll_failed');
  say('poll', false, 'poll_failed');
  t.same(changes, ['d online poll_ok']);
  say('poll', true, 'poll_ok');
  say('poll', false, 'poll_failed');
  say('poll', false, 'poll_failed');
  t.equal(changes.length, 1, 'a success in between starts anew');
  say('poll', false, 'poll_failed');
  t.same(changes.slice(1), ['d offline poll_failed']);
});

t.test('decisive evidence counts at once', async (t) => {
  const { changes, say } = rig('online');
  say('port', false, 'link_down', true);
  t.same(changes, ['d offline link_down']);
});

t.test('one check failing while another is good is degraded', async (t) => {
  const { changes, say, tracker } = rig();
  say('soap', true, 'poll_ok');
  for (let i = 0; i < 3; i++) say('stream', false, 'poll_failed');
  t.same(changes, ['d online poll_ok', 'd degraded partial']);
  t.match(tracker.get('d')?.evidence, [
    { check: 'soap', ok: true },
    { check: 'stream', ok: false },
  ]);
  say('stream', true, 'poll_ok');
  t.equal(changes.at(-1), 'd online poll_ok');
});

t.test('after a restart a device that says nothing is in doubt soon, and offline after a minute', async (t) => {
  const { clock, changes, tracker } = rig('online');
  await clock.advance(14_000);
  tracker.tick();
  t.same(changes, [], 'a restart alone changes nothing');
  await clock.advance(1_000);
  tracker.tick();
  t.same(changes, ['d degraded agent_started']);
  await clock.advance(45_000);
  tracker.tick();
  t.same(changes.slice(1), ['d offline agent_started']);
});

t.test('one in doubt is online again with its first word', async (t) => {
  const { clock, changes, tracker, say } = rig('online');
  await clock.advance(20_000);
  tracker.tick();
  say('poll', true, 'poll_ok');
  await clock.advance(60_000);
  tracker.tick();
  t.same(changes, ['d degraded agent_started', 'd online poll_ok']);
});

t.test('a device that was heard, or is not watched, is left alone', async (t) => {
  const { clock, changes, tracker, say } = rig('online');
  say('poll', true, 'poll_ok');
  tracker.forget('e');
  tracker.evidence({ deviceId: 'e', check: 'poll', ok: true, reason: 'poll_ok' });
  await clock.advance(120_000);
  tracker.tick();
  t.same(changes, []);
});

t.test('after a start it shows within a minute whether a device is there', async (t) => {
  const { clock, say, tracker } = rig('online');
  t.equal(tracker.unknownForMs('d'), 60_000);
  t.equal(tracker.unknownForMs('strange'), 0);
  await clock.advance(10_000);
  say('port', false, 'link_down', true);
  t.equal(tracker.unknownForMs('d'), 50_000, 'it may yet come');
  say('poll', true, 'poll_ok');
  t.equal(tracker.unknownForMs('d'), 500, 'it has to listen first');
  await clock.advance(500);
  t.equal(tracker.unknownForMs('d'), 0);
  say('port', false, 'link_down', true);
  t.equal(tracker.unknownForMs('d'), 0, 'gone again is known to be gone');
});

t.test('a device that never comes is known to be gone when the grace is over', async (t) => {
  const { clock, tracker } = rig('online');
  await clock.advance(60_000);
  t.equal(tracker.unknownForMs('d'), 0);
});
