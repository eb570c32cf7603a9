import sharp from 'sharp';
import type { Ticket, TicketItem } from './escpos-printer.js';

/** What stands on the ticket, a line each; pictures and codes in brackets. */
export const ticketText = (ticket: Ticket): string => ticket.items.map(itemText).join('\n').trimEnd();

const itemText = (item: TicketItem): string => {
  switch (item.kind) {
    case 'line':
      return item.text;
    case 'qr':
      return `[QR ${item.text}]`;
    case 'barcode':
      return `[barcode ${item.text}]`;
    case 'image':
      return `[image ${item.width} x ${item.height}]`;
  }
};

/** Dots across of paper 80 mm wide, at 8 a millimetre. */
const paperDots = 576;
const lineDots = 30;

/** The ticket as a picture (PNG), as large as the paper; a QR code is a frame with its text. */
export const renderTicket = async (ticket: Ticket): Promise<Buffer> => {
  const parts: string[] = [];
  const pictures: { input: Buffer; left: number; top: number }[] = [];
  let top = 24;
  for (const item of ticket.items) {
    const { svg, height } = drawItem(item, top);
    parts.push(svg);
    if (item.kind === 'image') pictures.push({ input: await pictureOf(item), left: 0, top: Math.round(top) });
    top += height;
  }
  const height = Math.ceil(top + 24);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${paperDots}" height="${height}"><rect width="100%" height="100%" fill="#fffef8"/>${parts.join('')}</svg>`;
  return sharp(Buffer.from(svg)).composite(pictures).png().toBuffer();
};

const drawItem = (item: TicketItem, top: number): { svg: string; height: number } => {
  switch (item.kind) {
    case 'line': {
      const height = lineDots * item.height;
      if (item.text === '') return { svg: '', height };
      const anchor = { left: 'start', center: 'middle', right: 'end' }[item.align];
      const x = { left: 0, center: paperDots / 2, right: paperDots }[item.align] / item.width;
      const weight = item.bold ? ' font-weight="bold"' : '';
      const svg = `<g transform="translate(0 ${top + height * 0.8}) scale(${item.width} ${item.height})"><text x="${x}" text-anchor="${anchor}" font-family="Noto Sans Mono CJK SC, Noto Sans CJK SC, WenQuanYi Zen Hei, monospace" font-size="24"${weight}>${escapeXml(item.text)}</text></g>`;
      return { svg, height };
    }
    case 'qr':
    case 'barcode': {
      const size = item.kind === 'qr' ? Math.min(320, 29 * item.dots) : 300;
      const height = item.kind === 'qr' ? size : 80;
      const x = (paperDots - size) / 2;
      const label = escapeXml(item.text.length > 24 ? `${item.text.slice(0, 23)}…` : item.text);
      const frame = `<rect x="${x}" y="${top}" width="${size}" height="${height}" fill="none" stroke="black" stroke-width="4"/>`;
      const text = `<text x="${paperDots / 2}" y="${top + height / 2}" text-anchor="middle" font-family="monospace" font-size="14">${label}</text>`;
      return { svg: frame + text, height: height + 12 };
    }
    case 'image':
      return { svg: '', height: item.height + 6 };
  }
};

const pictureOf = ({ width, height, rows }: Extract<TicketItem, { kind: 'image' }>): Promise<Buffer> => {
  const dots = Buffer.alloc(width * height);
  for (let at = 0; at < dots.length; at++) {
    const row = Math.floor(at / width);
    const column = at % width;
    dots[at] = ((rows[row * (width / 8) + (column >> 3)] ?? 0) >> (7 - (column & 7))) & 1 ? 0 : 255;
  }
  return sharp(dots, { raw: { width, height, channels: 1 } })
    .extract({ left: 0, top: 0, width: Math.min(width, paperDots), height })
    .png()
    .toBuffer();
};

const escapeXml = (text: string): string =>
  text.replace(/[\u0000-\u001f]/g, ' ').replace(/[<>&"]/g, (char) => `&#${char.charCodeAt(0)};`);
