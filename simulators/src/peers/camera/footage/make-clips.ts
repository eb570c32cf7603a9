import { constants, setPriority } from 'node:os';
import { type ClipName, openClipStore } from './clip-store.js';

/**
 * Makes clips in a process of its own: FOLDER, then their names. Sends `{made: name}` after each, or `{failed: name, why}`.
 * At the lowest priority, and gone with the one that started it.
 */
const [folder = '', ...names] = process.argv.slice(2);
process.on('disconnect', () => process.exit());
setPriority(constants.priority.PRIORITY_LOW);
const store = openClipStore(folder);
for (const name of names) {
  try {
    const clip = await store.clip(name as ClipName);
    process.send?.('missing' in clip ? { failed: name, why: clip.why } : { made: name });
  } catch (error) {
    process.send?.({ failed: name, why: String(error) });
  }
}
process.disconnect?.();
