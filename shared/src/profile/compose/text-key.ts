import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

/** SHA-256 of a whole text, 64 hex digits: what is known of a text no longer holds where one character is another. */
export const textKey = (text: string): string => bytesToHex(sha256(utf8ToBytes(text)));
