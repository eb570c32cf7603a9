import { join } from 'node:path';
import { type Clock, isHubError, systemClock } from '@hallhub/shared';
import { isLive, type Offer, offersOf, type TicketCommand, type TicketKind } from '@hallhub/shared/ticket';
import { folderBlobStore } from '../../../../../cloud/src/blobs/index.js';
import { type Database, silentLogger, withSystem, withTenant } from '../../../../../cloud/src/db/index.js';
import { loadActor } from '../../../../../cloud/src/modules/access/load-actor.js';
import type { VerbContext } from '../../../../../cloud/src/modules/access/verb-context.js';
import { createSealing } from '../../../../../cloud/src/modules/pki/sealing.js';
import { assistHook } from '../../../../../cloud/src/modules/ticket-assist/index.js';
import { statisticsHook } from '../../../../../cloud/src/modules/ticket-statistics/index.js';
import {
  actOnTicket,
  makeTicket,
  openTickets,
  registerTicketHook,
} from '../../../../../cloud/src/modules/tickets/index.js';
import { openTicket } from '../../../../../cloud/src/modules/tickets/store/change-ticket.js';
import { seededRandom } from '../../../random.js';
import type { Town, TownPerson } from './ticket-town.js';

/** Words that stand where every copy has its own. */
export const standIns = {
  ...{ title: 'zzqtitle', content: 'zzqcontent', place: 'zzqplace', lon: 117.123456, lat: 31.654321 },
  ...{ category: ['works', 'lighting'] as const },
};

/** A ticket that went its way by the product's own code, to be copied. */
export interface WalkedTicket {
  readonly id: string;
  readonly kind: string;
  readonly hasEnded: boolean;
  /** Epoch ms. */
  readonly madeAt: number;
  readonly lastAt: number;
}

/** Who stands in the templates where each copy has somebody of its own. */
export interface Cast {
  readonly reception: TownPerson;
  readonly dispatch: TownPerson;
  readonly visits: TownPerson;
  readonly handler: TownPerson;
  readonly hallId: string;
}

export const castOf = ({ people, halls, leader }: Town): Cast => {
  const first = (role: TownPerson['role']) => {
    const found = people.find((one) => one.role === role);
    if (!found) throw new Error(`nobody is there for ${role}`);
    return found;
  };
  return {
    ...{ reception: first('reception'), dispatch: first('dispatch'), visits: first('visits') },
    // Whoever leads every office does what any of them has to do.
    ...{ handler: leader, hallId: halls[0]?.id ?? '' },
  };
};

const minute = 60_000;
/** How often the walk ends after so many acts: an open ticket at one step or another. */
const stops = [0, 1, 2, 3, 4, 5, 6];
const closedWays = 4;
const mostActs = 25;
const answers = [
  '已派人到现场处理，现已恢复正常',
  '经核实情况属实，已责成责任单位整改',
  '已向来电人解释政策，来电人表示理解',
];

/** One clock that the walk moves. */
class WalkClock {
  at: number;
  constructor(at: number) {
    this.at = at;
  }
  get clock(): Clock {
    return { ...systemClock, now: () => this.at };
  }
}

/** Tickets of every kind, some left open at each step and some closed, made and worked on by the product's code at instants of their own. */
export const walkTickets = async (
  database: Database,
  { town, cast, folder }: { readonly town: Town; readonly cast: Cast; readonly folder: string },
): Promise<WalkedTicket[]> => {
  openTickets({
    ...{ database, clock: systemClock, live: { publish: () => undefined }, log: silentLogger },
    sealing: createSealing('a secret of the benches, long enough for everybody'),
    ...{ blobs: folderBlobStore(join(folder, 'walk-blobs')), uploadsDir: join(folder, 'walk-uploads') },
  });
  for (const hook of [assistHook, statisticsHook]) registerTicketHook(database, hook);
  const random = seededRandom(11);
  const walker = await Walker.open(database, { town, cast, random });
  const kinds = await database.ownerPool.query<{ document: TicketKind }>(
    `SELECT v.document FROM ticket_kinds k JOIN ticket_kind_versions v ON v.tenant_id = k.tenant_id AND v.code = k.code AND v.version = k.published_version
     WHERE k.tenant_id = $1 ORDER BY k.code`,
    [town.tenantId],
  );
  const walked: WalkedTicket[] = [];
  for (const { document } of kinds.rows) {
    for (const acts of stops) walked.push(await walker.walk(document, acts));
    for (let way = 0; way < closedWays; way++) walked.push(await walker.walk(document, mostActs));
  }
  return walked;
};

