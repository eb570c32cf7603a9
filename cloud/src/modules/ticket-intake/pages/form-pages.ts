import { randomBytes } from 'node:crypto';
import { isHubError } from '@hallhub/shared';
import type { Context, Hono } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import type { HttpEnv } from '../../../http/env.js';
import { afterJudging } from '../forms/after-judging.js';
import { findOpenForm, type OpenForm } from '../forms/find-form.js';
import { type FormLimits, isRobot, tooLarge } from '../forms/form-limits.js';
import { judgeTicket } from '../forms/judge-ticket.js';
import { makePin } from '../forms/pin.js';
import { followLink, ticketOfLink, ticketOfVisit, visitMs, visitPass } from '../forms/progress-pass.js';
import { numberOf, type PublicDeps, readPublicTicket, type TicketKey } from '../forms/public-ticket.js';
import { checkAnswers, submitForm } from '../forms/submit-form.js';
import { withdrawTicket } from '../forms/withdraw-ticket.js';
import { type FormShown, formBody } from './form-body.js';
import { page } from './frame.js';
import { guard } from './guard.js';
import { Html } from './html.js';
import { linkBody, progressBody, progressForm, receiptBody } from './progress-body.js';
import { fieldsOf, filesOf, textOf, valuesOf } from './read-answers.js';
import { type Language, labelIn, languageOf, type Words, wordsIn } from './words.js';

const maxFormBytes = 20 * 1024 * 1024;
const maxSmallBytes = 32 * 1024;

interface Shown {
  readonly title: string;
  readonly body: Html;
  readonly status?: number;
  readonly organisation?: string;
  /** Nothing is shown: it goes on there. */
  readonly to?: string;
}

