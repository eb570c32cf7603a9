import { type Cast, standIns } from './ticket-walks.js';

/** Places in a copy's array of texts: its own id, words, place and people. Tasks and instants follow. */
export const own = {
  ...{ id: 1, title: 2, content: 3, place: 4, lon: 5, lat: 6, hall: 7, region: 8, office: 9 },
  ...{ reception: 10, receptionName: 11, dispatch: 12, dispatchName: 13, handler: 14, handlerName: 15 },
  ...{ visits: 16, visitsName: 17, root: 18, leaf: 19, number: 20 },
} as const;
/** Tasks begin here; instants stand behind them, in the order of the stamp's `deltas`. */
export const firstTask = 21;

/** Turns what a walked ticket left in the tables into texts for `format()`, with numbered places for all that a copy has of its own. */
export class TicketStamp {
  readonly #places: ReadonlyMap<string, number>;
  readonly #madeAt: number;
  readonly #deltas: number[] = [];
  readonly tasks: number;

  constructor(of: {
    readonly ticket: { readonly id: string; readonly number: string; readonly madeAt: number; readonly lastAt: number };
    readonly taskIds: readonly string[];
    readonly cast: Cast;
    readonly handlingOffices: readonly string[];
    readonly regionId: string;
  }) {
    const { ticket, cast } = of;
    this.tasks = of.taskIds.length;
    this.#madeAt = ticket.madeAt;
    const [root, leaf] = standIns.category;
    this.#places = new Map<string, number>([
      ...of.handlingOffices.map((id): [string, number] => [id, own.office]),
      ...of.taskIds.map((id, i): [string, number] => [id, firstTask + i]),
      ...([[ticket.id, own.id] as const, [ticket.number, own.number] as const] as const),
      ...([[standIns.title, own.title] as const, [standIns.content, own.content] as const] as const),
      ...([[standIns.place, own.place] as const, [root, own.root] as const, [leaf, own.leaf] as const] as const),
      ...([[cast.hallId, own.hall] as const, [of.regionId, own.region] as const] as const),
      ...(['reception', 'dispatch', 'handler', 'visits'] as const).flatMap((role): [string, number][] => [
        [cast[role].id, own[role]],
        [cast[role].name, own[`${role}Name`]],
      ]),
    ]);
  }

  /** Milliseconds after its making of all instants that `json` met. */
  get deltas(): readonly number[] {
    return this.#deltas;
  }

  /** Of a JSON value. */
  json(value: unknown): string {
    if (Array.isArray(value)) return `[${value.map((one) => this.json(one)).join(',')}]`;
    if (typeof value === 'object' && value !== null) {
      const parts = Object.entries(value).map(
        ([key, one]) => `${JSON.stringify(key).replaceAll('%', '%%')}:${this.json(one)}`,
      );
      return `{${parts.join(',')}}`;
    }
    if (typeof value === 'number') return this.#number(value);
    return typeof value === 'string' ? `"${this.#inner(value)}"` : JSON.stringify(value);
  }

  /** Of a plain text; null stays null. */
  text(value: string | null): string | null {
    if (value === null) return null;
    const place = this.#places.get(value);
    if (place !== undefined) return `%${place}$s`;
    // `matters:works/lighting`
    const [root, leaf] = standIns.category;
    return value.replaceAll('%', '%%').replace(new RegExp(`:${root}/${leaf}$`), `:%${own.root}$s/%${own.leaf}$s`);
  }

  #inner(value: string): string {
    const place = this.#places.get(value);
    return place === undefined ? JSON.stringify(value).slice(1, -1).replaceAll('%', '%%') : `%${place}$s`;
  }

  #number(value: number): string {
    if (value === standIns.lon) return `%${own.lon}$s`;
    if (value === standIns.lat) return `%${own.lat}$s`;
    // Milliseconds of this century: an instant.
    if (value < 1e12 || value > 4e12) return String(value);
    const delta = value - this.#madeAt;
    const known = this.#deltas.indexOf(delta);
    if (known < 0) this.#deltas.push(delta);
    return `%${firstTask + this.tasks + (known < 0 ? this.#deltas.length - 1 : known)}$s`;
  }
}
