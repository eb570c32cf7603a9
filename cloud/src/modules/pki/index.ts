export { type CloudPki, type OpenPkiOptions, openPki } from './open-pki.js';
export type { CertificateVerdict, DocumentSignature, Pki, ServerCredentials } from './pki-port.js';
