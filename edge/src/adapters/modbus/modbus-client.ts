import { type Clock, HubError, isHubError, type Timer } from '@hallhub/shared';
import type { ModbusTable } from '@hallhub/shared/profile';
import type { ByteLink } from '../links/index.js';
import {
  BrokenStream,
  type Framing,
  type FramingCounters,
  type FramingKind,
  newFramingCounters,
  type Reply,
} from './framing.js';
import { MbapFraming } from './mbap-framing.js';
import { exceptionError } from './modbus-exception.js';
import * as pdu from './pdu.js';
import { RtuFraming } from './rtu-framing.js';

export interface RequestOptions {
  readonly unitId: number;
  /** How long the device may take; the time that the bytes need on the line comes on top. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** Nobody need be there: its silence says nothing about the link. */
  readonly probe?: boolean;
}

export interface ModbusClientOptions {
  /** After so many requests in a row without a byte the link is closed: its other end may be long gone. */
  readonly giveUpAfterTimeouts?: number;
  /** Silence that the line needs between a reply and the next request. */
  readonly gapMs?: number;
  /** What one byte takes on the line. */
  readonly byteMs?: number;
}

interface Exchange {
  readonly transactionId: number;
  readonly unitId: number;
  readonly request: pdu.PduRequest<unknown>;
  /** A reply that did not fit, on a line where a better one may still come. */
  misfit: HubError | undefined;
  settle(error: unknown, result?: unknown): void;
}

const broadcastUnitId = 0;

/**
 * One request at a time over one link. Late, doubled and foreign replies are counted and passed over.
 * Errors: `device_refused` and `unavailable` with `context.exception`, `timeout`, `link_lost`, `protocol_violation`.
 */
export class ModbusClient {
  readonly counters: FramingCounters = newFramingCounters();
  /** Resolves with the reason once the link is gone. */
  readonly closed: Promise<HubError>;
  readonly #framing: Framing;
  #exchange: Exchange | undefined;
  #transactionId = 0;
  #lost: HubError | undefined;
  /** Whether a single byte came since the link was opened. */
  hasHeard = false;
  #silentInARow = 0;
  #gaveUp = false;
  /** Monotonic ms before which the line needs rest. */
  #restUntilMs = 0;

