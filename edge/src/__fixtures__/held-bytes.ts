import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes of what is still held by somebody. Buffers are freed beside the program, some time after their collection: the least of a few looks. */
export const heldBytes = async (of: 'heapUsed' | 'arrayBuffers'): Promise<number> => {
  let least = Number.POSITIVE_INFINITY;
  for (let look = 0; look < 5; look++) {
    collect();
    least = Math.min(least, process.memoryUsage()[of]);
    await setTimeout(20);
  }
  return least;
};
