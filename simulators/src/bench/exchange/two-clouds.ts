import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { ApiClient } from '../../e2e/api-client.js';
import { DrillCloud } from '../drill/drill-cloud.js';

const password = 'A soak of our own 1';

export interface TwoCloudsOptions {
  readonly folder: string;
  readonly databaseUrl: string;
  readonly brokerPort: number;
  readonly built: boolean;
}

/** Two cloud processes over one database and one folder of files, each killed and started again in turn. */
export class TwoClouds implements AsyncDisposable {
  readonly #clouds: DrillCloud[] = [];
  readonly #apis: ApiClient[] = [];
  readonly #down = new Set<number>();
  #turn = 0;
  kills = 0;

  static async open({ folder, ...common }: TwoCloudsOptions): Promise<TwoClouds> {
    const two = new TwoClouds();
    for (const name of ['cloud-a', 'cloud-b']) {
      const dataDir = join(folder, name);
      mkdirSync(dataDir, { recursive: true });
      for (const shared of ['blobs', 'uploads']) {
        mkdirSync(join(folder, shared), { recursive: true });
        symlinkSync(join(folder, shared), join(dataDir, shared));
      }
      two.#clouds.push(await DrillCloud.make({ ...common, dataDir, env: { HALLHUB_ALLOW_PRIVATE_EXCHANGE: '1' } }));
    }
    for (const cloud of two.#clouds) await cloud.start();
    await two.#signIn();
    return two;
  }

  async #signIn(): Promise<void> {
    const teller = this.#clouds.find(({ firstUser }) => firstUser);
    if (!teller?.firstUser) throw new Error('no process told of the first user');
    const { userName, oneTimePassword } = teller.firstUser;
    await new ApiClient(teller.http).signInFirst(userName, oneTimePassword, password);
    for (const { http } of this.#clouds) {
      const api = new ApiClient(http);
      await api.signIn(userName, password);
      this.#apis.push(api);
    }
  }

  /** One that is up, each in turn, as a balancer does it. */
  get api(): ApiClient {
    return this.#apis[this.#next()] as ApiClient;
  }

  /** Where platforms call. */
  get address(): string {
    return this.#clouds[this.#next()]?.http ?? '';
  }

  #next(): number {
    this.#turn += 1;
    const at = this.#turn % this.#clouds.length;
    return this.#down.has(at) ? (at + 1) % this.#clouds.length : at;
  }

  /** kill -9, and up again. */
  async killOne(which: number): Promise<void> {
    const cloud = this.#clouds[which % this.#clouds.length];
    if (!cloud) return;
    this.kills += 1;
    // Balancers find out later: for a while they still send people there.
    await cloud.kill();
    this.#down.add(which % this.#clouds.length);
    await cloud.start();
    this.#down.delete(which % this.#clouds.length);
  }

  logs(): string {
    return this.#clouds.map((cloud) => cloud.log().slice(-2_000)).join('\n');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const cloud of this.#clouds) await cloud[Symbol.asyncDispose]();
  }
}
