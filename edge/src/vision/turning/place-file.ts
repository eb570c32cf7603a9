import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { makeFolder } from '../../store/make-folder.js';
import type { LearnedPlace } from './preset-places.js';

const axis = z.number().optional();
const fileSchema = z.strictObject({
  v: z.literal(1),
  cameras: z.record(
    z.uuid(),
    z.array(z.strictObject({ preset: z.string().min(1).max(64), pan: axis, tilt: axis, zoom: axis })).max(300),
  ),
});

/** What was learned of where presets are, over a restart: DATA/vision/presets.json. */
export class PlaceFile {
  readonly #file: string;
  readonly #cameras: Map<string, readonly LearnedPlace[]>;

  constructor(folder: string) {
    this.#file = path.join(folder, 'presets.json');
    this.#cameras = new Map(Object.entries(read(this.#file)));
  }

  of(cameraId: string): readonly LearnedPlace[] {
    return this.#cameras.get(cameraId) ?? [];
  }

  /** A disk that refuses costs what was learned, and nothing else. */
  keep(cameraId: string, places: readonly LearnedPlace[]): void {
    this.#cameras.set(cameraId, places);
    try {
      makeFolder(path.dirname(this.#file));
      const text = JSON.stringify({ v: 1, cameras: Object.fromEntries(this.#cameras) });
      writeFileSync(`${this.#file}.draft`, text, { mode: 0o600 });
      renameSync(`${this.#file}.draft`, this.#file);
    } catch {
      // Learned anew after the next start.
    }
  }
}

const read = (file: string): z.infer<typeof fileSchema>['cameras'] => {
  try {
    const parsed = fileSchema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
    return parsed.success ? parsed.data.cameras : {};
  } catch {
    return {};
  }
};
