import type { TicketField } from '@hallhub/shared/ticket';
import type { OpenForm } from '../forms/find-form.js';
import type { PublicTicket } from '../forms/public-ticket.js';
import type { FieldFault } from '../forms/submit-form.js';
import { Html, html } from './html.js';
import { type Language, labelIn, type Words, wordsIn } from './words.js';

const style = `:root{color-scheme:light dark;--line:#8a94a6;--accent:#0b57c2}*{box-sizing:border-box}
body{font:16px/1.6 system-ui,"PingFang SC","Microsoft YaHei",sans-serif;margin:0 auto;max-width:42rem;padding:1rem}
h1{font-size:1.4rem}label,legend{display:block;font-weight:600;margin-top:1rem}
input,select,textarea{font:inherit;width:100%;padding:.6rem;border:1px solid var(--line);border-radius:.4rem;background:Canvas;color:CanvasText}
input[type=radio],input[type=checkbox]{width:auto;margin-right:.4rem}textarea{min-height:8rem}
.choice{font-weight:400;display:flex;align-items:center;min-height:2.75rem;margin:0}fieldset{border:0;padding:0;margin:0}
button{font:inherit;margin-top:1.5rem;min-height:2.75rem;width:100%;border:0;border-radius:.4rem;background:var(--accent);color:#fff}
.hint,.need{font-weight:400;font-size:.9rem;opacity:.8}.fault{color:#b3261e}@media(prefers-color-scheme:dark){.fault{color:#ff8a80}:root{--accent:#1b6ae0}}
.trap{position:absolute;left:-9999px}.big{font-size:1.5rem;letter-spacing:.1em}nav{display:flex;justify-content:space-between;gap:1rem}`;

/** A whole page, without a script: it works on every phone, and with a screen reader. */
export const page = (
  language: Language,
  of: { readonly title: string; readonly body: Html; readonly other: string },
): string =>
  `<!doctype html>${
    html`<html lang="${language === 'en' ? 'en' : 'zh-CN'}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${of.title}</title><style>${new Html(style)}</style></head><body><nav><a href="/progress?lang=${language}">${wordsIn(language).progress}</a>
<a href="${of.other}" lang="${language === 'en' ? 'zh-CN' : 'en'}">${wordsIn(language).other}</a></nav><main><h1>${of.title}</h1>${of.body}</main></body></html>`
      .text
  }`;

export interface FormValues {
  readonly [key: string]: string | readonly string[] | undefined;
}

const control = (open: OpenForm, field: TicketField, language: Language, values: FormValues): Html => {
  const words = wordsIn(language);
  const { key } = field;
  const needed = open.required.has(key);
  const attributes = html`id="f-${key}" name="${key}"${needed ? new Html(' required aria-required="true"') : ''}`;
  const value = typeof values[key] === 'string' ? (values[key] as string) : '';
  const chosen = [values[key] ?? []].flat();
  const option = (of: string, text: string) =>
    html`<option value="${of}"${chosen.includes(of) ? new Html(' selected') : ''}>${text}</option>`;
  switch (field.type) {
    case 'longText':
      return html`<textarea ${attributes} maxlength="${field.maxLength}">${value}</textarea>`;
    case 'choice':
      return html`<select ${attributes}><option value="">${words.choose}</option>${field.choices.map((one) => option(one.value, labelIn(language, one.label)))}</select>`;
    case 'choices':
      return html`<select ${attributes} multiple>${field.choices.map((one) => option(one.value, labelIn(language, one.label)))}</select>`;
    case 'category': {
      const all = open.categories.get(field.tree) ?? [];
      return html`<select ${attributes}><option value="">${words.choose}</option>${all.map(({ path, label }) => option(path.join('/'), label))}</select>`;
    }
    case 'yesNo':
      return html`<select ${attributes}><option value="">${words.choose}</option>${option('true', words.yes)}${option('false', words.no)}</select>`;
    case 'number':
      return html`<input ${attributes} type="number" step="any" value="${value}">`;
    case 'date':
      return html`<input ${attributes} type="date" value="${value}">`;
    case 'phone':
      return html`<input ${attributes} type="tel" autocomplete="tel" value="${value}">`;
    case 'files':
      return html`<input id="f-${key}" name="${key}" type="file" multiple accept="image/*,application/pdf"><p class="hint">${words.files}</p>`;
    case 'text':
      return html`<input ${attributes} type="text" maxlength="${field.maxLength}" value="${value}">`;
    default:
      return html`<input ${attributes} type="text" maxlength="300" value="${value}">`;
  }
};