class Walker {
  readonly #database: Database;
  readonly #time = new WalkClock(0);
  readonly #cast: Cast;
  readonly #town: Town;
  readonly #random: () => number;
  readonly #contexts: ReadonlyMap<string, VerbContext>;

  private constructor(
    database: Database,
    of: { readonly town: Town; readonly cast: Cast; readonly random: () => number },
    contexts: (clock: Clock) => ReadonlyMap<string, VerbContext>,
  ) {
    this.#database = database;
    this.#cast = of.cast;
    this.#town = of.town;
    this.#random = of.random;
    const time = this.#time;
    this.#contexts = contexts({ ...systemClock, now: () => time.at });
  }

  static async open(
    database: Database,
    of: { readonly town: Town; readonly cast: Cast; readonly random: () => number },
  ): Promise<Walker> {
    const actors = new Map<string, VerbContext['actor']>();
    const { reception, dispatch, visits, handler } = of.cast;
    for (const { id, userName } of [reception, dispatch, visits, handler]) {
      const facts = { userId: id, userName, tenantId: of.town.tenantId, mustChangePassword: false };
      actors.set(id, await withSystem(database, (tx) => loadActor(tx, facts)));
    }
    const live = { publish: () => undefined };
    return new Walker(database, of, (clock) => {
      const entries = [...actors].map(([id, actor]): [string, VerbContext] => [
        id,
        { db: database, clock, live, actor, request: null },
      ]);
      return new Map(entries);
    });
  }

