import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import t from 'tap';
import { Faults } from '../../faults/faults.js';
import { answerPdu } from './answer-pdu.js';
import { openModbusTcpServer } from './modbus-tcp-server.js';
import { RegisterBank } from './register-bank.js';

const filledBank = () => {
  const bank = new RegisterBank();
  bank.setFloat('input', 0, 230.5);
  bank.setWords('holding', 10, [1, 2, 3]);
  bank.coils.set(0, true);
  bank.coils.set(1, false);
  bank.discretes.set(7, true);
  return bank;
};
const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

t.test('answers as the Modbus application protocol says', async (t) => {
  const bank = filledBank();
  const ask = (text: string) => answerPdu(bank, hex(text), ['Acme', 'M1', '1.0']).toString('hex');
  t.equal(ask('04 0000 0002'), '040443668000', 'float 230.5 is 43668000');
  t.equal(ask('03 000a 0003'), '0306000100020003');
  t.equal(ask('01 0000 0002'), '010101');
  t.equal(ask('02 0007 0001'), '020101');
  t.equal(ask('06 000b 00ff'), '06000b00ff');
  t.equal(bank.holding.get(11), 255);
  t.equal(ask('10 000a 0002 04 0007 0008'), '10000a0002');
  t.same([bank.holding.get(10), bank.holding.get(11)], [7, 8]);
  t.equal(ask('05 0001 ff00'), '050001ff00');
  t.equal(bank.coils.get(1), true);
  t.equal(ask('0f 0000 0002 01 00'), '0f00000002');
  bank.holding.set(4, 0x12);
  t.equal(ask('16 0004 00f2 0025'), '16000400f20025', 'mask write, the example of the specification');
  t.equal(bank.holding.get(4), 0x17);
  t.equal(ask('17 000a 0001 000c 0001 02 0009'), '17020007');
  t.equal(bank.holding.get(12), 9);
  t.equal(ask('2b 0e 01 00'), `2b0e010100000300${'0441636d65'}${'01024d31'}${'0203312e30'}`);
});

t.test('refuses with the right exception', async (t) => {
  const bank = filledBank();
  const ask = (text: string) => answerPdu(bank, hex(text)).toString('hex');
  t.equal(ask('04 0064 0001'), '8402', 'no such address');
  t.equal(ask('03 000a 0000'), '8303', 'no registers');
  t.equal(ask('03 000a 00ff'), '8303', 'too many');
  t.equal(ask('05 0000 1234'), '8503', 'neither on nor off');
  t.equal(ask('41 00'), 'c101', 'unknown function');
  t.equal(ask('10 000a 0002 04 00'), '9003', 'a short request');
  t.equal(ask('2b 0e 01 00'), 'ab01', 'no identification');
});

t.test('one connection, split requests, silence for another unit id, rubbish ends the connection', async (t) => {
  const server = await openModbusTcpServer(new Map([[1, { bank: filledBank(), faults: new Faults() }]]));
  t.teardown(() => server[Symbol.asyncDispose]());
  const client = connect(server.port, '127.0.0.1');
  client.write(hex('0001 0000 0006 02 04 0000 0002'));
  client.write(hex('0002 0000 00'));
  client.write(hex('06 01 04 0000 0002'));
  const [answer] = await once(client, 'data');
  t.equal(answer.toString('hex'), '000200000007010404436680 00'.replaceAll(' ', ''));
  const closed = once(client, 'close');
  client.write(hex('dead beef 0006 01 04 0000 0002'));
  await closed;
});

const noMbpoll = spawnSync('mbpoll', ['-V']).error ? 'mbpoll is missing: apt-get install mbpoll' : false;

t.test('mbpoll reads it', { skip: noMbpoll }, async (t) => {
  const server = await openModbusTcpServer(new Map([[1, { bank: filledBank() }]]));
  t.teardown(() => server[Symbol.asyncDispose]());
  const child = spawn('mbpoll', [
    '-m',
    'tcp',
    '-o',
    '10',
    '-p',
    String(server.port),
    '-a',
    '1',
    '-t',
    '3:float',
    '-B',
    '-r',
    '1',
    '-c',
    '1',
    '-1',
    '127.0.0.1',
  ]);
  let out = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  await once(child, 'close');
  t.match(out, /\[1\]:\s+230\.5/);
});
