import type { Label } from '@hallhub/shared';
import type { MigrationObstacle, TicketKind } from '@hallhub/shared/ticket';
import type { ClocksWhatIf } from './contract.js';

type Reason = ClocksWhatIf['reasons'][number];
type Code = Reason['code'];

/** One thing that keeps a ticket from being computed; `about`: id of a step, a level or a rule, key of a field. */
export interface Cause {
  readonly code: Code;
  readonly about?: string | undefined;
  readonly label?: Label | undefined;
}

const mostReasons = 50;
const mostNamed = 5;

/** Why tickets could not be computed: each reason once, with how many there are and some that the reader may see. */
export class Refusals {
  #count = 0;
  readonly #reasons = new Map<string, Reason>();

  get count(): number {
    return this.#count;
  }

  /** `seen`: undefined where the reader may not know which it is. */
  note(causes: readonly Cause[], seen: Reason['named'][number] | undefined): void {
    this.#count += 1;
    // A ticket may have one and the same several times: of each rule that could not begin, for instance.
    const each = new Map(causes.map((cause) => [`${cause.code} ${cause.about ?? null}`, cause]));
    for (const [key, { code, about = null, label = null }] of each) {
      const reason = this.#reasons.get(key) ?? { code, about, label, tickets: 0, named: [] };
      reason.tickets += 1;
      if (seen && reason.named.length < mostNamed) reason.named.push(seen);
      this.#reasons.set(key, reason);
    }
  }

  answer(): Pick<ClocksWhatIf, 'refused' | 'reasons'> {
    const reasons = [...this.#reasons.values()].sort((a, b) => b.tickets - a.tickets).slice(0, mostReasons);
    return { refused: this.#count, reasons };
  }
}

/** Obstacles with what they are about called by its name: in the version that the ticket runs on, else in the other. */
export const causesOf = (
  obstacles: readonly { readonly code: MigrationObstacle; readonly about?: string }[],
  kinds: readonly TicketKind[],
): Cause[] =>
  obstacles.map(({ code, about }) => {
    const named = kinds.flatMap(({ steps, levels, fields, begins }) => [
      ...[...steps, ...levels].filter(({ id }) => id === about),
      ...fields.filter(({ key }) => key === about),
      ...begins.filter(({ id }) => id === about),
    ]);
    return { code, about, label: named[0]?.label };
  });
