import t from 'tap';
import { type Label, pickLabel } from '../../i18n/use-language.js';
import { deviceNameIn } from './device-name.js';

const device = {
  name: 'qm-200 QM2000017',
  profileLabel: { zh: 'QM-200 排队取号机', en: 'QM-200 ticket machine' },
  classLabel: { zh: '排队取号机', en: 'Queue machine' },
  vendor: 'hallhub',
  model: 'qm-200',
  serial: 'QM2000017',
};
const inLanguage = (language: 'zh' | 'en') => (label: Label | string | null | undefined) => pickLabel(label, language);

t.test('a device that nobody named goes by its model in the reader’s language, and its serial', async (t) => {
  t.equal(deviceNameIn(device, inLanguage('zh')), 'QM-200 排队取号机 QM2000017');
  t.equal(deviceNameIn(device, inLanguage('en')), 'QM-200 ticket machine QM2000017');
  t.equal(deviceNameIn({ ...device, name: null }, inLanguage('zh')), 'QM-200 排队取号机 QM2000017');
});

t.test('a given name stands; without a profile it is what the API says', async (t) => {
  t.equal(deviceNameIn({ ...device, name: '大厅取号机' }, inLanguage('en')), '大厅取号机');
  t.equal(deviceNameIn({ ...device, profileLabel: null }, inLanguage('zh')), 'qm-200 QM2000017');
  t.equal(deviceNameIn({ ...device, name: '', profileLabel: null }, inLanguage('en')), 'Queue machine qm-200');
});