export const formBody = (
  open: OpenForm,
  language: Language,
  {
    values = {},
    faults = [],
    problem,
  }: { readonly values?: FormValues; readonly faults?: readonly FieldFault[]; readonly problem?: string } = {},
): Html => {
  const words = wordsIn(language);
  const labelOf = (key: string) => {
    const field = open.fields.find((one) => one.key === key);
    return field ? labelIn(language, field.label) : key;
  };
  const textOf = ({ problem: what }: FieldFault) => (what === 'required' ? words.required : words.wrong);
  return html`${open.form.intro && html`<p>${labelIn(language, open.form.intro)}</p>`}
${(faults.length > 0 || problem) && html`<div role="alert" class="fault"><p>${problem ?? words.problems}</p><ul>${faults.map((one) => html`<li><a href="#f-${one.field}">${labelOf(one.field)}</a>: ${textOf(one)}</li>`)}</ul></div>`}
<form method="post" action="/form/${open.form.slug}?lang=${language}" enctype="multipart/form-data">
${open.fields.map(
  (field) =>
    html`<label for="f-${field.key}">${labelIn(language, field.label)}${open.required.has(field.key) && html` <span class="need">(${words.required})</span>`}</label>${field.hint && html`<p class="hint">${labelIn(language, field.hint)}</p>`}${control(open, field, language, values)}`,
)}
<div class="trap" aria-hidden="true"><label for="website">${words.trap}</label><input id="website" name="website" tabindex="-1" autocomplete="off"></div>
<button type="submit">${words.send}</button></form>`;
};

export const receiptBody = (
  language: Language,
  { number, pin }: { readonly number: string; readonly pin: string },
): Html => {
  const words = wordsIn(language);
  return html`<div role="status"><p>${words.keep}</p><dl><dt>${words.number}</dt><dd class="big">${number}</dd><dt>${words.pin}</dt><dd class="big">${pin}</dd></dl></div>`;
};

const keyFields = (words: Words, number = '', pin = ''): Html =>
  html`<label for="number">${words.number}</label><input id="number" name="number" required value="${number}" autocapitalize="characters">
<label for="pin">${words.pin}</label><input id="pin" name="pin" required value="${pin}" autocomplete="off" autocapitalize="characters">`;

export const progressForm = (language: Language, problem?: string): Html => {
  const words = wordsIn(language);
  return html`${problem && html`<p role="alert" class="fault">${problem}</p>`}<form method="post" action="/progress?lang=${language}">${keyFields(words)}<button type="submit">${words.look}</button></form>`;
};

const hidden = (number: string, pin: string): Html =>
  html`<input type="hidden" name="number" value="${number}"><input type="hidden" name="pin" value="${pin}">`;

export const progressBody = (language: Language, ticket: PublicTicket, pin: string): Html => {
  const words = wordsIn(language);
  const at = (text: string) => `${text.slice(0, 16).replace('T', ' ')} UTC`;
  const degrees = [5, 4, 3, 2, 1] as const;
  return html`<dl><dt>${words.number}</dt><dd>${ticket.number}</dd><dt>${words.state}</dt><dd>${labelIn(language, ticket.state)}</dd>
<dt>${words.made}</dt><dd><time datetime="${ticket.madeAt}">${at(ticket.madeAt)}</time></dd>${ticket.answers.map(({ label, text }) => html`<dt>${labelIn(language, label)}</dt><dd>${text}</dd>`)}</dl>
<h2>${words.history}</h2><ol>${ticket.progress.map((one) => html`<li><time datetime="${one.at}">${at(one.at)}</time> ${labelIn(language, one.state)}</li>`)}</ol>
${
  ticket.mayJudge &&
  html`<form method="post" action="/progress/visit?lang=${language}">${hidden(ticket.number, pin)}<fieldset><legend>${words.judge}</legend>${degrees.map((degree) => html`<label class="choice"><input type="radio" name="satisfaction" value="${degree}" required>${words[`s${degree}`]}</label>`)}</fieldset>
<label for="words">${words.words}</label><textarea id="words" name="words" maxlength="2000"></textarea><button type="submit">${words.send}</button></form>`
}
${ticket.mayWithdraw && html`<form method="post" action="/progress/withdraw?lang=${language}">${hidden(ticket.number, pin)}<label for="why">${words.why}</label><input id="why" name="words" required maxlength="500"><button type="submit">${words.withdraw}</button></form>`}`;
};
