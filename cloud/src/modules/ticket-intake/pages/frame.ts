import { Html, html } from './html.js';
import { style } from './style.js';
import { type Language, wordsIn } from './words.js';

export interface Framed {
  readonly title: string;
  readonly body: Html;
  /** Where the same is in the other language. */
  readonly other: string;
  /** Whose page it is. */
  readonly organisation?: string | undefined;
}

/** A whole page. Nothing on it needs a script: it works on every phone, and with a screen reader. */
export const page = (language: Language, { title, body, other, organisation }: Framed): string => {
  const words = wordsIn(language);
  return `<!doctype html>${
    html`<html lang="${language === 'en' ? 'en' : 'zh-CN'}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex"><link rel="icon" href="/favicon.svg" type="image/svg+xml">
<title>${title}${organisation === undefined ? '' : ` · ${organisation}`}</title><style>${new Html(style)}</style></head><body>
<header class="top"><div><span class="who">${organisation ?? words.service}</span><a href="/progress?lang=${language}">${words.progress}</a>
<a href="${other}" lang="${language === 'en' ? 'zh-CN' : 'en'}" hreflang="${language === 'en' ? 'zh-CN' : 'en'}">${words.other}</a></div></header>
<main>${body}</main><footer>${words.privacy}</footer></body></html>`.text
  }`;
};
