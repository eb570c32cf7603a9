import { Faults } from '../../faults/faults.js';
import type { ModbusSlave } from './modbus-tcp-server.js';
import { illegalValue, ModbusException, RegisterBank } from './register-bank.js';

export interface EnergyMeter extends ModbusSlave, Disposable {
  readonly faults: Faults;
  /** Advances load and counters by `ms`. */
  step(ms: number): void;
  /** Voltage of L1 in volts, to provoke an alarm; undefined lets it float again. */
  forcedVoltage: number | undefined;
}

/** Input registers 0 to 87, 200 to 207, 224 and 342 hold floats (Eastron SDM630 protocol); what is not defined is exception 2. */
const inputFloats = [...Array.from({ length: 44 }, (_, i) => i * 2), 200, 202, 204, 224, 342];
const demandPeriod = 2;
const resetDemand = 61_456;

/** profile eastron/sdm630: three phases of a hall's lighting, computers and air conditioning. */
export const createEnergyMeter = (options: { random?: () => number; live?: boolean } = {}): EnergyMeter => {
  const random = options.random ?? Math.random;
  const bank = new RegisterBank();
  for (const address of inputFloats) bank.setFloat('input', address, 0);
  bank.setFloat('holding', demandPeriod, 60);
  bank.setWords('holding', 64_514, [0x0070]);
  bank.setWords('holding', resetDemand, [0]);
  let energyKwh = 18_234.5;
  let reactiveKvarh = 2_431.2;
  let demandW = 0;
  let maxDemandW = 0;
  let phase = 0;
  const forced: { volts: number | undefined } = { volts: undefined };

  bank.onWrite = (_table, address, value) => {
    if (address !== resetDemand) return;
    if (value !== 0) throw new ModbusException(illegalValue);
    maxDemandW = 0;
    bank.setFloat('input', 86, 0);
  };

  const step = (ms: number): void => {
    phase += ms / 60_000;
    const loads = [2600, 1900, 2300].map((w, i) => w * (1 + 0.25 * Math.sin(phase + i) + 0.04 * (random() - 0.5)));
    const factor = 0.93 + 0.02 * Math.sin(phase * 2);
    let total = 0;
    let current = 0;
    for (const [i, watts] of loads.entries()) {
      const volts =
        i === 0 && forced.volts !== undefined ? forced.volts : 228 + i + 1.5 * Math.sin(phase * 3 + i) + random() * 0.4;
      const amps = watts / (volts * factor);
      bank.setFloat('input', i * 2, volts);
      bank.setFloat('input', 6 + i * 2, amps);
      bank.setFloat('input', 12 + i * 2, watts);
      bank.setFloat('input', 30 + i * 2, factor);
      bank.setFloat('input', 200 + i * 2, volts * Math.sqrt(3));
      total += watts;
      current += amps;
    }
    const apparent = total / factor;
    const reactive = Math.sqrt(apparent ** 2 - total ** 2);
    energyKwh += (total * ms) / 3_600_000_000;
    reactiveKvarh += (reactive * ms) / 3_600_000_000;
    demandW += (total - demandW) * Math.min(1, ms / 30_000);
    maxDemandW = Math.max(maxDemandW, demandW);
    const floats: readonly (readonly [number, number])[] = [
      [52, total],
      [56, apparent],
      [60, reactive],
      [62, factor],
      [70, 50 + 0.02 * Math.sin(phase * 7)],
      [72, energyKwh],
      [76, reactiveKvarh],
      [84, demandW],
      [86, maxDemandW],
      [224, current * 0.04],
      [342, energyKwh],
    ];
    for (const [address, value] of floats) bank.setFloat('input', address, value);
  };
  step(1000);
  const timer = options.live === false ? undefined : setInterval(() => step(1000), 1000);
  return {
    bank,
    faults: new Faults(random),
    step,
    get forcedVoltage() {
      return forced.volts;
    },
    set forcedVoltage(volts: number | undefined) {
      forced.volts = volts;
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
};
