import type { ApiClient } from '../../../e2e/api-client.js';
import { sleep } from '../load-shape.js';

interface Row {
  readonly id: string;
  readonly seq: number;
  readonly myTask: { readonly id: string; readonly state: string; readonly purpose: string } | null;
}
interface Offer {
  readonly do: string;
  readonly task: string | null;
  readonly action: string | null;
  readonly chooses: unknown;
}
type Page = Row & { readonly offers: readonly Offer[] };

export interface Member {
  readonly api: ApiClient;
  readonly role: string;
}

export type Deed = 'to-do' | 'page' | 'search' | 'counts' | 'make' | 'act';

/** What people did, in ms, and what went wrong. Somebody else was faster: told apart, it is no fault. */
export interface CrowdTimes {
  readonly took: Readonly<Record<Deed, number[]>>;
  readonly overtaken: number;
  readonly errors: readonly string[];
}

const words = ['路灯', '电梯 困人', '垃圾', '停水', '噪音扰民', '工资'];

/**
 * People at their work for a while, each with a session of their own: they look at what they have to do, open a ticket, search,
 * make one, take one up or hand it on. Each waits for an answer and then `thinksMs`, more or less, before anything else.
 */
export const crowdAtWork = async (
  members: readonly Member[],
  of: {
    readonly forMs: number;
    readonly thinksMs: number;
    readonly random: () => number;
    readonly handlingOffices: readonly string[];
  },
): Promise<CrowdTimes> => {
  const took: Record<Deed, number[]> = { 'to-do': [], page: [], search: [], counts: [], make: [], act: [] };
  const pause = (random: () => number): Promise<unknown> => sleep(of.thinksMs * (0.4 + random() * 1.2));
  const errors: string[] = [];
  let overtaken = 0;
  const untilMs = performance.now() + of.forMs;
  const timed = async <T>(deed: Deed, run: () => Promise<T>): Promise<T> => {
    const beganMs = performance.now();
    const result = await run();
    took[deed].push(performance.now() - beganMs);
    return result;
  };
  const send = async (api: ApiClient, page: Row, command: object): Promise<Page | undefined> => {
    const headers = { 'if-match': `"${page.seq}"` };
    const answer = await timed('act', () =>
      api.request<Page>('POST', `/api/v1/tickets/${page.id}/acts`, command, headers),
    );
    if (answer.status === 200) return answer.body;
    if (answer.status === 409 || answer.status === 412) overtaken += 1;
    else errors.push(`act ${answer.status} ${JSON.stringify(answer.body)}`);
    return undefined;
  };
  const work = async ({ api, role }: Member, nth: number) => {
    const chance = of.random();
    if (role === 'reception' && chance < 0.3) {
      const n = Math.floor(of.random() * 1e8);
      const made = await timed('make', () =>
        api.post<Row>('/tickets', {
          kind: 'citizen_request',
          fields: {
            ...{
              title: `路灯不亮 ${n}`,
              content: `人民路${n % 900}号门前路灯坏了，夜里漆黑，请尽快处理`,
              nature: 'help',
            },
            ...{ requester: '张三', phone: `138${String(n).padStart(8, '0')}`, category: ['works', 'lighting'] },
            place: { text: `人民路${n % 900}号`, lon: 117.2, lat: 31.8 },
          },
        }),
      );
      await pause(of.random);
      const task = made.myTask?.id;
      if (task) await send(api, made, { do: 'submit', task, action: 'to_dispatch', fields: {} });
      return;
    }
    const list = await timed('to-do', () => api.get<{ items: Row[] }>('/tickets?view=todo&limit=50'));
    await pause(of.random);
    if (chance < 0.45) await timed('counts', () => api.get('/tickets/counts'));
    if (chance > 0.75) {
      const q = encodeURIComponent(words[(nth + Math.floor(chance * 100)) % words.length] ?? '');
      await timed('search', () => api.get(`/tickets?view=all&limit=50&q=${q}`));
      return;
    }
    const row = list.items[Math.floor(of.random() * list.items.length)];
    if (!row) return;
    const page = await timed('page', () => api.get<Page>(`/tickets/${row.id}`));
    await pause(of.random);
    const sign = page.offers.find((one) => one.do === 'sign');
    const dispatch = page.offers.find((one) => one.do === 'submit' && one.action === 'dispatch');
    if (role === 'dispatch' && dispatch?.task) {
      const office = of.handlingOffices[Math.floor(of.random() * of.handlingOffices.length)];
      const to = [{ kind: 'office', id: office }];
      await send(api, page, { do: 'submit', task: dispatch.task, action: 'dispatch', fields: {}, to });
    } else if (sign?.task) await send(api, page, { do: 'sign', task: sign.task });
  };
  await Promise.all(
    members.map(async (member, nth) => {
      await sleep(of.random() * of.thinksMs * 1.5);
      while (performance.now() < untilMs) {
        await work(member, nth).catch((error: unknown) => errors.push(String(error)));
        await pause(of.random);
      }
    }),
  );
  return { took, overtaken, errors };
};
