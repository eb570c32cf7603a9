import t from 'tap';
import { middle, person, rule, ruleId, Watched } from './__fixtures__/watched.js';
import type { EpisodeOutcome } from './observation.js';

const inside = person(0.5, 0.7);
const outside = person(0.1, 0.7);
const absence = rule({ algorithm: 'absence', zone: middle, forMs: 5_000 });
const episodes = (watched: Watched): EpisodeOutcome[] =>
  watched.told.filter((one): one is EpisodeOutcome => one.kind !== 'flow' && one.kind !== 'heat');

t.test('absence: begins after its time, ends when somebody is back, with the times of both', async (t) => {
  const watched = new Watched([absence]).forMs(2_000, [inside]);
  const left = watched.atMs + 200;
  watched.forMs(4_800, [outside]);
  t.same(watched.kinds, []);
  watched.forMs(1_000, []);
  t.match(episodes(watched), [{ kind: 'began', startedAt: left, seen: [], rule: { id: ruleId } }]);
  const back = watched.atMs + 200;
  watched.forMs(3_000, [inside]);
  t.match(episodes(watched)[1], { kind: 'ended', episodeId: 'id-1', startedAt: left, endedAt: back });
});

t.test('a detector that misses or sees ghosts for a few pictures changes nothing', async (t) => {
  const watched = new Watched([absence]);
  for (let i = 0; i < 40; i++) watched.forMs(1_000, [inside]).see([]).see([]);
  for (let i = 0; i < 100; i++) watched.see([inside]).see([]).see([]);
  t.same(watched.kinds, [], 'seen in every third picture is not absent');
  watched.forMs(8_000, []);
  for (let i = 0; i < 20; i++) watched.see([inside]).forMs(2_000, []);
  t.same(watched.kinds, ['began']);
  const ghosts = new Watched([rule({ algorithm: 'intrusion', zone: middle })]);
  for (let i = 0; i < 50; i++) ghosts.see([inside]).forMs(1_000, []);
  t.same(ghosts.kinds, []);
});

t.test('even a rule without a time waits for the grace where it goes by what is not seen', async (t) => {
  const watched = new Watched([rule({ algorithm: 'absence', zone: middle, forMs: 0 })]).forMs(1_600, []);
  t.same(watched.kinds, []);
  t.same(watched.forMs(1_000, []).kinds, ['began']);
});

t.test('a camera that is gone or covered proves nothing', async (t) => {
  const gone = new Watched([absence]).forMs(2_000, [inside]).blind(60_000);
  t.same(gone.kinds, []);
  const covered = new Watched([absence]).forMs(2_000, [inside]).forMs(60_000, [], { health: { kind: 'covered' } });
  t.same(covered.kinds, []);
  t.same(covered.forMs(4_000, []).kinds, [], 'what was not seen before does not count');
  t.same(covered.forMs(2_000, []).kinds, ['began']);
  covered.blind(30_000);
  t.same(covered.kinds, ['began'], 'and nobody is back because nobody looks');
  const intruded = new Watched([rule({ algorithm: 'intrusion', zone: middle })]).forMs(2_000, [inside]);
  t.same(intruded.forMs(20_000, [], { health: { kind: 'black' } }).kinds, ['began']);
  t.same(intruded.forMs(4_000, []).kinds, ['began', 'ended']);
});

t.test('composed with devices: signed on and nobody there', async (t) => {
  const facts = [{ deviceId: ruleId, property: 'signedOn', equals: true }];
  const composed = rule({ algorithm: 'absence', zone: middle, forMs: 5_000, facts });
  const watched = new Watched([composed]);
  t.same(watched.forMs(20_000, [], { facts: () => false }).kinds, []);
  t.same(watched.forMs(20_000, [], { facts: () => undefined }).kinds, [], 'not known');
  t.same(watched.forMs(6_000, [], { facts: () => true }).kinds, ['began']);
  t.same(watched.forMs(10_000, [], { facts: () => undefined }).kinds, ['began']);
  t.same(watched.see([], { facts: () => false }).kinds, ['began', 'ended'], 'signed off');
});

t.test('times: what is open ends with them', async (t) => {
  const times = [{ days: [1, 2, 3, 4, 5, 6, 7], from: '10:00', to: '10:01' }];
  const watched = new Watched([rule({ algorithm: 'absence', zone: middle, forMs: 5_000, times })]);
  watched.forMs(59_000, []);
  t.same(watched.kinds, ['began']);
  watched.forMs(60_000, []);
  t.same(watched.kinds, ['began', 'ended']);
});

