// Fetches, converts and places models in a process of its own: ROOT CACHE FOLDER. Says what it does and how it ended to its parent.
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const [root, cache, folder] = process.argv.slice(2);
process.on('disconnect', () => process.exit());
os.setPriority(os.constants.priority.PRIORITY_LOW);

const built = (file) => import(pathToFileURL(path.join(root, 'edge/dist/vision/models', file)).href);
const say = (message) => process.send?.(message);

try {
  const [{ ModelShelf }, { pullModels }, { systemClock }] = await Promise.all([
    built('index.js'),
    built('pull/pull-model.js'),
    import(pathToFileURL(path.join(root, 'shared/dist/index.js')).href),
  ]);
  const [kept, unit] = [new ModelShelf(cache), new ModelShelf(folder)];
  const wanted = kept.cards.filter(
    (card) => kept.catalogueCard(card.id) && !kept.isOptional(card) && unit.stateOf(card) === 'missing',
  );
  const readable = (card) => {
    try {
      return kept.read(card);
    } catch (error) {
      // Not there, or damaged and put aside: fetched anew.
      if (error.code === 'not_found' || error.code === 'store_corrupt') return undefined;
      throw error;
    }
  };
  const absent = wanted.filter((card) => readable(card) === undefined).map(({ id }) => id);
  if (absent.length > 0) {
    let tenth = -1;
    const from = process.env.HALLHUB_MODELS_FROM;
    await pullModels(kept, absent, {
      clock: systemClock,
      signal: new AbortController().signal,
      env: process.env,
      ...(from ? { from } : {}),
      onProgress: (step, got = 0, of = 1) => {
        const now = Math.floor((got / of) * 5);
        if (step !== 'fetch' || now === tenth) return;
        tenth = now;
        say({ type: 'text', text: `fetching ${Math.round(got / 1e6)} of ${Math.round(of / 1e6)} MB, once` });
      },
    });
  }
  for (const card of wanted) unit.place(card, kept.read(card));
  say({ type: 'brought', count: wanted.length });
} catch (error) {
  say({ type: 'failed', message: error.message, hint: error.hint ?? '' });
}
process.disconnect?.();
