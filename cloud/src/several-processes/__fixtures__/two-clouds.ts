import { rmSync } from 'node:fs';
import { uuidv7 } from '@hallhub/shared';
import type { Logger } from 'pino';
import type { Test } from 'tap';
import { readSecret } from '../../db/embedded/index.js';
import { type Database, openDatabase } from '../../db/index.js';
import { makeTestFolder } from '../../db/testing.js';
import { type Broker, startBroker } from './broker.js';
import { signIn } from './browser.js';
import { CloudProcess } from './cloud-process.js';

export interface TwoClouds {
  readonly log: Logger;
  readonly database: Database;
  readonly broker: Broker;
  readonly a: CloudProcess;
  readonly b: CloudProcess;
  /** The first user, signed in. */
  readonly cookie: string;
  readonly place: { readonly tenantId: string; readonly regionId: string; readonly hallId: string };
}

const ownUrl = (database: Database): string => {
  const { location } = database.embedded!;
  const url = new URL('postgres://hallhub_owner@localhost/hallhub');
  url.password = readSecret(location)!.ownerPassword;
  url.searchParams.set('host', database.connection.host);
  return url.toString();
};

/** Two processes over one database and one broker, and a hall. */
export const startTwoClouds = async (t: Test, log: Logger): Promise<TwoClouds> => {
  const folders = [makeTestFolder(), makeTestFolder(), makeTestFolder()];
  t.teardown(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });
  const database = await openDatabase({ dataDir: folders[0]!, logger: log });
  t.teardown(() => database.close());
  const broker = await startBroker(t);
  const shared = {
    DATABASE_URL: ownUrl(database),
    HALLHUB_MQTT_URL: broker.url,
    HALLHUB_SECRET: 'a secret that both processes share, long enough',
  };
  // Both at once: migrations, the first user and the authority are made once.
  const clouds = folders.slice(1).map((folder) => new CloudProcess(folder, shared));
  t.teardown(async () => {
    for (const cloud of clouds) await cloud.kill();
  });
  await Promise.all(clouds.map((cloud) => cloud.start()));
  const [a, b] = clouds as [CloudProcess, CloudProcess];
  const users = [a, b].flatMap(({ ready }) => ready.firstUser ?? []);
  t.equal(users.length, 1, 'one first user, told by one of them');
  const teller = a.ready.firstUser ? a : b;
  const cookie = await signIn(teller.ready.http, users[0]!);

  const { rows: tenants } = await database.ownerPool.query<{ id: string }>('SELECT tenant_id AS id FROM users LIMIT 1');
  const place = { tenantId: tenants[0]!.id, regionId: uuidv7(), hallId: uuidv7() };
  await database.ownerPool.query(`INSERT INTO regions (id, tenant_id, code, name) VALUES ($1, $2, 'zz', 'zz')`, [
    place.regionId,
    place.tenantId,
  ]);
  await database.ownerPool.query(
    `INSERT INTO halls (id, tenant_id, region_id, code, name, time_zone) VALUES ($1, $2, $3, 'zz', '大厅', 'Asia/Shanghai')`,
    [place.hallId, place.tenantId, place.regionId],
  );
  return { log, database, broker, a, b, cookie, place };
};
