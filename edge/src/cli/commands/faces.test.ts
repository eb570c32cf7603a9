import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { HubError } from '@hallhub/shared';
import t, { type Test } from 'tap';
import type { Agent } from '../../agent.js';
import { LocalApiServer } from '../../local-api/server.js';
import { silentLogger } from '../../ports/index.js';
import { comparison } from '../../vision/faces/__fixtures__/comparison.js';
import type { FaceComparison } from '../../vision/faces/faces-contract.js';
import type { FaceQuestion } from '../../vision/faces/index.js';
import { runCli } from '../program.js';

const cameraId = '01a20262-9489-7000-9064-d6158e8a23a8';

const setup = async (t: Test) => {
  const data = mkdtempSync(path.join(os.tmpdir(), 'hub-faces-'));
  const asked: FaceQuestion[] = [];
  const state: { answer: FaceComparison; error?: HubError } = { answer: comparison() };
  const records = [
    {
      at: 1_795_364_000_000,
      day: '2026-11-22',
      outcome: 'failed',
      purpose: '核对',
      reasons: ['too_large'],
      person: 'file',
    },
  ].map((one) => ({ ...one, document: 'file', models: [], deviceId: undefined }));
  const server = new LocalApiServer(
    {
      options: { dataDir: data },
      registry: { get: (id: string) => (id === cameraId ? { deviceId: id } : undefined), list: () => [] },
      faces: {
        settings: { purpose: { zh: '核对' } },
        standing: { state: 'no_model', reason: 'dlib-face-128 is not on this unit', hint: 'Fetch it: hub models pull' },
        book: { days: [{ day: '2026-11-22', same: 3, unsure: 0, different: 1, not_compared: 0, failed: 1 }], records },
        compare: async (question: FaceQuestion) => {
          asked.push(question);
          if (state.error) throw state.error;
          return { ...state.answer, purpose: { zh: '核对' }, tookMs: 412 };
        },
      },
    } as unknown as Agent,
    silentLogger,
  );
  await server.start();
  t.teardown(async () => {
    await server.stop();
    rmSync(data, { recursive: true, force: true });
  });
  const faces = async (...argv: string[]) => {
    const [out, err]: [string[], string[]] = [[], []];
    const plain = (s: string) => s;
    const code = await runCli(['faces', ...argv, '--data', data], {
      ...{ signal: new AbortController().signal, env: {} },
      terminal: {
        ...{ out: (text) => void out.push(text), err: (text) => void err.push(text), width: undefined, now: Date.now },
        style: { good: plain, warn: plain, bad: plain, dim: plain },
      },
    });
    return { code, out: out.join('\n'), err: err.join('\n') };
  };
  return { faces, asked, state };
};

t.test('two pictures, their likeness, and what it does not prove', async (t) => {
  const { faces, asked, state } = await setup(t);
  const same = await faces('compare', 'a.jpg', '/b.jpg');
  t.equal(same.code, 0, same.err);
  t.match(same.out, /Result +one person/);
  t.match(same.out, /Likeness +0\.74 \(one person from 0\.60, two below 0\.50\)/);
  t.match(same.out, /Alive +Not checked/);
  t.match(same.out, /Kept +nothing/);
  t.same(asked.pop(), { person: { file: path.resolve('a.jpg') }, document: { file: '/b.jpg' }, deviceId: undefined });

  const problems = [{ reason: 'too_small' as const, measured: 12.2, limit: 32 }, { reason: 'cut_off' as const }];
  const poor = { width: 90, height: 90, faces: 3, problems, quality: null };
  const { pictures } = comparison();
  state.answer = comparison({ verdict: 'not_compared', likeness: null, pictures: { ...pictures, person: poor } });
  const refused = await faces('compare', 'a.jpg', 'b.jpg');
  t.equal(refused.code, 1);
  t.match(
    refused.out,
    /Person +90 x 90, 3 faces, the largest counts, too small: pixels between the eyes \(12, limit 32\); the face is cut off/,
  );
  state.answer = comparison({ verdict: 'unsure', notes: ['same_photograph'] });
  t.match((await faces('compare', 'a.jpg', 'b.jpg')).out, /one and the same photograph/);
});

t.test('small pictures are read here: a service sees neither /home nor /tmp', async (t) => {
  const { faces, asked, state } = await setup(t);
  const folder = t.testdir({ 'a.jpg': 'abc', 'large.jpg': 'x'.repeat(375_001), 'full.jpg': 'x'.repeat(375_000) });
  const [small, large, full] = ['a.jpg', 'large.jpg', 'full.jpg'].map((name) => path.join(folder, name));
  t.equal((await faces('compare', `${small}`, `${large}`)).code, 0);
  t.same(asked.pop(), { person: { bytes: Buffer.from('abc') }, document: { file: large }, deviceId: undefined });
  const both = await faces('compare', `${full}`, `${full}`);
  t.equal(both.code, 0, `two of the largest fit into one request: ${both.err}`);
  const { person, document } = asked.pop() as FaceQuestion;
  t.same(
    [person, document].map((one) => ('bytes' in one ? one.bytes.length : one)),
    [375_000, 375_000],
  );
  await faces('compare', folder, '/b.jpg');
  t.match(asked.pop(), { person: { file: folder } }, 'what is no file is left to the agent to refuse');

  const two = { width: 9, height: 9, faces: 2, problems: [{ reason: 'several_faces' as const }], quality: null };
  state.answer = comparison({ verdict: 'not_compared', likeness: null, pictures: { person: two, document: two } });
  t.match((await faces('compare', 'a.jpg', 'b.jpg')).out, /9 x 9, 2 faces, more than one face in front/);
});

t.test('whoever stands before a camera against the document', async (t) => {
  const { faces, asked } = await setup(t);
  const answered = await faces('compare', '/card.bmp', '--camera', cameraId, '--device', cameraId, '--json');
  t.match(JSON.parse(answered.out), { verdict: 'same', liveness: 'not_checked', purpose: { zh: '核对' } });
  t.same(asked, [{ person: { cameraId }, document: { file: '/card.bmp' }, deviceId: cameraId }]);
  t.equal((await faces('compare', 'a.jpg', 'b.jpg', '--camera', cameraId)).code, 2);
  t.equal((await faces('compare', 'a.jpg')).code, 2);
  t.equal((await faces('compare', 'a.jpg', '--camera', 'nobody')).code, 4);
});

t.test('what a camera answers is shown, not obeyed', async (t) => {
  const { faces, state } = await setup(t);
  state.error = new HubError('unavailable', 'no picture: \u001b]0;owned\u0007\nsecond line', {
    hint: 'hub vision status',
  });
  const { code, err } = await faces('compare', '/a.jpg', '--camera', cameraId);
  t.equal(code, 1);
  t.equal(err, 'hub: no picture: ·]0;owned·\nsecond line\nhub vision status');
});

t.test('how it stands, and how often it was done', async (t) => {
  const { faces } = await setup(t);
  const { out } = await faces();
  t.match(out, /State +no model: dlib-face-128 is not on this unit/);
  t.match(out, /2026-11-22 +3 +0 +1 +0 +1/);
  t.match(out, /failed +file +file +too_large/);
  t.match(out, /Fetch it: hub models pull/);
});
