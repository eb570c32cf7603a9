import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { ZipFile } from 'yazl';
import { writeWorkbook } from '../../../../workbook/write-workbook.js';
import { openTable } from './open-table.js';
import { type RawRow, textOfCell } from './raw-row.js';
import { csvLine, delimiterOf } from './read-csv.js';
import { openXlsx } from './read-xlsx.js';
import { serialText } from './sheet-dates.js';

t.setTimeout(300_000);
const folder = t.testdir({});
let files = 0;
const read = async (bytes: Uint8Array | string) => {
  const file = join(folder, `f${files++}`);
  writeFileSync(file, bytes);
  const table = await openTable(file);
  try {
    const rows: RawRow[] = [];
    for await (const row of table.rows()) rows.push(row);
    return { ...table.readAs, titles: table.titles, rows };
  } finally {
    table.close();
  }
};
const texts = (rows: readonly RawRow[]) => rows.map(({ cells }) => cells.map(textOfCell));
const zipOf = async (parts: Readonly<Record<string, string | Buffer>>): Promise<Buffer> => {
  const zip = new ZipFile();
  for (const [name, text] of Object.entries(parts)) zip.addBuffer(Buffer.from(text as string), name);
  zip.end();
  const chunks: Buffer[] = [];
  for await (const chunk of zip.outputStream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};
const main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"';
const bookOf = (sheet: string, more: Readonly<Record<string, string>> = {}) =>
  zipOf({
    'xl/workbook.xml': `<workbook ${main} xmlns:r="r"><sheets><sheet name="藏" state="hidden" r:id="rId2"/><sheet name="单" r:id="rId1"/></sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/></Relationships>`,
    'xl/worksheets/sheet1.xml': sheet,
    ...more,
  });

t.test('delimited text: encodings, delimiters, quotes, lines', async (t) => {
  const gb = Buffer.from([
    0xb1, 0xea, 0xcc, 0xe2, 0x2c, 0xb5, 0xe7, 0xbb, 0xb0, 0x0a, 0xc2, 0xb7, 0xb5, 0xc6, 0x2c, 0x31,
  ]);
  t.match(await read(gb), { encoding: 'gb18030', titles: ['标题', '电话'], rows: [{ line: 2, cells: ['路灯', '1'] }] });
  t.match(await read('\ufeff标题;电话\r\n路灯;1'), { encoding: 'utf-8', delimiter: ';', titles: ['标题', '电话'] });
  const wide = Buffer.from('\ufeff标题\t电话\n路灯\t1\n', 'utf16le');
  t.match(await read(wide), { encoding: 'utf-16le', delimiter: '\t', rows: [{ cells: ['路灯', '1'] }] });
  const quoted = await read('a,b\n"x\r\ny ""z""",2\r\n\r\n   ,\nlast"q",3');
  t.same(quoted.rows, [
    { line: 2, cells: ['x\r\ny "z"', '2'] },
    { line: 6, cells: ['last"q"', '3'] },
  ]);
  t.equal(delimiterOf('a;"b,c,d";e\n1;2;3\n'), ';');
  await t.rejects(read('a,b\n1,"2\n3,4\n'), { code: 'unsupported', context: { reason: 'quotes', line: 2 } });
  await t.rejects(read(''), { code: 'unsupported', context: { reason: 'empty' } });
  await t.rejects(read(' \n,,\n'), { code: 'unsupported', context: { reason: 'empty' } });
  await t.rejects(read(Buffer.concat([Buffer.from('%PDF-'), randomBytes(500)])), {
    code: 'unsupported',
    context: { reason: 'encoding' },
  });
  await t.rejects(read(`a\n${'x,'.repeat(300)}x`), { code: 'unsupported', context: { reason: 'columns' } });
  const long = await read(`a\n${'长'.repeat(40_000)}`);
  t.match(long.rows[0]?.cells[0], { wrong: 'too_long' });
});

t.test('what is written as CSV is read as the same, whatever it is, and is no formula', async (t) => {
  const cell = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 12 }),
    fc.constantFrom('=1+1', "'=x", '+86 138', '-1', '@a', "''=q", 'a"b', 'x\ny', '\t', "'"),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 8 }), async (rows) => {
      const clean = rows
        .map((row) => row.map((text) => text.replaceAll('\0', '').replace(/[\u0001-\u0008\u000b-\u001f]/g, '')))
        .filter((row) => row.join('').trim() !== '');
      const text = [['甲', '乙'], ...clean].map(csvLine).join('');
      for (const one of text.split('\r\n')) t.notMatch(one, /^"[=+\-@]/);
      t.same(texts((await read(`\ufeff${text}`)).rows), clean);
    }),
    { numRuns: 60 },
  );
});

