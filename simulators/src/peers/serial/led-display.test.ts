import t from 'tap';
import { Faults } from '../../faults/faults.js';
import { serveLedDisplay } from './led-display.js';

const openLed = (faults = new Faults()) => {
  const listeners: ((bytes: Uint8Array) => void)[] = [];
  const written: Buffer[] = [];
  const line = {
    write: (bytes: Uint8Array) => void written.push(Buffer.from(bytes)),
    onData: (listener: (bytes: Uint8Array) => void) => void listeners.push(listener),
  };
  const led = serveLedDisplay(line, { faults });
  const ask = (text: string) => {
    for (const listener of listeners) listener(Buffer.from(text.replaceAll(' ', ''), 'hex'));
    return Buffer.concat(written.splice(0)).toString('hex');
  };
  return { led, ask };
};

t.test('status, brightness and text, byte for byte', async (t) => {
  const { led, ask } = openLed();
  // sum of 01 05 00 = 06; the answer's: 01+85+06+00+05+24+00+01+20 = d6
  t.equal(ask('AA55 01 05 00 06'), 'aa5501850600052400 0120d6'.replace(' ', ''));
  t.equal(ask('AA55 01 03 01 08 0d'), 'aa5501830100 85'.replace(' ', ''));
  t.equal(led.brightness, 8);
  t.equal(ask('AA55 01 03 01 09 0e'), 'aa5501830103 88'.replace(' ', ''), 'nine is too bright');
  // showText: still, "A1"
  t.equal(ask('AA55 01 02 03 00 41 31 78'), 'aa5501820100 84'.replace(' ', ''));
  t.equal(led.text.toString('latin1'), 'A1');
  t.equal(ask('AA55 01 04 00 05'), 'aa5501840100 86'.replace(' ', ''));
  t.equal(led.text.length, 0);
  t.equal(ask('AA55 01 7f 00 80'), 'aa5501ff0101 02'.replace(' ', ''), 'an unknown command is refused');
});

t.test('another address, a wrong sum and rubbish get no answer; what follows does', async (t) => {
  const { ask } = openLed();
  t.equal(ask('AA55 02 05 00 07'), '');
  t.equal(ask('AA55 01 05 00 99'), '');
  t.equal(ask('00 11 AA'), '');
  t.not(ask('AA55 01 05 00 06'), '');
  t.equal(ask('AA55 01 05'), '', 'half a frame waits');
  t.not(ask('00 06'), '');
});

t.test('faults act on the line', async (t) => {
  const faults = new Faults();
  const { ask } = openLed(faults);
  faults.set({ dropShare: 1 });
  t.equal(ask('AA55 01 05 00 06'), '');
  faults.set({ truncateTo: 4 });
  t.equal(ask('AA55 01 05 00 06'), 'aa550185');
});