/** The pages for everybody: a form by its slug, and how far a request is. They work without a script. */
export const mountFormPages = (app: Hono<HttpEnv>, deps: PublicDeps, limits: FormLimits): void => {
  const on = (
    method: 'GET' | 'POST',
    path: string,
    handle: (c: Context<HttpEnv>, language: Language) => Promise<Shown>,
  ): void => {
    app.on(method, path, async (c) => {
      c.set('routePattern', path);
      const language = languageOf(c.req.query('lang'), c.req.header('accept-language'));
      const url = new URL(c.req.url);
      // A page that is the answer to something sent has no address of its own to come back to.
      const home = method === 'POST' && path.startsWith('/progress') ? '/progress' : url.pathname;
      const other = `${home}?lang=${language === 'en' ? 'zh' : 'en'}`;
      const shown = await handle(c, language).catch((error: unknown) => problemPage(c, language, error));
      const { status = 200, to, ...framed } = shown;
      if (to !== undefined) return c.redirect(to, 303);
      return c.html(page(language, { ...framed, other }), status as 200, { 'cache-control': 'no-store' });
    });
  };
  app.get('/form-guard.js', (c) =>
    c.body(guard, 200, { 'content-type': 'text/javascript; charset=utf-8', 'cache-control': 'public, max-age=3600' }),
  );
  on('GET', '/form/:slug', async (c, language) => {
    limits.read(c.get('ip'));
    const open = await findOpenForm(deps.database, c.req.param('slug') ?? '');
    return {
      ...ownerOf(open),
      title: labelIn(language, open.form.title),
      body: formBody(open, language, { token: makeToken() }),
    };
  });
  on('POST', '/form/:slug', async (c, language) => {
    const slug = c.req.param('slug') ?? '';
    limits.submit(c.get('ip'), slug);
    const open = await findOpenForm(deps.database, slug, { toAnswer: true });
    const words = wordsIn(language);
    const data = await readForm(c, maxFormBytes);
    const title = labelIn(language, open.form.title);
    const again = `/form/${open.form.slug}?lang=${language}`;
    const receive = (key: { readonly number: string; readonly pin: string }): Shown => ({
      ...{
        ...ownerOf(open),
        title: words.sent,
        body: receiptBody(language, { ...key, again, slug: open.form.slug }),
        status: 201,
      },
    });
    if (isRobot(textOf(data.get('website')))) return receive({ number: 'OK0000', pin: makePin() });
    const values = valuesOf(open, data);
    const token = tokenIn(textOf(data.get('token')));
    const hadFiles = [...data.values()].some((one) => typeof one !== 'string' && one.size > 0);
    const refuse = (shown: FormShown): Shown => ({
      ...{ ...ownerOf(open), title: `${words.problems} · ${title}`, status: 400 },
      body: formBody(open, language, { values, token: token ?? makeToken(), hadFiles, ...shown }),
    });
    try {
      const answers = { fields: fieldsOf(open, data), files: await filesOf(open, data), token };
      const faults = checkAnswers(open, answers);
      if (faults.length > 0) return refuse({ faults });
      return receive(await submitForm(deps, open, { answers, request: requestOf(c) }));
    } catch (error) {
      const problem = fileProblem(words, error);
      if (problem === undefined) throw error;
      return refuse({ problem });
    }
  });
  const show = async (c: Context<HttpEnv>, language: Language, key: TicketKey): Promise<Shown> => {
    try {
      return await progressPage(deps, c, { language, key });
    } catch (error) {
      if (!isHubError(error, 'not_found')) throw error;
      const { notFound, progress } = wordsIn(language);
      const body = progressForm(language, { problem: notFound, number: key.number });
      return { title: `${notFound} · ${progress}`, body, status: 404 };
    }
  };
  on('GET', '/progress', async (c, language) => {
    const number = numberIn(c.req.query('number'));
    const passes = passesOf(c);
    // Who was here before with the PIN, or by a link, need not say it again.
    if (number !== '' && passes.length > 0) {
      limits.read(c.get('ip'));
      const key = { number, pin: '', passes, ip: c.get('ip') };
      const shown = await progressPage(deps, c, { language, key, isByPass: true }).catch(unlessUnknown);
      if (shown) return shown;
    }
    return { title: wordsIn(language).progress, body: progressForm(language, { number }) };
  });
  on('POST', '/progress', async (c, language) => {
    limits.read(c.get('ip'));
    return show(c, language, keyOf(c, await readForm(c, maxSmallBytes)));
  });
  on('GET', '/p/:pass', async (c, language) => {
    limits.read(c.get('ip'));
    // Looked at, not followed: programs that read messages open every link in them.
    const words = wordsIn(language);
    const ticketId = ticketOfLink(deps, c.req.param('pass') ?? '');
    const number = ticketId === undefined ? undefined : await numberOf(deps, ticketId);
    if (number === undefined) return { title: words.progress, body: progressForm(language), status: 404 };
    const isHere = passesOf(c).some((pass) => ticketOfVisit(deps, pass) === ticketId);
    if (isHere) return { title: words.progress, body: new Html(''), to: `/progress?number=${number}&lang=${language}` };
    return { title: words.progress, body: linkBody(language, number) };
  });
  on('POST', '/p/:pass', async (c, language) => {
    limits.read(c.get('ip'));
    const words = wordsIn(language);
    const pass = c.req.param('pass') ?? '';
    const aimed = ticketOfLink(deps, pass);
    const number = aimed === undefined ? undefined : await numberOf(deps, aimed);
    const ticketId = await followLink(deps, pass);
    if (ticketId === undefined || number === undefined) {
      const body = progressForm(language, { problem: words.linkUsed, ...(number === undefined ? {} : { number }) });
      return { title: words.linkUsed, body, status: 410 };
    }
    keepPass(c, visitPass(deps.sealing, ticketId, deps.clock.now() + visitMs.link), visitMs.link);
    return { title: words.progress, body: new Html(''), to: `/progress?number=${number}&lang=${language}` };
  });
  on('POST', '/progress/visit', async (c, language) => {
    limits.read(c.get('ip'));
    const words = wordsIn(language);
    const data = await readForm(c, maxSmallBytes);
    const key = keyOf(c, data);
    const satisfaction = Number(textOf(data.get('satisfaction')));
    if (!(Number.isInteger(satisfaction) && satisfaction >= 1 && satisfaction <= 5)) {
      return { ...(await progressPage(deps, c, { language, key, problem: words.judgeFirst })), status: 400 };
    }
    const [said, cause] = [textOf(data.get('words'))?.slice(0, 2_000), textOf(data.get('cause')) || undefined];
    await judgeTicket(deps, { ...key, satisfaction, cause, words: said }, requestOf(c));
    return progressPage(deps, c, { language, key, judged: satisfaction });
  });
  on('POST', '/progress/withdraw', async (c, language) => {
    limits.read(c.get('ip'));
    const data = await readForm(c, maxSmallBytes);
    const key = keyOf(c, data);
    const words = textOf(data.get('words'))?.trim().slice(0, 500) || '-';
    await withdrawTicket(deps, { ...key, words }, requestOf(c));
    return progressPage(deps, c, { language, key, said: wordsIn(language).withdrawn });
  });
};

