import { HubError, isHubError } from '@hallhub/shared';
import { type HttpReply, headerOf } from './http-exchange.js';
import { decodeXmlText, parseXml } from './parse-xml.js';
import type { XmlNode } from './xml-node.js';

/**
 * The body of a SOAP reply. Throws `unauthenticated`, `device_refused` (a fault; `context.fault` has its subcodes),
 * `unsupported` (a fault that says so), `unavailable` (5xx), `protocol_violation` (not SOAP).
 */
export const readSoapReply = (reply: HttpReply, url: URL): XmlNode => {
  const context = { host: url.host, status: reply.status };
  const parsed = parse(reply);
  const body = parsed instanceof HubError ? undefined : bodyOf(parsed);
  const fault = body?.at('Fault');
  const { text, subcodes } = faultOf(fault);
  if (reply.status === 401 || /not ?authori[sz]ed|unauthori[sz]ed/i.test(`${text} ${subcodes}`)) {
    throw new HubError('unauthenticated', `${url.host} refuses to be signed in to`, {
      context,
      hint: 'check user name and password of the camera in edge.yaml, and its clock',
    });
  }
  if (fault) {
    const unsupported = /not ?(?:supported|implemented)/i.test(`${text} ${subcodes}`);
    throw new HubError(unsupported ? 'unsupported' : 'device_refused', `${url.host} refused: ${text || subcodes}`, {
      context: { ...context, fault: subcodes },
    });
  }
  if (!body || reply.status >= 400) {
    const what =
      reply.status >= 400
        ? `HTTP status ${reply.status}`
        : `no SOAP: ${reply.body.toString('latin1', 0, 80).replace(/\s+/g, ' ')}`;
    throw new HubError(
      reply.status >= 500 ? 'unavailable' : 'protocol_violation',
      `${url.host} answered with ${what}`,
      {
        context,
        ...(parsed instanceof HubError ? { cause: parsed } : {}),
      },
    );
  }
  return body;
};

const parse = (reply: HttpReply): XmlNode | HubError => {
  try {
    return parseXml(decodeXmlText(reply.body, headerOf(reply, 'content-type')));
  } catch (error) {
    if (isHubError(error)) return error;
    throw error;
  }
};

/** The SOAP body; undefined where the document is no envelope. */
export const bodyOf = (root: XmlNode): XmlNode | undefined => (root.name === 'Envelope' ? root.at('Body') : undefined);

/** SOAP 1.2 faults, and the 1.1 form that some cameras send. */
const faultOf = (fault: XmlNode | undefined): { text: string; subcodes: string } => {
  if (!fault) return { text: '', subcodes: '' };
  const codes: string[] = [];
  for (let node = fault.at('Code'); node; node = node.at('Subcode')) codes.push(node.textAt('Value') ?? '');
  const reason = fault.textAt('Reason', 'Text') ?? fault.textAt('faultstring') ?? '';
  const detail = fault.textAt('Detail', 'Text') ?? '';
  return {
    text: [reason, detail].filter(Boolean).join(': ').replace(/\s+/g, ' ').slice(0, 300),
    subcodes: codes.filter(Boolean).join(' ').slice(0, 200),
  };
};
