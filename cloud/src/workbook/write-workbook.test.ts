import { buffer } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import t from 'tap';
import { unzip } from './__fixtures__/unzip.js';
import { streamWorkbook } from './stream-workbook.js';
import { writeWorkbook } from './write-workbook.js';

t.test('several sheets, each with its cells; text is text', async (t) => {
  const files = unzip(
    await writeWorkbook([
      {
        name: '规则[1]/a',
        columns: [
          { title: '名称', width: 10 },
          { title: '占比', width: 10 },
        ],
        rows: [
          ['=1+1', { share: 0.25 }],
          ['<&"\u0001>', null],
        ],
      },
      { name: 'b', columns: [{ title: 'x', width: 5 }], rows: [[{ text: 'open', link: 'pictures/a b.jpg' }], [3]] },
    ]),
  );
  t.match(
    files.get('xl/workbook.xml'),
    /<sheet name="规则 1 {2}a" sheetId="1" r:id="rId1"\/><sheet name="b" sheetId="2" r:id="rId2"\/>/,
  );
  const [first, second] = [files.get('xl/worksheets/sheet1.xml'), files.get('xl/worksheets/sheet2.xml')];
  t.match(first, '<c r="A2" s="0" t="inlineStr"><is><t xml:space="preserve">=1+1</t></is></c>');
  t.match(first, '<c r="B2" s="3"><v>0.25</v></c>');
  t.match(first, '&lt;&amp;&quot;&gt;');
  t.match(second, '<hyperlink ref="A2" r:id="rId1"/>');
  t.match(second, '<c r="A3"><v>3</v></c>');
  t.match(files.get('xl/worksheets/_rels/sheet2.xml.rels'), 'Target="pictures/a%20b.jpg"');
  t.match(files.get('[Content_Types].xml'), 'sheet2.xml');
});

t.test('a sheet that is streamed is the same, ends where nobody reads it, and says what fails', async (t) => {
  const columns = [{ title: '名称', width: 10 }];
  const lines = Array.from({ length: 25 }, (_, i) => [`=${i}`]);
  let ended = 0;
  const rows = async function* (fails = false) {
    try {
      for (let i = 0; i < lines.length; i += 10) {
        if (fails && i > 0) throw new Error('gone');
        yield lines.slice(i, i + 10);
      }
    } finally {
      ended += 1;
    }
  };
  const whole = unzip(await buffer(streamWorkbook({ name: 'a', columns, rows: rows() })));
  const same = unzip(await writeWorkbook([{ name: 'a', columns, rows: lines }]));
  for (const [name, text] of whole) t.equal(text, same.get(name), name);
  await t.rejects(buffer(streamWorkbook({ name: 'a', columns, rows: rows(true) })), { message: 'gone' });
  const endless = async function* () {
    try {
      for (;;) yield lines;
    } finally {
      ended += 1;
    }
  };
  const left = streamWorkbook({ name: 'a', columns, rows: endless() });
  // Beyond the parts that come before the sheet.
  let bytes = 0;
  await new Promise<void>((resolve) => {
    left.on('data', (some: Buffer) => {
      bytes += some.length;
      if (bytes > 20_000) resolve();
    });
  });
  left.destroy();
  for (let i = 0; i < 2_000 && ended < 3; i++) await setTimeout(5);
  t.equal(ended, 3);
});