const ownerOf = ({ organisation }: OpenForm) => ({ organisation });

interface ProgressShown {
  readonly language: Language;
  readonly key: TicketKey;
  readonly isByPass?: boolean;
  readonly said?: string;
  /** How content they have just said to be. */
  readonly judged?: number;
  readonly problem?: string;
}

/** From here on the cookie stands for the PIN, which the page does not hold. */
const progressPage = async (deps: PublicDeps, c: Context<HttpEnv>, of: ProgressShown): Promise<Shown> => {
  const { language, key, isByPass, judged, ...more } = of;
  const ticket = await readPublicTicket(deps, key);
  if (key.pin !== '') {
    keepPass(c, visitPass(deps.sealing, ticket.ticketId, deps.clock.now() + visitMs.pin), visitMs.pin);
  }
  const title = `${ticket.number} · ${labelIn(language, ticket.state)}`;
  const said = judged === undefined ? {} : { said: afterJudging(language, ticket, judged) };
  const body = progressBody(language, ticket, { pin: '', ...more, ...said });
  return { title, body, organisation: ticket.organisation };
};

const unlessUnknown = (error: unknown): undefined => {
  if (!isHubError(error, 'not_found') && !isHubError(error, 'rate_limited')) throw error;
  return undefined;
};

const cookieName = 'hallhub_progress';
/** Of the last tickets that somebody looked at. */
const mostPasses = 5;

const passesOf = (c: Context<HttpEnv>): readonly string[] =>
  (getCookie(c, cookieName) ?? '')
    .split('.')
    .filter((one) => one !== '')
    .slice(0, mostPasses);

const keepPass = (c: Context<HttpEnv>, pass: string, forMs: number): void => {
  const all = [pass, ...passesOf(c)].slice(0, mostPasses).join('.');
  // Lax: a link in a message may bring it along, a form on another site may not.
  setCookie(c, cookieName, all, {
    ...{ httpOnly: true, sameSite: 'Lax', path: '/', maxAge: Math.floor(forMs / 1_000) },
    secure: new URL(c.req.url).protocol === 'https:' || c.req.header('x-forwarded-proto') === 'https',
  });
};

const problemPage = (c: Context<HttpEnv>, language: Language, error: unknown): Shown => {
  const words = wordsIn(language);
  const at = (status: number, title: string) => ({ status, title, body: progressForm(language, { problem: title }) });
  if (isHubError(error, 'rate_limited')) return at(429, words.busy);
  if (isHubError(error, 'conflict')) return at(409, words.notNow);
  if (isHubError(error, 'too_large')) return at(413, words.tooLarge);
  if (isHubError(error, 'not_found'))
    return at(404, error.context.reason === 'number_or_pin' ? words.notFound : words.gone);
  if (isHubError(error, 'invalid_input')) return at(400, words.failed);
  c.get('log').error({ err: error }, 'a page for everybody failed');
  return at(500, words.failed);
};

const fileProblem = (words: Words, error: unknown): string | undefined => {
  if (isHubError(error, 'too_large')) return words.tooLarge;
  return isHubError(error, 'unsupported') ? words.badFile : undefined;
};

/** Stops at the bound, whatever the headers claim. */
const readForm = async (c: Context<HttpEnv>, maxBytes: number): Promise<FormData> => {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (c.req.raw.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  const type = c.req.header('content-type') ?? '';
  try {
    return await new Response(Buffer.concat(chunks), { headers: { 'content-type': type } }).formData();
  } catch {
    return new FormData();
  }
};

const makeToken = (): string => randomBytes(16).toString('base64url');
const tokenIn = (text: string | undefined): string | undefined =>
  /^[\w-]{16,64}$/.test(text ?? '') ? text : undefined;

const numberIn = (text: string | undefined): string =>
  (text ?? '')
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, '')
    .slice(0, 40);
const keyOf = (c: Context<HttpEnv>, data: FormData): TicketKey => ({
  number: numberIn(textOf(data.get('number'))),
  pin: textOf(data.get('pin'))?.normalize('NFKC').trim().slice(0, 40) ?? '',
  ...{ passes: passesOf(c), ip: c.get('ip') },
});

const requestOf = (c: Context<HttpEnv>) => ({
  ...{ id: c.get('requestId'), ip: c.get('ip'), idempotencyKey: null },
  userAgent: c.req.header('user-agent')?.slice(0, 300) ?? null,
});
