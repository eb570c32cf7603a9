import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { stringify } from 'yaml';
import {
  blue,
  red,
  sha256,
  tinyCatalogue,
  tinyDescription,
  tinyOnnx,
  tinyPicture,
} from '../models/__fixtures__/tiny-model.js';
import { addModel } from '../models/add-model.js';
import { ModelShelf } from '../models/model-shelf.js';
import type { Detector } from './detector.js';
import { isAbsent, openRole } from './open-models.js';

const place = (t: Test) => {
  const root = t.testdir({});
  const [folder, catalogueAt] = [path.join(root, 'models'), path.join(root, 'catalogue')];
  tinyCatalogue(catalogueAt);
  mkdirSync(folder);
  const write = (name: string, content: string | Uint8Array) => writeFileSync(path.join(folder, name), content);
  const open = (role: 'detector' | 'pose' | 'face' = 'detector') => openRole(folder, role, { catalogueAt });
  return { root, folder, catalogueAt, write, open };
};

const opened = (outcome: object): Detector => {
  if (isAbsent(outcome)) throw new Error(outcome.message);
  return outcome as Detector;
};

t.test('the detector sees what is there, where it is', async (t) => {
  const { write, open } = place(t);
  write('tiny.onnx', tinyOnnx());
  await using detector = opened(await open());
  t.same(detector.labels, ['person', 'handbag']);
  t.same(detector.model, { id: 'tiny', sha256: sha256(tinyOnnx()) });
  const seen = await detector.detect(
    tinyPicture([
      { x: 2, y: 5, rgb: red },
      { x: 7, y: 0, rgb: blue },
    ]),
  );
  t.same(
    seen.map(({ label, box }) => ({ label, box })),
    [
      { label: 'person', box: [2 / 8, 5 / 8, 1 / 8, 1 / 8] },
      { label: 'handbag', box: [7 / 8, 0, 1 / 8, 1 / 8] },
    ],
  );
  t.same(await detector.detect(tinyPicture([])), []);
  const half = { width: 64, height: 32, rgb: new Uint8Array(64 * 32 * 3) };
  t.same(await detector.detect(half), []);
  await t.rejects(detector.detect({ ...half, width: 63 }), { code: 'invalid_input' });
  const both = await Promise.all([
    detector.detect(tinyPicture([{ x: 1, y: 1, rgb: red }])),
    detector.detect(tinyPicture([{ x: 3, y: 1, rgb: blue }])),
  ]);
  t.same(
    both.map(([one]) => one?.label),
    ['person', 'handbag'],
    'two at once do not mix',
  );
});

t.test('what is absent is a state, and says what to do', async (t) => {
  const { write, open, folder } = place(t);
  t.match(await open(), { absent: 'none', modelId: 'tiny', hint: /hub models pull tiny/ });
  t.match(await open('pose'), { absent: 'none', hint: /hub models list/ });
  const damaged = tinyOnnx();
  damaged[100] = (damaged[100] as number) ^ 1;
  write('tiny.onnx', damaged);
  t.match(await open(), { absent: 'damaged', modelId: 'tiny', hint: /put aside/ });
  t.notOk(existsSync(path.join(folder, 'tiny.onnx')));
  t.ok(existsSync(path.join(folder, 'aside', 'tiny.onnx')));
  t.match(await open(), { absent: 'none' }, 'the next look finds none');
  write('choice.yaml', 'version: 1\ndetector: gone\n');
  t.match(await open(), { absent: 'none', message: /gone was chosen/ });
});

t.test('a card that does not fit its model is found out before it serves', async (t) => {
  const { write, open } = place(t);
  const onnx = tinyOnnx();
  const file = { sha256: sha256(onnx), bytes: onnx.length };
  const own = (change: object) => {
    write('own.yaml', stringify({ ...tinyDescription, ...change, id: 'own', file }));
    return open();
  };
  write('own.onnx', onnx);
  t.match(await own({ labels: [{ id: 'person' }] }), {
    absent: 'labels',
    message: /2 classes .* names 1/,
    modelId: 'own',
  });
  t.match(await own({ input: { ...tinyDescription.input, width: 96 } }), { absent: 'unfit', message: /64 x 64/ });
  t.match(await own({ input: { ...tinyDescription.input, name: 'picture' } }), { absent: 'unfit', message: /picture/ });
  const levels = [{ stride: 8, scores: 'scores', boxes: 'corners' }];
  t.match(await own({ output: { decoder: 'nanodet', bins: 2, levels } }), { absent: 'unfit', message: /corners/ });
  write('own.onnx', 'no model');
  const text = Buffer.from('no model');
  write('own.yaml', stringify({ ...tinyDescription, id: 'own', file: { sha256: sha256(text), bytes: text.length } }));
  t.match(await open(), { absent: 'unfit', message: /onnxruntime/ });
});

t.test('a unit renames labels, drops classes and moves thresholds without code', async (t) => {
  const { write, open } = place(t);
  write('tiny.onnx', tinyOnnx());
  write(
    'tiny.settings.yaml',
    'version: 1\nlabels: { handbag: null, person: { id: visitor, zh: 访客 } }\nthresholds: { sure: 0.9 }\n',
  );
  await using detector = opened(await open());
  t.same(detector.labels, ['visitor']);
  t.same(detector.thresholds, { sure: 0.9, least: 0.3 });
  const seen = await detector.detect(
    tinyPicture([
      { x: 0, y: 0, rgb: red },
      { x: 4, y: 4, rgb: blue },
    ]),
  );
  t.same(
    seen.map(({ label }) => label),
    ['visitor'],
  );
});

t.test('an operator’s own model is taken up, tried and preferred; a wrong one never gets in', async (t) => {
  const { root, folder, catalogueAt, write, open } = place(t);
  write('tiny.onnx', tinyOnnx());
  const [card, onnx] = [path.join(root, 'card.yaml'), path.join(root, 'mine.onnx')];
  writeFileSync(onnx, tinyOnnx());
  const shelf = () => new ModelShelf(folder, catalogueAt);
  const labels = [
    { id: 'stall', zh: '流动摊位' },
    { id: 'umbrella', zh: '遮阳伞' },
  ];
  writeFileSync(card, stringify({ ...tinyDescription, id: 'street', labels: labels.slice(1) }));
  await t.rejects(addModel(shelf(), card, onnx), { code: 'configuration', hint: /label/ });
  writeFileSync(card, stringify({ ...tinyDescription, id: 'street', role: 'face', labels }));
  await t.rejects(addModel(shelf(), card, onnx), { code: 'invalid_input', message: /card\.yaml:\d+:\d+: / });
  writeFileSync(card, stringify({ ...tinyDescription, labels }));
  await t.rejects(addModel(shelf(), card, onnx), { code: 'conflict' });
  writeFileSync(card, stringify({ ...tinyDescription, id: 'street', labels }));
  await t.rejects(addModel(shelf(), card, path.join(root, 'none')), { code: 'not_found' });
  await addModel(shelf(), card, onnx);
  t.same(readFileSync(path.join(folder, 'street.onnx')), Buffer.from(tinyOnnx()));
  await using detector = opened(await open());
  t.same(detector.labels, ['stall', 'umbrella']);
  shelf().choose('detector', 'tiny');
  await using other = opened(await open());
  t.equal(other.model.id, 'tiny');
});
