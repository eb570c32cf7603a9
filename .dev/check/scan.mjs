import fs from 'node:fs';
import path from 'node:path';

const BINARY = /\.(png|jpe?g|gif|webp|ico|woff2?|ttf|otf|gz|zip|node|wasm|pdf|mp4|bin)$/i;
const ALLOW = 'scan: allow';

// Written in pieces, so that this file does not find itself.
const RULES = [
  { what: 'an API key of ours', pattern: /\bhk_[A-Za-z0-9]{8}_[A-Za-z0-9]{32}\b/ },
  {
    what: 'a cloud key',
    pattern:
      /\b(LTAI[A-Za-z0-9]{16,}|AKID[A-Za-z0-9]{28,}|AIza[0-9A-Za-z_-]{35}|sk-[A-Za-z0-9]{32,}|sk_live_[A-Za-z0-9]{16,})\b/,
  },
  {
    what: 'a password in a configuration',
    // `password: ${DB_PASSWORD}`, an empty one and words that say what to put there are fine.
    pattern:
      /^\s*(?:-\s*)?["']?[\w.-]*(?:password|passwd|secret|token|api[_-]?key|private[_-]?key)["']?\s*[:=]\s*["']?(?![\s"'$<{&*!|>]|change|example|password\b|secret\b|your|null|true|false|none|\.\.\.|…)[^\s"'#]{6,}/i,
    onlyIn: /\.(ya?ml|env|ini|conf|cfg|toml|properties)$|(^|\/)\.env(\.|$)/,
  },
  { what: 'an access key', pattern: /\b(AKIA|ASIA)[0-9A-Z]{16}\b/ },
  { what: 'a forge token', pattern: /\b(gh[pousr]_[A-Za-z0-9]{30,}|glpat-[A-Za-z0-9_-]{20,}|npm_[A-Za-z0-9]{36})\b/ },
  { what: 'a chat token', pattern: /\bxox[abprs]-[A-Za-z0-9-]{10,}/ },
  { what: 'a signed token', pattern: /\beyJ[A-Za-z0-9_-]{15,}\.eyJ[A-Za-z0-9_-]{15,}\.[A-Za-z0-9_-]{20,}/ },
  {
    what: 'an address with a password',
    pattern: /\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@"'`${}<>]+:(?!password@|secret@|pass@|pw@)[^\s/:@"'`${}<>]{6,}@/i,
    notIn: /\.test\.|fixtures/,
  },
  {
    what: 'a package registry by name',
    pattern: new RegExp(
      `\\b(registry\\.[a-z0-9-]+\\.(?:org|com|cn|net|io|dev)\\b|npm${'mirror'}|files\\.python${'hosted'}|pypi\\.org|cnpm${'js'})`,
      'i',
    ),
  },
  {
    what: 'a path of one machine',
    pattern: new RegExp(
      `(^|[\\s"'\`(=:])/(${'wo'}rk|root|opt/wheels|home/(?!hallhub\\b|user\\b)[a-z][\\w-]*|Users/[A-Za-z]\\w*)/[\\w.-]`,
    ),
  },
];

/** Finds secrets, registry names and paths of one machine. Returns `file:line: what` a finding. */
export function scanFiles(root, files) {
  const found = [];
  for (const file of files) {
    if (BINARY.test(file) || file === 'LICENSE') continue;
    const text = fs.readFileSync(path.join(root, file), 'utf8');
    if (text.includes('\0')) continue;
    found.push(...privateKeys(file, text));
    text.split('\n').forEach((line, index) => {
      if (line.includes(ALLOW)) return;
      for (const { what, pattern, notIn, onlyIn } of RULES) {
        if ((onlyIn?.test(file) ?? true) && pattern.test(line) && !notIn?.test(file))
          found.push(`${file}:${index + 1}: ${what}`);
      }
    });
    found.push(...consoleNetwork(file, text));
  }
  return found;
}

/** A header with key material behind it, on its line or the next; code that only writes such a header is none. */
function privateKeys(file, text) {
  const header = new RegExp(
    `-----BEGIN [A-Z ]*${'PRIVATE'} KEY(?: BLOCK)?-----(?:["'\\s+,\\\\]|\\\\[nr])*(?:Proc-Type|[A-Za-z0-9+/=]{24})`,
    'g',
  );
  return [...text.matchAll(header)]
    .map(({ index }) => text.slice(0, index).split('\n').length)
    .filter((line) => !text.split('\n')[line - 1].includes(ALLOW))
    .map((line) => `${file}:${line}: a private key`);
}

/** The console talks to the cloud through its api folder alone. */
function consoleNetwork(file, text) {
  if (!/^cloud\/console\/src\/(?!api\/).*\.tsx?$/.test(file) || /\.test\.tsx?$/.test(file)) return [];
  const found = [];
  text.split('\n').forEach((line, index) => {
    if (/(^|[^.\w])fetch\(|new (EventSource|WebSocket|XMLHttpRequest)\b/.test(line)) {
      found.push(`${file}:${index + 1}: network outside the console's api folder`);
    }
  });
  return found;
}
