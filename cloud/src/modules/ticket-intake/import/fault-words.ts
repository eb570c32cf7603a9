import type { Label } from '@hallhub/shared';
import type { ImportFault } from './tables.js';

/** Why a row cannot become a ticket, and what to write instead. `{detail}`: the fault's own. */
const words: Readonly<Record<string, Label>> = {
  required: { zh: '必填项「{detail}」为空', en: '“{detail}” has to be filled in' },
  too_long: { zh: '太长，最多 {detail} 个字', en: 'Too long: {detail} characters at most' },
  too_many: { zh: '选得太多', en: 'Too many are chosen' },
  out_of_range: { zh: '数值超出允许范围', en: 'The number is out of range' },
  text: { zh: '不是一行文字', en: 'Not one line of text' },
  longText: { zh: '文字无法使用', en: 'The text cannot be used' },
  number: { zh: '不是数字', en: 'Not a number' },
  satisfaction: { zh: '满意度应为 1 至 5', en: 'Satisfaction goes from 1 to 5' },
  money: { zh: '不是金额，应以元为单位、至多两位小数', en: 'Not an amount in yuan with two decimals at most' },
  yesNo: { zh: '应填「是」或「否」', en: 'Has to be yes or no' },
  choice: { zh: '不在可选值中，可填：{detail}', en: 'Not one of the choices: {detail}' },
  no_category: {
    zh: '没有这个分类，应填完整路径，如「市政/路灯」',
    en: 'There is no such category; write its path: a/b',
  },
  category_ambiguous: { zh: '有多个同名分类，应填完整路径', en: 'Several categories have this name; write the path' },
  date: { zh: '不是日期，应如 2026-11-22', en: 'Not a date such as 2026-11-22' },
  ambiguous_date: { zh: '日与月分不清，应如 2026-11-22', en: 'Day and month cannot be told apart; write 2026-11-22' },
  instant: { zh: '不是时间，应如 2026-11-22 08:30', en: 'Not a time such as 2026-11-22 08:30' },
  phone: { zh: '不是电话号码', en: 'Not a telephone number' },
  identityNumber: {
    zh: '身份证号码不正确（位数或校验位）',
    en: 'Not a resident’s identity number (digits or check digit)',
  },
  place: { zh: '地址无法使用（最多 300 字）', en: 'The address cannot be used (300 characters at most)' },
  position: { zh: '经纬度应为一对数字（WGS-84）', en: 'Longitude and latitude have to be two numbers (WGS-84)' },
  no_hall: { zh: '没有这个营业厅', en: 'There is no such hall' },
  hall_right: { zh: '您无权在该营业厅登记工单', en: 'You may not register tickets in that hall' },
  no_office: { zh: '没有这个部门', en: 'There is no such office' },
  no_person: { zh: '没有这个人员', en: 'There is no such person' },
  no_device: { zh: '没有这台设备', en: 'There is no such device' },
  ambiguous: { zh: '有多个同名，应填编码', en: 'Several have this name; write the code' },
  cell_error: { zh: '单元格中的公式出错', en: 'The cell’s formula failed' },
  precision: {
    zh: '数字超过 15 位，Excel 已丢失末位；请把该列设为文本后重填',
    en: 'The sheet has lost the last digits of this number: make the column text and write it again',
  },
  more_cells: {
    zh: '本行比标题行多出内容（可能缺引号或错列）',
    en: 'The row has more cells than there are titles (quotes missing, or shifted)',
  },
  same_number: {
    zh: '外部编号与第 {detail} 行相同，内容却不同',
    en: 'Has the same external number as row {detail}, but says something else',
  },
  refused: { zh: '系统拒绝登记：{detail}', en: 'The ticket was refused: {detail}' },
  internal: { zh: '登记时系统出错，可重新导入本行', en: 'An error on our side; import the row again' },
};

export const faultCodes: readonly string[] = Object.keys(words);

export const faultText = ({ code, detail = '' }: Pick<ImportFault, 'code' | 'detail'>): Label => {
  const { zh, en = zh } = words[code] ?? words.internal ?? { zh: code };
  const inZh = typeof detail === 'string' ? detail : detail.zh;
  const inEn = typeof detail === 'string' ? detail : (detail.en ?? detail.zh);
  return { zh: zh.replace('{detail}', () => inZh), en: en.replace('{detail}', () => inEn) };
};
