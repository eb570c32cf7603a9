import { EventEmitter } from 'node:events';
import { type Clock, HubError, type Timer, toHubError } from '@hallhub/shared';
import type { ModbusTable } from '@hallhub/shared/profile';
import modbusSerial from 'modbus-serial';
import type { ByteLink } from '../links/index.js';
import { BrokenStream, type Framing, type FramingCounters, type FramingKind, newFramingCounters } from './framing.js';
import { MbapFraming } from './mbap-framing.js';
import { exceptionError } from './modbus-exception.js';
import { RtuFraming } from './rtu-framing.js';

const { default: ModbusRtu } = modbusSerial;

export interface RequestOptions {
  readonly unitId: number;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** Nobody need be there: its silence says nothing about the link. */
  readonly probe?: boolean;
}

/** What a read gave: `registers` for holding and input, `bits` for coils and discretes, exactly as many as asked for. */
export interface ReadResult {
  readonly registers: readonly number[];
  readonly bits: readonly boolean[];
}

type Callback<T> = (error: Error | null | undefined, result: T) => void;

interface Exchange {
  transactionId: number;
  readonly functionCode: number;
  readonly unitId: number;
  settle(error: unknown, result?: unknown): void;
}

/**
 * One request at a time over one link; modbus-serial makes and reads the PDUs, the framing and the waiting are ours.
 * Errors: `device_refused` and `unavailable` with `context.exception`, `timeout`, `link_lost`, `protocol_violation`.
 */
export class ModbusClient {
  readonly counters: FramingCounters = newFramingCounters();
  /** Resolves with the reason once the link is gone. */
  readonly closed: Promise<HubError>;
  readonly #framing: Framing;
  readonly #port: FramedPort;
  readonly #pdu: InstanceType<typeof ModbusRtu>;
  #exchange: Exchange | undefined;
  #lost: HubError | undefined;
  #silentInARow = 0;
  #gaveUp = false;

