import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import PDFDocument from 'pdfkit';
import type { Block, ReportDocument, TableBlock } from './report-document.js';
import { fill } from './report-words.js';

/** Points. */
const margin = { side: 46, top: 46, bottom: 54 };
const ink = { text: '#1c2024', soft: '#5b6470', line: '#d5dae0', bar: '#0f766e', urgent: '#9a3412', sunken: '#f3f5f7' };
const size = { title: 20, heading: 11.5, text: 9.5, small: 8 };
const blockGap = 16;

/** Noto Sans Hans (OFL 1.1): Chinese, Latin, Greek and Cyrillic in one file; only the glyphs that are used go into the document. */
const fontFile = (weight: 'Regular' | 'Bold'): string =>
  join(
    dirname(createRequire(import.meta.url).resolve('@embedpdf/fonts-sc')),
    '..',
    'fonts',
    `NotoSansHans-${weight}.otf`,
  );

type Pdf = InstanceType<typeof PDFDocument>;

const widthOf = (pdf: Pdf): number => pdf.page.width - 2 * margin.side;
const bottomOf = (pdf: Pdf): number => pdf.page.height - margin.bottom;

/** A report on A4 pages, as bytes. CPU only: seconds of it, so call it off the main thread. */
export const drawPdf = async (report: ReportDocument): Promise<Buffer> => {
  const pdf = new PDFDocument({
    size: 'A4',
    margins: { top: margin.top, bottom: margin.bottom, left: margin.side, right: margin.side },
    bufferPages: true,
    lang: report.language === 'zh' ? 'zh-CN' : 'en',
    displayTitle: true,
    info: {
      Title: `${report.title} ${report.period} · ${report.place}`,
      Author: report.organisation,
      Creator: 'HallHub',
    },
  });
  pdf.registerFont('text', fontFile('Regular'));
  pdf.registerFont('bold', fontFile('Bold'));
  const chunks: Buffer[] = [];
  pdf.on('data', (chunk: Buffer) => chunks.push(chunk));
  const done = new Promise<void>((resolve, reject) => {
    pdf.on('end', resolve);
    pdf.on('error', reject);
  });
  drawHead(pdf, report);
  for (const block of report.blocks) drawBlock(pdf, block);
  drawFooters(pdf, report);
  pdf.end();
  await done;
  return Buffer.concat(chunks);
};

const drawHead = (pdf: Pdf, report: ReportDocument): void => {
  pdf.font('text').fontSize(size.text).fillColor(ink.soft).text(report.organisation);
  pdf.font('bold').fontSize(size.title).fillColor(ink.text).text(`${report.title} `, { continued: true });
  pdf.font('text').text(report.period);
  pdf.fontSize(size.heading).text(report.place);
  pdf.fontSize(size.small).fillColor(ink.soft);
  for (const line of report.lines) pdf.text(line);
  pdf.moveDown(0.8);
  rule(pdf, ink.text, 1.2);
  pdf.y += 12;
};

const rule = (pdf: Pdf, colour: string, width: number): void => {
  pdf
    .moveTo(margin.side, pdf.y)
    .lineTo(margin.side + widthOf(pdf), pdf.y)
    .lineWidth(width)
    .strokeColor(colour)
    .stroke();
};

/** Begins a page where so much has no room on this one. */
const room = (pdf: Pdf, height: number): void => {
  if (pdf.y + height > bottomOf(pdf)) pdf.addPage();
};

const heading = (pdf: Pdf, title: string, withHeight: number): void => {
  room(pdf, withHeight + 26);
  pdf
    .font('bold')
    .fontSize(size.heading)
    .fillColor(ink.text)
    .text(title, margin.side, pdf.y, { width: widthOf(pdf) });
  pdf.y += 5;
};

const drawBlock = (pdf: Pdf, block: Block): void => {
  if (block.kind === 'figures') drawFigures(pdf, block);
  else if (block.kind === 'sentences') drawSentences(pdf, block);
  else if (block.kind === 'bars') drawBars(pdf, block);
  else if (block.rows.length > 0) drawTable(pdf, block);
  else return;
  pdf.x = margin.side;
  pdf.y += blockGap;
};

const drawFigures = (pdf: Pdf, { items }: Extract<Block, { kind: 'figures' }>): void => {
  const width = widthOf(pdf) / items.length;
  const top = pdf.y;
  items.forEach(({ label, value, note }, i) => {
    const x = margin.side + i * width;
    const box = { width: width - 10 };
    pdf.font('text').fontSize(size.small).fillColor(ink.soft).text(label, x, top, box);
    pdf
      .font('bold')
      .fontSize(16)
      .fillColor(ink.text)
      .text(value, x, top + 12, box);
    pdf
      .font('text')
      .fontSize(7.5)
      .fillColor(ink.soft)
      .text(note, x, top + 34, box);
  });
  pdf.y = top + 50;
};