t.test('crowding: the most there were; confidence and size are asked for', async (t) => {
  const crowd = (n: number) => Array.from({ length: n }, (_, i) => person(0.35 + i * 0.03, 0.7, { id: i }));
  const watched = new Watched([rule({ algorithm: 'crowding', zone: middle, most: 3, forMs: 1_000, minHeight: 0.2 })]);
  watched.forMs(3_000, [...crowd(3), person(0.5, 0.7, { id: 9, height: 0.1 })]);
  watched.forMs(3_000, [...crowd(3), person(0.5, 0.7, { id: 9, confidence: 0.3 })]);
  t.same(watched.kinds, []);
  watched.forMs(3_000, crowd(4)).forMs(2_000, crowd(6)).forMs(4_000, crowd(2));
  t.match(episodes(watched), [
    { kind: 'began', count: 4, confidence: 0.9, seen: [{ label: 'person', trackId: 0 }] },
    { kind: 'ended', count: 6 },
  ]);
});

t.test('a queue is those who stand', async (t) => {
  const queue = rule({ algorithm: 'queue_length', zone: middle, most: 1, forMs: 2_000 });
  const walker = (id: number, atMs: number) => {
    const history = Array.from({ length: 20 }, (_, i) => ({ atMs: atMs - (19 - i) * 200, x: 0.3 + i * 0.01, y: 0.7 }));
    return person(0.5, 0.7, { id, history });
  };
  const watched = new Watched([queue]);
  for (let i = 0; i < 30; i++) watched.see([walker(1, watched.atMs + 200), walker(2, watched.atMs + 200)]);
  t.same(watched.kinds, []);
  const standing = [1, 2].map((id) => person(0.5, 0.7, { id, isStationary: true }));
  t.same(watched.forMs(4_000, standing).kinds, ['began']);
});

t.test('loitering: one and the same, an episode each, the cool-down is the rule’s', async (t) => {
  const watched = new Watched([
    rule({ algorithm: 'loitering', zone: middle, forMs: 10_000, coolDownMs: 20_000, labels: ['person'] }),
  ]);
  for (let i = 0; i < 8; i++) watched.forMs(4_000, [person(0.5, 0.7, { id: i })]);
  t.same(watched.kinds, [], 'many pass');
  watched.forMs(12_000, [person(0.5, 0.7, { id: 50 }), person(0.4, 0.7, { id: 51 })]);
  t.same(watched.kinds, ['began', 'began']);
  watched.forMs(4_000, []);
  t.same(watched.kinds, ['began', 'began', 'ended', 'ended']);
  watched.forMs(14_000, [person(0.5, 0.7, { id: 52 })]);
  t.equal(watched.kinds.length, 4, 'cooling');
  watched.forMs(6_000, [person(0.5, 0.7, { id: 52 })]);
  t.equal(watched.kinds.length, 5);
});

t.test('the camera itself', async (t) => {
  const watched = new Watched([rule({ algorithm: 'tamper', kinds: ['covered', 'black'], forMs: 1_000 })]);
  watched.forMs(4_000, [], { health: { kind: 'blurred' } });
  t.same(watched.kinds, []);
  watched
    .forMs(4_000, [], { health: { kind: 'covered' } })
    .blind(20_000)
    .forMs(4_000, []);
  t.match(episodes(watched), [{ kind: 'began', detail: 'covered' }, { kind: 'ended' }]);
});

t.test('rules that are changed or taken away end what they began', async (t) => {
  const watched = new Watched([absence]).forMs(8_000, []);
  watched.restart([{ ...absence, name: 'another name', coolDownMs: 9_000 }]).forMs(1_000, []);
  t.same(watched.kinds, ['began'], 'the same place, the same thing');
  watched.restart([]).see([]);
  t.match(episodes(watched)[1], { kind: 'ended', episodeId: 'id-1', rule: { id: ruleId } });
  watched.restart([]).see([]);
  t.equal(watched.kinds.length, 2);
});

t.test('running, by one’s own height', async (t) => {
  const watched = new Watched([rule({ algorithm: 'running', heightsPerSecond: 1.5, forMs: 400 })]);
  const go = (perSecond: number) => {
    const atMs = watched.atMs + 200;
    const history = Array.from({ length: 10 }, (_, i) => {
      return { atMs: atMs - (9 - i) * 200, x: 0.5 - ((9 - i) * 0.2 * perSecond * 0.3) / (16 / 9), y: 0.7 };
    });
    watched.see([person(0.5, 0.7, { history })]);
  };
  for (let i = 0; i < 20; i++) go(1.2);
  t.same(watched.kinds, []);
  for (let i = 0; i < 20; i++) go(2);
  t.same(watched.kinds, ['began']);
});