  constructor(
    readonly link: ByteLink,
    kind: FramingKind,
    private readonly clock: Clock,
    private readonly options: { giveUpAfterTimeouts?: number } = {},
  ) {
    this.#framing = kind === 'mbap' ? new MbapFraming(this.counters) : new RtuFraming(this.counters);
    this.#port = new FramedPort((frame) => this.#send(frame));
    this.#pdu = new ModbusRtu(this.#port);
    this.#pdu.open(() => undefined);
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

  async read(table: ModbusTable, address: number, count: number, options: RequestOptions): Promise<ReadResult> {
    const { unitId } = options;
    const pdu = this.#pdu;
    switch (table) {
      case 'coil':
      case 'discrete': {
        const result = await this.#request<{ data: boolean[] }>(table === 'coil' ? 1 : 2, options, (next) =>
          table === 'coil' ? pdu.writeFC1(unitId, address, count, next) : pdu.writeFC2(unitId, address, count, next),
        );
        return { registers: [], bits: result.data.slice(0, count) };
      }
      case 'holding':
      case 'input': {
        const result = await this.#request<{ data: number[] }>(table === 'holding' ? 3 : 4, options, (next) =>
          table === 'holding' ? pdu.writeFC3(unitId, address, count, next) : pdu.writeFC4(unitId, address, count, next),
        );
        // The length of the frame was checked, the byte count inside it was not.
        if (result.data.length !== count) {
          throw this.#violation(`${result.data.length} registers in a reply to ${count}`, options);
        }
        return { registers: result.data, bits: [] };
      }
    }
  }

  /** FC 5. */
  writeCoil(address: number, value: boolean, options: RequestOptions): Promise<unknown> {
    return this.#request(5, options, (next) => this.#pdu.writeFC5(options.unitId, address, value, next));
  }

  /** FC 6. */
  writeRegister(address: number, value: number, options: RequestOptions): Promise<unknown> {
    return this.#request(6, options, (next) => this.#pdu.writeFC6(options.unitId, address, value, next));
  }

  /** FC 15. */
  writeCoils(address: number, values: readonly boolean[], options: RequestOptions): Promise<unknown> {
    return this.#request(15, options, (next) => this.#pdu.writeFC15(options.unitId, address, [...values], next));
  }

  /** FC 16. */
  writeRegisters(address: number, values: readonly number[], options: RequestOptions): Promise<unknown> {
    return this.#request(16, options, (next) => this.#pdu.writeFC16(options.unitId, address, [...values], next));
  }

  /** FC 22: result = (register AND andMask) OR (orMask AND NOT andMask), in the device, in one step. */
  maskWrite(address: number, masks: { andMask: number; orMask: number }, options: RequestOptions): Promise<unknown> {
    return this.#request(22, options, (next) =>
      this.#pdu.writeFC22(options.unitId, address, masks.andMask, masks.orMask, next),
    );
  }

  /** FC 23: writes first, then reads, in one transaction. */
  async readWriteRegisters(
    read: { address: number; count: number },
    write: { address: number; values: readonly number[] },
    options: RequestOptions,
  ): Promise<readonly number[]> {
    const { values } = write;
    const result = await this.#request<{ data: number[] }>(23, options, (next) =>
      this.#pdu.writeFC23(options.unitId, read.address, read.count, write.address, values.length, [...values], next),
    );
    return result.data;
  }

  /** FC 43/14, basic objects: 0 vendor, 1 product code, 2 revision, 5 model. */
  async deviceIdentification(options: RequestOptions): Promise<Readonly<Record<number, string>>> {
    const pdu = this.#pdu as unknown as {
      writeFC43(unitId: number, code: number, objectId: number, next: Callback<{ data: Record<number, string> }>): void;
    };
    const result = await this.#request<{ data: Record<number, string> }>(43, options, (next) =>
      pdu.writeFC43(options.unitId, 2, 0, next),
    );
    return result.data;
  }

  async close(): Promise<void> {
    await this.link.close();
  }

  #request<T>(functionCode: number, options: RequestOptions, start: (next: Callback<T>) => void): Promise<T> {
    const { unitId, timeoutMs, signal } = options;
    return new Promise<T>((resolve, reject) => {
      if (this.#exchange) throw new HubError('bug', 'two Modbus requests at once on one bus');
      if (this.#lost) throw this.#lost;
      signal?.throwIfAborted();
      let timer: Timer | undefined;
      const onAbort = () => exchange.settle(signal?.reason);
      const exchange: Exchange = {
        transactionId: this.#port._transactionIdWrite,
        functionCode,
        unitId,
        settle: (error, result) => {
          if (this.#exchange !== exchange) return;
          this.#exchange = undefined;
          timer?.cancel();
          signal?.removeEventListener('abort', onAbort);
          if (error) reject(this.#explain(error, options, functionCode));
          else resolve(result as T);
        },
      };
      this.#exchange = exchange;
      signal?.addEventListener('abort', onAbort, { once: true });
      timer = this.clock.setTimeout(() => exchange.settle(this.#timeout(options, functionCode)), timeoutMs);
      try {
        start((error, result) => exchange.settle(error, result));
      } catch (error) {
        exchange.settle(error);
      }
    });
  }

  #send(frame: Buffer): void {
    // A reply may make the library ask on (FC 43): only while somebody still waits.
    if (!this.#exchange) return;
    this.#exchange.transactionId = this.#port._transactionIdWrite;
    this.#framing.reset();
    this.link.write(this.#framing.wrap(this.#exchange.transactionId, frame));
  }

  #receive(bytes: Buffer): void {
    this.#silentInARow = 0;
    try {
      for (const reply of this.#framing.push(bytes)) {
        if (!this.#exchange || reply.transactionId !== this.#exchange.transactionId) {
          this.counters.strayFrames++;
          continue;
        }
        this.#port.receive(reply.transactionId, reply.frame);
      }
    } catch (cause) {
      const text = cause instanceof BrokenStream ? cause.message : `a reply could not be read: ${String(cause)}`;
      this.#exchange?.settle(new HubError('protocol_violation', text, { cause, context: { link: this.link.name } }));
      void this.link.close();
    }
  }

  #timeout({ unitId, timeoutMs, probe }: RequestOptions, functionCode: number): HubError {
    if (!probe && ++this.#silentInARow >= (this.options.giveUpAfterTimeouts ?? Number.POSITIVE_INFINITY)) {
      this.#gaveUp = true;
      void this.link.close();
    }
    return new HubError('timeout', `unit ${unitId} did not answer within ${timeoutMs} ms`, {
      context: { link: this.link.name, unitId, functionCode },
    });
  }

  #violation(text: string, { unitId }: RequestOptions, cause?: unknown): HubError {
    this.counters.corruptFrames++;
    return new HubError('protocol_violation', text, { cause, context: { link: this.link.name, unitId } });
  }

  #explain(error: unknown, options: RequestOptions, functionCode: number): unknown {
    if (error instanceof HubError || options.signal?.aborted) return error;
    const exception = (error as { modbusCode?: number }).modbusCode;
    const context = { link: this.link.name, unitId: options.unitId, functionCode };
    if (exception !== undefined) return exceptionError(exception, context);
    const text = toHubError(error).message;
    if (/CRC error|Data length error|Unexpected data error|offset|out of range/i.test(text)) {
      return this.#violation(`unit ${options.unitId} sent a broken reply: ${text}`, options, error);
    }
    return new HubError('bug', text, { cause: error, context });
  }
}

/** What modbus-serial takes for a port: RTU frames in and out. Field names are the library's. */
class FramedPort extends EventEmitter {
  readonly isOpen = true;
  _transactionIdRead = 1;
  _transactionIdWrite = 1;

  constructor(private readonly send: (frame: Buffer) => void) {
    super();
  }

  open(callback: (error?: Error) => void): void {
    callback();
  }

  close(callback?: (error?: Error) => void): void {
    callback?.();
  }

  write(frame: Buffer): void {
    this.send(frame);
    // The library keeps one entry an id: a small circle of ids keeps its table small.
    this._transactionIdWrite = (this._transactionIdWrite % 0xff) + 1;
  }

  receive(transactionId: number, frame: Buffer): void {
    this._transactionIdRead = transactionId;
    this.emit('data', frame);
  }
}