  constructor(
    readonly link: ByteLink,
    kind: FramingKind,
    private readonly clock: Clock,
    private readonly options: ModbusClientOptions = {},
  ) {
    this.#framing = kind === 'mbap' ? new MbapFraming(this.counters) : new RtuFraming(this.counters);
    this.closed = new Promise((resolve) => {
      link.listen({
        data: (bytes) => this.#receive(bytes),
        closed: (reason) => {
          const why = this.#gaveUp ? 'nothing on it answers any more' : 'closed';
          this.#lost =
            reason ?? new HubError('link_lost', `${link.name} was lost: ${why}`, { context: { link: link.name } });
          this.#exchange?.settle(this.#lost);
          resolve(this.#lost);
        },
      });
    });
  }

  /** FC 1 to 4: registers as words, coils and discrete inputs as 0 and 1. */
  read(table: ModbusTable, address: number, count: number, options: RequestOptions): Promise<Uint16Array> {
    return this.request(pdu.readRequest(table, address, count), options);
  }

  /** FC 5. */
  writeCoil(address: number, value: boolean, options: RequestOptions): Promise<undefined> {
    return this.request(pdu.writeCoilRequest(address, value), options);
  }

  /** FC 6. */
  writeRegister(address: number, value: number, options: RequestOptions): Promise<undefined> {
    return this.request(pdu.writeRegisterRequest(address, value), options);
  }

  /** FC 15. */
  writeCoils(address: number, values: readonly boolean[], options: RequestOptions): Promise<undefined> {
    return this.request(pdu.writeCoilsRequest(address, values), options);
  }

  /** FC 16. */
  writeRegisters(address: number, values: readonly number[], options: RequestOptions): Promise<undefined> {
    return this.request(pdu.writeRegistersRequest(address, values), options);
  }

  /** FC 22: result = (register AND andMask) OR (orMask AND NOT andMask), in the device, in one step. */
  maskWrite(address: number, masks: { andMask: number; orMask: number }, options: RequestOptions): Promise<undefined> {
    return this.request(pdu.maskWriteRequest(address, masks), options);
  }

  /** FC 23: writes first, then reads, in one transaction. */
  readWriteRegisters(
    read: { address: number; count: number },
    write: { address: number; values: readonly number[] },
    options: RequestOptions,
  ): Promise<Uint16Array> {
    return this.request(pdu.exchangeRequest(read, write), options);
  }

  /** FC 43/14: 0 vendor, 1 product code, 2 revision, 5 model. */
  async deviceIdentification(options: RequestOptions): Promise<Readonly<Record<number, string>>> {
    let objects: Record<number, string> = {};
    let category: 1 | 2 = 2;
    let first: number | undefined = 0;
    while (first !== undefined) {
      try {
        const page: pdu.IdentificationPage = await this.request(pdu.identificationRequest(category, first), options);
        objects = { ...objects, ...page.objects };
        first = page.next;
      } catch (error) {
        // Who has the basic objects alone may refuse to be asked for more.
        if (category === 1 || !isHubError(error, 'device_refused') || error.context.exception !== 3) throw error;
        category = 1;
      }
    }
    return objects;
  }

  /** Sends to every unit on the bus; nobody answers. Resolves once the line has rested for `turnaroundMs`. */
  async broadcast(
    request: pdu.PduRequest<unknown>,
    options: { turnaroundMs: number; signal?: AbortSignal },
  ): Promise<void> {
    if (this.#exchange) throw new HubError('bug', 'two Modbus requests at once on one bus');
    await this.#rest(options.signal);
    const bytes = this.#wrap(broadcastUnitId, request);
    this.link.write(bytes);
    this.#restUntilMs = this.clock.monotonicMs() + this.#lineMs(bytes.length) + options.turnaroundMs;
    await this.#rest(options.signal);
  }

  async close(): Promise<void> {
    await this.link.close();
  }

  request<T>(request: pdu.PduRequest<T>, options: RequestOptions): Promise<T> {
    return this.options.gapMs || this.#restUntilMs > 0
      ? this.#rest(options.signal).then(() => this.#start(request, options))
      : this.#start(request, options);
  }

  #start<T>(request: pdu.PduRequest<T>, options: RequestOptions): Promise<T> {
    const { unitId, timeoutMs, signal } = options;
    return new Promise<T>((resolve, reject) => {
      if (this.#exchange) throw new HubError('bug', 'two Modbus requests at once on one bus');
      if (this.#lost) throw this.#lost;
      signal?.throwIfAborted();
      let timer: Timer | undefined;
      const onAbort = () => exchange.settle(signal?.reason);
      const bytes = this.#wrap(unitId, request);
      const exchange: Exchange = {
        transactionId: this.#transactionId,
        unitId,
        request,
        misfit: undefined,
        settle: (error, result) => {
          if (this.#exchange !== exchange) return;
          this.#exchange = undefined;
          timer?.cancel();
          signal?.removeEventListener('abort', onAbort);
          if (this.options.gapMs) this.#restUntilMs = this.clock.monotonicMs() + this.options.gapMs;
          if (error) reject(error);
          else resolve(result as T);
        },
      };
      this.#exchange = exchange;
      signal?.addEventListener('abort', onAbort, { once: true });
      const lineMs = this.#lineMs(bytes.length + 3 + (request.replyBytes ?? 100));
      timer = this.clock.setTimeout(() => exchange.settle(this.#timeout(exchange, options)), timeoutMs + lineMs);
      try {
        this.link.write(bytes);
      } catch (error) {
        exchange.settle(error);
      }
    });
  }

  #wrap(unitId: number, request: pdu.PduRequest<unknown>): Buffer {
    this.#framing.reset();
    this.#transactionId = (this.#transactionId + 1) & 0xffff;
    return this.#framing.wrap(this.#transactionId, unitId, request);
  }

  #lineMs(bytes: number): number {
    return Math.ceil(bytes * (this.options.byteMs ?? 0));
  }

  async #rest(signal: AbortSignal | undefined): Promise<void> {
    const restMs = this.#restUntilMs - this.clock.monotonicMs();
    if (restMs > 0) await this.clock.sleep(Math.ceil(restMs), signal);
    this.#restUntilMs = 0;
  }

  #receive(bytes: Buffer): void {
    this.#silentInARow = 0;
    this.hasHeard = true;
    try {
      for (const reply of this.#framing.push(bytes)) this.#take(reply);
    } catch (cause) {
      if (!(cause instanceof BrokenStream)) throw cause;
      this.#exchange?.settle(
        new HubError('protocol_violation', cause.message, { cause, context: { link: this.link.name } }),
      );
      void this.link.close();
    }
  }

  #take({ transactionId, unitId, pdu: reply }: Reply): void {
    const exchange = this.#exchange;
    if (!exchange || (transactionId !== undefined && transactionId !== exchange.transactionId)) {
      this.counters.strayFrames++;
      return;
    }
    const code = exchange.request.pdu[0] as number;
    if (unitId !== exchange.unitId || ((reply[0] as number) & 0x7f) !== code) {
      this.counters.strayFrames++;
      exchange.misfit = this.#violation(
        exchange,
        unitId === exchange.unitId
          ? `unit ${unitId} answered function code ${(reply[0] as number) & 0x7f} to function code ${code}`
          : `unit ${unitId} answered in place of unit ${exchange.unitId}`,
      );
      return;
    }
    const exception = pdu.exceptionOfReply(reply);
    if (exception !== undefined) {
      exchange.settle(exceptionError(exception, { link: this.link.name, unitId, functionCode: code }));
      return;
    }
    let result: unknown;
    try {
      result = exchange.request.parse(reply);
    } catch (error) {
      if (!isHubError(error, 'protocol_violation')) {
        exchange.settle(error);
        return;
      }
      this.counters.corruptFrames++;
      const violation = this.#violation(exchange, `unit ${unitId} sent a broken reply: ${error.message}`);
      // Without transaction ids it may be a late answer to another request: the right one may still come.
      if (transactionId === undefined) exchange.misfit = violation;
      else exchange.settle(violation);
      return;
    }
    exchange.settle(undefined, result);
  }

  #timeout(exchange: Exchange, { unitId, timeoutMs, probe }: RequestOptions): HubError {
    if (!probe && ++this.#silentInARow >= (this.options.giveUpAfterTimeouts ?? Number.POSITIVE_INFINITY)) {
      this.#gaveUp = true;
      void this.link.close();
    }
    return (
      exchange.misfit ??
      new HubError('timeout', `unit ${unitId} did not answer within ${timeoutMs} ms`, {
        context: { link: this.link.name, unitId, functionCode: exchange.request.pdu[0] },
      })
    );
  }

  #violation({ unitId, request }: Exchange, text: string): HubError {
    return new HubError('protocol_violation', text, {
      context: { link: this.link.name, unitId, functionCode: request.pdu[0] },
    });
  }
}
