import type { CameraView } from '@hallhub/shared/vision';
import type { GreyPicture } from '../pipeline/grey-picture.js';
import type { Picture } from '../pipeline/picture.js';
import type { PictureFault } from '../pipeline/picture-fault.js';
import { PictureHealth } from '../pipeline/picture-health.js';
import type { Sight } from '../turning/sight-in-child.js';
import { loadReference, saveReference } from './reference-file.js';

const standing = '';

/** Whether a camera's picture is well, by where it looks: each preset of its views has its own picture to be compared with. */
export class PlaceHealth {
  readonly #folder: string;
  readonly #cameraId: string;
  readonly #known = new Map<string, PictureHealth>();
  #sight: Sight | undefined;
  #key = standing;
  #here: PictureHealth;

  constructor(
    of: { readonly folder: string; readonly cameraId: string },
    sight: Sight | undefined,
    views: readonly Pick<CameraView, 'preset'>[],
  ) {
    this.#folder = of.folder;
    this.#cameraId = of.cameraId;
    this.#here = this.turn(sight, views);
  }

  look(picture: Picture, grey: GreyPicture): PictureFault | null {
    return this.#here.look(picture, grey);
  }

  turn(sight: Sight | undefined, views: readonly Pick<CameraView, 'preset'>[]): PictureHealth {
    const isPlace = sight?.state === 'at' && views.some(({ preset }) => preset === sight.preset);
    this.#key = isPlace ? sight.preset : standing;
    // Where it was turned to by hand is no picture to be compared with another.
    if (this.#sight?.state === 'moving') this.#known.delete(standing);
    this.#sight = sight;
    const known = this.#known.get(this.#key);
    this.#here = known ?? new PictureHealth();
    if (known) return known;
    this.#known.set(this.#key, this.#here);
    const reference = this.#isKept ? loadReference(this.#folder, this.#name) : undefined;
    if (reference) this.#here.restore(reference);
    return this.#here;
  }

  /** On disk, over a restart. */
  keep(): void {
    const { reference } = this.#here;
    if (reference && this.#isKept) saveReference(this.#folder, this.#name, reference);
  }

  /** Of one that stands just anywhere there is nothing to be remembered. */
  get #isKept(): boolean {
    return this.#key !== standing || this.#sight === undefined;
  }

  get #name(): string {
    return this.#key === standing ? this.#cameraId : `${this.#cameraId}-${encodeURIComponent(this.#key)}`;
  }
}
