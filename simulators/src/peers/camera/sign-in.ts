import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { textOf } from './soap.js';

export interface Account {
  readonly userName: string;
  readonly password: string;
}

/** `token`: WS-UsernameToken alone; `digest`: HTTP digest alone; `both`: either; `none`: everybody may. */
export type SignInMode = 'none' | 'token' | 'digest' | 'both';

export interface SignInOptions {
  readonly account: Account;
  /** The camera's own clock. */
  readonly now: () => number;
  /** How far a token's date may be from that clock. */
  readonly toleranceMs: number;
}

const realm = 'HallHub camera';
const nonceLifeMs = 300_000;
const maxNonces = 10_000;

/** Checks who comes, the way cameras do: dates, nonces that are used once, counters that only rise. */
export class SignIn {
  mode: SignInMode = 'both';
  /** After so many wrong passwords the account is locked until `unlock`; 0: never. */
  lockAfter = 0;
  /** False: a token may come twice, as many cameras allow. */
  refusesReplays = true;
  /** Sign-ins with a wrong name, password, date or nonce. */
  refused = 0;
  readonly #options: SignInOptions;
  /** Nonces with dates of tokens that were used: some clients take one nonce for all their requests. */
  readonly #used = new Map<string, number>();
  /** Nonces given out for digests, with the highest count used. */
  readonly #given = new Map<string, { count: number; at: number }>();

  constructor(options: SignInOptions) {
    this.#options = options;
  }

  get isLocked(): boolean {
    return this.lockAfter > 0 && this.refused >= this.lockAfter;
  }

  unlock(): void {
    this.refused = 0;
  }

  check(request: IncomingMessage, envelope: string): 'welcome' | 'refused' | 'unsigned' {
    if (this.mode === 'none') return 'welcome';
    const authorization = request.headers.authorization;
    const hasToken = /<(?:[\w-]+:)?UsernameToken[\s>]/.test(envelope);
    const digest = this.mode !== 'token' && authorization?.startsWith('Digest ') ? authorization : undefined;
    if (digest === undefined && !(hasToken && this.mode !== 'digest')) return 'unsigned';
    const isRight =
      !this.isLocked && (digest === undefined ? this.#isTokenRight(envelope) : this.#isDigestRight(request, digest));
    if (!isRight) this.refused++;
    return isRight ? 'welcome' : 'refused';
  }

  /** Values of WWW-Authenticate; none where the camera knows no HTTP digest. */
  challenges(): string[] {
    if (this.mode === 'token' || this.mode === 'none') return [];
    const nonce = randomBytes(16).toString('hex');
    this.#given.set(nonce, { count: 0, at: this.#options.now() });
    forgetOldest(this.#given);
    return ['SHA-256', 'MD5'].map(
      (algorithm) => `Digest realm="${realm}", qop="auth", nonce="${nonce}", algorithm=${algorithm}`,
    );
  }

  /** PasswordDigest = Base64(SHA-1(nonce + created + password)) (Web Services Security UsernameToken 1.1). */
  #isTokenRight(envelope: string): boolean {
    const { account, now, toleranceMs } = this.#options;
    const [user, digest, nonce, created] = ['Username', 'Password', 'Nonce', 'Created'].map((name) =>
      textOf(envelope, name),
    );
    if (user !== account.userName || !digest || !nonce || !created) return false;
    if (this.refusesReplays && this.#used.has(`${nonce} ${created}`)) return false;
    if (!(Math.abs(Date.parse(created) - now()) <= toleranceMs)) return false;
    this.#used.set(`${nonce} ${created}`, now());
    forgetOldest(this.#used);
    const expected = createHash('sha1')
      .update(Buffer.from(nonce, 'base64'))
      .update(created)
      .update(account.password)
      .digest();
    const given = Buffer.from(digest, 'base64');
    return given.length === expected.length && timingSafeEqual(given, expected);
  }

  /** RFC 7616 with qop=auth. */
  #isDigestRight(request: IncomingMessage, header: string): boolean {
    const { account, now } = this.#options;
    const part = (name: string) => new RegExp(`[ ,]${name}="?([^",]*)`).exec(header)?.[1] ?? '';
    const hash = (text: string) =>
      createHash(part('algorithm') === 'SHA-256' ? 'sha256' : 'md5')
        .update(text)
        .digest('hex');
    const nonce = this.#given.get(part('nonce'));
    const count = Number.parseInt(part('nc'), 16);
    if (!nonce || now() - nonce.at > nonceLifeMs || !(count > nonce.count) || part('uri') !== request.url) return false;
    const ha1 = hash(`${account.userName}:${realm}:${account.password}`);
    const ha2 = hash(`${request.method}:${request.url}`);
    const expected = hash(`${ha1}:${part('nonce')}:${part('nc')}:${part('cnonce')}:${part('qop')}:${ha2}`);
    if (part('username') !== account.userName || part('response') !== expected) return false;
    nonce.count = count;
    return true;
  }
}

const forgetOldest = (map: Map<string, unknown>): void => {
  const [oldest] = map.keys();
  if (map.size > maxNonces && oldest !== undefined) map.delete(oldest);
};
