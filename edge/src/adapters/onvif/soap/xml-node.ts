import { HubError } from '@hallhub/shared';

/** One element of a parsed reply. Every step may be absent: cameras leave out what they like. */
export class XmlNode {
  constructor(
    private readonly raw: unknown,
    private readonly path = '',
  ) {}

  /** The first child along the path, or undefined. */
  at(...names: string[]): XmlNode | undefined {
    let node: XmlNode | undefined = this;
    for (const name of names) node = node?.all(name)[0];
    return node;
  }

  /** Like `at`; throws `protocol_violation` where the reply has no such element. */
  need(...names: string[]): XmlNode {
    const node = this.at(...names);
    if (node) return node;
    throw new HubError('protocol_violation', `the camera's reply has no ${this.path}/${names.join('/')}`);
  }

  all(name: string): XmlNode[] {
    if (typeof this.raw !== 'object' || this.raw === null || !Object.hasOwn(this.raw, name)) return [];
    const children = (this.raw as Record<string, unknown>)[name];
    return (Array.isArray(children) ? children : [children]).map((child) => new XmlNode(child, `${this.path}/${name}`));
  }

  /** Text of this element, trimmed; empty where it has none. */
  text(): string {
    if (typeof this.raw === 'string') return this.raw.trim();
    const inner = typeof this.raw === 'object' && this.raw !== null ? (this.raw as { _?: unknown })._ : undefined;
    return typeof inner === 'string' ? inner.trim() : '';
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
    const attributes = typeof this.raw === 'object' && this.raw !== null ? (this.raw as { $?: unknown }).$ : undefined;
    const value = (attributes as Record<string, unknown> | undefined)?.[name];
    return typeof value === 'string' ? value : undefined;
  }
}

export const escapeXml = (text: string): string => text.replace(/[<>&"']/g, (char) => `&#${char.charCodeAt(0)};`);
