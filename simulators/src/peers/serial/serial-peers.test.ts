import sharp from 'sharp';
import t from 'tap';
import { cardFrame, serveCardReader } from './card-reader.js';
import { serveCodeReader } from './code-reader.js';
import { serveDlt645Meter } from './dlt645-meter.js';
import { serveEscposPrinter } from './escpos-printer.js';
import { serveRelayBoard } from './relay-board.js';
import { renderTicket, ticketText } from './render-ticket.js';
import { serveSerialEvaluator } from './serial-evaluator.js';

const memoryLine = () => {
  const listeners: ((bytes: Uint8Array) => void)[] = [];
  const written: Buffer[] = [];
  return {
    line: {
      write: (bytes: Uint8Array) => void written.push(Buffer.from(bytes)),
      onData: (listener: (bytes: Uint8Array) => void) => void listeners.push(listener),
    },
    hear: (bytes: Uint8Array) => {
      for (const listener of listeners) listener(bytes);
    },
    ask: (hex: string) => {
      for (const listener of listeners) listener(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
      return Buffer.concat(written.splice(0)).toString('hex').toUpperCase();
    },
  };
};

t.test('DL/T 645: the published example, another address, a wrong sum', async (t) => {
  const { line, ask } = memoryLine();
  const meter = serveDlt645Meter(line, { address: '10203040025'.padStart(12, '0') });
  const published = serveDlt645Meter(line, { address: '102030425' });
  t.equal(
    ask('FE FE FE FE 68 25 04 03 02 01 00 68 11 04 33 33 34 33 E1 16'),
    'FEFEFEFE 68 25 04 03 02 01 00 68 91 08 33 33 34 33 75 39 45 33 8B 16'.replaceAll(' ', ''),
    '1206.42 kWh',
  );
  t.equal(ask('68 25 04 03 02 01 00 68 11 04 33 33 34 33 E2 16'), '', 'a wrong sum');
  t.equal(ask('68 26 04 03 02 01 00 68 11 04 33 33 34 33 E2 16'), '', 'nobody is called so');
  published.power = [-1.2345, 0, 0];
  // Identifier 02 03 00 00: FE..16 has the value 45 23 81 plus 33 each.
  t.match(ask('68 25 04 03 02 01 00 68 11 04 33 33 36 35 E5 16'), /333336357856B4..16$/);
  t.match(ask('68 25 04 03 02 01 00 68 11 04 33 33 33 33 E0 16'), /68D10135..16$/, 'no such data');
  t.equal(meter.relayOpen, false);
});

t.test('relay boards of two kinds', async (t) => {
  const { line, ask } = memoryLine();
  const board = serveRelayBoard(line);
  t.equal(ask('FF 03 01 FF 08 01'), '');
  t.equal(ask('FF 09 00'), '0000010000000001');
  t.equal(ask('00 FF 09'), '');
  t.equal(ask('00'), '0000010000000001');
  t.same(board.relays[2], true);
  const other = memoryLine();
  const lcus = serveRelayBoard(other.line, { kind: 'lcus', count: 4 });
  other.ask('A0 01 01 A2 A0 02 01 A4 A0 05 01 A6');
  t.same(lcus.relays, [true, false, false, false], 'a wrong sum and a fifth relay are nothing');
});

t.test('cards and codes come by themselves', async (t) => {
  const { line, ask } = memoryLine();
  const reader = serveCardReader(line);
  // 62 ^ E3 ^ 08 ^ 6C ^ ED is 08.
  reader.swipe('62E3086CED');
  t.equal(Buffer.from(ask(''), 'hex').toString('latin1'), '\u000262E3086CED08\r\n\u0003');
  t.equal(cardFrame('62E3086CED', 'rdm6300').length, 14);
  const codes = memoryLine();
  const scanner = serveCodeReader(codes.line);
  scanner.present('6901234567892');
  t.equal(codes.ask(''), '363930313233343536373839320D');
  scanner.commandMode = true;
  scanner.present('A');
  t.equal(codes.ask(''), '');
  t.equal(codes.ask('16 54 0D'), '410D');
  const module = memoryLine();
  const gm65 = serveCodeReader(module.line, { kind: 'gm65' });
  gm65.commandMode = true;
  gm65.present('B');
  t.equal(module.ask('7E 00 08 01 00 02 01 AB CD'), '02000001003331420D');
});

t.test('evaluator: asks, tells the key by itself, and says it again until it is heard', async (t) => {
  const { line, ask } = memoryLine();
  const evaluator = serveSerialEvaluator(line);
  t.teardown(() => evaluator.dispose());
  t.equal(ask('AA55 01 05 00 06'), 'AA55018505000100010 08D'.replace(' ', ''));
  evaluator.press(1);
  t.equal(ask(''), '', 'nobody asked');
  t.equal(ask('AA55 01 01 01 1E 21'), 'AA550181010083');
  t.ok(evaluator.isAsking);
  evaluator.press(2);
  t.equal(ask(''), 'AA550110010214');
  t.equal(ask('AA55 01 11 00 12'), 'AA550191010093');
  t.equal(ask('AA55 01 02 01 02 06'), 'AA550182010084');
  t.equal(evaluator.state, 'busy');
});

t.test('printer: a ticket, its states, and what waits while it is open', async (t) => {
  const { line, hear, ask } = memoryLine();
  const printer = serveEscposPrinter(line);
  t.equal(ask('10 04 01 10 04 02 10 04 03 10 04 04'), '12121212');
  const gbk = (hex: string) => hex.replaceAll(' ', '');
  // 示范营业厅, four times as large A013, 前面还有12人.
  const ticket = gbk(
    '1B40 1B6101 CABEB7B6D3AAD2B5CCFC 0A 1D2133 41303133 0A 1D2100 C7B0C3E6BBB9D3D03132C8CB 0A 1D286B030031430 8 1D286B0400315030 41 1D286B0300315130 1B6403 1D564200',
  );
  for (const byte of Buffer.from(ticket, 'hex')) hear(Uint8Array.of(byte));
  t.equal(printer.tickets.length, 1);
  const [first] = printer.tickets;
  t.equal(first && ticketText(first), '示范营业厅\nA013\n前面还有12人\n[QR A]');
  t.match(first?.items[1], { kind: 'line', text: 'A013', width: 4, height: 4, align: 'center' });
  printer.coverOpen = true;
  t.equal(ask('10 04 01 10 04 02'), '1A16', 'status is told in real time');
  t.equal(ask(`${ticket} 10 04 01`), '1A');
  t.equal(printer.tickets.length, 1, 'it waits');
  printer.coverOpen = false;
  t.equal(printer.tickets.length, 2);
  printer.paper = 'near-end';
  t.equal(ask('10 04 04'), '1E');
  printer.paper = 'end';
  t.equal(ask('10 04 04'), '7E');
  t.equal(ask('1D 61 FF').length, 8, 'and by itself where it is asked to');
  printer.paper = 'ok';
  t.equal(ask(''), '1000000F');
  hear(Buffer.from('1D7630000100020080FF', 'hex'));
  hear(Buffer.from(gbk('1D6849 03 7B4241'.replace('1D6849 03', '1D6B4903')), 'hex'));
  hear(Buffer.from('1D5600', 'hex'));
  const last = printer.tickets.at(-1);
  t.same(last && ticketText(last), '[image 8 x 2]\n[barcode A]');
  const png = await sharp(await renderTicket(first ?? { items: [] })).metadata();
  t.match(png, { format: 'png', width: 576 });
  t.ok((await renderTicket(last ?? { items: [] })).length > 500);
});
