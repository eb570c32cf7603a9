import { HubError } from '@hallhub/shared';

export interface XmlEvents {
  readonly open?: (name: string, attributes: Readonly<Record<string, string>>) => void;
  readonly text?: (text: string) => void;
  readonly close?: (name: string) => void;
}

const local = (name: string): string => name.slice(name.indexOf(':') + 1);

/** Goes through a document as it comes; names without their prefix. After each piece others have their turn. Throws `unsupported`: no XML, or one with a DTD. */
export async function* readXml(text: AsyncIterable<string>, events: XmlEvents): AsyncGenerator<void> {
  const { SaxesParser } = await import('saxes');
  const parser = new SaxesParser();
  const fail = (cause: unknown): never => {
    throw cause instanceof HubError
      ? cause
      : new HubError('unsupported', 'The workbook is damaged', { cause, context: { reason: 'damaged' } });
  };
  parser.on('error', fail);
  // No workbook has one; entities could be made of each other without end.
  parser.on('doctype', () => fail(new RangeError('a document type')));
  parser.on('opentag', ({ name, attributes }) => {
    const plain: Record<string, string> = {};
    for (const [key, value] of Object.entries(attributes)) plain[local(key)] = String(value);
    events.open?.(local(name), plain);
  });
  parser.on('text', (piece) => events.text?.(piece));
  parser.on('cdata', (piece) => events.text?.(piece));
  parser.on('closetag', ({ name }) => events.close?.(local(name)));
  for await (const piece of text) {
    parser.write(piece);
    yield;
  }
  parser.close();
}

export const readXmlWhole = async (text: AsyncIterable<string>, events: XmlEvents): Promise<void> => {
  for await (const _ of readXml(text, events));
};