const drawSentences = (pdf: Pdf, { title, items }: Extract<Block, { kind: 'sentences' }>): void => {
  if (items.length === 0) return;
  heading(pdf, title, 20);
  for (const { text, urgent } of items) {
    pdf.font('text').fontSize(size.text);
    const box = { width: widthOf(pdf) - 14 };
    const height = pdf.heightOfString(text, box);
    room(pdf, height);
    const top = pdf.y;
    // Shape and weight tell it too, for who prints without colour.
    if (urgent)
      pdf.polygon([margin.side, top + 9], [margin.side + 7, top + 9], [margin.side + 3.5, top + 3]).fill(ink.urgent);
    else pdf.circle(margin.side + 3.5, top + 6.5, 1.4).fill(ink.soft);
    pdf
      .font(urgent ? 'bold' : 'text')
      .fillColor(ink.text)
      .text(text, margin.side + 14, top, box);
    pdf.y = Math.max(pdf.y, top + height) + 3;
  }
};

const barsHeight = 84;

const drawBars = (pdf: Pdf, { title, unit, bars }: Extract<Block, { kind: 'bars' }>): void => {
  const most = Math.max(0, ...bars.map(({ value }) => value));
  if (most === 0) return;
  heading(pdf, `${title} (${unit})`, barsHeight + 30);
  const [top, width] = [pdf.y + 12, widthOf(pdf)];
  const bottom = top + barsHeight;
  const step = width / bars.length;
  bars.forEach(({ label, value }, i) => {
    const height = (value / most) * barsHeight;
    const x = margin.side + i * step;
    pdf.rect(x + step * 0.16, bottom - height, step * 0.68, height).fill(ink.bar);
    const words = { width: step + 8, align: 'center', lineBreak: false } as const;
    if (value > 0)
      pdf
        .font('text')
        .fontSize(6.5)
        .fillColor(ink.soft)
        .text(String(value), x - 4, bottom - height - 10, words);
    pdf
      .font('text')
      .fontSize(6.5)
      .fillColor(ink.soft)
      .text(label, x - 4, bottom + 3, words);
  });
  pdf.y = bottom;
  rule(pdf, ink.line, 0.6);
  pdf.y = bottom + 14;
};

const padding = { x: 4, y: 3 };

const drawTable = (pdf: Pdf, table: TableBlock): void => {
  heading(pdf, table.title, 44);
  const parts = table.columns.reduce((sum, { width }) => sum + width, 0);
  const widths = table.columns.map(({ width }) => (width / parts) * widthOf(pdf));
  const line = (cells: readonly string[], isTitle: boolean): void => {
    pdf.font(isTitle ? 'bold' : 'text').fontSize(size.small);
    const boxes = widths.map((width) => ({ width: width - 2 * padding.x }));
    const height = Math.max(...cells.map((cell, i) => pdf.heightOfString(cell || ' ', boxes[i]))) + 2 * padding.y;
    if (!isTitle && pdf.y + height > bottomOf(pdf)) {
      pdf.addPage();
      line(titles, true);
      pdf.font('text').fontSize(size.small);
    }
    const top = pdf.y;
    if (isTitle) pdf.rect(margin.side, top, widthOf(pdf), height).fill(ink.sunken);
    let x = margin.side;
    cells.forEach((cell, i) => {
      const box = { ...boxes[i], align: table.columns[i]?.right ? 'right' : 'left' } as const;
      pdf.fillColor(isTitle ? ink.soft : ink.text).text(cell, x + padding.x, top + padding.y, box);
      x += widths[i] ?? 0;
    });
    pdf.y = top + height;
    rule(pdf, ink.line, 0.4);
  };
  const titles = table.columns.map(({ title }) => title);
  line(titles, true);
  for (const row of table.rows) line(row, false);
  if (table.note) {
    pdf.y += 4;
    pdf
      .font('text')
      .fontSize(size.small)
      .fillColor(ink.soft)
      .text(table.note, margin.side, pdf.y, { width: widthOf(pdf) });
  }
};

const drawFooters = (pdf: Pdf, { footer }: ReportDocument): void => {
  const { start, count } = pdf.bufferedPageRange();
  for (let page = start; page < start + count; page++) {
    pdf.switchToPage(page);
    // Below the margin, where text would begin another page.
    pdf.page.margins.bottom = 0;
    const text = fill(footer, { page: page + 1, pages: count });
    const place = { width: widthOf(pdf), align: 'center', lineBreak: false } as const;
    pdf
      .font('text')
      .fontSize(7.5)
      .fillColor(ink.soft)
      .text(text, margin.side, pdf.page.height - 34, place);
  }
};
