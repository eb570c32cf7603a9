import { HubError } from '@hallhub/shared';
import type { TicketField } from '@hallhub/shared/ticket';
import { type Tx, withTenant } from '../../../../db/index.js';
import { writeWorkbook } from '../../../../workbook/write-workbook.js';
import type { VerbContext } from '../../../access/verb-context.js';
import { readKind } from '../../../ticket-kinds/kind-book.js';
import { headingOf, type Target, targetsOf } from '../convert/targets.js';
import { exampleMark } from '../read/open-table.js';

/** How a field is written: in words, and an example. */
const howTo: Readonly<Record<TicketField['type'], readonly [zh: string, en: string, example: string]>> = {
  text: ['一行文字', 'One line of text', '路灯不亮'],
  longText: ['文字，可换行', 'Text, several lines', '人民路 80 号门前的路灯坏了三天'],
  number: ['数字', 'A number', '3'],
  money: ['金额，单位元，至多两位小数', 'An amount in yuan', '19.90'],
  yesNo: ['是 或 否', 'yes or no', '是'],
  choice: ['从可填值中选一个', 'One of the allowed values', ''],
  choices: ['从可填值中选，可多个，用顿号分开', 'Allowed values, parted by commas', ''],
  category: ['分类的完整路径，用 / 分开', 'The category’s path, parted by /', ''],
  date: ['日期', 'A date', '2026-11-22'],
  instant: ['时间，按营业厅所在时区', 'A time on the hall’s clock', '2026-11-22 08:30'],
  phone: ['手机或座机，列格式设为文本', 'A telephone number; make the column text', '13800000000'],
  identityNumber: ['身份证号码，列格式须设为文本', 'Identity number; the column has to be text', '11010519491231002X'],
  place: ['地址', 'An address', '人民路80号'],
  hall: ['营业厅的名称或编码', 'A hall’s name or code', ''],
  device: ['设备的名称或序列号', 'A device’s name or serial number', ''],
  person: ['人员的姓名或用户名', 'A person’s name or user name', ''],
  office: ['部门的名称或编码', 'An office’s name or code', ''],
  files: ['', '', ''],
  signature: ['', '', ''],
  satisfaction: ['1 至 5，5 为非常满意', '1 to 5, 5 being very satisfied', '5'],
};

const special: Readonly<Record<string, readonly [zh: string, en: string, example: string]>> = {
  '@level': ['从可填值中选一个，可不填', 'One of the allowed values, or none', ''],
  '@hall': [
    '营业厅的名称或编码；不填则用上传时选的营业厅',
    'A hall’s name or code; else the one chosen at the upload',
    '',
  ],
  '@external': [
    '该行在原系统中的编号：同一编号无论导入几次都只有一张工单',
    'Its number elsewhere: however often it is imported, there is one ticket',
    'WX-2026-000123',
  ],
};

