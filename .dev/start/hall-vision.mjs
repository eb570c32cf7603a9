import path from 'node:path';

const FONT = {
  what: 'a font for Chinese',
  why: 'the text on pictures of findings cannot be read',
  install: 'apt-get install fonts-noto-cjk',
};

/**
 * What makes the demo hall's cameras see: brings the unit its models, and passes on to the cloud what the simulated cameras film, so that it sets them
 * up. `emit` as the hall's; `tellCloud` says something to the cloud where it runs.
 */
export class HallVision {
  #options;
  #deps;
  #stopping = new AbortController();
  #filming = new Map();
  #modelless;

  constructor(options, deps) {
    this.#options = options;
    this.#deps = deps;
  }

  /** Beside the start, which does not wait for it: a hall without models works but for its cameras' eyes. */
  async fetchModels() {
    const { bringModels, root, emit } = this.#deps;
    if (!this.#options.vision || !bringModels) return;
    const say = (text) => emit('progress', { part: 'models', step: 'models', text });
    const edge = path.join(this.#options.data, 'edge');
    const { signal } = this.#stopping;
    const { brought, failed } = await bringModels({ root, folder: path.join(edge, 'models'), onText: say, signal });
    if (signal.aborted) return;
    if (brought) say('are here: the unit looks at what its cameras show');
    if (!failed) return;
    this.#modelless = {
      what: 'the model that sees people',
      why: `vision is off, all else works (${failed.message})`,
      install: `edge/bin/hub.mjs --data ${path.relative(root, edge) || edge} models pull`,
    };
    emit('status');
  }

  /** What is missing for it, as the unit's own word on its cameras and the start have it. */
  missing(vision) {
    const isFontless = vision?.hasFont === false;
    return [...(this.#modelless ? [this.#modelless] : []), ...(isFontless ? [FONT] : [])];
  }

  /** A camera shows its scene from now on. */
  filming({ name, serial, scene }) {
    this.#filming.set(name, { type: 'filming', serial, scene });
    this.tellFilming();
  }

  /** Also when the cloud is back. */
  tellFilming() {
    if (!this.#options.vision) return;
    for (const message of this.#filming.values()) this.#deps.tellCloud(message);
  }

  stop() {
    this.#stopping.abort();
  }
}
