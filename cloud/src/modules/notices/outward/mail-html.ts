import type { Message } from './sent.js';

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string): string => text.replace(/[&<>"']/g, (one) => escapes[one] ?? '');

const words = {
  zh: { open: '打开工单', unsubscribe: '不再接收这类邮件', why: '此邮件由系统自动发送，请勿直接回复。' },
  en: { open: 'Open the ticket', unsubscribe: 'Stop these mails', why: 'This mail was sent automatically.' },
} as const;

/** The same words as the plain text, and nothing that is fetched from elsewhere. */
export const mailHtml = ({ text, link, unsubscribe, language, inReplyTo }: Message): string => {
  const said = words[language];
  const lines = escaped(text).replaceAll('\n', '<br>');
  const button = link ? `<p><a href="${escaped(link)}">${said.open}</a></p>` : '';
  const foot = [
    inReplyTo ? '' : said.why,
    unsubscribe ? `<a href="${escaped(unsubscribe)}">${said.unsubscribe}</a>` : '',
  ]
    .filter(Boolean)
    .join(' ');
  return [
    `<!doctype html><html lang="${language === 'zh' ? 'zh-CN' : 'en'}"><body style="font-family:sans-serif;font-size:15px;line-height:1.6">`,
    `<p>${lines}</p>${button}`,
    foot ? `<p style="color:#666;font-size:12px">${foot}</p>` : '',
    '</body></html>',
  ].join('');
};