/** A workbook to fill in: titles in both languages, an example that is skipped, and a sheet that says what may stand where. */
export const makeTemplate = (
  ctx: VerbContext,
  { kind: code }: { readonly kind: string },
): Promise<{ readonly bytes: Buffer; readonly name: string }> =>
  withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      const published = await readKind(tx, ctx.actor.tenantId, code);
      if (!published) throw new HubError('not_found', 'There is no such kind of ticket, or none is published');
      const { kind } = published;
      const targets = targetsOf(kind).filter(({ key }) => key !== '@row');
      const guide: {
        readonly target: Target;
        readonly how: readonly [string, string, string];
        readonly allowed: readonly string[];
      }[] = [];
      for (const target of targets) {
        const allowed = await allowedOf(tx, ctx.actor.tenantId, target, kind.levels);
        guide.push({ target, allowed, how: howOf(target, allowed) });
      }
      const titleOf = ({ label, required }: Target) => headingOf(label) + (required ? ' *' : '');
      const example = guide.map(({ target, how }) =>
        target.key === kind.title ? `${exampleMark}${how[2] || target.label.zh}` : how[2],
      );
      const lists = guide.flatMap(({ target, allowed }) => {
        const values = listOf(target, allowed);
        return values.length > 0 ? [{ target, values }] : [];
      });
      const choicesFor = (target: Target) => {
        const column = lists.findIndex((one) => one.target === target);
        const count = lists[column]?.values.length ?? 0;
        if (column < 0) return {};
        return { choices: { sheet: choiceSheet, column, count, asks: target.field?.type !== 'choices' } };
      };
      const bytes = await writeWorkbook([
        {
          name: '工单 Tickets',
          columns: guide.map(({ target }) => ({
            title: titleOf(target),
            width: target.field?.type === 'longText' ? 40 : 20,
            ...choicesFor(target),
          })),
          rows: [example],
        },
        {
          name: '填写说明 How to',
          columns: [
            { title: '列 Column', width: 28 },
            { title: '必填 Required', width: 12 },
            { title: '怎么填', width: 44 },
            { title: 'How to fill in', width: 44 },
            { title: '可填值 Allowed values', width: 80 },
            { title: '示例 Example', width: 26 },
          ],
          rows: guide.map(({ target, how, allowed }) => [
            ...[titleOf(target), target.required ? '是 yes' : '', how[0], how[1]],
            ...[allowed.join('、').slice(0, 30_000), how[2]],
          ]),
        },
        {
          ...{ name: choiceSheet, hidden: true },
          columns: lists.map(({ target }) => ({ title: titleOf(target), width: 30 })),
          rows: Array.from({ length: Math.max(0, ...lists.map(({ values }) => values.length)) }, (_, row) =>
            lists.map(({ values }) => values[row] ?? null),
          ),
        },
      ]);
      return { bytes, name: `${kind.label.zh}-导入模板.xlsx` };
    },
    { readOnly: true },
  );

const choiceSheet = '选项 Choices';

/** What a cell is chosen from in the sheet, besides being typed. */
const listOf = ({ field }: Target, allowed: readonly string[]): readonly string[] => {
  if (field?.type === 'yesNo') return ['是', '否'];
  if (field?.type === 'satisfaction') return ['1', '2', '3', '4', '5'];
  return allowed;
};

const howOf = ({ key, field }: Target, allowed: readonly string[]): readonly [string, string, string] => {
  if (!field)
    return (
      special[key] ?? [
        '数字（WGS-84），可不填',
        'A number (WGS-84), or none',
        key.endsWith('.lon') ? '117.2272' : '31.8206',
      ]
    );
  const [zh, en, example] = howTo[field.type];
  const bound =
    'maxLength' in field ? [`，最多 ${field.maxLength} 字`, `, ${field.maxLength} characters at most`] : ['', ''];
  const person = field.personal && field.type === 'text' ? '张三' : example;
  return [zh + bound[0], en + bound[1], example === '' ? (allowed[0] ?? '') : person];
};

const allowedOf = async (
  tx: Tx,
  tenantId: string,
  { key, field }: Target,
  levels: readonly { readonly label: { readonly zh: string } }[],
): Promise<string[]> => {
  const ask = async (sql: string, values: readonly unknown[]) =>
    (await tx.$client.query<{ name: string }>(sql, [...values])).rows.map(({ name }) => name);
  if (key === '@level') return levels.map(({ label }) => label.zh);
  if (key === '@hall' || field?.type === 'hall') {
    return ask('SELECT name FROM halls WHERE tenant_id = $1 AND archived_at IS NULL ORDER BY name LIMIT 200', [
      tenantId,
    ]);
  }
  if (field?.type === 'choice' || field?.type === 'choices') return field.choices.map(({ label }) => label.zh);
  if (field?.type === 'office') {
    return ask('SELECT name FROM offices WHERE tenant_id = $1 AND archived_at IS NULL ORDER BY name LIMIT 200', [
      tenantId,
    ]);
  }
  if (field?.type !== 'category') return [];
  return ask(
    `WITH RECURSIVE down AS (
       SELECT code, label->>'zh' AS name, 1 AS depth FROM categories WHERE tenant_id = $1 AND tree = $2 AND parent IS NULL AND retired_at IS NULL
       UNION ALL
       SELECT c.code, d.name || '/' || (c.label->>'zh'), d.depth + 1 FROM categories c JOIN down d ON c.parent = d.code
       WHERE c.tenant_id = $1 AND c.tree = $2 AND c.retired_at IS NULL AND d.depth < 6)
     SELECT name FROM down ORDER BY name LIMIT 500`,
    [tenantId, field.tree],
  );
};
