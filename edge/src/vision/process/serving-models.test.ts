import { copyFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock, uuidv7 } from '@hallhub/shared';
import { cameraVisionSchema, visionRuleSchema } from '@hallhub/shared/vision';
import t, { type Test } from 'tap';
import { red, tinyCatalogue, tinyOnnx, tinyPicture } from '../models/__fixtures__/tiny-model.js';
import type { WatchedCamera } from '../vision-worker.js';
import { ServingModels } from './serving-models.js';
import { wantedModels } from './wanted-models.js';

const cards = fileURLToPath(new URL('../../../models/', import.meta.url));

/** A detector that works; of the other roles, files that are none, so that opening them is told. */
const serve = (t: Test) => {
  const root = t.testdir({});
  const [folder, catalogueAt] = [path.join(root, 'models'), path.join(root, 'catalogue')];
  tinyCatalogue(catalogueAt);
  mkdirSync(folder);
  for (const id of ['blazeface-back-256', 'movenet-multipose-256']) {
    copyFileSync(path.join(cards, `${id}.yaml`), path.join(catalogueAt, `${id}.yaml`));
    writeFileSync(path.join(folder, `${id}.onnx`), 'no model');
  }
  const faults: unknown[] = [];
  const seen = { changes: 0 };
  const models = new ServingModels({
    ...{ folder, clock: systemClock, threads: 1, catalogueAt },
    onChange: () => {
      seen.changes += 1;
    },
    onFault: (_code, _message, context) => faults.push(context?.model),
  });
  t.teardown(() => models.close());
  const put = () => {
    writeFileSync(path.join(folder, 'draft'), tinyOnnx());
    renameSync(path.join(folder, 'draft'), path.join(folder, 'tiny.onnx'));
  };
  return { folder, models, faults, seen, put };
};

const picture = (cameraId: string) => ({
  ...tinyPicture([{ x: 2, y: 5, rgb: red }]),
  ...{ cameraId, atMs: 0, seq: 0 },
});

t.test('a detector comes, works on its thread without holding up this one, and goes', async (t) => {
  const { folder, models, seen, put } = serve(t);
  await models.look();
  t.match(models.absent, { absent: 'none', modelId: 'tiny' });
  t.equal(seen.changes, 0);
  put();
  await models.look();
  t.equal(seen.changes, 1);
  const shown = picture('a');
  const bytes = shown.rgb.slice();
  const found = await models.queue?.submit(shown);
  t.match(found, [{ label: 'person' }]);
  t.same(shown.rgb, bytes, 'the picture is still there for others');
  t.equal(models.queue?.figures.done, 1);
  await t.rejects(async () => models.queue?.submit({ ...picture('b'), width: 7 }), { code: 'invalid_input' });
  t.match(await models.queue?.submit(picture('c')), [{ label: 'person' }], 'a bad picture harms no other');
  rmSync(path.join(folder, 'tiny.onnx'));
  await models.look();
  t.equal(models.queue, undefined);
  t.equal(seen.changes, 2);
});

t.test('poses and faces are opened when somebody needs them, and not before', async (t) => {
  const { models, faults, seen, put } = serve(t);
  put();
  await models.look();
  t.same(faults, []);
  await models.want({ pose: false, faces: true });
  t.same(faults, ['blazeface-back-256']);
  await models.want({ pose: true, faces: true });
  t.same(faults.slice(1), ['movenet-multipose-256'], 'what is damaged was put aside and is said once');
  await models.want({ pose: false, faces: false });
  t.equal(faults.length, 2);
  t.equal(seen.changes, 1, 'and whoever is followed is still followed');
});

t.test('who needs what', async (t) => {
  const zone = [
    [0.1, 0.1],
    [0.9, 0.1],
    [0.9, 0.9],
  ];
  const cameras = (...rules: object[]): WatchedCamera[] => {
    const views = [
      {
        ...{ id: uuidv7(), name: 'x' },
        rules: rules.map((one) => visionRuleSchema.parse({ id: uuidv7(), name: 'x', zone, ...one })),
      },
    ];
    return [{ vision: cameraVisionSchema.parse({ deviceId: uuidv7(), views }) } as unknown as WatchedCamera];
  };
  t.same(wantedModels([]), { pose: false, faces: false });
  t.same(wantedModels(cameras({ algorithm: 'dwell' })), { pose: false, faces: false }, 'figures show nobody');
  t.same(wantedModels(cameras({ algorithm: 'absence' })), { pose: false, faces: true });
  t.same(wantedModels(cameras({ algorithm: 'absence', facesClearBecause: 'nobody is there' })).faces, false);
  t.same(wantedModels(cameras({ algorithm: 'fall' })), { pose: true, faces: true });
  t.same(wantedModels(cameras({ algorithm: 'fall', enabled: false })), { pose: false, faces: false });
  const [off] = cameras({ algorithm: 'fall' });
  t.same(wantedModels([{ ...off, vision: { ...off?.vision, enabled: false } } as WatchedCamera]).pose, false);
});
