import type { Test } from 'tap';

/** Reads a browser's live stream; gives every event so far. */
export const listen = async (http: string, cookie: string, t: Test): Promise<{ name: string; data: string }[]> => {
  const seen: { name: string; data: string }[] = [];
  const stop = new AbortController();
  t.teardown(() => stop.abort());
  const response = await fetch(`${http}/api/v1/live?topics=units,alarms`, { headers: { cookie }, signal: stop.signal });
  if (response.status !== 200) throw new Error(`live answered ${response.status}`);
  const read = async (): Promise<void> => {
    let text = '';
    const decoder = new TextDecoder();
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      text += decoder.decode(chunk, { stream: true });
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const [, name, data] = /^event: (\S+)\ndata: (.*)$/s.exec(text.slice(0, end)) ?? [];
        if (name) seen.push({ name, data: data ?? '' });
        text = text.slice(end + 2);
      }
    }
  };
  read().catch(() => undefined);
  return seen;
};

export const signIn = async (http: string, user: { userName: string; oneTimePassword: string }): Promise<string> => {
  const post = async (path: string, body: object, cookie = '') => {
    const response = await fetch(`${http}/api/v1${path}`, {
      method: 'POST',
      headers: { origin: http, 'content-type': 'application/json', ...(cookie ? { cookie } : {}) },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    return response.headers
      .getSetCookie()
      .map((one) => one.split(';')[0])
      .join('; ');
  };
  const first = await post('/session', { userName: user.userName, password: user.oneTimePassword });
  const next = 'Two clouds over one 7';
  return (await post('/me/password', { current: user.oneTimePassword, next }, first)) || first;
};

/** The API of one process, in one person's name. */
export const talker =
  (http: string, cookie: string) =>
  // biome-ignore lint/suspicious/noExplicitAny: bodies are checked by the test that reads them
  async (method: string, path: string, body?: unknown, version?: number): Promise<{ status: number; body: any }> => {
    const response = await fetch(`${http}/api/v1${path}`, {
      method,
      headers: {
        ...{ origin: http, cookie },
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(version === undefined ? {} : { 'if-match': `"${version}"` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
  };
