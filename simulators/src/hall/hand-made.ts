import type { Literal } from '@hallhub/shared/profile';
import type { Faults } from '../faults/faults.js';
import { createEnergyMeter } from '../peers/modbus/energy-meter.js';
import type { ModbusSlave } from '../peers/modbus/modbus-slave.js';
import { Evaluator } from '../peers/native/evaluator.js';
import type { Behaviour } from '../peers/native/native-device.js';
import { QueueMachine } from '../peers/native/queue-machine.js';
import { serveEscposPrinter } from '../peers/serial/escpos-printer.js';
import { sampleCard, serveIdCardReader } from '../peers/serial/id-card-reader.js';
import { serveLedDisplay } from '../peers/serial/led-display.js';
import type { ByteLine } from '../peers/serial/serial-peer.js';

type Random = { readonly random: () => number };
type SerialMaker = (
  line: ByteLine,
  options: Random & { readonly faults: Faults; readonly params: Readonly<Record<string, Literal>> },
) => Disposable;

const nothing: Disposable = { [Symbol.dispose]: () => undefined };

/** Somebody lays a card on the reader now and then and takes it away after a few seconds. */
const cardReader: SerialMaker = (line, { faults, random }) => {
  const reader = serveIdCardReader(line, { faults, bytesPerSecond: 11_520 });
  let timer: NodeJS.Timeout;
  const visit = () => {
    reader.lay(sampleCard);
    timer = setTimeout(() => {
      reader.takeAway();
      timer = setTimeout(visit, 30_000 + 30_000 * random());
    }, 4000);
  };
  timer = setTimeout(visit, 8000);
  return { [Symbol.dispose]: () => clearTimeout(timer) };
};

/** Its roll comes near its end now and then, and somebody changes it. */
const ticketPrinter: SerialMaker = (line, { faults, random }) => {
  const printer = serveEscposPrinter(line, { faults, bytesPerSecond: 1920 });
  let timer: NodeJS.Timeout;
  const turn = () => {
    printer.paper = printer.paper === 'ok' ? 'near-end' : 'ok';
    timer = setTimeout(turn, printer.paper === 'ok' ? 30_000 + 30_000 * random() : 15_000);
  };
  timer = setTimeout(turn, 12_000);
  return { [Symbol.dispose]: () => clearTimeout(timer) };
};

/** Devices whose behaviour is more than their profile says: these stand in the full hall instead of the simulated profile. */
export const handMade: {
  readonly modbus: Readonly<Record<string, (options: Random) => ModbusSlave & Disposable>>;
  readonly serial: Readonly<Record<string, SerialMaker>>;
  readonly native: Readonly<Record<string, (options: Random & { readonly serial: string }) => Behaviour>>;
} = {
  modbus: { 'eastron/sdm630': (options) => createEnergyMeter(options) },
  serial: {
    'hallhub/led-w4': (line, { faults, params }) => {
      serveLedDisplay(line, {
        faults,
        bytesPerSecond: 960,
        ...(params.address ? { address: Number(params.address) } : {}),
      });
      return nothing;
    },
    'generic/sdt-id-reader': cardReader,
    'epson/esc-pos': ticketPrinter,
  },
  native: {
    'hallhub/qm-200': (options) => new QueueMachine({ ...options, visitorEveryMs: 9000, serviceMs: 30_000 }),
    'hallhub/ev-100': (options) => new Evaluator({ ...options, ratingEveryMs: 25_000 }),
  },
};
