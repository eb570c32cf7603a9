import type { EvidenceMaker } from '../evidence/index.js';
import { needsOf } from '../rules/index.js';
import { type Sight, viewsInSight } from '../turning/sight-in-child.js';
import { ViewWatch } from '../view-watch.js';
import type { WatchedCamera, WatchNews, WatchSettings } from '../vision-worker.js';
import type { ServingModels } from './serving-models.js';

export interface WatchedViewsOptions {
  readonly settings: Omit<WatchSettings, 'cameras'>;
  readonly models: ServingModels;
  readonly evidence: EvidenceMaker;
  readonly tell: (news: WatchNews) => void;
}

/** The views of one camera: those in sight are told what is seen, the others that nobody looks there. */
export class WatchedViews {
  readonly #options: WatchedViewsOptions;
  #all: readonly ViewWatch[] = [];
  #inSight: ReadonlySet<ViewWatch> = new Set();

  constructor(options: WatchedViewsOptions) {
    this.#options = options;
  }

  /** What their rules remember. */
  get kept(): WatchedCamera['kept'] {
    return this.#all.map((view) => view.kept());
  }

  get needPose(): boolean {
    return [...this.#inSight].some(({ needs }) => needs.pose);
  }

  /** Another set-up, or another model. */
  set({ source, ...camera }: WatchedCamera, sight: Sight | undefined): void {
    const { settings, models, evidence, tell } = this.#options;
    const canSee = models.queue !== undefined;
    this.#all = camera.vision.views.map(
      (view) =>
        new ViewWatch({
          ...{ camera, settings, evidence, tell, models: () => models.identities },
          // Without a detector nobody is ever seen: rules that look for people would conclude that nobody is there.
          view: canSee ? view : { ...view, rules: view.rules.filter((rule) => !needsOf([rule]).detector) },
        }),
    );
    this.pick(camera, sight);
  }

  /** The camera looks elsewhere. */
  pick({ vision }: Pick<WatchedCamera, 'vision'>, sight: Sight | undefined): void {
    const ids = new Set(viewsInSight(vision.views, sight).map(({ id }) => id));
    this.#inSight = new Set(this.#all.filter(({ id }) => ids.has(id)));
  }

  observe(look: Parameters<ViewWatch['observe']>[0]): void {
    for (const view of this.#inSight) view.observe(look);
  }

  /** Nobody looks where they are: not seeing proves nothing. `isAll`: no pictures come at all. */
  blind(nowMs: number, isAll: boolean): void {
    for (const view of this.#all) if (isAll || !this.#inSight.has(view)) view.blind(nowMs);
  }
}
