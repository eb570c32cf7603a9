import { HubError } from '@hallhub/shared';

/** One element of a parsed reply, by local names. Every step may be absent: cameras leave out what they like. */
export class XmlNode {
  readonly children: XmlNode[] = [];
  /** Text directly inside, as it came. */
  rawText = '';

  constructor(
    /** With its prefix. */
    readonly tag: string,
    readonly attributes: Readonly<Record<string, string>>,
    readonly parent: XmlNode | undefined,
  ) {}

  get name(): string {
    return localName(this.tag);
  }

  /** The first child along the path, or undefined. */
  at(...names: string[]): XmlNode | undefined {
    let node: XmlNode | undefined = this;
    for (const name of names) node = node?.children.find((child) => child.name === name);
    return node;
  }

  /** Like `at`; throws `protocol_violation` where the reply has no such element. */
  need(...names: string[]): XmlNode {
    const node = this.at(...names);
    if (node) return node;
    throw new HubError('protocol_violation', `the camera's reply has no ${this.name}/${names.join('/')}`);
  }

  all(name: string): XmlNode[] {
    return this.children.filter((child) => child.name === name);
  }

  /** Text of this element, trimmed; empty where it has none. */
  text(): string {
    return this.rawText.trim();
  }

  textAt(...names: string[]): string | undefined {
    return this.at(...names)?.text() || undefined;
  }

  numberAt(...names: string[]): number | undefined {
    const text = this.textAt(...names);
    const number = text === undefined ? Number.NaN : Number(text);
    return Number.isFinite(number) ? number : undefined;
  }

  attribute(name: string): string | undefined {
    const own = this.attributes[name];
    if (own !== undefined) return own;
    return Object.entries(this.attributes).find(([key]) => !key.startsWith('xmlns') && localName(key) === name)?.[1];
  }

  /** This element again, with every namespace that is in force here declared on it. */
  outerXml(): string {
    const inherited: Record<string, string> = {};
    for (let node = this.parent; node; node = node.parent) {
      for (const [key, value] of Object.entries(node.attributes)) {
        if (isNamespace(key) && !(key in inherited)) inherited[key] = value;
      }
    }
    return serialise(this, { ...inherited, ...this.attributes });
  }
}

const isNamespace = (key: string): boolean => key === 'xmlns' || key.startsWith('xmlns:');

const localName = (tag: string): string => tag.slice(tag.indexOf(':') + 1);

const serialise = (node: XmlNode, attributes: Readonly<Record<string, string>>): string => {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeXml(value)}"`);
  const inner = escapeXml(node.rawText) + node.children.map((child) => serialise(child, child.attributes)).join('');
  return `<${node.tag}${written.join('')}>${inner}</${node.tag}>`;
};

/** For text and attributes; characters that XML 1.0 cannot carry are left out. */
export const escapeXml = (text: string): string =>
  text
    .replace(
      /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
      '',
    )
    .replace(/[<>&"'\r]/g, (char) => `&#${char.charCodeAt(0)};`);
