import { type EscposCommand, readEscpos } from './escpos-commands.js';
import { type ByteLine, type SerialPeerOptions, serveSerial } from './serial-peer.js';

export type TicketItem =
  | { kind: 'line'; text: string; align: 'left' | 'center' | 'right'; width: number; height: number; bold: boolean }
  | { kind: 'qr'; text: string; dots: number; align: 'left' | 'center' | 'right' }
  | { kind: 'barcode'; text: string }
  | { kind: 'image'; width: number; height: number; rows: Buffer };

/** What came out of the printer between two cuts. */
export interface Ticket {
  readonly items: readonly TicketItem[];
}

export interface EscposPrinter {
  /** Without paper, or open, it prints nothing: what comes meanwhile waits in its memory. */
  paper: 'ok' | 'near-end' | 'end';
  coverOpen: boolean;
  cutterJammed: boolean;
  readonly tickets: readonly Ticket[];
  /** The last ones printed, most recent last; no more than this many are kept. */
  onTicket: ((ticket: Ticket) => void) | undefined;
  /** How often the cash drawer, or a bell in its place, was set off. */
  readonly drawerPulses: number;
}

const keptTickets = 50;
const bufferBytes = 65_536;

/**
 * A ticket printer by Epson's ESC/POS command reference, with Chinese characters in GB 18030. Status is answered in real time,
 * also while nothing can be printed.
 */
export const serveEscposPrinter = (line: ByteLine, options: SerialPeerOptions = {}): EscposPrinter => {
  const tickets: Ticket[] = [];
  let waiting: EscposCommand[] = [];
  let waitingBytes = 0;
  let items: TicketItem[] = [];
  let text: Buffer[] = [];
  let style = plainStyle();
  let qr = { text: '', dots: 3 };
  let drawerPulses = 0;
  let reportsItself = false;
  const condition = { paper: 'ok' as EscposPrinter['paper'], coverOpen: false, cutterJammed: false };

  const endLine = () => {
    items.push({ kind: 'line', text: new TextDecoder('gb18030').decode(Buffer.concat(text)), ...style });
    text = [];
  };
  const cut = () => {
    if (text.length > 0) endLine();
    const ticket = { items };
    items = [];
    tickets.push(ticket);
    if (tickets.length > keptTickets) tickets.shift();
    printer.onTicket?.(ticket);
  };

  const print = (command: EscposCommand) => {
    switch (command.kind) {
      case 'text':
        text.push(Buffer.from(command.bytes));
        break;
      case 'feed':
        for (let count = 0; count < command.lines; count++) endLine();
        break;
      case 'reset':
        text = [];
        style = plainStyle();
        break;
      case 'align':
        style = { ...style, align: command.to };
        break;
      case 'scale':
        style = { ...style, width: command.width, height: command.height };
        break;
      case 'bold':
        style = { ...style, bold: command.on };
        break;
      case 'qrModule':
        qr = { ...qr, dots: command.dots };
        break;
      case 'qrStore':
        qr = { ...qr, text: command.text };
        break;
      case 'qrPrint':
        items.push({ kind: 'qr', ...qr, align: style.align });
        break;
      case 'barcode':
        items.push({ kind: 'barcode', text: command.text });
        break;
      case 'image':
        items.push({ kind: 'image', width: command.across * 8, height: command.height, rows: command.rows });
        break;
      case 'cut':
        if (!condition.cutterJammed) cut();
        break;
      case 'drawer':
        drawerPulses++;
        break;
      default:
        break;
    }
  };

  const isStopped = () => condition.paper === 'end' || condition.coverOpen || condition.cutterJammed;

  /** DLE EOT n; bits 1 and 4 are always set, bits 0 and 7 never. */
  const statusByte = (which: number): number => {
    const { paper, coverOpen, cutterJammed } = condition;
    const bits = {
      1: isStopped() ? 0x08 : 0,
      2: (coverOpen ? 0x04 : 0) | (paper === 'end' ? 0x20 : 0) | (cutterJammed ? 0x40 : 0),
      3: cutterJammed ? 0x08 : 0,
      4: (paper === 'ok' ? 0 : 0x0c) | (paper === 'end' ? 0x60 : 0),
    }[which];
    return 0x12 | (bits ?? 0);
  };

  const changed = () => {
    if (reportsItself) send(automaticStatus());
    if (isStopped()) return;
    const commands = waiting;
    waiting = [];
    waitingBytes = 0;
    for (const command of commands) print(command);
  };
  /** GS a: four bytes; bit 4 of the first is set, bits 0, 1 and 7 are not. */
  const automaticStatus = (): Buffer =>
    Buffer.from([
      0x10 | (isStopped() ? 0x08 : 0) | (condition.coverOpen ? 0x20 : 0),
      condition.cutterJammed ? 0x08 : 0,
      (condition.paper === 'ok' ? 0 : 0x03) | (condition.paper === 'end' ? 0x0c : 0),
      0x0f,
    ]);

  const { send } = serveSerial(
    line,
    (held) => {
      const command = readEscpos(held);
      if (!command) return { used: held.length > bufferBytes ? held.length : 0 };
      const { size: used } = command;
      if (command.kind === 'status') return { used, answer: Uint8Array.of(statusByte(command.which)) };
      if (command.kind === 'automaticStatus') {
        reportsItself = command.on;
        return command.on ? { used, answer: automaticStatus() } : { used };
      }
      if (!isStopped()) print(command);
      else if (waitingBytes + used <= bufferBytes) {
        // The bytes of the stream are used again: what waits keeps its own.
        waiting.push(command.kind === 'text' ? { ...command, bytes: Buffer.from(command.bytes) } : command);
        waitingBytes += used;
      }
      return { used };
    },
    { maxHeldBytes: bufferBytes, ...options },
  );

  const printer: EscposPrinter = {
    get paper() {
      return condition.paper;
    },
    set paper(paper) {
      condition.paper = paper;
      changed();
    },
    get coverOpen() {
      return condition.coverOpen;
    },
    set coverOpen(open) {
      condition.coverOpen = open;
      changed();
    },
    get cutterJammed() {
      return condition.cutterJammed;
    },
    set cutterJammed(jammed) {
      condition.cutterJammed = jammed;
      changed();
    },
    get tickets() {
      return tickets;
    },
    get drawerPulses() {
      return drawerPulses;
    },
    onTicket: undefined,
  };
  return printer;
};

const plainStyle = () => ({ align: 'left' as 'left' | 'center' | 'right', width: 1, height: 1, bold: false });
