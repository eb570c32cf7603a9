import { escapeXml } from '../soap/xml-node.js';

export const schema = 'http://www.onvif.org/ver10/schema';

export const profileTag = (token: string): string => `<ProfileToken>${escapeXml(token)}</ProfileToken>`;

/** ISO 8601 duration of seconds. */
export const durationTag = (name: string, ms: number): string => `<${name}>PT${(ms / 1_000).toFixed(1)}S</${name}>`;
