export interface PatternOptions {
  readonly random?: () => number;
  /** What stands in a named group, whose own pattern is `inner`; undefined: something that fits that. */
  readonly group?: (name: string, inner: string) => string | undefined;
}

type Node =
  | { kind: 'text'; text: string }
  | { kind: 'class'; chars: string }
  | { kind: 'group'; name: string | undefined; inner: string; choices: Node[][] }
  | { kind: 'repeat'; of: Node; least: number; most: number };

const printable = Array.from({ length: 95 }, (_, at) => String.fromCharCode(32 + at)).join('');
const digits = '0123456789';
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const classes: Readonly<Record<string, string>> = {
  d: digits,
  w: `${digits}${letters}_`,
  s: ' ',
  D: letters,
  W: '-',
  S: `${letters}${digits}`,
};
const controls: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', f: '\f', v: '\v', '0': '\0' };

/** Reads a regular expression as far as profiles use them: literals, classes, groups, alternatives and counts. */
class PatternReader {
  #at = 0;

  constructor(private readonly source: string) {}

  choices(): Node[][] {
    const all: Node[][] = [[]];
    for (;;) {
      const char = this.source[this.#at];
      if (char === undefined || char === ')') return all;
      if (char === '|') {
        this.#at++;
        all.push([]);
        continue;
      }
      const node = this.#item();
      if (node) (all[all.length - 1] as Node[]).push(this.#counted(node));
    }
  }

  #item(): Node | undefined {
    const char = this.source[this.#at++] as string;
    switch (char) {
      case '^':
      case '$':
        return undefined;
      case '.':
        return { kind: 'class', chars: `${letters}${digits}` };
      case '[':
        return this.#class();
      case '(':
        return this.#group();
      case '\\':
        return this.#escaped();
      default:
        return { kind: 'text', text: char };
    }
  }

  #group(): Node | undefined {
    let name: string | undefined;
    let ahead = false;
    if (this.source[this.#at] === '?') {
      const head = /^\?(?::|<(?![=!])([^>]+)>|(<?[=!]))/.exec(this.source.slice(this.#at));
      if (!head) throw new RangeError(`the pattern ${this.source} cannot be turned round`);
      this.#at += head[0].length;
      name = head[1];
      ahead = head[2] !== undefined;
    }
    const from = this.#at;
    const choices = this.choices();
    const inner = this.source.slice(from, this.#at);
    this.#at++;
    return ahead ? undefined : { kind: 'group', name, inner, choices };
  }

  #escaped(): Node | undefined {
    const char = this.source[this.#at++] ?? '\\';
    if (char === 'b' || char === 'B') return undefined;
    const chars = classes[char];
    return chars ? { kind: 'class', chars } : { kind: 'text', text: this.#character(char) };
  }

  #character(char: string): string {
    const hex = char === 'x' ? 2 : char === 'u' ? 4 : 0;
    if (hex > 0) {
      const code = Number.parseInt(this.source.slice(this.#at, this.#at + hex), 16);
      this.#at += hex;
      return String.fromCharCode(code);
    }
    return controls[char] ?? char;
  }

  #class(): Node {
    const not = this.source[this.#at] === '^';
    if (not) this.#at++;
    let chars = '';
    while (this.source[this.#at] !== ']' && this.#at < this.source.length) {
      const first = this.#classChar();
      if (first.length === 1 && this.source[this.#at] === '-' && this.source[this.#at + 1] !== ']') {
        this.#at++;
        const last = this.#classChar();
        for (let code = first.charCodeAt(0); code <= last.charCodeAt(0) && chars.length < 4096; code++) {
          chars += String.fromCharCode(code);
        }
      } else chars += first;
    }
    this.#at++;
    if (!not) return { kind: 'class', chars };
    const left = [...`${letters}${digits}${printable}`].filter((char) => !chars.includes(char));
    return { kind: 'class', chars: left.join('') };
  }

  #classChar(): string {
    const char = this.source[this.#at++] as string;
    if (char !== '\\') return char;
    const next = this.source[this.#at++] as string;
    return classes[next] ?? this.#character(next);
  }

  #counted(node: Node): Node {
    const count = /^(?:([*+?])|\{(\d+)(?:(,)(\d*))?\})\??/.exec(this.source.slice(this.#at));
    if (!count) return node;
    this.#at += count[0].length;
    if (count[1] === '?') return { kind: 'repeat', of: node, least: 1, most: 1 };
    if (count[1]) return { kind: 'repeat', of: node, least: 1, most: 4 };
    const least = Number(count[2]);
    const most = count[3] === undefined ? least : count[4] ? Number(count[4]) : least + 3;
    return { kind: 'repeat', of: node, least, most };
  }
}

/**
 * A text that a pattern matches whole, such as a serial number; undefined where the pattern is beyond turning round
 * (look-arounds, back references).
 */
export const textFromPattern = (pattern: string, options: PatternOptions = {}): string | undefined => {
  const random = options.random ?? Math.random;
  const write = (nodes: readonly Node[]): string => nodes.map(writeOne).join('');
  const writeOne = (node: Node): string => {
    switch (node.kind) {
      case 'text':
        return node.text;
      case 'class':
        return node.chars[Math.floor(random() * node.chars.length)] ?? '';
      case 'repeat': {
        const times = node.least + Math.floor(random() * (Math.min(node.most, node.least + 4) - node.least + 1));
        return Array.from({ length: times }, () => writeOne(node.of)).join('');
      }
      case 'group': {
        const given = node.name === undefined ? undefined : options.group?.(node.name, node.inner);
        return given ?? write(node.choices[Math.floor(random() * node.choices.length)] ?? []);
      }
    }
  };
  const choices = new PatternReader(pattern).choices();
  const expression = new RegExp(`^(?:${pattern})$`, 'u');
  for (let tries = 0; tries < 20; tries++) {
    const text = write(choices[Math.floor(random() * choices.length)] ?? []);
    if (expression.test(text)) return text;
  }
  return undefined;
};

/** The named groups of a pattern, each with its own pattern. */
export const groupsOf = (pattern: string): ReadonlyMap<string, string> => {
  const groups = new Map<string, string>();
  const visit = (nodes: readonly Node[]): void => {
    for (const node of nodes) {
      if (node.kind === 'repeat') visit([node.of]);
      if (node.kind !== 'group') continue;
      if (node.name !== undefined) groups.set(node.name, node.inner);
      for (const choice of node.choices) visit(choice);
    }
  };
  for (const choice of new PatternReader(pattern).choices()) visit(choice);
  return groups;
};
