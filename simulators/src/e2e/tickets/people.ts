import type { Browser, BrowserContext, Page } from 'playwright-core';
import { ApiClient } from '../api-client.js';
import { pageTimeoutMs, watchErrors } from '../browser.js';
import { Desk } from './desk.js';

export interface Person {
  readonly userName: string;
  readonly displayName: string;
  /** Key of a built-in role, over the whole organisation or this hall. */
  readonly role: string;
  readonly hallId?: string;
  /** Codes of the offices they belong to. */
  readonly offices: readonly string[];
  readonly isLeader?: boolean;
}

const password = 'Tickets-2026-walk';

interface Office {
  readonly id: string;
  readonly code: string;
  readonly version: number;
  readonly members: readonly { readonly userId: string; readonly isLeader: boolean; readonly skills: string[] }[];
}

const put = async (api: ApiClient, path: string, body: unknown, version: number): Promise<void> => {
  const { status } = await api.request('PUT', `/api/v1${path}`, body, { 'if-match': `"${version}"` });
  if (status !== 200) throw new Error(`${path} answered ${status}`);
};

/** An account with a password of its own, in its offices and in nobody else's shoes. */
const addPerson = async (owner: ApiClient, person: Person, roleId: string): Promise<void> => {
  const { userName, displayName, hallId } = person;
  const grants = [{ roleId, scope: hallId ? { kind: 'hall', id: hallId } : { kind: 'tenant' } }];
  const made = await owner.post<{ user: { id: string }; oneTimePassword: string }>('/users', {
    ...{ userName, displayName, grants },
  });
  await new ApiClient(owner.origin).signInFirst(userName, made.oneTimePassword, password);
  const { items } = await owner.get<{ items: Office[] }>('/offices');
  for (const { id, code, version, members } of items) {
    if (!person.offices.includes(code)) continue;
    const kept = members.map(({ userId, isLeader, skills }) => ({ userId, isLeader, skills }));
    const added = { userId: made.user.id, isLeader: person.isLeader ?? false, skills: [] };
    await put(owner, `/offices/${id}/members`, { members: [...kept, added] }, version);
  }
};

export const addPeople = async (owner: ApiClient, people: readonly Person[]): Promise<void> => {
  const { items: roles } = await owner.get<{ items: { id: string; key: string }[] }>('/roles');
  for (const person of people) {
    const role = roles.find(({ key }) => key === person.role);
    if (!role) throw new Error(`there is no role ${person.role}`);
    await addPerson(owner, person, role.id);
  }
};

export class Rooms {
  /** What broke in any browser. */
  readonly errors: string[][] = [];
  readonly #browser: Browser;
  readonly #origin: string;
  readonly #newest = { seq: 0 };

  constructor(browser: Browser, origin: string) {
    this.#browser = browser;
    this.#origin = origin;
  }

  /** A browser of one's own: nobody shares cookies. */
  async open(): Promise<{ readonly context: BrowserContext; readonly page: Page }> {
    const context = await this.#browser.newContext({
      ...{ baseURL: this.#origin, locale: 'zh-CN', timezoneId: 'Asia/Shanghai' },
      viewport: { width: 1440, height: 1000 },
    });
    const page = await context.newPage();
    page.setDefaultTimeout(pageTimeoutMs);
    this.errors.push(watchErrors(page));
    return { context, page };
  }

  /** Signed in as one signs in, at the page that one wanted to see. */
  async signIn(userName: string, path: string): Promise<Desk> {
    const { page } = await this.open();
    await page.goto(path);
    await page.getByLabel('用户名').fill(userName);
    await page.getByRole('textbox', { name: '密码' }).fill(password);
    await page.getByRole('button', { name: '登录' }).click();
    return new Desk(page, this.#newest);
  }

  /** Signed in already, by the way that the page of sign-in takes. */
  async desk(userName: string, path: string): Promise<Desk> {
    const { context, page } = await this.open();
    const headers = { origin: this.#origin };
    const answer = await context.request.post('/api/v1/session', { headers, data: { userName, password } });
    if (!answer.ok()) throw new Error(`${userName} could not sign in: ${answer.status()}`);
    await page.goto(path);
    return new Desk(page, this.#newest);
  }
}
