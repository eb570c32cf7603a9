import { type ExplainedRun, explainClock } from '../clock/run-clock.js';
import { alwaysCalendar, CalendarReader } from '../clock/work-calendar.js';
import { ticketConditions } from '../condition/ticket-conditions.js';
import { applyEvent } from '../engine/apply-event.js';
import { decide, decideMade, decideNews } from '../engine/decide.js';
import { type DecideContext, type Decided, type Refused, refuse, type TicketActor } from '../engine/decide-context.js';
import { type TicketNews, ticketCommandSchema } from '../engine/ticket-command.js';
import type { TicketEvent } from '../engine/ticket-event.js';
import { liveTasks, nothing, type Task, type TicketState } from '../engine/ticket-state.js';
import { fieldProblem } from '../kind/check-field.js';
import type { TicketAction, TicketKind } from '../kind/kind-schema.js';
import { mayChoose } from '../kind/may-choose.js';
import type { Party } from '../kind/party-schema.js';
import type { DryStep } from './dry-script.js';
import { DryWorld } from './dry-world.js';

export interface DrySurroundings {
  /** By code; one that is left out runs around the clock. */
  readonly calendars?: ReadonlyMap<string, CalendarReader>;
  /** Epoch ms UTC of the first step. */
  readonly startAt?: number;
  readonly hall?: string | null;
  readonly region?: string | null;
}

/** What somebody may do next in a trial. `action` left out: to sign, to resume or to decide on more time. */
export interface DryOffer {
  readonly as: string;
  readonly task: string;
  readonly do: TicketAction['act'] | 'sign' | 'decideExtension' | 'resume';
  readonly action?: TicketAction | undefined;
  /** Parties to be chosen, so many at most; 0: none. */
  readonly chooses: number;
  readonly edit: readonly string[];
  readonly required: readonly string[];
}

const monday = Date.UTC(2026, 0, 5, 1);

/** A ticket of a kind in a made-up organisation, outside any database. */
export class DryTicket {
  readonly world = new DryWorld();
  readonly events: TicketEvent[] = [];
  state: TicketState = nothing;
  at: number;
  readonly #fields;

  constructor(
    readonly kind: TicketKind,
    private readonly surroundings: DrySurroundings = {},
  ) {
    this.at = surroundings.startAt ?? monday;
    this.#fields = new Map(kind.fields.map((field) => [field.key, field]));
  }

  /** The lines that it adds, or why it adds none; a refused step lets no time go by. */
  ask(step: DryStep): readonly TicketEvent[] | Refused {
    const actor = this.world.actor(step.as);
    if ('make' in step) {
      if (this.state.seq > 0) return refuse('not_now', { make: 'twice' });
      return this.#take(
        decideMade(this.#context(actor, this.at), nothing, { kindVersion: 1, ...step.make }),
        actor,
        this.at,
      );
    }
    if (this.state.seq === 0) return refuse('not_now', { first: 'make' });
    const at = this.at + Math.round(step.afterMinutes * 60_000);
    if ('endBegun' in step) return this.#endBegun(step.endBegun, at);
    const read = ticketCommandSchema.safeParse(this.#spelledOut(step.command, step.as));
    if (!read.success) return refuse('field_invalid', { command: read.error.issues[0]?.path.join('.') ?? '' });
    return this.#take(decide(this.#context(actor, at), this.state, read.data), actor, at);
  }

  /** What the last step asked for has begun, as if every other kind were published. */
  beginOthers(): readonly TicketEvent[] {
    const isOver = this.state.status === 'ended';
    return (this.state.begun ?? []).flatMap(({ of, rule, state }) => {
      if (state !== 'wanted') return [];
      const as = this.kind.begins.find(({ id }) => id === rule)?.as ?? 'caused_by';
      return this.#tell({ do: 'begun', of, ticket: this.world.newId(), how: isOver ? 'caused_by' : as }, this.at);
    });
  }

  #endBegun(of: number, at: number): readonly TicketEvent[] | Refused {
    const ticket = this.state.begun?.find((one) => one.of === of)?.ticket;
    return ticket === undefined ? refuse('not_now', { endBegun: of }) : this.#tell({ do: 'childEnded', ticket }, at);
  }