  async walk(kind: TicketKind, acts: number): Promise<WalkedTicket> {
    // A working morning, long enough ago for the longest way.
    const madeAt = Date.now() - 60 * 86_400_000 + Math.floor(this.#random() * 3_600_000);
    this.#time.at = madeAt;
    const maker = this.#contextOf(
      kind.code === 'supervised_task' || kind.code === 'video_case' ? 'dispatch' : 'reception',
    );
    const start = kind.steps.find(({ id }) => id === kind.start);
    const fields = this.#fieldsFor(kind, start?.fields.edit ?? [], true);
    const level = kind.levels[0]?.id ?? null;
    const row = await withTenant(this.#database, maker.actor, (tx) =>
      makeTicket(tx, maker, {
        ...{ kind: kind.code, level, hallId: this.#cast.hallId, deviceId: null, parentId: null, fields },
        source: 'console',
      }),
    );
    let hasEnded = false;
    const done = new Set<string>();
    for (let act = 0; act < acts && !hasEnded; act++) {
      this.#time.at += minute * Math.ceil(3 + this.#random() * (this.#random() < 0.3 ? 900 : 60));
      const outcome = await this.#actOnce(kind, row.id, done);
      if (outcome === 'stuck') break;
      hasEnded = outcome === 'ended';
    }
    return { id: row.id, kind: kind.code, hasEnded, madeAt, lastAt: this.#time.at };
  }

  #contextOf(role: 'reception' | 'dispatch' | 'visits' | 'handler'): VerbContext {
    const ctx = this.#contexts.get(this.#cast[role].id);
    if (!ctx) throw new Error(`nobody is there for ${role}`);
    return ctx;
  }

  #roleAt(officeId: string): 'reception' | 'dispatch' | 'visits' | 'handler' {
    for (const role of ['reception', 'dispatch', 'visits'] as const) {
      if (this.#town.officeByCode.get(role) === officeId) return role;
    }
    return 'handler';
  }

  async #actOnce(kind: TicketKind, ticketId: string, done: Set<string>): Promise<'went on' | 'ended' | 'stuck'> {
    const asked = this.#contextOf('dispatch');
    const seen = await withTenant(this.#database, asked.actor, (tx) => openTicket(tx, asked, { ticketId }));
    const task = seen.state.tasks.find(isLive);
    if (!task) return 'stuck';
    const holder = task.heldBy ?? (task.party.kind === 'person' ? task.party.id : undefined);
    const ctx = (holder && this.#contexts.get(holder)) || this.#contextOf(this.#roleAt(task.party.id));
    const { state, world } = await withTenant(this.#database, ctx.actor, (tx) => openTicket(tx, ctx, { ticketId }));
    const offers = offersOf(world.context, state).filter((one) => one.task === task.id);
    for (;;) {
      const command = this.#choose(kind, { offers, task: task.id, done });
      if (!command) return 'stuck';
      try {
        const row = await withTenant(this.#database, ctx.actor, (tx) => actOnTicket(tx, ctx, { ticketId, command }));
        return row.status === 'ended' ? 'ended' : 'went on';
      } catch (error) {
        // Something that only whoever writes it can say: another way is tried.
        if (!isHubError(error, 'conflict')) throw error;
      }
    }
  }

  /** Signs, then goes the way forward that has not been gone most. */
  #choose(
    kind: TicketKind,
    of: { readonly offers: readonly Offer[]; readonly task: string; readonly done: Set<string> },
  ): TicketCommand | undefined {
    const { offers, task, done } = of;
    if (offers.some(({ do: act }) => act === 'sign')) return { do: 'sign', task };
    const [offer] = offers
      .filter((one) => one.do === 'submit' && !one.grave && !done.has(`${task} ${one.action}`))
      .sort((a, b) => count(done, a) - count(done, b));
    if (!offer?.action) return undefined;
    done.add(`${task} ${offer.action}`);
    done.add(`went ${offer.action} ${done.size}`);
    const office = this.#cast.handler.officeId;
    return {
      ...{
        do: 'submit',
        task,
        action: offer.action,
        fields: this.#fieldsFor(kind, offer.edit, false),
        opinion: '同意，请按规定办理',
      },
      ...(offer.chooses === null ? {} : { to: [{ kind: 'office', id: office }] }),
    };
  }

  /** Values of fields by their type; personal ones and files stay empty. */
  #fieldsFor(kind: TicketKind, keys: readonly string[], isMaking: boolean): Record<string, unknown> {
    let isContentSaid = !isMaking;
    const values: Record<string, unknown> = {};
    for (const key of keys) {
      const field = kind.fields.find((one) => one.key === key);
      if (!field || field.personal || field.type === 'files') continue;
      if (!isMaking && (key === kind.title || field.type === 'category' || field.type === 'place')) continue;
      if (key === kind.title) values[key] = standIns.title;
      else if (field.type === 'longText' && !isContentSaid) {
        values[key] = standIns.content;
        isContentSaid = true;
      } else {
        const value = this.#valueOf(field);
        if (value !== undefined) values[key] = value;
      }
    }
    return values;
  }

  #valueOf(field: TicketKind['fields'][number]): unknown {
    const pick = <T>(all: readonly T[]): T | undefined => all[Math.floor(this.#random() * all.length)];
    switch (field.type) {
      case 'text':
      case 'longText':
        return pick(answers)?.slice(0, field.maxLength);
      case 'number':
        return Math.max(field.min ?? 1, Math.min(field.max ?? 50, 50));
      case 'yesNo':
        return field.key !== 'isTrue' && field.key !== 'isAnonymous';
      case 'choice':
        return field.key === 'verdict' ? field.choices[0]?.value : pick(field.choices)?.value;
      case 'category':
        return [...standIns.category];
      case 'date':
        return new Date(this.#time.at + 3 * 86_400_000).toISOString().slice(0, 10);
      case 'instant':
        return new Date(this.#time.at - 600_000).toISOString();
      case 'place':
        return { text: standIns.place, lon: standIns.lon, lat: standIns.lat };
      case 'satisfaction':
        return 3 + Math.floor(this.#random() * 3);
      default:
        return undefined;
    }
  }
}

const count = (done: ReadonlySet<string>, { action }: Offer): number =>
  [...done].filter((one) => one.startsWith(`went ${action} `)).length;
