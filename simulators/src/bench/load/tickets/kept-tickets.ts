import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { uuidv7 } from '@hallhub/shared';
import { ApiClient } from '../../../e2e/api-client.js';
import { type BigTickets, makeBigTickets } from '../big-tickets.js';
import type { LoadRig } from '../load-rig.js';
import { sleep } from '../load-shape.js';
import type { SeedShape } from './ticket-seeds.js';

/** One password for everybody of the bench. */
const password = 'A big table of our own 1';

export interface BenchTown extends Omit<BigTickets, 'town'> {
  readonly tenantId: string;
  readonly leaderName: string;
  readonly people: readonly { readonly userName: string; readonly role: string }[];
  readonly handlingOffices: readonly string[];
}

/** The tables as an earlier run left them in the rig's folder, or made now. */
export const bigTicketsIn = async (
  rig: LoadRig,
  of: { readonly shape: SeedShape; readonly progress: (text: string) => void },
): Promise<BenchTown> => {
  const file = join(rig.folder, 'big-tickets.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as BenchTown;
  const { http, firstUser } = rig.ready;
  await new ApiClient(http).signInFirst(firstUser.userName, firstUser.oneTimePassword, password);
  // Its jobs would note clocks of tables that are half made.
  await rig.stopCloud();
  const { town, ...sums } = await makeBigTickets(rig.database, { ...of, folder: rig.folder });
  // Everybody's password is the first person's: what it costs to make one is no part of this.
  await rig.database.ownerPool.query(
    `INSERT INTO user_accounts (id, tenant_id, user_id, account_id, provider_id, password)
     SELECT x.account, $1, x.id, x.id::text, a.provider_id, a.password FROM unnest($2::uuid[], $3::uuid[]) AS x(id, account),
       (SELECT provider_id, password FROM user_accounts WHERE user_id = $4 AND password IS NOT NULL) a`,
    [town.tenantId, town.people.map(({ id }) => id), town.people.map(() => uuidv7()), town.leader.id],
  );
  await rig.startCloud();
  const kept: BenchTown = {
    ...{ ...sums, tenantId: town.tenantId, leaderName: town.leader.userName, handlingOffices: town.handlingOffices },
    people: town.people.map(({ userName, role }) => ({ userName, role })),
  };
  writeFileSync(file, JSON.stringify(kept));
  return kept;
};

/** Many sign in at once from one address: the cloud asks some to wait. */
export const signIn = async (rig: LoadRig, userName: string): Promise<ApiClient> => {
  const api = new ApiClient(rig.ready.http);
  for (;;) {
    const answer = await api.request<{ retryAfterMs?: number }>('POST', '/api/v1/session', { userName, password });
    if (answer.status < 300) return api;
    if (answer.status !== 429) throw new Error(`${userName} was not let in: ${answer.status}`);
    await sleep((answer.body.retryAfterMs ?? 1_000) + 50);
  }
};
