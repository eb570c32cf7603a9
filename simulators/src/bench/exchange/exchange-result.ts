/** What a run over both ends’ books came to. */
export interface ExchangeResult {
  readonly seed: number;
  /** Each way. */
  readonly each: number;
  readonly seconds: number;
  /** Tickets in both books. */
  readonly exchanged: number;
  /** Messages accepted, from the hub and from the platform. */
  readonly fromHub: number;
  readonly fromPlatform: number;
  /** Answers of either end: the message was there already. */
  readonly repeated: number;
  /** Calls that were refused, by code: here by the hub, there by the platform. */
  readonly refusedHere: Readonly<Record<string, number>>;
  readonly refusedThere: Readonly<Record<string, number>>;
  /** How often each fault happened. */
  readonly faults: Readonly<Record<string, number>>;
  readonly files: { readonly sent: number; readonly received: number; readonly leftOut: number };
  /** Tickets of one end that the other does not know; messages that one says it sent and the other never had. */
  readonly lost: number;
  /** Tickets or attachments made twice. */
  readonly twice: number;
  /** Lines in which the books do not agree, tickets whose state is another than the exchange’s, files that one end does not have. */
  readonly differences: readonly string[];
  /** Still on its way at the end. */
  readonly underWay: number;
  readonly comparison: string;
  /** Slowest first: where the time of a message went, as PostgreSQL and the log say. */
  readonly perSecond: number;
  readonly endStates: Readonly<Record<string, number>>;
}
