import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deviceClassSchema, type Profile } from '@hallhub/shared/profile';
import { checkInput, checkWrite, type Field, type Language, labelText, type Property } from '@hallhub/shared/thing';
import t from 'tap';
import { formatUnit } from '../format/ucum.js';
import { classIcon } from '../pages/parts/class-icon.js';
import { controlOf } from './control.js';
import { corpusProfiles, shapesOf } from './corpus-profiles.js';
import { historyView } from './history-view.js';
import { isMeant, propertyGroups } from './property-groups.js';
import { type Reader, valueText } from './value-text.js';

const texts = (language: Language, file: string) =>
  JSON.parse(readFileSync(join(import.meta.dirname, '../i18n', language, `${file}.json`), 'utf8'));

const readers = (['zh', 'en'] as const).map((language): Reader => {
  const common = texts(language, 'common');
  return {
    language,
    yesNo: (kind, value) => common.boolean[kind][value ? 'yes' : 'no'],
    emptyText: common.emptyText,
  };
});

const said = (text: unknown) => typeof text === 'string' && text.trim() !== '' && !/undefined|NaN|\[object/.test(text);

/** Values that a property or field may hold, its limits among them. */
function samplesOf({ type, range, values, decimals }: Property | Field): (number | boolean | string)[] {
  switch (type) {
    case 'boolean':
      return [true, false];
    case 'enum':
      return (values ?? []).map(({ id }) => id);
    case 'string':
      return ['', 'A001', '长'.repeat(400)];
    default: {
      const [least, most] = range ?? [-1, 123_456];
      return [least, most, (least + most) / (decimals === undefined && type === 'integer' ? 1 : 2)];
    }
  }
}

const profiles = corpusProfiles();
const nameOf = ({ vendor, model }: Profile) => `${vendor}/${model}`;

t.test('each page shows every property once, in its part, and nothing internal', async (t) => {
  t.ok(profiles.length >= 40, `${profiles.length} profiles`);
  const titles = readers.map(({ language }) => texts(language, 'devices').group);
  for (const profile of profiles) {
    const groups = propertyGroups(profile.thing);
    const shown = groups.flatMap(({ properties }) => properties.map(({ id }) => id));
    const wanted = profile.thing.properties.filter(({ role }) => role !== 'internal').map(({ id }) => id);
    t.same([...shown].sort(), [...wanted].sort(), nameOf(profile));
    for (const { key } of groups) for (const title of titles) t.ok(said(title[key]), `${key} has a title`);
  }
});

t.test('every value of every model is written in both languages', async (t) => {
  for (const profile of profiles) {
    for (const shape of shapesOf(profile.thing) as (Property | Field)[]) {
      for (const reader of readers) {
        const where = `${nameOf(profile)} ${shape.id} in ${reader.language}`;
        if (!said(labelText(shape.label, reader.language))) t.fail(`${where} has no label`);
        for (const value of samplesOf(shape)) {
          const written = valueText(shape as Parameters<typeof valueText>[0], value, reader);
          if (!said(written?.text)) t.fail(`${where}: ${String(value)} is written as ${written?.text}`);
          if (written?.unit && /[[\]{}]/.test(written.unit)) t.fail(`${where}: unit ${written.unit}`);
          if (shape.personal && typeof value === 'string' && value.length > 3 && written?.text === value) {
            t.fail(`${where}: ${value} is personal and shown`);
          }
        }
      }
    }
  }
  t.pass();
});

t.test('every setting and command has a form that its own limits accept', async (t) => {
  const controls = {
    boolean: ['choice'],
    enum: ['choice', 'select'],
    string: ['text', 'longText'],
    number: ['number'],
  };
  let forms = 0;
  for (const profile of profiles) {
    const { properties, commands } = profile.thing;
    for (const property of properties.filter(({ access }) => access !== 'r')) {
      forms += 1;
      const kind = property.type === 'integer' ? 'number' : property.type;
      if (!controls[kind].includes(controlOf(property)))
        t.fail(`${nameOf(profile)} ${property.id}: ${controlOf(property)}`);
      const [value] = samplesOf(property).filter((one) => one !== '');
      if (kind !== 'string') t.ok(checkWrite(property, value).ok, `${nameOf(profile)} ${property.id} takes ${value}`);
    }
    for (const command of commands) {
      forms += 1;
      for (const reader of readers) {
        if (!said(labelText(command.label, reader.language))) t.fail(`${nameOf(profile)} ${command.id} has no label`);
        if (command.dangerous && !(command.confirm && said(labelText(command.confirm, reader.language)))) {
          t.fail(`${nameOf(profile)} ${command.id} asks nothing`);
        }
      }
      const input = Object.fromEntries(
        command.input
          .filter(({ type, pattern }) => type !== 'string' || pattern === undefined)
          .map((field) => [field.id, field.type === 'string' ? 'A' : samplesOf(field)[0]]),
      );
      const checked = checkInput({ ...command, input: command.input.filter(({ id }) => id in input) }, input);
      if (!checked.ok) t.fail(`${nameOf(profile)} ${command.id}: ${checked.errors[0]?.message}`);
    }
  }
  t.ok(forms > 100, `${forms} forms`);
});

t.test('every event, device class and history has its look', async (t) => {
  const severities = readers.map(({ language }) => texts(language, 'common').severity);
  for (const profile of profiles) {
    for (const event of profile.thing.events) {
      for (const { language } of readers) t.ok(said(labelText(event.label, language)));
      for (const words of severities) t.ok(said(words[event.severity]));
    }
    for (const property of profile.thing.properties) {
      t.ok(historyView(property));
      t.ok(isMeant(property, property.label.zh) && isMeant(property, property.label.en ?? property.id));
    }
    for (const reader of readers) t.ok(said(labelText(profile.label, reader.language)));
  }
  for (const deviceClass of deviceClassSchema.options) t.ok(classIcon(deviceClass), deviceClass);
  t.equal(formatUnit('1'), undefined);
});