t.test('our own workbook, and one as others write it', async (t) => {
  const own = await writeWorkbook([
    {
      name: '工单',
      columns: [
        { title: '标题', width: 9 },
        { title: '数', width: 9 },
      ],
      rows: [
        ['=1+1', 7],
        ['', null],
        ['尾', 0.5],
      ],
    },
  ]);
  const table = await read(own);
  t.match(table, { format: 'xlsx', sheet: '工单', titles: ['标题', '数'] });
  t.same(table.rows, [
    { line: 2, cells: ['=1+1', '7'] },
    { line: 4, cells: ['尾', '0.5'] },
  ]);
  const others = await bookOf(
    `<x:worksheet xmlns:x="m"><x:sheetData><x:row r="3"><x:c r="A3" t="s"><x:v>0</x:v></x:c><x:c r="C3" t="s"><x:v>1</x:v></x:c></x:row>
     <x:row r="5"><x:c r="A5"><x:f>1/0</x:f><x:v>13812348000</x:v></x:c><x:c r="B5" s="1"><x:v>45983.5</x:v></x:c><x:c r="C5" t="e"><x:v>#N/A</x:v></x:c><x:c r="D5"><x:v>3.4011119900101E+17</x:v></x:c></x:row></x:sheetData></x:worksheet>`,
    {
      'xl/sharedStrings.xml': `<sst ${main}><si><t>电话</t><rPh><t>dianhua</t></rPh></si><si><r><t>备</t></r><r><t>注</t></r></si></sst>`,
      'xl/styles.xml': `<styleSheet ${main}><numFmts><numFmt numFmtId="170" formatCode="yyyy&quot;年&quot;m"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="170"/></cellXfs></styleSheet>`,
    },
  );
  const read2 = await read(others);
  t.match(read2, { sheet: '单', titles: ['电话', '', '备注'] });
  t.same(read2.rows, [
    {
      line: 5,
      cells: [
        '13812348000',
        '2025-11-22 12:00:00',
        { wrong: 'cell_error', text: '#N/A' },
        { wrong: 'precision', text: '340111199001010000' },
      ],
    },
  ]);
  t.equal(serialText(59, false), '1900-02-28');
  t.equal(serialText(61, false), '1900-03-01');
  t.equal(serialText(0, true), '1904-01-01');
  t.equal(serialText(0.75, false), '18:00:00');
});

t.test('hostile workbooks: each is told why, none takes the process along', async (t) => {
  const rejects = async (bytes: Uint8Array, reason: string) =>
    t.rejects(read(bytes), { code: reason === 'inflated' ? 'too_large' : 'unsupported', context: { reason } }, reason);
  await rejects(Buffer.from('d0cf11e0a1b11ae1', 'hex'), 'xls');
  await rejects(Buffer.concat([Buffer.from('504b0304', 'hex'), randomBytes(200)]), 'damaged');
  await rejects(await zipOf({ 'a.txt': 'x' }), 'damaged');
  const bomb = `<worksheet><sheetData><row><c t="inlineStr"><is><t>${' '.repeat(1024 * 1024)}</t></is></c></row>`;
  const dtd =
    '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><worksheet><sheetData><row><c t="inlineStr"><is><t>&b;</t></is></c></row></sheetData></worksheet>';
  await rejects(await bookOf(dtd), 'damaged');
  await rejects(await bookOf('<worksheet><sheetData><row>'), 'damaged');
  await rejects(await bookOf('<worksheet><sheetData/></worksheet>'), 'empty');
  const whole = await bookOf('<worksheet><sheetData><row><c><v>1</v></c></row></sheetData></worksheet>');
  await rejects(whole.subarray(0, whole.length - 30), 'damaged');
  const entries = await zipOf(Object.fromEntries(Array.from({ length: 2_100 }, (_, i) => [`f${i}`, ''])));
  await rejects(entries, 'inflated');
  const shared = `<sst>${`<si><t>${'字'.repeat(30_000)}</t></si>`.repeat(2_300)}</sst>`;
  await rejects(await bookOf('<worksheet/>', { 'xl/sharedStrings.xml': shared }), 'inflated');
  // Half a megabyte that says one text in eighty thousand cells.
  const once = `<sst><si><t>${'长'.repeat(32_000)}</t></si></sst>`;
  const row = `<row>${'<c t="s"><v>0</v></c>'.repeat(200)}</row>`;
  const sheet = `<worksheet><sheetData>${row.repeat(400)}</sheetData></worksheet>`;
  await rejects(await bookOf(sheet, { 'xl/sharedStrings.xml': once }), 'inflated');
  const file = join(folder, 'bomb');
  writeFileSync(file, await bookOf(bomb));
  await t.rejects(
    openXlsx(file, 100_000).then(async ({ rows }) => rows().next()),
    { code: 'too_large' },
  );
});