  #tell(news: TicketNews, at: number): readonly TicketEvent[] {
    const decided = decideNews(this.state, news);
    const told = this.#take(decided, { userId: 'system' }, at);
    return 'ok' in told ? [] : told;
  }

  /** Every clock as it stands now. */
  clocks(): readonly ExplainedRun[] {
    const { at, state, kind } = this;
    return kind.clocks.flatMap((clock) =>
      explainClock(clock, this.events, {
        now: at,
        calendar: (code) => this.surroundings.calendars?.get(code) ?? always,
        targetOf: (one) => ticketConditions(kind).targetOf(one, state, this.#facts(at)),
        fields: state.fields,
      }),
    );
  }

  /** All that whoever has a task may do with it now. */
  offers(): readonly DryOffer[] {
    if (this.state.status === 'ended') return [];
    return liveTasks(this.state).flatMap((task) => this.#offersOf(task));
  }

  #offersOf(task: Task): DryOffer[] {
    const step = this.kind.steps.find(({ id }) => id === task.step);
    const as = this.world.nameOf(task.heldBy ?? task.party.id);
    const bare = { as, task: task.id, chooses: 0, edit: [], required: [] };
    if (task.purpose === 'extension') return [{ ...bare, do: 'decideExtension' }];
    if (this.state.status === 'suspended') return [{ ...bare, do: 'resume' }];
    if (!step) return [];
    if (step.sign && task.state === 'open') return [{ ...bare, do: 'sign' }];
    const { edit, required } = step.fields;
    return step.actions.map((action) => {
      const chosen = this.#chooses(action);
      return {
        ...bare,
        do: action.act,
        action,
        chooses: chosen,
        ...(action.act === 'submit' ? { edit, required } : {}),
      };
    });
  }

  #chooses(action: TicketAction): number {
    if (action.act === 'transfer' || action.act === 'delegate') return 1;
    if (action.act === 'addSigners') return 50;
    return action.act === 'submit' ? (mayChoose(this.kind, action)?.most ?? 0) : 0;
  }

  /** A script’s names as the ids that they have here. */
  #spelledOut(command: Readonly<Record<string, unknown>>, as: string): Record<string, unknown> {
    const mine = liveTasks(this.state).find((one) => this.world.nameOf(one.heldBy ?? one.party.id) === as);
    const spelled: Record<string, unknown> = { ...command };
    if (!needsTask.has(String(command.do))) delete spelled.task;
    else if (command.task === undefined && mine) spelled.task = mine.id;
    const party = (one: unknown): unknown => (typeof one === 'string' ? this.#partyCalled(one) : one);
    if (Array.isArray(command.to)) spelled.to = command.to.map(party);
    else if (command.to !== undefined) spelled.to = party(command.to);
    return spelled;
  }

  #partyCalled(name: string): Party {
    const [, person] = /^person:(.+)$/.exec(name) ?? [];
    return person === undefined ? this.world.office(name) : this.world.person(person);
  }

  #take(
    decided: Decided | Refused,
    { userId }: Pick<TicketActor, 'userId'>,
    at: number,
  ): readonly TicketEvent[] | Refused {
    if (!decided.ok) return decided;
    this.at = at;
    const added = decided.lines.map(
      (line, i) => ({ ...line, seq: this.events.length + i + 1, at, by: line.by ?? userId }) as TicketEvent,
    );
    for (const event of added) {
      this.events.push(event);
      this.state = applyEvent(this.state, event);
    }
    return added;
  }

  #facts(at: number) {
    return { hall: this.surroundings.hall ?? null, region: this.surroundings.region ?? null, at };
  }

  #context(actor: TicketActor, at: number): DecideContext {
    const { kind, world } = this;
    const conditions = ticketConditions(kind);
    return {
      ...{ kind, actor, at, newId: world.newId, fallback: world.office('fallback') },
      parties: (rule, state) => world.find(kind, rule, state, actor),
      holds: (expression, state) => conditions.holds(expression, state, this.#facts(at)),
      fieldProblem: (key, value) => {
        const field = this.#fields.get(key);
        return field && fieldProblem(field, value);
      },
    };
  }
}

const always = new CalendarReader(alwaysCalendar('Asia/Shanghai'));
const needsTask = new Set([
  ...['sign', 'release', 'takeOver', 'edit', 'submit', 'return', 'transfer', 'delegate', 'addSigners', 'removeSigners'],
  ...['suspend', 'askExtension', 'decideExtension'],
]);
