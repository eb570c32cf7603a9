import type { ExchangeAnswer, ExchangeRefusal } from '@hallhub/shared/exchange';

type More = Pick<Extract<ExchangeAnswer, { result: 'refused' }>, 'expected' | 'state' | 'serverTime'>;

/** A message that is not taken, as the platform is told. Thrown, so that its transaction leaves nothing. */
export class Refused extends Error {
  constructor(
    readonly code: ExchangeRefusal,
    readonly detail: string,
    readonly more: More = {},
  ) {
    super(`${code}: ${detail}`);
  }

  answer(): ExchangeAnswer {
    return { v: 1, result: 'refused', code: this.code, detail: this.detail.slice(0, 1_000), ...this.more };
  }
}

/** A message that could be read and was not taken. */
export class RefusedMessage extends Refused {
  constructor(
    of: Refused,
    readonly messageId: string,
    override readonly cause: unknown,
  ) {
    super(of.code, of.detail, of.more);
  }
}
