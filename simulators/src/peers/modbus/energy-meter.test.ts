import t from 'tap';
import { answerPdu } from './answer-pdu.js';
import { createEnergyMeter } from './energy-meter.js';

const readFloat = (bank: Parameters<typeof answerPdu>[0], address: number) =>
  answerPdu(bank, Buffer.from([4, address >> 8, address & 0xff, 0, 2])).readFloatBE(2);

t.test('values hang together as physics asks', async (t) => {
  using meter = createEnergyMeter({ live: false, random: () => 0.5 });
  const before = readFloat(meter.bank, 72);
  for (let i = 0; i < 600; i++) meter.step(1000);
  const watts = readFloat(meter.bank, 52);
  const phases = [12, 14, 16].reduce((sum, address) => sum + readFloat(meter.bank, address), 0);
  t.ok(Math.abs(watts - phases) < 1);
  t.ok(
    Math.abs(
      readFloat(meter.bank, 0) * readFloat(meter.bank, 6) * readFloat(meter.bank, 30) - readFloat(meter.bank, 12),
    ) < 2,
  );
  t.ok(readFloat(meter.bank, 72) > before, 'energy grows');
  t.ok(readFloat(meter.bank, 86) >= readFloat(meter.bank, 84), 'the maximum is the maximum');
});

t.test('the demand is reset by 0 only; an undefined register is exception 2', async (t) => {
  using meter = createEnergyMeter({ live: false });
  meter.step(60_000);
  t.equal(answerPdu(meter.bank, Buffer.from('06f0100001', 'hex')).toString('hex'), '8603');
  t.ok(readFloat(meter.bank, 86) > 0);
  t.equal(answerPdu(meter.bank, Buffer.from('06f0100000', 'hex')).toString('hex'), '06f0100000');
  t.equal(readFloat(meter.bank, 86), 0);
  t.equal(answerPdu(meter.bank, Buffer.from('0401900002', 'hex')).toString('hex'), '8402');
});

t.test('a voltage can be forced, to provoke an alarm', async (t) => {
  using meter = createEnergyMeter({ live: false });
  meter.forcedVoltage = 180;
  meter.step(1000);
  t.equal(readFloat(meter.bank, 0), 180);
});
