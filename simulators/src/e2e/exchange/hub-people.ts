import { isHubError } from '@hallhub/shared';
import type { TicketCommand } from '@hallhub/shared/ticket';

interface Standing {
  id: string;
  step: string;
  outside: boolean;
  live_tasks: readonly {
    readonly id: string;
    readonly state: 'open' | 'signed';
    readonly purpose: string;
    readonly party: { readonly id: string };
  }[];
}

/** What the hub’s people work at. */
export interface HubDesk {
  /** The office whose tasks they do. */
  readonly works: string;
  rows<T extends object>(sql: string, values: readonly unknown[]): Promise<readonly T[]>;
  act(ticketId: string, command: TicketCommand): Promise<void>;
  /** How many tickets they work at at a time. */
  readonly hands?: number;
}

/** How the hub’s people act, each a share of 0..1. */
export interface HubPeopleSettings {
  readonly refuses?: number;
  readonly asksExtension?: number;
  /** Of its own tickets, finished by the platform: not accepted, once. */
  readonly rework?: number;
}

/** One round of the hub’s people over all that waits for them; returns how much they did. */
export const hubPeople = (desk: HubDesk, settings: HubPeopleSettings, random: () => number) => {
  const asked = new Set<string>();
  const reworked = new Set<string>();
  const happens = (share = 0) => random() < share;
  const { works } = desk;
  const choose = ({ id, step, outside, live_tasks }: Standing): TicketCommand | undefined => {
    const mine = live_tasks.find(({ party }) => party.id === works);
    if (!mine) return undefined;
    const task = mine.id;
    if (mine.purpose === 'extension') {
      return outside ? { do: 'decideExtension', task, granted: true, minutes: 600, opinion: '同意延期' } : undefined;
    }
    // Of the platform’s tickets it is the platform that visits.
    if (step === 'visit') {
      if (!outside) return undefined;
      if (reworked.has(id) || !happens(settings.rework)) {
        return { do: 'submit', task, action: 'close', fields: { satisfaction: 5 } };
      }
      reworked.add(id);
      return { do: 'submit', task, action: 'again', fields: {}, opinion: '未解决' };
    }
    if (mine.state === 'open') return { do: 'sign', task };
    if (live_tasks.some(({ purpose }) => purpose === 'extension')) return undefined;
    if (happens(settings.refuses)) {
      return { do: 'submit', task, action: 'refuse', fields: { result: '无' }, opinion: '不属于本单位职责' };
    }
    if (!asked.has(id) && happens(settings.asksExtension)) {
      asked.add(id);
      return { do: 'askExtension', task, minutes: 600, opinion: '等待配件' };
    }
    return { do: 'submit', task, action: 'solved', fields: { result: '已处置' } };
  };
  return async (): Promise<number> => {
    const standing = [
      ...(await desk.rows<Standing>(
        `SELECT id, step, coalesce((state #>> '{fields,outside}')::boolean, false) AS outside, live_tasks FROM tickets
         WHERE status = 'running' AND live_tasks @> $1`,
        [JSON.stringify([{ party: { id: works } }])],
      )),
    ];
    let done = 0;
    const hand = async (): Promise<void> => {
      for (let one = standing.shift(); one; one = standing.shift()) {
        const command = choose(one);
        if (!command) continue;
        try {
          await desk.act(one.id, command);
          done += 1;
        } catch (error) {
          // The platform was quicker: what people see on the screen is already past.
          if (!isHubError(error, 'conflict')) throw error;
        }
      }
    };
    await Promise.all(Array.from({ length: desk.hands ?? 1 }, hand));
    return done;
  };
};
