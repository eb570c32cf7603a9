import type { PublicTicket } from '../forms/public-ticket.js';
import { Html, html } from './html.js';
import { type Language, labelIn, wordsIn } from './words.js';

const check = new Html(
  '<svg class="mark" viewBox="0 0 48 48" fill="none" stroke="currentColor" stroke-width="3.2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><circle cx="24" cy="24" r="20"/><path d="m15 24.500 6.500 6.500L33.500 18.500"/></svg>',
);

const hidden = (number: string, pin: string): Html =>
  html`<input type="hidden" name="number" value="${number}"><input type="hidden" name="pin" value="${pin}">`;

/** What whoever asked takes along. `again`: where the form is. */
export const receiptBody = (
  language: Language,
  { number, pin, again, slug }: Record<'number' | 'pin' | 'again' | 'slug', string>,
): Html => {
  const words = wordsIn(language);
  return html`<div class="card slip" role="status">${check}<h1>${words.sent}</h1>
<dl class="keys"><div><dt>${words.number}</dt><dd class="big">${number}</dd></div><div><dt>${words.pin}</dt><dd class="big">${pin}</dd></div></dl>
<p class="keep">${words.keep}</p>
<div class="acts"><form method="post" action="/progress?lang=${language}">${hidden(number, pin)}<button type="submit">${words.lookNow}</button></form><a href="${again}">${words.again}</a></div></div>
<section class="card"><h2>${words.nextTitle}</h2><ol class="next"><li>${words.next1}</li><li>${words.next2}</li><li>${words.next3}</li></ol></section><script src="/form-guard.js" data-sent="${slug}" defer></script>`;
};

/** Where the link of a message leads: whoever goes on has followed it. */
export const linkBody = (language: Language, number: string): Html => {
  const words = wordsIn(language);
  return html`<h1>${words.progress}</h1><p class="lead">${words.linkLead}</p>
<form class="card" method="post"><dl class="about"><div><dt>${words.number}</dt><dd>${number}</dd></div></dl><div class="send"><button type="submit">${words.look}</button></div></form>`;
};

/** Asks for number and PIN. */
export const progressForm = (
  language: Language,
  { problem, number = '' }: { readonly problem?: string | undefined; readonly number?: string } = {},
): Html => {
  const words = wordsIn(language);
  return html`<h1>${words.progress}</h1><p class="lead">${words.progressLead}</p>
${problem && html`<div role="alert" class="faults" tabindex="-1" autofocus><h2>${problem}</h2></div>`}
<form class="card" method="post" action="/progress?lang=${language}">
<div class="field"><label for="number">${words.number}</label><p class="hint" id="h-number">${words.numberHint}</p><input id="number" name="number" type="text" required maxlength="40" value="${number}" autocapitalize="characters" autocomplete="off" spellcheck="false" aria-describedby="h-number"></div>
<div class="field"><label for="pin">${words.pin}</label><p class="hint" id="h-pin">${words.pinHint}</p><input id="pin" name="pin" type="text" required maxlength="40" autocomplete="off" autocapitalize="characters" spellcheck="false" aria-describedby="h-pin"></div>
<div class="send"><button type="submit">${words.look}</button></div></form>`;
};

const stages = ['new', 'open', 'solved', 'closed'] as const;

/** Where it is on its way, of four; a suspended one is being handled. */
const way = ({ phase }: PublicTicket, language: Language): Html | '' => {
  if (phase === 'cancelled') return '';
  const words = wordsIn(language);
  const at = stages.indexOf(phase === 'suspended' ? 'open' : phase);
  return html`<ol class="way">${stages.map((stage, i) => {
    const isPast = i < at || (i === at && stage === 'closed');
    const now = i === at ? new Html(' aria-current="step"') : '';
    return html`<li class="${i === at ? 'now' : ''}${isPast ? ' past' : ''}"${now}>${words[`stage_${stage}`]}</li>`;
  })}</ol>`;
};

const judging = (language: Language, ticket: PublicTicket, pin: string): Html => {
  const words = wordsIn(language);
  const degrees = [5, 4, 3, 2, 1] as const;
  const causes =
    ticket.causes.length > 0 &&
    html`<div class="field"><label for="cause">${words.cause}</label><select id="cause" name="cause"><option value="">${words.choose}</option>${ticket.causes.map(({ value, label }) => html`<option value="${value}">${labelIn(language, label)}</option>`)}</select></div>`;
  return html`<section class="card"><h2>${words.judge}</h2><form method="post" action="/progress/visit?lang=${language}">${hidden(ticket.number, pin)}
<fieldset class="field"><legend>${words.judgeAsk}</legend><div class="degrees">${degrees.map((degree) => html`<label class="option"><input type="radio" name="satisfaction" value="${degree}" required>${words[`s${degree}`]}</label>`)}</div></fieldset>${causes}
<div class="field"><label for="words">${words.words}</label><p class="hint" id="h-words">${words.judgeHint}</p><textarea id="words" name="words" rows="4" maxlength="2000" aria-describedby="h-words"></textarea></div>
<div class="send"><button type="submit">${words.sendJudgement}</button></div></form></section>`;
};

/** How far it is, newest first, with times in the zone of its place. `said`: what was just done. */
export const progressBody = (
  language: Language,
  ticket: PublicTicket,
  { pin, said, problem }: { readonly pin: string; readonly said?: string; readonly problem?: string },
): Html => {
  const words = wordsIn(language);
  const format = new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : 'zh-CN', {
    ...{ timeZone: ticket.zone, dateStyle: 'medium', timeStyle: 'short' },
  });
  const time = (at: string) => html`<time datetime="${at}">${format.format(new Date(at))}</time>`;
  const isOver = ticket.phase === 'closed' || ticket.phase === 'cancelled';
  return html`<h1>${labelIn(language, ticket.kind)} <span class="state${isOver ? ' over' : ''}">${labelIn(language, ticket.state)}</span></h1>
${said && html`<div role="status" class="done">${said}</div>`}${problem && html`<div role="alert" class="faults" tabindex="-1" autofocus><h2>${problem}</h2></div>`}
<section class="card" aria-label="${words.state}"><dl class="about"><div><dt>${words.number}</dt><dd>${ticket.number}</dd></div><div><dt>${words.made}</dt><dd>${time(ticket.madeAt)}</dd></div>${ticket.endedAt !== null && html`<div><dt>${words.ended}</dt><dd>${time(ticket.endedAt)}</dd></div>`}</dl>${way(ticket, language)}${ticket.mayJudge && html`<p class="hint">${words.solvedMeans}</p>`}</section>
${ticket.answers.length > 0 && html`<section class="card"><h2>${words.answered}</h2><dl>${ticket.answers.map(({ label, text }) => html`<div class="answer"><dt>${labelIn(language, label)}</dt><dd>${text}</dd></div>`)}</dl></section>`}
${ticket.mayJudge && judging(language, ticket, pin)}
<section class="card"><h2>${words.history}</h2><ol class="story" reversed>${[...ticket.progress].reverse().map((one) => html`<li><b>${labelIn(language, one.state)}</b>${time(one.at)}</li>`)}</ol></section>
${ticket.mayWithdraw && html`<details class="card"><summary>${words.withdraw}</summary><form method="post" action="/progress/withdraw?lang=${language}">${hidden(ticket.number, pin)}<p class="hint">${words.withdrawHint}</p><div class="field"><label for="why">${words.why}<span class="need">${words.required}</span></label><input id="why" name="words" type="text" required maxlength="500"></div><div class="send"><button class="quiet" type="submit">${words.withdrawNow}</button></div></form></details>`}`;
};
