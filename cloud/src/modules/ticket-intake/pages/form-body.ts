import type { TicketField } from '@hallhub/shared/ticket';
import { type CategoryChoice, mostShownCategories, type OpenForm } from '../forms/find-form.js';
import { type FieldFault, maxFormFileBytes, mostFiles } from '../forms/submit-form.js';
import { Html, html } from './html.js';
import { type Language, labelIn, type Words, wordsIn } from './words.js';

export interface FormValues {
  readonly [key: string]: string | readonly string[] | undefined;
}

export interface FormShown {
  readonly values?: FormValues;
  readonly faults?: readonly FieldFault[];
  /** What is wrong with the whole of it. */
  readonly problem?: string;
  /** By which the page is known again when it is sent twice. */
  readonly token?: string;
  /** Files were chosen, which no page can choose again. */
  readonly hadFiles?: boolean;
}

/** Up to so many are all seen at once; more are a list to open. */
const mostSeen = 6;
const manyBoxes = 12;

interface Asked {
  readonly open: OpenForm;
  readonly field: TicketField;
  readonly language: Language;
  readonly words: Words;
  readonly values: FormValues;
  readonly fault: FieldFault | undefined;
}

const raw = (text: string) => new Html(text);
const isGroup = ({ type, ...field }: TicketField): boolean =>
  type === 'yesNo' ||
  type === 'choices' ||
  (type === 'choice' && 'choices' in field && field.choices.length <= mostSeen);

const hintOf = ({ field, words, language }: Asked): string | undefined => {
  if (field.hint) return labelIn(language, field.hint);
  switch (field.type) {
    case 'files':
      return words.files;
    case 'place':
      return words.placeHint;
    case 'phone':
      return words.phoneHint;
    case 'choices':
      return words.severalHint;
    default:
      return undefined;
  }
};

const faultText = ({ open, field, words, fault }: Asked): string | undefined => {
  switch (fault?.problem) {
    case undefined:
      return undefined;
    case 'required':
      if (field.type === 'phone' && !open.required.has(field.key)) return words.phoneForAnswer;
      return isGroup(field) || field.type === 'choice' || field.type === 'category' ? words.pickOne : words.fillIn;
    case 'too_long':
      return words.tooLong.replace('#', String('maxLength' in field ? field.maxLength : ''));
    case 'too_many':
      return field.type === 'files'
        ? words.tooManyFiles.replace('#', String(Math.min(mostFiles, field.most)))
        : words.tooMany;
    case 'out_of_range':
      return words.outOfRange;
    case 'phone':
      return words.badPhone;
    case 'identityNumber':
      return words.badIdentity;
    case 'number':
      return words.badNumber;
    case 'date':
      return words.badDate;
    default:
      return words.wrong;
  }
};

/** Radio buttons or boxes; the first bears the id to which what is wrong leads. */
const group = (asked: Asked, options: readonly { readonly value: string; readonly text: string }[]): Html => {
  const { field, open, values } = asked;
  const chosen = [values[field.key] ?? []].flat();
  const isMany = field.type === 'choices';
  const needed = !isMany && open.required.has(field.key) ? raw(' required') : '';
  return html`<div class="options${options.length > manyBoxes ? ' many' : ''}">${options.map(
    ({ value, text }, i) =>
      html`<label class="option"><input type="${isMany ? 'checkbox' : 'radio'}" name="${field.key}" value="${value}"${i === 0 ? html` id="f-${field.key}"` : ''}${needed}${chosen.includes(value) ? raw(' checked') : ''}>${text}</label>`,
  )}</div>`;
};

const categoryOptions = (asked: Asked, all: readonly CategoryChoice[]): Html => {
  const { language, words, values, field } = asked;
  const chosen = values[field.key];
  const option = (path: readonly string[], text: string) =>
    html`<option value="${path.join('/')}"${chosen === path.join('/') ? raw(' selected') : ''}>${text}</option>`;
  const roots = all.filter(({ path }) => path.length === 1);
  return html`${roots.map((root) => {
    const below = all.filter(({ path }) => path.length > 1 && path[0] === root.path[0]);
    const name = root.labels.map((one) => labelIn(language, one)).join('');
    if (below.length === 0) return option(root.path, name);
    const textOf = ({ labels }: CategoryChoice) =>
      labels
        .slice(1)
        .map((one) => labelIn(language, one))
        .join(' / ');
    return html`<optgroup label="${name}">${below.map((one) => option(one.path, textOf(one)))}${option(root.path, `${name} · ${words.notSure}`)}</optgroup>`;
  })}`;
};

const control = (asked: Asked, describedBy: string): Html => {
  const { open, field, language, words, values, fault } = asked;
  const { key } = field;
  const attributes = html`id="f-${key}" name="${key}"${open.required.has(key) ? raw(' required') : ''}${fault ? raw(' aria-invalid="true"') : ''}${describedBy === '' ? '' : html` aria-describedby="${describedBy}"`}`;
  const value = typeof values[key] === 'string' ? (values[key] as string) : '';
  switch (field.type) {
    case 'longText':
      return html`<textarea ${attributes} rows="6" maxlength="${field.maxLength}">
${value}</textarea>`;
    case 'choices':
      return group(asked, optionsOf(field.choices, language));
    case 'choice':
      if (isGroup(field)) return group(asked, optionsOf(field.choices, language));
      return html`<select ${attributes}><option value="">${words.choose}</option>${optionsOf(field.choices, language).map((one) => html`<option value="${one.value}"${value === one.value ? raw(' selected') : ''}>${one.text}</option>`)}</select>`;
    case 'yesNo':
      return group(asked, [
        { value: 'true', text: words.yes },
        { value: 'false', text: words.no },
      ]);
    case 'category':
      return html`<select ${attributes}><option value="">${words.choose}</option>${categoryOptions(asked, (open.categories.get(field.tree) ?? []).slice(0, mostShownCategories))}</select>`;
    case 'number':
      return html`<input ${attributes} type="number" inputmode="decimal" step="any" value="${value}">`;
    case 'date':
      return html`<input ${attributes} type="date" value="${value}">`;
    case 'phone':
      return html`<input ${attributes} type="tel" autocomplete="tel" maxlength="24" value="${value}">`;
    case 'identityNumber':
      return html`<input ${attributes} type="text" maxlength="24" autocomplete="off" autocapitalize="characters" spellcheck="false" value="${value}">`;
    case 'files':
      return html`<input ${attributes} type="file" multiple accept="image/*,application/pdf">`;
    case 'text': {
      const name = field.personal ? raw(' autocomplete="name"') : '';
      return html`<input ${attributes} type="text"${name} maxlength="${field.maxLength}" value="${value}">`;
    }
    default:
      return html`<input ${attributes} type="text" maxlength="300" value="${value}">`;
  }
};

