import { TextDecoder } from 'node:util';
import { HubError } from '@hallhub/shared';
import { SaxesParser } from 'saxes';
import { XmlNode } from './xml-node.js';

const maxElements = 50_000;
const maxDepth = 64;

/**
 * Parses a whole document. Time and memory are in proportion to its length: no document type and so no entities of its own,
 * bounded depth and number of elements. Throws `protocol_violation`, `too_large`.
 */
export const parseXml = (xml: string): XmlNode => {
  const parser = new SaxesParser({ xmlns: false, position: false });
  let root: XmlNode | undefined;
  let open: XmlNode | undefined;
  let elements = 0;
  let depth = 0;
  parser.on('doctype', () => {
    throw new HubError('protocol_violation', 'a document type is not allowed in SOAP');
  });
  parser.on('opentag', ({ name, attributes }) => {
    if (++elements > maxElements || ++depth > maxDepth)
      throw new HubError('too_large', 'the document has too many elements, or too deep ones');
    const node = new XmlNode(name, attributes, open);
    open?.children.push(node);
    root ??= node;
    open = node;
  });
  parser.on('closetag', () => {
    depth--;
    open = open?.parent;
  });
  const addText = (text: string) => {
    if (open) open.rawText += text;
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  try {
    parser.write(xml).close();
  } catch (cause) {
    if (cause instanceof HubError) throw cause;
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new HubError('protocol_violation', `no XML: ${message.slice(0, 120)}`, { cause });
  }
  if (!root) throw new HubError('protocol_violation', 'no XML: the document is empty');
  return root;
};

/** Text of a reply by its byte order mark, its content type or its XML declaration; UTF-8 where none tells. */
export const decodeXmlText = (bytes: Uint8Array, contentType = ''): string => {
  const [a, b] = bytes;
  const head = Buffer.from(bytes.subarray(0, 120)).toString('latin1');
  const told =
    (a === 0xfe && b === 0xff && 'utf-16be') ||
    (a === 0xff && b === 0xfe && 'utf-16le') ||
    /charset\s*=\s*"?([\w.-]+)/i.exec(contentType)?.[1] ||
    /^\s*<\?xml[^>]*encoding\s*=\s*["']([\w.-]+)/i.exec(head)?.[1] ||
    'utf-8';
  return decoderFor(told).decode(bytes);
};

/** A name nobody knows is read as UTF-8: most cameras that misname their encoding use it. */
const decoderFor = (label: string): TextDecoder => {
  try {
    return new TextDecoder(label);
  } catch {
    return new TextDecoder('utf-8');
  }
};
