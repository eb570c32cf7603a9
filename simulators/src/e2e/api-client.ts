export interface ApiAnswer<T = unknown> {
  readonly status: number;
  readonly body: T;
  readonly headers: Headers;
}

/** The API as the console uses it: cookie, same origin, JSON. Bodies are checked by the tests that read them. */
export class ApiClient {
  readonly origin: string;
  #cookie = '';

  constructor(origin: string) {
    this.origin = origin;
  }

  get cookie(): string {
    return this.#cookie;
  }

  async request<T>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<ApiAnswer<T>> {
    const response = await fetch(`${this.origin}${path}`, {
      method,
      headers: {
        origin: this.origin,
        ...(this.#cookie ? { cookie: this.#cookie } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(60_000),
    });
    const cookies = response.headers.getSetCookie().map((c) => c.split(';')[0] ?? '');
    if (cookies.length > 0) this.#cookie = cookies.join('; ');
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: (text ? JSON.parse(text) : undefined) as T };
  }

  /** @throws when the answer is not a 2xx, with the problem in the message */
  async get<T>(path: string): Promise<T> {
    return this.#good(await this.request<T>('GET', `/api/v1${path}`), path);
  }

  async post<T>(path: string, body: unknown = {}): Promise<T> {
    return this.#good(await this.request<T>('POST', `/api/v1${path}`, body), path);
  }

  /** Every item of a paged list. */
  async all<T>(path: string): Promise<T[]> {
    const items: T[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const join = path.includes('?') ? '&' : '?';
      const page: { items: T[]; nextCursor?: string | null } = await this.get(
        `${path}${join}limit=200${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`,
      );
      items.push(...page.items);
      cursor = page.nextCursor ?? null;
    }
    return items;
  }

  /** First sign-in with the one-time password, then a password of one's own. */
  async signInFirst(userName: string, oneTimePassword: string, password: string): Promise<void> {
    await this.post('/session', { userName, password: oneTimePassword });
    await this.post('/me/password', { current: oneTimePassword, next: password });
  }

  async signIn(userName: string, password: string): Promise<void> {
    await this.post('/session', { userName, password });
  }

  #good<T>(answer: ApiAnswer<T>, path: string): T {
    if (answer.status >= 200 && answer.status < 300) return answer.body;
    throw new Error(`${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  }
}