const optionsOf = (
  choices: readonly { readonly value: string; readonly label: Parameters<typeof labelIn>[1] }[],
  language: Language,
) => choices.map((one) => ({ value: one.value, text: labelIn(language, one.label) }));

/** Who asks is called a requester by the staff; whoever fills it in is asked for a name. */
const nameOf = ({ field, language, words }: Asked): string =>
  field.key === 'requester' && field.type === 'text' ? words.yourName : labelIn(language, field.label);

const question = (asked: Asked): Html => {
  const { open, field, words } = asked;
  const { key } = field;
  const [hint, wrong] = [hintOf(asked), faultText(asked)];
  const describedBy = [hint && `h-${key}`, wrong && `e-${key}`].filter(Boolean).join(' ');
  const name = html`${nameOf(asked)}${open.required.has(key) && html`<span class="need">${words.required}</span>`}`;
  const below = html`${hint && html`<p class="hint" id="h-${key}">${hint}</p>`}${wrong && html`<p class="error" id="e-${key}">${wrong}</p>`}`;
  const look = wrong ? 'field bad' : 'field';
  if (!isGroup(field)) {
    return html`<div class="${look}"><label for="f-${key}">${name}</label>${below}${control(asked, describedBy)}</div>`;
  }
  const described = describedBy === '' ? '' : html` aria-describedby="${describedBy}"`;
  return html`<fieldset class="${look}"${described}><legend>${name}</legend>${below}${control(asked, '')}</fieldset>`;
};

interface Part {
  readonly name: string | undefined;
  readonly fields: readonly TicketField[];
}

/** Questions by the sections of the kind’s own page, unless the form’s order tears one apart. */
const partsOf = ({ fields, kind }: OpenForm, language: Language): readonly Part[] => {
  const sectionOf = new Map(
    kind.layout.flatMap(({ label, rows }) => rows.flat().map((key) => [key, labelIn(language, label)])),
  );
  const parts: { name: string | undefined; fields: TicketField[] }[] = [];
  for (const field of fields) {
    const name = sectionOf.get(field.key);
    const last = parts.at(-1);
    if (last && last.name === name) last.fields.push(field);
    else parts.push({ name, fields: [field] });
  }
  const names = new Set(parts.map(({ name }) => name));
  return names.size === parts.length && parts.length > 1 ? parts : [{ name: undefined, fields }];
};

/** The questions, what was answered so far, and what of it does not fit: told above, and where it is. */
export const formBody = (open: OpenForm, language: Language, shown: FormShown = {}): Html => {
  const { values = {}, faults = [], problem, token, hadFiles } = shown;
  const words = wordsIn(language);
  const asked = (field: TicketField): Asked => ({
    ...{ open, field, language, words, values },
    fault: faults.find((one) => one.field === field.key),
  });
  const isRefused = faults.length > 0 || problem !== undefined;
  const title = labelIn(language, open.form.title);
  return html`<h1>${title}</h1>${open.form.intro && html`<p class="lead">${labelIn(language, open.form.intro)}</p>`}
${
  isRefused &&
  html`<div role="alert" class="faults" tabindex="-1" autofocus><h2>${problem ?? words.problems}</h2><ul>${open.fields
    .map(asked)
    .filter(({ fault }) => fault)
    .map(
      (one) =>
        html`<li><a href="#f-${one.field.key}">${nameOf(one)}</a>${language === 'en' ? ': ' : '：'}${faultText(one)}</li>`,
    )}</ul>${hadFiles && html`<p class="hint">${words.filesAgain}</p>`}</div>`
}
<form method="post" action="/form/${open.form.slug}?lang=${language}" enctype="multipart/form-data" data-guard="${open.form.slug}" data-most="${mostFiles}" data-bytes="${maxFormFileBytes}" data-too-large="${words.tooLarge}" data-too-many="${words.tooManyFiles.replace('#', String(mostFiles))}" data-sending="${words.sending}" data-offline="${words.offline}">
${token !== undefined && html`<input type="hidden" name="token" value="${token}">`}${partsOf(open, language).map(
  ({ name, fields }) =>
    name === undefined
      ? html`<div class="card">${fields.map((field) => question(asked(field)))}</div>`
      : html`<fieldset class="card section"><legend>${name}</legend>${fields.map((field) => question(asked(field)))}</fieldset>`,
)}
<div class="trap" aria-hidden="true"><label for="website">${words.trap}</label><input id="website" name="website" type="text" tabindex="-1" autocomplete="off"></div>
<div class="send"><button type="submit">${words.send}</button><p class="hint">${words.afterwards}</p></div></form>${token !== undefined && raw('<script src="/form-guard.js" defer></script>')}`;
};
